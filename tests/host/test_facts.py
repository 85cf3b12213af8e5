"""Which facts go with an event: by default, declared and learned; when they are encoded anew; what does not fit."""

from __future__ import annotations

from typing import Any

import msgspec

from oarlock.pdk import facts
from oarlock.pdk.learning import MISSED, RECENT, Learned, call_key, fact_key
from oarlock_pluginserver._generated.pdk_table import (
    BY_NAME,
    FACTS_BUDGET,
    MAX_LEARNED_ARGUMENTS,
    MAX_LEARNED_KEYS,
    REPORT_READS_EVERY,
)
from oarlock_pluginserver.info import PhaseInfo
from support.phases import FakeServer, Pdk, call, caller, exchange, phases_of, plugin, through_access

HEADERS = BY_NAME["kong.request.get_headers"].number
HEADER = BY_NAME["kong.request.get_header"].number
QUERY = BY_NAME["kong.request.get_query"].number
SHARED = BY_NAME["kong.exchange.get_shared"].number
SHARED_GET = BY_NAME["kong.ctx.shared.get"].number


def decoded(segment: bytes | None) -> dict[Any, Any]:
    flat = [] if segment is None else msgspec.msgpack.decode(segment)
    keys = [tuple(key) if isinstance(key, list) else key for key in flat[::2]]
    return dict(zip(keys, flat[1::2], strict=True))


def test_the_head_is_encoded_once_until_a_change_touches_it() -> None:
    x = exchange()
    (first, *_), _ = facts.default_segments(x, 3)
    (again, *_), _ = facts.default_segments(x, 3)
    assert again is first
    call(caller(x), "kong.ctx.shared.set", "k", 1)
    (unrelated, *_), _ = facts.default_segments(x, 3)
    assert unrelated is first
    call(caller(x), "kong.service.request.set_header", "x-a", "1")
    (changed, *_), _ = facts.default_segments(x, 3)
    assert decoded(changed)[HEADERS] == "host\na.b\nx-a\n1"


def test_rolled_back_changes_leave_no_facts_behind() -> None:
    x = exchange()
    record = x.record()
    call(caller(x), "kong.service.request.set_header", "x-a", "1")
    facts.default_segments(x, 3)
    x.restore(record)
    (head, *_), _ = facts.default_segments(x, 3)
    assert decoded(head)[HEADERS] == "host\na.b"


def test_a_block_that_is_not_utf8_is_bytes() -> None:
    (head, *_), _ = facts.default_segments(exchange(headers=[(b"x-a", b"caf\xe9")]), 3)
    assert decoded(head)[HEADERS] == b"x-a\ncaf\xe9"


def test_a_block_of_headers_that_is_too_long_is_left_out() -> None:
    x = exchange(headers=[(b"x-a", b"a" * 9000), (b"x-b", b"2")])
    segments, has_omitted = facts.default_segments(x, 3)
    assert has_omitted
    assert HEADERS not in decoded(segments[0])
    assert decoded(facts.segment_of(caller(x), [(HEADER, "x-b")], FACTS_BUDGET)) == {(HEADER, "x-b"): "2"}


def test_shared_values_are_sent_whole_while_they_are_small() -> None:
    x = exchange()
    assert decoded(facts.default_segments(x, 3)[0][-1]) == {SHARED: {}}
    x.shared = {"k": 1}
    assert decoded(facts.default_segments(x, 3)[0][-1]) == {SHARED: {"k": 1}}
    x.shared = {"k": "v" * 2000, "small": 1}
    assert all(SHARED not in decoded(segment) for segment in facts.default_segments(x, 3)[0])
    assert decoded(facts.segment_of(caller(x), [(SHARED_GET, "small")], FACTS_BUDGET)) == {(SHARED_GET, "small"): 1}


