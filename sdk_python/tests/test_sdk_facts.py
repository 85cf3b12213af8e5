"""What goes stale, what stays readable, and what a call's answer is worth."""

from __future__ import annotations

from typing import Any

import pytest

from oarlock_pdk.codec import decode, encode, plain
from oarlock_pdk.errors import PdkError
from oarlock_pdk.facts import MISSING, Facts, keys_on_wire
from oarlock_pdk.pdk import BY_NAME
from oarlock_pdk.table import RULES, Rule

HEADERS = "host\na.b\nx-user\nbob\nx-other\n1"


def rule(name: str) -> Rule:
    return RULES[BY_NAME[f"kong.{name}"].number]


def facts_of(**more: Any) -> Facts:
    flat: list[Any] = [rule("request.get_headers").number, HEADERS, rule("request.get_host").number, "a.b"]
    flat += [rule("request.get_raw_query").number, "a=1", [rule("ctx.shared.get").number, "k"], {"n": [1]}]
    return Facts([flat], **more)


def get(facts: Facts, name: str, *args: Any, instance: int = 1) -> Any:
    return facts.get(rule(name), args, instance)


def change(facts: Facts, name: str, *args: Any, instance: int = 1) -> None:
    facts.change(rule(name), rule(name).checked(args), instance)


def test_a_changed_header_is_asked_for_and_the_others_are_still_known() -> None:
    facts = facts_of()
    change(facts, "service.request.set_header", "X_User", "eve")
    assert get(facts, "request.get_header", "x-user") is MISSING
    assert get(facts, "request.get_header", "x_user") is MISSING
    assert get(facts, "request.get_header", "x-other") == "1"
    assert get(facts, "request.get_headers") is MISSING
    assert get(facts, "request.get_host") == "a.b"


def test_each_name_of_several_headers_goes_stale() -> None:
    facts = facts_of()
    change(facts, "service.request.set_headers", {"x-user": "1", "x-new": ["2", "3"]})
    assert get(facts, "request.get_header", "x-user") is MISSING
    assert get(facts, "request.get_header", "x-new") is MISSING
    assert get(facts, "request.get_header", "x-other") == "1"


def test_what_depends_on_a_header_goes_stale_with_it() -> None:
    facts = facts_of()
    change(facts, "service.request.clear_header", "Host")
    assert get(facts, "request.get_host") is MISSING


def test_a_change_of_the_body_makes_its_named_headers_stale() -> None:
    facts = facts_of()
    change(facts, "service.request.set_raw_body", b"x")
    assert get(facts, "request.get_header", "content-length") is MISSING
    assert get(facts, "request.get_header", "x-user") == "bob"


def test_a_written_value_is_read_as_the_copy_that_was_sent() -> None:
    facts = facts_of()
    value = {"list": [1]}
    change(facts, "ctx.shared.set", "k", value)
    value["list"].append(2)
    assert get(facts, "ctx.shared.get", "k") == {"list": [1]}
    get(facts, "ctx.shared.get", "k")["list"].append(3)
    assert get(facts, "ctx.shared.get", "k") == {"list": [1]}
    change(facts, "ctx.shared.set", "k")
    assert get(facts, "ctx.shared.get", "k") is None


def test_the_context_of_one_instance_is_not_that_of_another() -> None:
    facts = facts_of()
    change(facts, "ctx.plugin.set", "k", 1, instance=1)
    assert get(facts, "ctx.plugin.get", "k", instance=1) == 1
    assert get(facts, "ctx.plugin.get", "k", instance=2) is MISSING


def test_an_answer_is_kept_until_a_change_makes_it_stale() -> None:
    facts = facts_of()
    change(facts, "service.request.set_header", "x-user", "eve")
    facts.remember(rule("request.get_header"), ("X-User",), 1, "eve")
    assert get(facts, "request.get_header", "x-user") == "eve"
    change(facts, "service.request.add_header", "x_user", "mallory")
    assert get(facts, "request.get_header", "x-user") is MISSING


def test_going_back_undoes_every_change() -> None:
    facts = facts_of()
    mark = facts.mark()
    change(facts, "service.request.set_header", "x-user", "eve")
    change(facts, "ctx.shared.set", "k", 1)
    facts.go_back(mark)
    assert get(facts, "request.get_header", "x-user") == "bob"
    assert get(facts, "ctx.shared.get", "k") == {"n": [1]}


def test_wrong_arguments_are_not_answered_here() -> None:
    facts = facts_of()
    assert get(facts, "request.get_header", 3) is MISSING
    assert get(facts, "request.get_headers", 0) is MISSING
    assert get(facts, "request.get_headers", 1001) is MISSING
    assert get(facts, "request.get_headers", 2) == {"host": "a.b", "x-user": "bob"}


def test_keys_read_are_canonical_and_those_of_one_instance_left_out() -> None:
    facts = facts_of(report_reads=True)
    get(facts, "request.get_header", "X-User")
    get(facts, "request.get_header", "x-user")
    get(facts, "client.get_ip")
    get(facts, "ctx.plugin.get", "k")
    assert facts.reads is not None
    wire = keys_on_wire(facts.reads)
    assert len(wire) == 2
    assert [rule("request.get_header").number, "x-user"] in wire
    assert rule("client.get_ip").number in wire


@pytest.mark.parametrize(
    "value", [{1, 2}, float("nan"), float("inf"), 2**63, -(2**63) - 1, {1: 2}, object(), "\ud800", [[{"a": {3}}]]]
)
def test_values_the_wire_cannot_carry_are_refused_where_they_are_set(value: Any) -> None:
    with pytest.raises(PdkError) as caught:
        rule("ctx.shared.set").checked(("k", value))
    assert caught.value.code == "bad_args"


def test_as_deep_as_the_wire_allows_and_no_deeper() -> None:
    value: Any = 1
    for _ in range(29):  # with the message, the changes and the change around it: 32
        value = [value]
    message = [17, 1, 1, [[126, "k", plain(value)]]]
    assert decode(encode(message)[4:]) == message
    with pytest.raises(PdkError):
        plain([value])


def test_text_that_is_not_utf_8_comes_back_as_the_same_bytes() -> None:
    assert decode(encode([1, "caf\udce9", {"k": ["\udcff"]}])[4:]) == [1, b"caf\xe9", {"k": [b"\xff"]}]
