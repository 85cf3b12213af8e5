"""What happens in a phase: runs that end early, answers, failures, consumers, clients that go away."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import pytest
import trio

from oarlock.config.plugin import revision_of
from oarlock.errors import ClientError
from oarlock.proxy.exchange import Answer
from oarlock_pluginserver.event import Event, EventError, Outcome, OutcomeKind
from oarlock_pluginserver.info import PhaseInfo
from support.phases import (
    BOB,
    ROUTE,
    Exit,
    Failed,
    FakeServer,
    Pdk,
    Pieces,
    exchange,
    phases_of,
    plugin,
    through_access,
)


def nothing(pdk: Pdk) -> None:
    pass


def sets(name: str, value: str = "1") -> Callable[[Pdk], None]:
    return lambda pdk: pdk.change("kong.service.request.set_header", name, value)


def fails(code: str = "failed", text: str = "no", **outcome: Any) -> Callable[[Pdk], None]:
    def run(pdk: Pdk) -> None:
        pdk.change("kong.service.request.set_header", "x-half", "done")
        raise Failed(code, text, **outcome)

    return run


def exits(*detail: object, kind: OutcomeKind = OutcomeKind.EXIT) -> Callable[[Pdk], None]:
    def run(pdk: Pdk) -> None:
        pdk.change("kong.response.set_header", "x-before", "1")
        raise Exit(*detail, kind=kind)

    return run


def authenticates(consumer: object) -> Callable[[Pdk], None]:
    return lambda pdk: pdk.change("kong.client.authenticate", consumer, {"id": "k"})


def chain(*handlers: Callable[[Pdk], Any], phase: str = "access", **info: Any) -> FakeServer:
    """One server with plugins p0, p1 … that run in this order."""
    plugins = [(f"p{at}", 100 - at, {phase: handler}) for at, handler in enumerate(handlers)]
    return FakeServer("s", *plugins, **info)


def entities(server: FakeServer, **fields: Any) -> list[Any]:
    return [plugin(name, **fields) for name in server.plugins]


async def test_a_chain_in_one_server_is_one_event_and_every_change_counts() -> None:
    server = chain(sets("x-a"), sets("x-b"))
    x = await through_access(phases_of([server], entities(server)), exchange())
    assert server.groups == [["p0", "p1"]]
    assert x.answer is None
    assert x.headers == [(b"host", b"a.b"), (b"x-a", b"1"), (b"x-b", b"1")]


async def test_what_a_plugin_changed_is_what_the_next_server_is_told() -> None:
    one, other = chain(sets("x-a", "seen")), FakeServer("other", ("q", 1, {"access": nothing}))
    phases = phases_of([one, other], [plugin("p0"), plugin("q")])
    await through_access(phases, exchange())
    assert Pdk(one.events[0], 0).facts[51] == "host\na.b"
    assert Pdk(other.events[0], 0).facts[51] == "host\na.b\nx-a\nseen"


async def test_exit_ends_the_phase_and_keeps_what_was_set_before() -> None:
    server = chain(exits(403, {"message": "no"}, ["x-why", "demo"]), nothing)
    x = await through_access(phases_of([server], entities(server)), exchange())
    assert server.ran == ["p0"]
    assert x.answer is not None
    assert (x.answer.status, x.answer.body, x.answer.source) == (403, b'{"message":"no"}', "exit")
    assert sorted(x.answer.headers) == [
        (b"content-type", b"application/json; charset=utf-8"),
        (b"x-before", b"1"),
        (b"x-why", b"demo"),
    ]


async def test_an_error_page_is_made_for_what_the_client_accepts() -> None:
    server = chain(exits(429, "slow <down>", None, kind=OutcomeKind.ERROR_PAGE))
    x = exchange(headers=[(b"host", b"a"), (b"accept", b"text/html")])
    await through_access(phases_of([server], entities(server)), x)
    assert x.answer is not None
    assert (x.answer.status, x.answer.source) == (429, "exit")
    assert (b"content-type", b"text/html; charset=utf-8") in x.answer.headers
    assert b"slow &lt;down&gt;" in x.answer.body


async def test_an_answer_that_is_not_valid_fails_its_plugin_and_takes_its_changes_back() -> None:
    server = chain(exits(1000, None, None))
    x = await through_access(phases_of([server], entities(server)), exchange())
    assert x.answer is not None
    assert (x.answer.status, x.answer.source) == (500, "error")
    assert (b"x-before", b"1") not in x.answer.headers


@pytest.mark.parametrize(
    ("code", "status", "message"),
    [
        ("failed", 500, b"An unexpected error occurred"),
        ("bad_change", 500, b"An unexpected error occurred"),
        ("lost", 500, b"An unexpected error occurred"),
        ("deadline", 504, b"plugin p0 did not answer in time"),
        ("refused", 503, b"plugin p0 is unavailable"),
        ("overload", 503, b"plugin p0 is unavailable"),
        ("unavailable", 503, b"plugin p0 is unavailable"),
        ("never heard of", 500, b"An unexpected error occurred"),
    ],
)
async def test_under_fail_closed_a_failure_answers_by_its_code(
    code: str, status: int, message: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    server = chain(fails(code), nothing)
    x = await through_access(phases_of([server], entities(server)), exchange())
    assert x.answer is not None
    assert (x.answer.status, x.answer.source) == (status, "error")
    assert message in x.answer.body
    assert ((b"retry-after", b"1") in x.answer.headers) == (code == "overload")
    assert server.ran == ["p0"]
    assert x.headers == [(b"host", b"a.b")]
    (record,) = caplog.records
    text = record.getMessage()
    for told in ("p0", "access", code, x.id, "plugin server: s", "Traceback: here"):
        assert told in text


async def test_under_fail_open_the_request_goes_on_as_if_the_plugin_had_not_run(
    caplog: pytest.LogCaptureFixture,
) -> None:
    server = chain(sets("x-a"), fails(), sets("x-c"))
    x = await through_access(phases_of([server], entities(server, on_error="fail_open")), exchange())
    assert x.answer is None
    assert x.headers == [(b"host", b"a.b"), (b"x-a", b"1"), (b"x-c", b"1")]
    assert server.groups == [["p0", "p1", "p2"], ["p2"]]
    assert "fail_open: the request goes on" in caplog.text


async def test_deadlines_have_a_policy_of_their_own() -> None:
    server = chain(fails("deadline"), nothing)
    closed = await through_access(phases_of([server], entities(server, on_error="fail_open")), exchange())
    assert closed.answer is not None
    assert closed.answer.status == 504
    opened = await through_access(phases_of([server], entities(server, on_timeout="fail_open")), exchange())
    assert opened.answer is None


async def test_a_plugin_without_server_answers_503_with_its_name() -> None:
    x = await through_access(phases_of([], [plugin("missing")]), exchange())
    assert x.answer is not None
    assert x.answer.status == 503
    assert b"plugin missing is unavailable" in x.answer.body


async def test_a_plugin_without_server_that_may_fail_open_is_passed_with_a_line_in_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    server = chain(sets("x-a"))
    entities_of = [plugin("missing", on_error="fail_open"), plugin("p0")]
    x = await through_access(phases_of([server], entities_of), exchange())
    assert x.answer is None
    assert (b"x-a", b"1") in x.headers
    assert "no plugin server provides missing" in caplog.text


async def test_a_consumer_selects_what_has_not_run_anew() -> None:
    server = chain(sets("x-early"), authenticates({"id": BOB.id}), sets("x-any"), sets("x-late"))
    own = [plugin("p0"), plugin("p0", consumer=BOB.id), plugin("p1"), plugin("p2"), plugin("p3", consumer=BOB.id)]
    x = await through_access(phases_of([server], own), exchange())
    assert server.ran == ["p0", "p1", "p2", "p3"]
    assert server.groups == [["p0", "p1", "p2"], ["p2", "p3"]]
    assert x.plan.consumer == BOB.id
    assert [entry.plugin.consumer for entry in x.plan.entries] == [None, None, None, BOB.id]


async def test_the_configuration_chosen_in_access_is_the_one_of_response_and_log() -> None:
    both = {"access": nothing, "response": nothing, "log": nothing}
    server = FakeServer("s", ("auth", 9, {"access": authenticates({"id": BOB.id})}), ("p", 5, both), ("q", 20, both))
    own = [plugin("auth"), plugin("p"), plugin("p", consumer=BOB.id), plugin("q"), plugin("q", consumer=BOB.id)]
    phases = phases_of([server], own)
    x = await through_access(phases, exchange())
    await phases.response(x)
    phases.log(x)
    keys = [step.instance.key for event in (*server.events[2:], *server.posted) for step in event.steps]
    global_q, of_bob = plugin("q"), plugin("p", consumer=BOB.id)
    assert keys == [f"{each.id}:{revision_of(each.config)}" for each in (global_q, of_bob)] * 2


async def test_rewrite_runs_before_there_is_a_route() -> None:
    server = chain(exits(200, b"early", None), phase="rewrite")
    phases = phases_of([server], entities(server))
    x = exchange(routed=False)
    assert phases.has_rewrite
    await phases.rewrite(x)
    assert x.answer is not None
    assert x.answer.body == b"early"
    assert 51 in Pdk(server.events[0], 0).facts
    assert 3 not in Pdk(server.events[0], 0).facts


async def test_exit_in_response_replaces_it_and_keeps_headers_that_do_not_describe_the_body() -> None:
    server = chain(exits(418, b"tea", None), phase="response")
    phases = phases_of([server], entities(server))
    x = exchange()
    phases.route(x)
    x.proxied, x.upstream_status, x.response_status, x.response_body = True, 200, 200, b"upstream's"
    x.response_headers = [(b"x-up", b"1"), (b"content-encoding", b"gzip")]
    await phases.response(x)
    assert isinstance(x.answer, Answer)
    assert (x.answer.status, x.answer.body) == (418, b"tea")
    assert x.response_headers == [(b"x-up", b"1"), (b"x-before", b"1")]
    assert x.upstream_body == b"upstream's"


async def test_a_request_without_plugins_has_nothing_to_run() -> None:
    phases = phases_of([], [])
    x = exchange()
    phases.route(x)
    assert (x.plan.has_access, x.plan.has_response, x.plan.has_log, x.plan.buffers_response) == (False,) * 4


async def test_log_events_are_posted_with_their_facts_and_the_exchange_stays_readable() -> None:
    server = chain(nothing, phase="log")
    phases = phases_of([server], entities(server))
    x = exchange()
    phases.route(x)
    x.started, x.upstream_started, x.first_byte_at, x.sent_at = 100.0, 100.010, 100.030, 100.050
    x.proxied, x.sent_status, x.response_status, x.upstream_status = True, 200, 200, 200
    x.response_headers, x.request_size, x.response_size = [(b"x-up", b"1")], 50, 70
    phases.log(x)
    (event,) = server.posted
    facts = Pdk(event, 0).facts
    assert facts[65] == 200
    assert facts[67] == "x-up\n1"
    assert facts[68] == "service"
    assert facts[8] == {"kong": 10, "proxy": 20, "request": 50, "receive": 20}
    assert facts[9] == {"request": 50, "response": 70}
    assert await Pdk(event, 0).call("kong.client.get_ip") == "192.0.2.7"


async def test_without_facts_every_function_is_a_call_with_the_same_result() -> None:
    seen = []

    async def asks(pdk: Pdk) -> None:
        seen.append((pdk.facts, await pdk.call("kong.request.get_header", "host")))

    server = chain(asks)
    await through_access(phases_of([server], entities(server), facts=False), exchange())
    assert seen == [({}, "a.b")]


class Waiting(FakeServer):
    """A server whose events end only when they are cancelled."""

    async def handle(self, event: Event) -> Outcome:
        self.events.append(event)
        cancelled = trio.Event()
        event._carrier = self  # type: ignore[assignment]
        self.cancel = lambda _event, reason: cancelled.set()
        await cancelled.wait()
        event.handler.roll_back(0)
        return Outcome(0, OutcomeKind.FAILED, error=EventError("client_gone"))


async def test_a_client_that_goes_away_ends_the_event_and_is_no_failure(caplog: pytest.LogCaptureFixture) -> None:
    server = Waiting("s", ("p0", 2, {"access": nothing}), ("p1", 1, {"access": nothing}))
    phases = phases_of([server], [plugin("p0"), plugin("p1")])
    x = exchange()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(through_access, phases, x)
        while x.on_abandon is None:
            await trio.lowlevel.checkpoint()
        x.abandon()
    assert x.answer is not None
    assert x.answer.status == 499
    assert x.on_abandon is None
    assert len(server.events) == 1
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


async def test_no_event_is_sent_for_a_client_that_is_gone() -> None:
    server = chain(nothing)
    x = exchange()
    x.client_gone = True
    await through_access(phases_of([server], entities(server)), x)
    assert not server.events


async def test_a_step_that_was_lost_runs_again_where_that_does_no_harm() -> None:
    tries = []

    def flaky(pdk: Pdk) -> None:
        tries.append(pdk.event.rerun)
        if len(tries) == 1:
            raise Failed("lost", may_rerun=True, unsure=True)
        sets("x-b")(pdk)

    server = chain(nothing, flaky, sets("x-c"), phases={"access": PhaseInfo(rerun=True)})
    x = await through_access(phases_of([server], entities(server)), exchange())
    assert x.answer is None
    assert tries == [False, True]
    assert server.groups == [["p0", "p1", "p2"], ["p1"], ["p2"]]
    assert [event.rerun for event in server.events] == [False, True, True]
    assert x.headers[1:] == [(b"x-b", b"1"), (b"x-c", b"1")]


async def test_a_new_consumer_does_not_make_those_behind_a_lost_step_sure() -> None:
    tries = []

    def flaky(pdk: Pdk) -> None:
        tries.append(pdk.event.rerun)
        if len(tries) == 1:
            raise Failed("lost", may_rerun=True, unsure=True)
        authenticates({"id": BOB.id})(pdk)

    server = chain(nothing, flaky, nothing, nothing, phases={"access": PhaseInfo(rerun=True)})
    own = [*entities(server), plugin("p2", consumer=BOB.id)]
    x = await through_access(phases_of([server], own), exchange())
    assert x.plan.consumer == BOB.id
    assert server.groups == [["p0", "p1", "p2", "p3"], ["p1"], ["p2"], ["p3"]]
    assert [event.rerun for event in server.events] == [False, True, True, True]


async def test_those_behind_a_lost_step_end_by_their_policy_where_a_second_run_may_harm() -> None:
    server = chain(fails("lost", unsure=True), nothing)
    own = [plugin("p0", on_error="fail_open"), plugin("p1")]
    x = await through_access(phases_of([server], own), exchange())
    assert server.groups == [["p0", "p1"]]
    assert x.answer is not None
    assert x.answer.status == 500


async def test_a_declared_body_is_read_before_the_hand_over_and_sent_along() -> None:
    server = chain(nothing, phases={"access": PhaseInfo(needs=[58])})
    x = exchange(method=b"POST", body=[b"ab", b"cd"])
    await through_access(phases_of([server], entities(server)), x)
    assert Pdk(server.events[0], 0).facts[58] == b"abcd"
    assert x.body == b"abcd"


async def test_a_declared_body_that_is_large_is_left_to_a_call() -> None:
    server = chain(nothing, phases={"access": PhaseInfo(needs=[58])})
    x = exchange(method=b"POST", body=[b"a" * 70_000])
    await through_access(phases_of([server], entities(server)), x)
    assert 58 not in Pdk(server.events[0], 0).facts
    assert x.body == b"a" * 70_000


async def test_a_declared_body_that_is_malformed_ends_the_request() -> None:
    server = chain(nothing, phases={"access": PhaseInfo(needs=[58])})
    x = exchange(method=b"POST", body=[b"a", ClientError(400, "Bad request")])  # type: ignore[list-item]
    with pytest.raises(ClientError):
        await through_access(phases_of([server], entities(server)), x)
    assert not server.events


async def test_a_body_that_a_failed_plugin_had_read_is_not_lost() -> None:
    async def reads_and_fails(pdk: Pdk) -> None:
        assert await pdk.call("kong.request.get_raw_body") == b"abcd"
        raise Failed()

    server = chain(reads_and_fails)
    x = exchange(method=b"POST", body=[b"ab", b"cd"])
    await through_access(phases_of([server], entities(server, on_error="fail_open")), x)
    assert x.answer is None
    assert x.body == b"abcd"


async def test_a_body_that_was_half_read_at_the_deadline_is_read_to_its_end() -> None:
    async def gives_up(pdk: Pdk) -> None:
        with trio.CancelScope() as scope:
            scope.cancel()
            await pdk.call("kong.request.get_raw_body")
        raise Failed("deadline")

    class Slow(Pieces):
        async def read_some(self) -> bytes:
            if len(self.left) == 1:
                await trio.lowlevel.checkpoint()
            return await super().read_some()

    server = chain(gives_up)
    x = exchange(method=b"POST", body=[])
    x.body_reader = Slow([b"ab", b"cd"])
    await through_access(phases_of([server], entities(server, on_timeout="fail_open")), x)
    assert x.body == b"abcd"


async def test_a_body_that_a_response_handler_needs_is_kept_before_it_goes_upstream() -> None:
    server = chain(nothing, phase="response", phases={"response": PhaseInfo(needs=[58])})
    phases = phases_of([server], entities(server, route=ROUTE.id))
    x = exchange(method=b"POST", body=[b"ab"])
    phases.route(x)
    assert x.plan.has_access
    await phases.access(x)
    assert x.body == b"ab"
    x.proxied, x.response_status = True, 200
    await phases.response(x)
    assert Pdk(server.events[0], 0).facts[58] == b"ab"
