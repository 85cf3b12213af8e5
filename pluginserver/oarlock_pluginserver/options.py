"""How a worker treats a plugin server."""

from __future__ import annotations

from dataclasses import dataclass

from oarlock_pluginserver._generated import pdk_table as table
from oarlock_pluginserver.transport import unix
from oarlock_pluginserver.transport.stream import Connect


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientOptions:
    """Everything has a sound default. Durations are seconds."""

    connect: Connect = unix.connect
    plugins: frozenset[str] | None = None  # what it may offer; None: anything
    max_in_flight: int = 1024  # events per connection, whatever the server claims to take
    queue_size: int | None = None  # events that wait for a credit; None: as many as there are credits
    queue_time: float = table.MAX_QUEUE_TIME  # at most half the event's budget
    reconnect_initial: float = 0.05
    reconnect_ceiling: float = 5.0
    drain_grace: float = table.DRAIN_GRACE
    stall_timeout: float = table.STALL_TIMEOUT
