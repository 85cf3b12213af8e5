"""A server under a scripted gateway: events, changes, calls, outcomes, fused runs."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Any

import pytest

from oarlock_pdk import AsyncKong, Gone, Kong, PdkError, Plugin, nonblocking

Serve = Callable[..., Any]
Fn = Callable[[str], int]

HEADERS = "host\na.b\naccept\n*/*\nx-user\nbob"
REQUEST = {"request.get_method": "GET", "request.get_path": "/a", "request.get_headers": HEADERS}


class Demo(Plugin):
    """Reads two facts and sets two headers."""

    def access(self, kong: Kong) -> None:
        if kong.request.get_method() == "GET":
            kong.service.request.set_header("x-demo", "seen")
            kong.service.request.set_header("x-user", kong.request.get_header("X-User"))


class AsyncDemo(Plugin):
    async def access(self, kong: AsyncKong) -> None:
        if await kong.request.get_method() == "GET":
            kong.service.request.set_header("x-demo", "seen")
            await kong.service.request.set_header("x-user", await kong.request.get_header("X-User"))


class LoopDemo(Plugin):
    @nonblocking
    def access(self, kong: Kong) -> None:
        Demo.access(self, kong)


KINDS = pytest.mark.parametrize("plugin", [Demo, AsyncDemo, LoopDemo])


@KINDS
def test_facts_are_read_and_changes_come_back_in_one_round_trip(serve: Serve, fn: Fn, plugin: type[Plugin]) -> None:
    gateway = serve(plugin).gateway()
    instance = gateway.start(gateway.welcome["plugins"][0]["name"])
    event = gateway.event("access", instance, facts=REQUEST)
    done = gateway.receive("DONE")
    set_header = fn("service.request.set_header")
    assert done[:4] == [event, 1, [[set_header, "x-demo", "seen"], [set_header, "x-user", "bob"]], None]
    assert 0 <= done[4] < 5_000_000


@KINDS
def test_without_facts_the_same_plugin_asks(serve: Serve, fn: Fn, plugin: type[Plugin]) -> None:
    gateway = serve(plugin).gateway()
    instance = gateway.start(gateway.welcome["plugins"][0]["name"])
    event = gateway.event("access", instance)
    call, *question = gateway.receive("CALL")
    assert question == [event, fn("request.get_method"), [], []]
    gateway.send("REPLY", call, "GET")
    call, *question = gateway.receive("CALL")
    demo = [fn("service.request.set_header"), "x-demo", "seen"]
    assert question == [event, fn("request.get_header"), ["X-User"], [demo]]
    gateway.send("REPLY", call, "bob")
    assert gateway.receive("DONE")[:3] == [event, 1, [[demo[0], "x-user", "bob"]]]


class ReadsItsWrites(Plugin):
    def access(self, kong: Kong) -> None:
        kong.service.request.set_header("x-a", 1)
        kong.ctx.shared.set("seen", [1])
        kong.service.request.set_header("x-shared", kong.ctx.shared.get("seen")[0])
        kong.service.request.set_header("x-b", kong.request.get_header("x_a"))
        kong.service.request.set_header("x-user", kong.request.get_header("x-user"))


def test_a_stale_fact_is_asked_for_with_the_changes_before_it(serve: Serve, fn: Fn) -> None:
    gateway = serve(ReadsItsWrites).gateway()
    event = gateway.event("access", gateway.start("reads-its-writes"), facts=REQUEST)
    call, _, asked, args, changes = gateway.receive("CALL")
    assert (asked, args) == (fn("request.get_header"), ["x_a"])
    header, shared = fn("service.request.set_header"), fn("ctx.shared.set")
    assert changes == [[header, "x-a", 1], [shared, "seen", [1]], [header, "x-shared", 1]]
    gateway.send("REPLY", call, "1")
    assert gateway.receive("DONE")[:3] == [event, 1, [[header, "x-b", "1"], [header, "x-user", "bob"]]]


class Exits(Plugin):
    def access(self, kong: Kong) -> None:
        kong.response.set_header("x-seen", "1")
        try:
            kong.response.exit(403, {"message": "no"}, {"x-why": "demo"})
        except Exception:  # noqa: BLE001  what a careless plugin does
            kong.response.set_header("x-after", "1")


class AsyncErrorPage(Plugin):
    async def access(self, kong: AsyncKong) -> None:
        kong.response.error(429, "slow down", {"retry-after": 1})


def test_exit_ends_the_handler_and_is_the_outcome(serve: Serve, fn: Fn) -> None:
    gateway = serve(Exits).gateway()
    event = gateway.event("access", gateway.start("exits"))
    changes = [[fn("response.set_header"), "x-seen", "1"]]
    assert gateway.receive("DONE")[:4] == [event, 2, changes, [403, {"message": "no"}, ["x-why", "demo"]]]


def test_an_error_page_is_an_outcome_of_async_handlers_too(serve: Serve) -> None:
    gateway = serve(AsyncErrorPage).gateway()
    event = gateway.event("access", gateway.start("async-error-page"))
    assert gateway.receive("DONE")[:4] == [event, 3, [], [429, "slow down", ["retry-after", 1]]]


class Raises(Plugin):
    def access(self, kong: Kong) -> None:
        kong.service.request.set_header("x-half", "done")
        raise KeyError("user")

    async def log(self, kong: AsyncKong) -> None:
        raise SystemExit(3)

    def response(self, kong: Kong) -> None:
        kong.response.set_status(1000)

    def rewrite(self, kong: Kong) -> None:
        kong.response.get_status()


@pytest.mark.parametrize(
    ("phase", "text", "place"),
    [
        ("access", "KeyError: 'user'", 'raise KeyError("user")'),
        ("log", "SystemExit: 3", "raise SystemExit(3)"),
        ("response", "status", "kong.response.set_status(1000)"),
        ("rewrite", "cannot be called in rewrite phase (only in: response, log", "kong.response.get_status()"),
    ],
)
def test_an_error_ends_its_event_with_the_traceback(serve: Serve, phase: str, text: str, place: str) -> None:
    gateway = serve(Raises, Demo).gateway()
    event = gateway.event(phase, gateway.start("raises"))
    done = gateway.receive("DONE")
    assert done[:3] == [event, 4, []]
    code, said, trace = done[3]
    assert code == "failed"
    assert text in said
    assert place in trace
    assert "event.py" not in trace
    gateway.event("access", gateway.start("demo"), facts=REQUEST)
    assert gateway.receive("DONE")[1] == 1


class Asks(Plugin):
    def access(self, kong: Kong) -> None:
        try:
            kong.client.load_consumer("bob", True)
        except PdkError as error:
            kong.service.request.set_header("x-code", error.code)

    async def rewrite(self, kong: AsyncKong) -> None:
        results = await asyncio.gather(*(kong.vault.get(f"{{vault://env/{n}}}") for n in range(100)))
        kong.service.request.set_header("x-sum", len(set(results)))


def test_an_error_of_a_call_is_raised_where_it_was_made(serve: Serve, fn: Fn) -> None:
    gateway = serve(Asks).gateway()
    gateway.event("access", gateway.start("asks"))
    call = gateway.receive("CALL")[0]
    gateway.send("REPLY", call, None, ["pdk", "no such consumer"])
    assert gateway.receive("DONE")[2] == [[fn("service.request.set_header"), "x-code", "pdk"]]


def test_calls_are_answered_in_any_order_and_never_more_than_the_gateway_takes(serve: Serve, fn: Fn) -> None:
    gateway = serve(Asks).gateway(limits={"max_calls": 8})
    gateway.event("rewrite", gateway.start("asks"))
    asked: list[int] = []
    open_calls: list[int] = []
    while len(asked) < 100:
        while len(open_calls) < min(8, 100 - len(asked) + len(open_calls)):
            open_calls.append(gateway.receive("CALL")[0])
            asked.append(open_calls[-1])
        gateway.send("REPLY", open_calls.pop(), str(len(asked)))
    for call in open_calls:
        gateway.send("REPLY", call, f"last {call}")
    assert asked == sorted(asked)
    assert gateway.receive("DONE")[1] == 1


class Sets(Plugin):
    def access(self, kong: Kong) -> None:
        kong.ctx.shared.set("by", self.config["name"])
        kong.ctx.plugin.set("mine", self.config["name"])


class LoopReads(Plugin):
    @nonblocking
    def access(self, kong: Kong) -> None:
        kong.service.request.set_header("x-by", kong.ctx.shared.get("by"))


class AsyncReads(Plugin):
    async def access(self, kong: AsyncKong) -> None:
        await kong.service.request.set_header("x-async-by", await kong.ctx.shared.get("by"))


class Authenticates(Plugin):
    @nonblocking
    def access(self, kong: Kong) -> None:
        kong.client.authenticate({"id": "c"}, None)


def test_a_fused_run_is_its_events_one_after_the_other(serve: Serve, fn: Fn) -> None:
    gateway = serve(Sets, LoopReads, AsyncReads).gateway()
    sets, loop, task = (gateway.start(name, {"name": "s"}) for name in ("sets", "loop-reads", "async-reads"))
    event = gateway.event(
        "access", loop, sets, loop, task, sets, facts={"ctx.shared.get": None} | {("ctx.shared.get", "by"): "earlier"}
    )
    header = fn("service.request.set_header")
    write = [[fn("ctx.shared.set"), "by", "s"], [fn("ctx.plugin.set"), "mine", "s"]]
    outcomes = [gateway.receive("DONE")[:3] for _ in range(5)]
    assert outcomes == [
        [event, 0, [[header, "x-by", "earlier"]]],
        [event, 0, write],
        [event, 0, [[header, "x-by", "s"]]],
        [event, 0, [[header, "x-async-by", "s"]]],
        [event, 1, write],
    ]


def test_steps_on_the_loop_answer_in_one_write(serve: Serve) -> None:
    gateway = serve(LoopReads).gateway()
    instance = gateway.start("loop-reads")
    before = gateway.reads
    gateway.event("access", *[instance] * 5, facts={("ctx.shared.get", "by"): "x"})
    assert [gateway.receive("DONE")[1] for _ in range(5)] == [0, 0, 0, 0, 1]
    assert gateway.reads == before + 1


def test_a_run_ends_after_a_step_that_changes_the_plan(serve: Serve) -> None:
    gateway = serve(Authenticates, Demo).gateway()
    instances = gateway.start("authenticates"), gateway.start("demo")
    event = gateway.event("access", *instances, facts=REQUEST)
    assert gateway.receive("DONE")[:2] == [event, 1]
    gateway.event("access", instances[1], facts=REQUEST)
    assert gateway.receive("DONE")[0] == event + 1


class LoopAsks(Plugin):
    def __init__(self, config: Any) -> None:
        self.threads: list[str] = []

    @nonblocking
    def access(self, kong: Kong) -> None:
        count = kong.ctx.shared.get("n")
        kong.ctx.shared.set("n", count + 1)
        kong.log.notice("counted")
        kong.service.request.set_header("x-body", len(kong.request.get_raw_body()))
        kong.service.request.set_header("x-thread", threading.current_thread().name)


def test_a_nonblocking_handler_that_must_ask_begins_again_in_a_thread_as_if_it_had_not_run(
    serve: Serve, fn: Fn
) -> None:
    gateway = serve(LoopAsks).gateway()
    event = gateway.event("access", gateway.start("loop-asks"), facts={("ctx.shared.get", "n"): 1})
    call, _, asked, _, changes = gateway.receive("CALL")
    assert asked == fn("request.get_raw_body")
    assert changes == [[fn("ctx.shared.set"), "n", 2]]
    gateway.send("REPLY", call, b"body")
    done = gateway.receive("DONE")
    assert done[:2] == [event, 1]
    assert done[2][0][2] == 4
    assert done[2][1][2].startswith("handler")
    assert [line[3] for line in gateway.logs] == ["counted"]


class Keeps(Plugin):
    kept: Any = None

    def access(self, kong: Kong) -> None:
        if Keeps.kept is None:
            Keeps.kept = kong
            return
        with pytest.raises(Gone):
            Keeps.kept.request.get_method()


def test_the_pdk_of_an_event_that_is_over_says_gone(serve: Serve) -> None:
    gateway = serve(Keeps).gateway()
    instance = gateway.start("keeps")
    for _ in range(2):
        gateway.event("access", instance, facts=REQUEST)
        assert gateway.receive("DONE")[1] == 1


def test_the_keys_read_are_reported_when_asked_for(serve: Serve, fn: Fn) -> None:
    gateway = serve(LoopDemo).gateway()
    gateway.event("access", gateway.start("loop-demo"), facts=REQUEST, flags=1)
    reads = gateway.receive("DONE")[6]
    assert sorted(map(str, reads)) == sorted(map(str, [fn("request.get_method"), [fn("request.get_header"), "x-user"]]))


class Logs(Plugin):
    def access(self, kong: Kong) -> None:
        kong.log.debug("too fine")
        kong.log.warn("low on ", "water: ", 3, None, True, b"\xff")
        kong.log("plain")


def test_log_lines_carry_event_and_level_and_fine_ones_stay_at_home(serve: Serve) -> None:
    gateway = serve(Logs).gateway()
    event = gateway.event("access", gateway.start("logs"), level=3)
    assert gateway.receive("DONE")[1] == 1
    assert [line[1:4] for line in gateway.logs] == [[event, 4, "low on water: 3niltrue\\udcff"], [event, 3, "plain"]]
