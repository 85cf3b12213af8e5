"""Run a plugin's handler without a gateway.

    result = run(Hello, "access", config={"greeting": "hi"}, request=Request(headers={"x-user": "bob"}))
    assert result.request_headers["x-greeting"] == "hi bob"

The handler uses the same bridge as in a server: phases, arguments and values are checked, stale facts are asked for,
and changes count all or none. What a handler raises comes out of `run`; `exit` and `error` are in the result. The
plugin's `start` runs before the handler and its `stop` after it.
"""

from __future__ import annotations

import asyncio
import contextlib
import inspect
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from typing import Any

from oarlock_pdk.bridge import AsyncBridge, Bridge, PendingCall, Ready, SyncBridge
from oarlock_pdk.codec import decode, encode
from oarlock_pdk.errors import Ended, PluginError
from oarlock_pdk.facts import Facts, parse_headers
from oarlock_pdk.messages import ERROR_PAGE, EXIT
from oarlock_pdk.pdk import FUNCTIONS, PHASES, AsyncKong, Kong
from oarlock_pdk.plugin import Mode, declare
from oarlock_pdk.table import HIGHEST
from oarlock_pdk.testing_exchange import Exchange, Request, Response

__all__ = ["Exchange", "Request", "Response", "Result", "run"]

_INSTANCE = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a handler did."""

    outcome: str  # "done", "exit" or "error_page"
    status: int | None  # of exit and error page
    body: Any  # of exit; the message of an error page
    headers: dict[str, Any]  # of exit and error page
    changes: list[tuple[str, list[Any]]]  # name of the PDK function and its arguments, in order
    calls: list[tuple[str, list[Any]]]  # what had to be asked
    logs: list[tuple[int, str]]  # level and text
    exchange: Exchange  # as the handler left it; give it to the next phase's `run`

    @property
    def request_headers(self) -> dict[str, str | list[str]]:
        """The headers that go upstream, by lower-case name."""
        return parse_headers("\n".join(part for line in self.exchange.request_headers for part in line))

    @property
    def response_headers(self) -> dict[str, str | list[str]]:
        """The headers that the client gets, by lower-case name."""
        return parse_headers("\n".join(part for line in self.exchange.response_headers for part in line))


def run(
    plugin: type[Any],
    phase: str,
    *,
    config: Mapping[str, Any] | None = None,
    request: Request | None = None,
    response: Response | None = None,
    answers: Mapping[str, Any] | None = None,
    exchange: Exchange | None = None,
    facts: bool = True,
) -> Result:
    """Run one handler and return what it did.

    `exchange` goes on with that of an earlier phase in place of a new one made of `request`, `response`, `answers`.
    With `facts=False` nothing is sent along and the handler has to ask for everything: it must do the same.

    Raises:
        PluginError: the plugin has no handler for this phase.
        ConfigError: the configuration does not fit.
        Exception: whatever the handler raises.
    """
    declaration = declare(plugin)
    number = PHASES.get(phase, 0)
    if number not in declaration.phases:
        raise PluginError(f"{plugin.__name__} has no handler for {phase!r}")
    instance = plugin(declaration.configure(config or {}))
    host = _Host(exchange or Exchange(request, response, answers))
    before = host.exchange.record()
    known = Facts([host.exchange.facts(number)] if facts else [])
    handler = getattr(instance, phase)
    with contextlib.closing(asyncio.Runner()) as runner:  # one loop for all, made when something asynchronous comes
        _hook(runner, instance, "start")
        try:
            if declaration.phases[number].mode is Mode.TASK:
                bridge: Bridge = AsyncBridge(host, known, number, _INSTANCE, HIGHEST)
                runner.run(handler(AsyncKong(bridge)))
            else:
                bridge = SyncBridge(host, known, number, _INSTANCE, HIGHEST)
                handler(Kong(bridge))
        except Ended:
            pass
        except BaseException:
            host.exchange.restore(before)
            raise
        finally:
            _hook(runner, instance, "stop")
    bridge.is_over = True
    host.apply(bridge.take_changes())
    outcome, detail = bridge.outcome or (0, [None, None, None])
    headers = detail[2] or []
    return Result(
        outcome={EXIT: "exit", ERROR_PAGE: "error_page"}.get(outcome, "done"),
        status=detail[0],
        body=detail[1],
        headers=dict(zip(headers[::2], headers[1::2], strict=True)),
        changes=host.changes,
        calls=host.calls,
        logs=host.logs,
        exchange=host.exchange,
    )


def _hook(runner: asyncio.Runner, plugin: Any, name: str) -> None:
    hook = getattr(plugin, name, None)
    if inspect.iscoroutinefunction(hook):
        runner.run(hook())
    elif hook is not None:
        hook()


class _Host:
    """The gateway's end of the bridge, over an exchange that is plain data."""

    level = 0

    def __init__(self, exchange: Exchange) -> None:
        self.exchange = exchange
        self.changes: list[tuple[str, list[Any]]] = []
        self.calls: list[tuple[str, list[Any]]] = []
        self.logs: list[tuple[int, str]] = []

    def apply(self, changes: list[list[Any]]) -> None:
        for number, *args in _over_the_wire(changes):
            name = FUNCTIONS[number].name
            self.changes.append((name, args))
            self.exchange.apply(name, args, _INSTANCE)

    def call_and_wait(self, call: PendingCall) -> Any:
        self.apply(call.changes)
        name = FUNCTIONS[call.number].name
        args = _over_the_wire(call.args)
        self.calls.append((name, args))
        return call.result(_over_the_wire(self.exchange.call(name, args, _INSTANCE)))

    def call(self, call: PendingCall) -> Awaitable[Any]:
        return Ready(self.call_and_wait(call))

    def log(self, level: int, text: str, fields: dict[str, Any] | None = None) -> None:
        self.logs.append((level, text))


def _over_the_wire(value: Any) -> Any:
    """Return a value as it arrives at the other end; what the wire can't carry fails here too."""
    return decode(encode([0, value])[4:])[1]
