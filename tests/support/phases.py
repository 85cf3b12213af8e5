"""Stand-ins for tests of phases and PDK: an exchange without a network, a plugin server without a process."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from oarlock.config.configuration import Configuration
from oarlock.config.consumer import Consumer
from oarlock.config.entity import Entity
from oarlock.config.plugin import Plugin
from oarlock.config.route import Route
from oarlock.config.service import Service
from oarlock.config.settings import PluginServerSettings, Settings
from oarlock.gateway import Counters, Node, State
from oarlock.pdk.arguments import check
from oarlock.pdk.caller import Caller, Environment
from oarlock.pdk.functions import IMPLEMENTATIONS
from oarlock.phases.compile import compile_plans
from oarlock.phases.run import Phases
from oarlock.proxy.exchange import BodyReader, Connection, Exchange, Headers
from oarlock.proxy.headers import TrustedAddresses
from oarlock_pluginserver._generated.pdk_table import BY_NAME, PHASES
from oarlock_pluginserver.errors import PdkError
from oarlock_pluginserver.event import Event, EventError, Outcome, OutcomeKind
from oarlock_pluginserver.info import PhaseInfo, PluginInfo

ANY_SCHEMA = [{"value": {"type": "any"}}]


def uid(name: str) -> str:
    """A UUID that says the same name the same way."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, name))


ROUTE = Route(id=uid("route"), name="route", paths=("/a",), service=uid("service"))
SERVICE = Service(id=uid("service"), name="service", host="upstream.test")
BOB = Consumer(id=uid("bob"), username="bob")
EVE = Consumer(id=uid("eve"), username="eve")


def plugin(name: str, **fields: Any) -> Plugin:
    """A configuration of a plugin; its id is told by name and scope."""
    scope = "".join(f":{key}={fields[key]}" for key in ("route", "service", "consumer") if key in fields)
    return Plugin(id=uid(name + scope), name=name, **fields)


def environment(**settings: Any) -> Environment:
    chosen = Settings(workers=0, **settings)
    return Environment(
        settings=chosen,
        node=Node(id=uid("node"), hostname="host-1", version="0"),
        trusted=TrustedAddresses(chosen.trusted_ips),
        counters=Counters(connections_active=3, total_requests=7),
    )


def exchange(
    target: bytes = b"/a?x=1",
    headers: Headers | None = None,
    *,
    method: bytes = b"GET",
    configuration: Configuration | None = None,
    is_trusted: bool = False,
    routed: bool = True,
    body: Sequence[bytes] | None = None,
) -> Exchange:
    connection = Connection("192.0.2.7", 40000, "192.0.2.1", 8000, "http", is_trusted)
    received = [(b"host", b"a.b")] if headers is None else headers
    x = Exchange(connection, "0123456789abcdef" * 2, method, target, "1.1", received, 100.0, 1_700_000_000_123)
    x.path = target.partition(b"?")[0]
    x.state = State(configuration=configuration or Configuration(), router=None, phases=None)  # type: ignore[arg-type]
    if routed:
        x.route, x.service = ROUTE, SERVICE
    if body is not None:
        x.body_reader = Pieces(body)
    return x


class Pieces(BodyReader):
    """A client's body that comes in given pieces. An exception among them is raised in its place."""

    def __init__(self, pieces: Sequence[bytes | Exception], length: int | None = None) -> None:
        self.length = length
        self.left = list(pieces)

    async def read_some(self) -> bytes:
        if not self.left:
            return b""
        piece = self.left.pop(0)
        if isinstance(piece, Exception):
            raise piece
        return piece


def caller(x: Exchange, phase: str = "access", *, of: Plugin | None = None, env: Environment | None = None) -> Caller:
    return Caller(x, PHASES[phase], of or plugin("asking"), env or environment())


def call(c: Caller, name: str, *args: object) -> Any:
    """Call a PDK function as an event handler does: arguments checked."""
    function = BY_NAME[name]
    return IMPLEMENTATIONS[function.number](c, *check(function, args))


def change(name: str, *args: object) -> list[object]:
    return [BY_NAME[name].number, *args]


class FakeInstance:
    """A handle of an instance; remembers being given back."""

    def __init__(self, plugin: str, key: str, config: object, name: str | None) -> None:
        self.plugin, self.key, self.config, self.name = plugin, key, config, name
        self.is_closed = False

    def close(self) -> None:
        self.is_closed = True


