"""Idle upstream connections, kept for the next request (pure: it says what to close, and closes nothing).

Last in, first out: the connection used last is the least likely to be stale, and those not needed any more grow old.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Generic, TypeVar

C = TypeVar("C")


class Pool(Generic[C]):
    """Connections by destination: whatever makes two connections interchangeable."""

    __slots__ = ("_idle", "_max_idle")

    def __init__(self, max_idle: int) -> None:
        """`max_idle` connections are kept per destination; 0 keeps none."""
        self._idle: dict[Hashable, list[C]] = {}
        self._max_idle = max_idle

    def take(self, destination: Hashable) -> C | None:
        """Take out the connection that was given last, or None."""
        idle = self._idle.get(destination)
        if not idle:
            return None
        connection = idle.pop()
        if not idle:
            del self._idle[destination]
        return connection

    def give(self, destination: Hashable, connection: C) -> C | None:
        """Keep `connection`. Returns the one that must be closed instead, if any: the oldest, or itself."""
        if self._max_idle <= 0:
            return connection
        idle = self._idle.get(destination)
        if idle is None:
            self._idle[destination] = [connection]
            return None
        idle.append(connection)
        return idle.pop(0) if len(idle) > self._max_idle else None

    def remove(self, destination: Hashable, connection: C) -> bool:
        """Take out this one. False: it was not there."""
        idle = self._idle.get(destination, [])
        try:
            idle.remove(connection)
        except ValueError:
            return False
        if not idle:
            del self._idle[destination]
        return True

    def clear(self) -> list[C]:
        """Take out all of them."""
        every = [connection for idle in self._idle.values() for connection in idle]
        self._idle.clear()
        return every

    def __len__(self) -> int:
        return sum(map(len, self._idle.values()))
