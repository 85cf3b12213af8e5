"""The SDK's own clock on events: one timer for all of them, set to the earliest deadline.

The gateway decides by its own; this one ends a handler in good order, with a place in the code. Handlers that run on
the loop itself are not watched: nothing could interrupt them.
"""

from __future__ import annotations

import asyncio
import math
from typing import Protocol


class Watched(Protocol):
    deadline: float  # loop time

    def expire(self) -> None:
        """The deadline has passed; called on the loop."""


class Deadlines:
    """Events that run in threads or tasks. `watch` and `forget` may be called from any thread."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._watched: set[Watched] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._when = math.inf

    def watch(self, event: Watched, on_loop: bool) -> None:
        """Call `event.expire()` when its deadline has passed, until it is forgotten."""
        self._watched.add(event)
        if event.deadline < self._when:
            if on_loop:
                self._arm()
            else:
                self._loop.call_soon_threadsafe(self._arm)

    def forget(self, event: Watched) -> None:
        self._watched.discard(event)

    def _arm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._when = min((event.deadline for event in list(self._watched)), default=math.inf)
        if self._when < math.inf:
            self._timer = self._loop.call_at(self._when, self._tick)

    def _tick(self) -> None:
        now = self._loop.time()
        for event in list(self._watched):
            if event.deadline <= now:
                event.deadline = math.inf
                event.expire()
        self._arm()