class Failed(Exception):
    """Raised by a scripted plugin: its step fails with this code."""

    def __init__(self, code: str = "failed", text: str = "", **outcome: Any) -> None:
        self.code, self.text, self.outcome = code, text, outcome


class Exit(Exception):
    def __init__(self, *detail: object, kind: OutcomeKind = OutcomeKind.EXIT) -> None:
        self.detail, self.kind = detail, kind


class Pdk:
    """What a scripted plugin may do: queue changes, call, and see the facts it got."""

    def __init__(self, event: Event, step: int) -> None:
        self.event, self.step = event, step
        self.changes: list[list[object]] = []

    def change(self, name: str, *args: object) -> None:
        self.changes.append(change(name, *args))

    async def call(self, name: str, *args: object) -> Any:
        self.event.handler.apply(self.step, self.changes)
        self.changes = []
        result = self.event.handler.call(self.step, BY_NAME[name].number, args)
        return await result if hasattr(result, "__await__") else result

    @property
    def facts(self) -> dict[object, Any]:
        found: dict[object, Any] = {}
        for segment in self.event.facts:
            flat = msgspec.msgpack.decode(segment)
            keys: Iterator[Any] = iter(flat)
            for key in keys:
                found[tuple(key) if isinstance(key, list) else key] = next(keys)
        return found


class FakeServer:
    """A plugin server whose plugins are functions of a Pdk; `ran` tells which ran, and in which events."""

    def __init__(self, name: str, *plugins: tuple[str, int, Mapping[str, Callable[[Pdk], Any]]], **info: Any) -> None:
        self.name = name
        self.plugins = {
            plugin: PluginInfo(
                plugin,
                priority=priority,
                schema=info.get("schema", ANY_SCHEMA),
                phases={phase: info.get("phases", {}).get(phase, PhaseInfo()) for phase in handlers},
            )
            for plugin, priority, handlers in plugins
        }
        self.handlers = {plugin: handlers for plugin, _, handlers in plugins}
        self.instances: list[FakeInstance] = []
        self.events: list[Event] = []
        self.posted: list[Event] = []
        self.ran: list[str] = []

    def instance(self, plugin: str, key: str, config: object, name: str | None = None) -> FakeInstance:
        self.instances.append(FakeInstance(plugin, key, config, name))
        return self.instances[-1]

    def post_log(self, event: Event) -> None:
        self.posted.append(event)

    @property
    def groups(self) -> list[list[str]]:
        """The plugins of each event."""
        return [[step.instance.plugin for step in event.steps] for event in self.events]

    async def handle(self, event: Event) -> Outcome:
        self.events.append(event)
        phase = next(name for name, number in PHASES.items() if number == event.phase)
        for step, running in enumerate(event.steps):
            pdk = Pdk(event, step)
            try:
                self.ran.append(running.instance.plugin)
                ended = self.handlers[running.instance.plugin][phase](pdk)
                if hasattr(ended, "__await__"):
                    await ended
                event.handler.commit(step, pdk.changes, 10, 1)
            except Exit as end:
                event.handler.commit(step, pdk.changes, 10, 1)
                return Outcome(step, end.kind, detail=end.detail)
            except (Failed, PdkError) as error:
                event.handler.roll_back(step)
                code = error.code
                failed = EventError(code, error.text, "Traceback: here", self.name)
                return Outcome(step, OutcomeKind.FAILED, error=failed, **getattr(error, "outcome", {}))
            if any(BY_NAME["kong.client.authenticate"].number == done[0] for done in pdk.changes):
                return Outcome(step, OutcomeKind.DONE)
        return Outcome(len(event.steps) - 1, OutcomeKind.DONE)


def phases_of(
    servers: Sequence[FakeServer], entities: Sequence[Entity], *, facts: bool = True, **settings: Any
) -> Phases:
    """Phases over a configuration of `entities`, with a route, a service and two consumers."""
    configuration = Configuration.of([SERVICE, ROUTE, BOB, EVE, *entities])
    known = {server.name: PluginServerSettings(command=("x",), **settings.pop(server.name, {})) for server in servers}
    env = environment(plugin_servers=known, **settings)
    plans = compile_plans(configuration, {server.name: server for server in servers}, env.settings)  # type: ignore[misc]
    return Phases(plans, env, facts=facts)


async def through_access(phases: Phases, x: Exchange) -> Exchange:
    phases.route(x)
    await phases.access(x)
    return x
