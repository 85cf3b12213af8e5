"""The host's side of an event: changes count all or none, calls are checked, log lines know their request."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from oarlock.log import NOTICE
from oarlock.phases.handler import EventHandler
from oarlock.phases.plan import Entry, Handler
from oarlock.proxy.exchange import Exchange
from oarlock_pluginserver._generated.pdk_table import BY_NAME, MAX_CHANGES, PHASES
from oarlock_pluginserver.errors import PdkError
from oarlock_pluginserver.pdk_handler import PdkHandler
from support.phases import change, environment, exchange, plugin

GOOD = change("kong.service.request.set_header", "x-a", "1")
SHARED = change("kong.ctx.shared.set", "k", 1)
BAD = change("kong.service.request.set_header", "x-b", "1\r\nx-c: 2")


def handler(x: Exchange, phase: str = "access", steps: int = 1, **options: Any) -> EventHandler:
    number = PHASES[phase]
    entries = [Entry(plugin=plugin(f"p{at}"), place=at, handlers={number: Handler(budget=1.0)}) for at in range(steps)]
    made: PdkHandler = EventHandler(x, number, entries, environment(), **options)
    assert isinstance(made, EventHandler)
    return made


def ask(made: EventHandler, name: str, *args: object, step: int = 0) -> Any:
    return made.call(step, BY_NAME[name].number, args)


def test_changes_of_a_step_that_ends_well_are_kept() -> None:
    x = exchange()
    made = handler(x)
    made.commit(0, [GOOD, SHARED], 1, 1)
    made.roll_back(0)  # nothing is open any more
    assert x.headers == [(b"host", b"a.b"), (b"x-a", b"1")]
    assert x.shared == {"k": 1}


@pytest.mark.parametrize("position", [0, 1, 2])
def test_one_invalid_change_undoes_all_and_is_named(position: int) -> None:
    x = exchange()
    before = x.record()
    made = handler(x)
    changes = [GOOD, SHARED]
    changes.insert(position, BAD)
    with pytest.raises(PdkError) as caught:
        made.commit(0, changes, 1, 1)
    assert caught.value.code == "bad_change"
    assert f"kong.service.request.set_header, change {position + 1}: invalid header value" in caught.value.text
    made.roll_back(0)
    assert x.record() == before


def test_a_call_sees_the_changes_before_it_and_a_failure_takes_them_back() -> None:
    x = exchange()
    before = x.record()
    made = handler(x)
    made.apply(0, [GOOD])
    assert ask(made, "kong.request.get_header", "x-a") == "1"
    made.apply(0, [SHARED])
    made.roll_back(0)
    assert x.record() == before


def test_a_call_that_changes_something_is_taken_back_too() -> None:
    x = exchange(headers=[(b"content-type", b"application/json")])
    before = x.record()
    made = handler(x)
    assert ask(made, "kong.service.request.set_body", {"a": 1}) is True
    made.roll_back(0)
    assert x.record() == before


def test_an_invalid_change_with_a_call_fails_the_step_whatever_comes_later() -> None:
    x = exchange()
    made = handler(x)
    with pytest.raises(PdkError, match="bad_change"):
        made.apply(0, [BAD])
    with pytest.raises(PdkError, match="bad_change"):
        made.apply(0, [])
    with pytest.raises(PdkError, match="bad_change"):
        made.commit(0, [], 1, 1)
    made.roll_back(0)
    assert x.headers == [(b"host", b"a.b")]


def test_steps_are_kept_and_undone_one_by_one() -> None:
    x = exchange()
    made = handler(x, steps=2)
    made.commit(0, [GOOD], 1, 1)
    made.apply(1, [SHARED])
    made.roll_back(1)
    assert (b"x-a", b"1") in x.headers
    assert x.shared == {}


def test_the_last_step_can_be_taken_back_when_its_answer_is_not_valid() -> None:
    x = exchange()
    made = handler(x, steps=2)
    made.commit(0, [GOOD], 1, 1)
    made.commit(1, [SHARED], 1, 1)
    made.undo()
    assert (b"x-a", b"1") in x.headers
    assert x.shared == {}


def test_there_is_a_limit_of_changes_over_all_frames_of_a_step() -> None:
    made = handler(exchange(), steps=2)
    made.apply(0, [SHARED] * MAX_CHANGES)
    with pytest.raises(PdkError, match=f"more than {MAX_CHANGES} changes"):
        made.commit(0, [SHARED], 1, 1)
    made.roll_back(0)
    made.commit(1, [SHARED] * MAX_CHANGES, 1, 1)


@pytest.mark.parametrize(
    "changes",
    [
        [[]],
        [5],
        [["set_header", "a", "b"]],
        [[999999, "a"]],
        [change("kong.request.get_method")],
        [change("kong.response.exit", 200)],
        [change("kong.exchange.get_shared")],
        [change("kong.client.tls.set_client_verify", "NONE")],
    ],
)
def test_what_is_no_change_is_refused(changes: Sequence[Any]) -> None:
    with pytest.raises(PdkError) as caught:
        handler(exchange()).commit(0, changes, 1, 1)
    assert caught.value.code == "bad_change"


@pytest.mark.parametrize(
    ("phase", "name", "args", "code"),
    [
        ("access", "kong.response.get_status", (), "wrong_phase"),
        ("log", "kong.client.authenticate", ({}, {}), "unsupported"),
        ("access", "kong.service.request.set_method", ("GET",), "unsupported"),
        ("access", "kong.response.exit", (200,), "unsupported"),
        ("access", "kong.log.err", ("x",), "unsupported"),
        ("access", "kong.exchange.get_shared", (), "unsupported"),
        ("access", "kong.tracing.active_span", (), "unsupported"),
        ("access", "kong.request.get_header", (1,), "bad_args"),
    ],
)
def test_calls_are_allowed_by_table_and_phase(phase: str, name: str, args: tuple[object, ...], code: str) -> None:
    with pytest.raises(PdkError) as caught:
        ask(handler(exchange(), phase), name, *args)
    assert caught.value.code == code


def test_a_call_in_a_wrong_phase_says_where_it_may_be_made() -> None:
    with pytest.raises(PdkError, match=r"function cannot be called in access phase \(only in: response, log"):
        ask(handler(exchange()), "kong.response.get_status")


def test_only_a_change_that_may_change_the_plan_says_so() -> None:
    made = handler(exchange(), steps=2)
    made.commit(0, [GOOD], 1, 1)
    assert not made.replanned
    made.commit(1, [change("kong.client.authenticate", None, {"id": "k"})], 1, 1)
    assert made.replanned


def test_the_running_plugin_is_that_of_the_step() -> None:
    made = handler(exchange(), steps=2)
    assert ask(made, "kong.plugin.get_id", step=0) == plugin("p0").id
    assert ask(made, "kong.plugin.get_id", step=1) == plugin("p1").id


def test_a_log_line_carries_plugin_request_and_phase(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(NOTICE, "oarlock.plugin")
    made = handler(exchange())
    made.log(0, 3, "hello", {"n": 1})
    made.log(0, 200, "unknown level", None)
    first, second = caplog.records
    assert first.levelno == NOTICE
    assert first.getMessage() == "[p0] hello n=1, request: 0123456789abcdef0123456789abcdef, phase: access"
    assert second.levelname == "Level 60" or second.levelno == 60


def test_a_fact_that_is_called_for_twice_is_learned_and_one_that_a_change_made_stale_is_not() -> None:
    made = handler(exchange())
    learned = made.entries[0].handlers[PHASES["access"]].learned
    for _ in range(2):
        learned.begin()
        ask(made, "kong.request.get_query_arg", "x")
        ask(made, "kong.request.get_header", "host")
        ask(made, "kong.request.get_method")
        ask(made, "kong.nginx.get_var", "msec")
        ask(made, "kong.node.get_memory_stats")
    assert learned.keys == ((BY_NAME["kong.request.get_query_arg"].number, "x"),)


def test_single_headers_are_learned_where_the_block_was_too_long() -> None:
    made = handler(exchange(), has_omitted=True)
    learned = made.entries[0].handlers[PHASES["access"]].learned
    for _ in range(2):
        learned.begin()
        ask(made, "kong.request.get_header", "host")
    assert learned.keys == ((BY_NAME["kong.request.get_header"].number, "host"),)


def test_time_per_plugin_is_noted_where_it_is_asked_for() -> None:
    x = exchange()
    x.phase_ms = {}
    handler(x).commit(0, [], 1500, 10)
    assert x.phase_ms == {"access.p0": 1.5}
