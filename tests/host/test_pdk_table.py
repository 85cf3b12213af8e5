"""The host's functions against the table, and its checks of arguments against the vectors of all implementations."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from oarlock.pdk import facts
from oarlock.pdk.answers import error_answer, exit_answer
from oarlock.pdk.arguments import check
from oarlock.pdk.functions import IMPLEMENTATIONS
from oarlock.pdk.registry import implements
from oarlock_pluginserver._generated.pdk_table import BY_NAME, DEFAULT_FACTS, FUNCTIONS, PHASES, Function
from oarlock_pluginserver.errors import PdkError
from support.phases import call, caller, exchange

VECTORS = Path(__file__).parents[2] / "proto" / "vectors"


def wire(value: Any) -> Any:
    """A vector's value: `$bin`, `$float` and `$int` stand for what JSON does not have."""
    match value:
        case {"$bin": digits}:
            return bytes.fromhex(digits)
        case {"$float": number}:
            return float(number)
        case {"$int": digits}:
            return int(digits)
        case dict():
            return {key: wire(member) for key, member in value.items()}
        case list():
            return [wire(member) for member in value]
        case _:
            return value


def test_every_function_that_is_there_is_implemented() -> None:
    needed = {
        function.name
        for function in FUNCTIONS.values()
        if function.available and function.external and function.kind in ("fact", "change", "call")
    }
    assert needed - {FUNCTIONS[number].name for number in IMPLEMENTATIONS} == set()


def test_a_function_that_is_not_in_the_table_can_not_be_implemented() -> None:
    with pytest.raises(LookupError, match=r"kong\.no\.such"):
        implements("kong.no.such")


def test_arguments_other_than_those_of_the_table_are_refused_at_import() -> None:
    def wrong(_c: object, other: str) -> None:
        pass

    with pytest.raises(TypeError, match="takes"):
        implements("kong.request.get_header")(wrong)


@pytest.mark.parametrize("phase", ["rewrite", "access", "response", "log"])
def test_the_default_facts_are_those_of_the_table_with_the_values_of_its_functions(phase: str) -> None:
    x = exchange(headers=[(b"host", b"A.b:80"), (b"traceparent", b"00-" + b"1" * 32 + b"-" + b"2" * 16 + b"-01")])
    x.response_headers, x.response_status, x.proxied = [(b"x-up", b"\xff")], 201, True
    c = caller(x, phase)
    segments, has_omitted = facts.default_segments(x, PHASES[phase])
    sent: dict[int, object] = {}
    for segment in segments:
        flat = msgspec.msgpack.decode(segment)
        sent |= dict(zip(flat[::2], flat[1::2], strict=True))
    assert not has_omitted
    shared = BY_NAME["kong.exchange.get_shared"].number
    assert set(sent) == {*DEFAULT_FACTS[PHASES[phase]], shared}
    for number, value in sent.items():
        assert value == IMPLEMENTATIONS[number](c, *[None] * len(FUNCTIONS[number].args)), FUNCTIONS[number].name


def _use(function: Function, args: list[Any]) -> None:
    match function.outcome:
        case "exit":
            exit_answer(exchange(), args)
        case "error_page":
            error_answer(exchange(), args)
        case _:
            call(caller(exchange()), function.name, *args)


def _host_cases() -> list[Any]:
    cases = json.loads((VECTORS / "pdk_calls.json").read_text())["calls"]
    return [pytest.param(case, id=case["name"]) for case in cases if case.get("checked_by") != "sdk"]


@pytest.mark.parametrize("case", _host_cases())
def test_arguments_are_checked_as_the_vectors_say(case: dict[str, Any]) -> None:
    """Only the checking is looked at: what the function then makes of good arguments is tested elsewhere."""
    function = BY_NAME[case["function"]]
    args = wire(case["args"])
    for index, arg in enumerate(function.args[: len(args)]):
        if arg.type == "headers" and isinstance(args[index], dict):
            args[index] = [part for pair in args[index].items() for part in pair]
    if "error" not in case:
        check(function, args)
    elif case["error"] == "unsupported":
        assert not function.available
    else:
        with pytest.raises(PdkError) as caught:
            _use(function, args)
        assert caught.value.code == case["error"]


def test_an_argument_that_is_not_known_here_is_unsupported_unless_it_is_nil() -> None:
    c = caller(exchange())
    assert call(c, "kong.request.get_method", None) == "GET"
    with pytest.raises(PdkError) as caught:
        call(c, "kong.request.get_method", 1)
    assert caught.value.code == "unsupported"


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(case, id=case["name"])
        for case in json.loads((VECTORS / "lookups.json").read_text())["lookups"]
        if case["rule"] == "header"
    ],
)
def test_the_host_looks_headers_up_as_the_vectors_say(case: dict[str, Any]) -> None:
    block = wire(case["block"])
    raw = block if isinstance(block, bytes) else block.encode()
    lines = raw.split(b"\n") if raw else []
    headers = list(zip(lines[::2], lines[1::2], strict=True))
    x = exchange(headers=headers)
    x.response_headers = x.upstream_headers = headers
    assert call(caller(x, "log"), case["function"], *wire(case["args"])) == wire(case["result"])
