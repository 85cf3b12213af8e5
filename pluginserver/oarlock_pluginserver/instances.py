"""Instances: a plugin with one configuration, as the host holds it and as it lives on each connection. No I/O.

`Instance` is the host's handle. It is started on a connection when an event needs it there, counted while events use
it, and closed everywhere once the host let go of it and its last event ended.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from enum import Enum
from typing import Final

from oarlock_pluginserver._generated import pdk_table as table
from oarlock_pluginserver.errors import IllegalMove, ProtocolError
from oarlock_pluginserver.protocol import messages as m

RETRY_INITIAL: Final = 0.5  # seconds until a failed START is tried again; doubled each time
RETRY_CEILING: Final = 30.0


class InstanceState(Enum):
    """Life of an instance on one connection."""

    ABSENT = "absent"
    STARTING = "starting"
    RUNNING = "running"


INSTANCE_MOVES: Final = {
    (InstanceState.ABSENT, "START"): InstanceState.STARTING,
    (InstanceState.STARTING, "STARTED"): InstanceState.RUNNING,
    (InstanceState.STARTING, "STARTED with an error"): InstanceState.ABSENT,
    (InstanceState.RUNNING, "CLOSE"): InstanceState.ABSENT,
    (InstanceState.RUNNING, "no_instance"): InstanceState.ABSENT,
}


class Instance:
    """A plugin with one configuration. Made by `PluginServer.instance`, given back with `close`."""

    __slots__ = ("_is_wanted", "_on_idle", "_owners", "_users", "config", "key", "name", "plugin")

    def __init__(
        self, plugin: str, key: str, config: object, name: str | None, on_idle: Callable[[Instance], None]
    ) -> None:
        self.plugin = plugin
        self.key = key  # two entities never share one
        self.config = config
        self.name = name
        self._owners = 1  # times that it was asked for and not closed
        self._users = 0  # events that have not ended
        self._is_wanted = False  # an event needed it: new connections start it without being asked
        self._on_idle = on_idle

    def close(self) -> None:
        """Give the handle back. Connections are told after the last event that uses it."""
        self._owners -= 1
        if self.is_unused:
            self._on_idle(self)

    @property
    def is_unused(self) -> bool:
        """Whether the host gave it back and no event is left that uses it."""
        return self._owners <= 0 and self._users == 0

    def _retain(self) -> None:
        self._users += 1

    def _release(self) -> None:
        self._users -= 1
        if self.is_unused:
            self._on_idle(self)

    def __repr__(self) -> str:
        return f"<Instance {self.plugin} {self.key}>"


class StartFailure:
    """Why an instance does not run on a connection, and when to try again."""

    __slots__ = ("code", "delay", "retry_at", "text")

    def __init__(self, code: str, text: str, delay: float, now: float) -> None:
        self.code = code
        self.text = text
        self.delay = delay
        self.retry_at = now + delay  # seconds; infinity: not on this connection


class Instances:
    """The instances of one connection. Returns what to send; ids rise and are never used again."""

    def __init__(self) -> None:
        self.running: dict[Instance, int] = {}  # ids; what the hot path looks at
        self._by_id: dict[int, Instance] = {}  # running or starting
        self._starting: dict[Instance, int] = {}
        self._waiting: deque[Instance] = deque()  # for one of the STARTs that may be open at once
        self._failures: dict[Instance, StartFailure] = {}
        self._highest = 0

    def state(self, instance: Instance) -> InstanceState:
        """Where `instance` is on this connection."""
        if instance in self.running:
            return InstanceState.RUNNING
        return InstanceState.STARTING if instance in self._starting else InstanceState.ABSENT

    def with_id(self, number: int) -> Instance | None:
        """The instance that the server knows by `number`."""
        return self._by_id.get(number)

    def failure(self, instance: Instance, now: float) -> StartFailure | None:
        """The error that keeps `instance` from being started at `now`, None if it may be, or is."""
        failure = self._failures.get(instance)
        return failure if failure is not None and now < failure.retry_at else None

    def want(self, instance: Instance, now: float) -> Iterator[m.Start]:
        """Start it here, unless it runs, starts or failed a moment ago."""
        if (
            self.state(instance) is InstanceState.ABSENT
            and instance not in self._waiting
            and self.failure(instance, now) is None
        ):
            self._waiting.append(instance)
        yield from self.next_starts()

    def next_starts(self) -> Iterator[m.Start]:
        """STARTs of those that wait, as many as may be open."""
        while self._waiting and len(self._starting) < table.MAX_STARTS and len(self._by_id) < table.MAX_INSTANCES:
            instance = self._waiting.popleft()
            self._move(instance, "START")
            self._highest += 1
            self._starting[instance] = self._highest
            self._by_id[self._highest] = instance
            yield m.Start(
                {
                    "instance": self._highest,
                    "plugin": instance.plugin,
                    "key": instance.key,
                    "config": instance.config,
                    "name": instance.name,
                }
            )

    def started(self, number: int, error: Sequence[str] | None, now: float) -> Instance:
        """STARTED came: the instance it is about now runs, or failed.

        Raises:
            ProtocolError: nothing with this id is starting.
        """
        instance = self._by_id.get(number)
        if instance is None or self._starting.get(instance) != number:
            raise ProtocolError(f"STARTED for instance {number}, which is not starting")
        if error is None:
            self._move(instance, "STARTED")
            self.running[instance] = number
            self._failures.pop(instance, None)
        else:
            self._move(instance, "STARTED with an error")
            del self._by_id[number]
            text = error[1] if len(error) > 1 else ""
            self._failures[instance] = self._failed(instance, error[0], text, now)
        del self._starting[instance]
        return instance

    def close(self, instance: Instance) -> m.Close | None:
        """The CLOSE to send if it runs here; one that starts is asked about again when it has started."""
        self._failures.pop(instance, None)
        if instance in self._waiting:
            self._waiting.remove(instance)
        if instance not in self.running:
            return None
        return m.Close(self._forget(instance, "CLOSE"))

    def gone(self, instance: Instance) -> None:
        """The server says that it does not know it: it may be started again."""
        if instance in self.running:
            self._forget(instance, "no_instance")

    def _forget(self, instance: Instance, event: str) -> int:
        self._move(instance, event)
        number = self.running.pop(instance)
        del self._by_id[number]
        return number

    def _move(self, instance: Instance, event: str) -> None:
        state = self.state(instance)
        if (state, event) not in INSTANCE_MOVES:
            raise IllegalMove(repr(instance), state.value, event)

    def _failed(self, instance: Instance, code: str, text: str, now: float) -> StartFailure:
        if code == "bad_config":
            return StartFailure(code, text, float("inf"), now)
        earlier = self._failures.get(instance)
        delay = RETRY_INITIAL if earlier is None else min(earlier.delay * 2, RETRY_CEILING)
        return StartFailure("start_failed", text, delay, now)
