"""Events of the log phase: nobody waits for them, so they wait in a ring and travel many at a time.

When the ring is full the oldest goes and is counted: a slow log plugin costs log records, never requests or memory.
"""

from __future__ import annotations

import logging
from collections import Counter, deque
from collections.abc import Iterable, Sequence
from typing import Final, NoReturn, Protocol

import trio

from oarlock_pluginserver._generated import pdk_table as table
from oarlock_pluginserver.dispatch import Dispatcher, Place
from oarlock_pluginserver.event import Event, OutcomeKind
from oarlock_pluginserver.output import LineBudget
from oarlock_pluginserver.session import Session

log = logging.getLogger("oarlock_pluginserver.log_window")

_ATTEMPTS: Final = 3  # times that an event is handed to a member before it is given up
_MOST_SKIPPED: Final = 64  # events that can't go yet and let others pass, per flush


class LogPlace(Place, Protocol):
    """A connection, as far as log events need it."""

    @property
    def position(self) -> int:
        """Number of the next byte that will be written."""
        ...

    def write(self, frame: bytes) -> None:
        """Send frames."""
        ...


class LogRing:
    """The last events posted, bounded in number and in bytes of their facts. No I/O."""

    def __init__(self, max_events: int = table.LOG_RING_EVENTS, max_bytes: int = table.LOG_RING_BYTES) -> None:
        self._max_events = max_events
        self._max_bytes = max_bytes
        self._bytes = 0
        self._events: deque[Event] = deque()

    def __len__(self) -> int:
        return len(self._events)

    def push(self, event: Event) -> list[Event]:
        """Add `event` at the end; return those that had to go for it, oldest first."""
        self._events.append(event)
        self._bytes += _size(event)
        gone = []
        while len(self._events) > self._max_events or self._bytes > self._max_bytes:
            gone.append(self.pop())
        return gone

    def pop(self) -> Event:
        """Take the oldest. Raises IndexError if there is none."""
        event = self._events.popleft()
        self._bytes -= _size(event)
        return event

    def put_back(self, events: Sequence[Event]) -> None:
        """Put events that were taken, in their order, before all others."""
        self._events.extendleft(reversed(events))
        self._bytes += sum(map(_size, events))


class LogWindow:
    """The log events of one plugin server. `run` is its task."""

    def __init__(self, server: str, dispatcher: Dispatcher, ring: LogRing | None = None) -> None:
        self.ring = LogRing() if ring is None else ring
        self.dropped: Counter[tuple[str, str]] = Counter()  # by plugin and reason
        self.places: Sequence[LogPlace] = ()
        self._in_flight = 0
        self._server = server
        self._dispatcher = dispatcher
        self._posted = trio.Event()
        self._idle = trio.Event()
        self._lines = LineBudget(1.0)

    def post(self, event: Event) -> None:
        """Take `event`, to be sent within 20 ms if there are credits."""
        event._is_log = True
        event._wake = self._ended
        event._retain()
        self._posted.set()
        for gone in self.ring.push(event):
            self.drop(gone, "overflow")
        if len(self.ring) >= table.MAX_LOG_EVENTS:
            self.flush()

    def flush(self) -> None:
        """Hand what can go to the members, many in one write."""
        batches: dict[int, tuple[LogPlace, list[bytes]]] = {}
        skipped: list[Event] = []
        while self.ring and len(skipped) < _MOST_SKIPPED and any(map(_has_free, self.places)):
            event = self.ring.pop()
            place = self._choose(event)
            if place is None:
                if not self._give_up(event):
                    skipped.append(event)
                continue
            _, frames = batches.setdefault(id(place), (place, []))
            frame = place.session.in_flight.begin(event, place.position + sum(map(len, frames)))
            if frame is not None:
                self._in_flight += 1
                frames.append(frame)
        self.ring.put_back(skipped)
        for place, frames in batches.values():
            if frames:
                place.write(b"".join(frames))

    def came_back(self, session: Session) -> None:
        """One that was in flight gave its credit back."""
        self._in_flight -= 1
        if not self.ring and not self._in_flight:
            self._idle.set()
        elif self.ring and 2 * session.in_flight.log_credits.used <= session.in_flight.log_credits.limit:
            self.flush()

    def not_started(self, event: Event, code: str) -> None:
        """A member did not start the event, which was in flight: it is the next one again."""
        self._in_flight -= 1
        if event._attempts >= _ATTEMPTS:
            self.drop(event, code)
        else:
            self.ring.put_back([event])
            self._posted.set()

    def was_lost(self, event: Event) -> None:
        """The connection ended while the event ran. It is not run again."""
        self._in_flight -= 1
        self.drop(event, "lost")

    def drop(self, event: Event, reason: str) -> None:
        """Give up an event that is on no connection, and count it."""
        event._move("end")
        event._release()
        self._count(event, reason)

    async def run(self) -> NoReturn:
        """Gather and send until cancelled."""
        while True:
            await self._posted.wait()
            self._posted = trio.Event()
            await trio.sleep(table.LOG_GATHER_MS / 1000)
            self.flush()

    async def wait_idle(self) -> None:
        """Return when every event posted so far was sent and has ended."""
        self.flush()
        while self.ring or self._in_flight:
            self._idle = trio.Event()
            await self._idle.wait()

    def drop_all(self, reason: str) -> None:
        """Give up what is in the ring."""
        while self.ring:
            self.drop(self.ring.pop(), reason)

    def _choose(self, event: Event) -> LogPlace | None:
        best, fewest = None, 1 << 62
        for place in self.places:
            used = place.session.in_flight.log_credits.used
            if used >= fewest or not _has_free(place) or place.is_congested:
                continue
            if all(step.instance in place.session.instances.running for step in event.steps):
                best, fewest = place, used
        return best

    def _give_up(self, event: Event) -> bool:
        self._dispatcher.want(event)
        reason = self._dispatcher.why_hopeless(event)
        if reason is not None:
            self.drop(event, reason[0])
        return reason is not None

    def _ended(self, event: Event) -> None:
        outcome = event._outcome
        if outcome is not None and outcome.kind is OutcomeKind.FAILED and outcome.error is not None:
            self._count(event, outcome.error.code, (outcome.error.text, outcome.error.trace))

    def _count(self, event: Event, reason: str, details: Iterable[str] = ()) -> None:
        plugin = event.steps[event._step].instance.plugin
        self.dropped[plugin, reason] += 1
        if self._lines.take(trio.current_time()):
            log.warning(
                "plugin server %s: a log event of plugin %s came to nothing (%s, %d so far)%s",
                self._server,
                plugin,
                reason,
                self.dropped[plugin, reason],
                "".join(f"\n{part}" for part in details if part),
            )


def _has_free(place: Place) -> bool:
    return place.session.in_flight.log_credits.has_free


def _size(event: Event) -> int:
    return sum(map(len, event.facts))