def test_nil_is_a_fact_and_what_can_not_be_had_is_none() -> None:
    keys = [
        (HEADER, "none"),
        (HEADER, 5),  # not a name
        BY_NAME["kong.response.get_status"].number,  # another phase
        BY_NAME["kong.tracing.active_span"].number,  # not there yet
        BY_NAME["kong.request.get_raw_body"].number,  # was not read
        999_999,
        QUERY,
    ]
    found = decoded(facts.segment_of(caller(exchange(b"/?a", body=[b"x"])), keys, FACTS_BUDGET))
    assert found == {(HEADER, "none"): None, QUERY: ["a", True]}


def test_a_fact_beyond_the_budget_is_left_out_and_a_smaller_one_still_fits() -> None:
    x = exchange(headers=[(b"x-a", b"a" * 100), (b"x-b", b"b")])
    found = decoded(facts.segment_of(caller(x), [(HEADER, "x-a"), (HEADER, "x-b")], 50))
    assert found == {(HEADER, "x-b"): "b"}


async def test_what_a_plugin_declares_and_asks_for_twice_is_sent_to_it_alone() -> None:
    async def asks(pdk: Pdk) -> None:
        seen.append(set(pdk.facts) & {QUERY, (HEADER, "x-a"), 138})
        if 138 not in pdk.facts:
            await pdk.call("kong.nginx.req_start_time")

    seen: list[set[object]] = []
    server = FakeServer("s", ("p", 1, {"access": asks}), phases={"access": PhaseInfo(needs=[QUERY, [HEADER, "x-a"]])})
    phases = phases_of([server], [plugin("p")])
    for _ in range(3):
        await through_access(phases, exchange())
    declared = {QUERY, (HEADER, "x-a")}
    assert seen == [declared, declared, {*declared, 138}]


async def test_about_one_event_in_many_reports_what_it_reads_once_something_is_learned() -> None:
    server = FakeServer("s", ("p", 1, {"access": lambda pdk: None}))
    phases = phases_of([server], [plugin("p")])
    learned = phases.plans.global_plan.access.entries[0].handlers[3].learned
    for _ in range(2):
        learned.begin()
        learned.asked(QUERY)
    for _ in range(REPORT_READS_EVERY):
        await through_access(phases, exchange())
    assert sum(event.report_reads for event in server.events) == 1


def test_a_key_that_is_asked_for_once_in_a_while_is_not_learned() -> None:
    learned = Learned()
    learned.begin()
    learned.asked(1)
    for _ in range(RECENT + 1):
        learned.begin()
    learned.asked(1)
    assert learned.keys == ()


def test_asking_twice_in_one_event_is_asking_once() -> None:
    learned = Learned()
    learned.begin()
    learned.asked(1)
    learned.asked(1)
    assert learned.keys == ()


def test_keys_and_candidates_are_bounded_and_long_ones_never_enter() -> None:
    learned = Learned()
    for number in range(2 * MAX_LEARNED_KEYS):
        for _ in range(2):
            learned.begin()
            learned.asked((50, f"h{number}"))
            learned.asked((50, "x" * (MAX_LEARNED_ARGUMENTS + 1)))
    assert len(learned.keys) == MAX_LEARNED_KEYS
    learned = Learned()
    learned.begin()
    for number in range(1000):
        learned.asked((50, f"h{number}"))
    assert len(learned._candidates) <= 64


def test_a_key_that_reports_do_not_show_is_forgotten() -> None:
    learned = Learned()
    for key in (1, (50, "a")):
        for _ in range(2):
            learned.begin()
            learned.asked(key)
    for _ in range(MISSED):
        learned.reported([(50, "a")])
    assert learned.keys == ((50, "a"),)


def test_keys_of_the_wire() -> None:
    assert fact_key(5) == 5
    assert fact_key([5]) == 5
    assert fact_key([5, "a", 1]) == (5, "a", 1)
    assert [fact_key(key) for key in (True, "5", [], ["a"], [5, {}], None)] == [None] * 6
    assert call_key(5, ["a", None, None]) == (5, "a")
    assert call_key(5, [None]) == 5
