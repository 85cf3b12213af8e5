"""How many events may be in flight, and who waits for a place. No I/O, no clock."""

from __future__ import annotations

from collections.abc import Callable

from oarlock_pluginserver.event import Event


class Credits:
    """Places for events on one connection. One is taken by EVENT and comes back with the last DONE, not before."""

    __slots__ = ("limit", "used")

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.used = 0

    @property
    def has_free(self) -> bool:
        """Whether one more event may be sent."""
        return self.used < self.limit


class WaitingRoom:
    """Events without a place, first in first out; one that can go nowhere yet lets those behind it pass."""

    def __init__(self) -> None:
        self._waiting: dict[Event, None] = {}

    def __len__(self) -> int:
        return len(self._waiting)

    def enter(self, event: Event, limit: int) -> bool:
        """Wait here. False: `limit` events wait already."""
        if len(self._waiting) >= limit:
            return False
        self._waiting[event] = None
        return True

    def leave(self, event: Event) -> None:
        """Wait no more; no effect on one that is not here."""
        self._waiting.pop(event, None)

    def seat(self, place: Callable[[Event], bool], has_free: Callable[[], bool]) -> None:
        """Offer the free places to those that wait, in their order, for as long as there are any."""
        for event in tuple(self._waiting):
            if not has_free():
                return
            if event in self._waiting and place(event):
                self._waiting.pop(event, None)

    @property
    def events(self) -> tuple[Event, ...]:
        """Those who wait, in their order."""
        return tuple(self._waiting)

    def clear(self) -> tuple[Event, ...]:
        """Empty the room and return who was in it."""
        left = tuple(self._waiting)
        self._waiting.clear()
        return left
