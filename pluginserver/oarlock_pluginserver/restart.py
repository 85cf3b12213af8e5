"""When to start a process again that ended: ever later while it keeps failing, and seldom once that seems of no use.

No clock in here: the caller says how long the process took and waits as long as it is told to, and the sum of both is
the time that passed.
"""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable


class Backoff:
    """How long to wait before each new start of one process.

    The first wait is `initial` seconds, each further one `factor` times the one before, up to `ceiling`. A run that
    served for `settled_after` seconds starts the count anew. `quarantine_after` ends within `quarantine_window` seconds
    mean that starting it again soon is no use: from then on it is tried once in `ceiling` seconds, until a run settles.
    """

    def __init__(
        self,
        initial: float,
        ceiling: float,
        *,
        factor: float = 2.0,
        jitter: float = 0.0,
        settled_after: float | None = None,
        quarantine_after: int | None = None,
        quarantine_window: float = 120.0,
        random: Callable[[], float] = random.random,
    ) -> None:
        """Times are in seconds.

        `jitter` (0 to 1) is the part of each wait that chance may take off, so that what failed together does not come
        back together. `settled_after` is `ceiling` unless given. Without `quarantine_after` there is no quarantine.
        """
        if not 0 < initial <= ceiling:
            raise ValueError(f"a back-off starts above 0 and at most at its ceiling, not at {initial} of {ceiling}")
        if not 0 <= jitter <= 1:
            raise ValueError(f"jitter is a part from 0 to 1, not {jitter}")
        self._initial = initial
        self._ceiling = ceiling
        self._factor = factor
        self._jitter = jitter
        self._settled_after = ceiling if settled_after is None else settled_after
        self._quarantine_after = quarantine_after
        self._quarantine_window = quarantine_window
        self._random = random
        self._next = initial
        self._now = 0.0  # seconds of running and waiting so far
        self._failures: deque[float] = deque(maxlen=quarantine_after)  # when the last ones were, by `_now`
        self.is_quarantined = False

    def delay_after(self, *, uptime: float, starting: float = 0.0) -> float:
        """Return the seconds to wait now that the process has ended.

        `starting` is how long it took to be ready, or to fail at that; `uptime` how long it served after.
        """
        self._now += starting + uptime
        if uptime >= self._settled_after:
            self.reset()
        self._note_failure()
        if self.is_quarantined:
            delay = self._ceiling
        else:
            delay, self._next = self._next, min(self._next * self._factor, self._ceiling)
        delay *= 1 - self._jitter * self._random()
        self._now += delay
        return delay

    def reset(self) -> None:
        """Forget every failure."""
        self._next = self._initial
        self._failures.clear()
        self.is_quarantined = False

    def _note_failure(self) -> None:
        if self._quarantine_after is None:
            return
        self._failures.append(self._now)
        span = self._now - self._failures[0]
        if len(self._failures) == self._quarantine_after and span <= self._quarantine_window:
            self.is_quarantined = True
