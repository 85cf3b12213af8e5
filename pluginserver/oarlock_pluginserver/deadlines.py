"""Wakes what is late: events are filed under the tick in which their time is up, one task sleeps until the first tick.

An event that ends in time costs two set operations and no wake-up: cancel scopes would cost ten times that (8-13 µs).
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable
from typing import Final, NoReturn

import trio

from oarlock_pluginserver.event import Event

TICK: Final = 0.01  # seconds: how late a deadline may be noticed


class DeadlineBook:
    """Events by deadline. No I/O; times are seconds on any clock that does not go back."""

    def __init__(self) -> None:
        self._by_tick: dict[int, set[Event]] = {}
        self._ticks: list[int] = []  # heap of the keys

    def add(self, event: Event) -> bool:
        """File `event` under its deadline. True: that is the earliest of all now."""
        tick = math.ceil(event._deadline / TICK)
        events = self._by_tick.get(tick)
        if events is None:
            self._by_tick[tick] = {event}
            heapq.heappush(self._ticks, tick)
            return self._ticks[0] == tick
        events.add(event)
        return False

    def discard(self, event: Event) -> None:
        """Forget `event`, whose deadline is still the one that it was filed under."""
        events = self._by_tick.get(math.ceil(event._deadline / TICK))
        if events is not None:
            events.discard(event)

    def take_late(self, now: float) -> list[Event]:
        """Return the events whose deadline has passed, and forget them."""
        late: list[Event] = []
        while self._ticks:
            tick = self._ticks[0]
            events = self._by_tick[tick]
            if tick * TICK > now and events:
                break
            late.extend(events)
            del self._by_tick[tick]
            heapq.heappop(self._ticks)
        return late

    def earliest(self) -> float:
        """When the next deadline may pass; infinity if there is none."""
        return self._ticks[0] * TICK if self._ticks else math.inf


class Deadlines:
    """The task round a DeadlineBook. `on_late` is called for each event that is late."""

    def __init__(self, on_late: Callable[[Event], None]) -> None:
        self._book = DeadlineBook()
        self._on_late = on_late
        self._sleep: trio.CancelScope | None = None
        self.discard = self._book.discard

    def add(self, event: Event) -> None:
        """Watch `event` until its `_deadline`."""
        if self._book.add(event) and self._sleep is not None:
            self._sleep.deadline = self._book.earliest()

    async def run(self) -> NoReturn:
        """Watch until cancelled."""
        while True:
            with trio.CancelScope(deadline=self._book.earliest()) as self._sleep:
                await trio.sleep_forever()
            self._sleep = None
            for event in self._book.take_late(trio.current_time()):
                self._on_late(event)
