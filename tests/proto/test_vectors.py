"""The vectors are right by themselves: hex and values agree, and every message, rule and kind of fault is there."""

from __future__ import annotations

import json
import math
import tomllib
from pathlib import Path
from typing import Any

import msgpack
import pytest

PROTO = Path(__file__).parents[2] / "proto"
TABLE = tomllib.loads((PROTO / "pdk.toml").read_text(encoding="utf-8"))
FUNCTIONS = {entry["name"]: entry for entry in TABLE["function"]}


def read(name: str) -> Any:
    return json.loads((PROTO / "vectors" / name).read_text(encoding="utf-8"))


MESSAGES = read("messages.json")["messages"]
FRAMES = read("frames.json")
LOOKUPS = read("lookups.json")["lookups"]
CALLS = read("pdk_calls.json")["calls"]


def value(tagged: Any) -> Any:
    """The value that a vector writes in JSON."""
    match tagged:
        case {"$bin": str(digits)}:
            return bytes.fromhex(digits)
        case {"$int": str(digits)}:
            return int(digits)
        case {"$float": number}:
            return float(number)
        case {"$blob": int(stream)}:
            return msgpack.ExtType(1, stream.to_bytes(4, "big"))
        case dict():
            return {key: value(element) for key, element in tagged.items()}
        case list():
            return [value(element) for element in tagged]
        case _:
            return tagged


def decode(frame: bytes) -> Any:
    assert int.from_bytes(frame[:4], "big") == len(frame) - 4
    return msgpack.unpackb(frame[4:], ext_hook=msgpack.ExtType)


@pytest.mark.parametrize("vector", MESSAGES, ids=lambda v: v["name"])
def test_the_bytes_of_a_message_are_those_of_its_array(vector: Any) -> None:
    frame = bytes.fromhex(vector["hex"])
    assert repr(decode(frame)) == repr(value(vector["array"]))
    if vector.get("encode", True):
        assert msgpack.packb(value(vector["array"])) == frame[4:]


@pytest.mark.parametrize("vector", MESSAGES, ids=lambda v: v["name"])
def test_the_fields_of_a_message_are_its_array_with_the_defaults(vector: Any) -> None:
    type_, *elements = vector["array"]
    assert type_ == TABLE["messages"][vector["type"]]["number"]
    fields = list(vector["fields"].values())
    assert elements[: len(fields)] == fields[: len(elements)]
    assert all(field in (None, "", 0, []) for field in fields[len(elements) :])


@pytest.mark.parametrize("vector", MESSAGES, ids=lambda v: v["name"])
def test_a_message_comes_from_an_end_that_may_send_it(vector: Any) -> None:
    assert TABLE["messages"][vector["type"]]["from"] in (vector["from"], "both")


def test_there_is_a_vector_of_every_message() -> None:
    assert {vector["type"] for vector in MESSAGES} == set(TABLE["messages"])


def test_names_of_vectors_are_unique() -> None:
    for vectors in (MESSAGES, FRAMES["good"], FRAMES["malformed"], CALLS):
        names = [vector["name"] for vector in vectors]
        assert len(names) == len(set(names))


def test_the_worked_example_of_the_specification_is_among_the_vectors() -> None:
    page = (PROTO / "PROTOCOL.md").read_text(encoding="utf-8")
    lines = page[page.index("## 16. Worked example") : page.index("## 17.")].splitlines()
    frames = {line for line in lines if len(line) > 8 and set(line) <= set("0123456789abcdef")}
    known = {vector["hex"] for vector in MESSAGES}
    examples = {vector["hex"] for vector in MESSAGES if vector["name"].startswith("example")}
    assert frames <= known
    assert examples <= frames


def test_the_worked_example_means_what_it_says_with_the_numbers_of_the_table() -> None:
    named = {
        "kong.client.get_ip": 20,
        "kong.client.load_consumer": 24,
        "kong.request.get_method": 40,
        "kong.request.get_path": 44,
        "kong.request.get_headers": 51,
        "kong.response.set_header": 60,
        "kong.service.request.set_header": 90,
        "kong.vault.get": 150,
    }
    assert {name: FUNCTIONS[name]["number"] for name in named} == named
    assert TABLE["phases"]["access"] == 3


@pytest.mark.parametrize("vector", FRAMES["good"], ids=lambda v: v["name"])
def test_a_good_stream_holds_its_frames_and_a_rest(vector: Any) -> None:
    data, arrays = bytes.fromhex(vector["hex"]), []
    while len(data) >= 4 and len(data) >= (end := 4 + int.from_bytes(data[:4], "big")):
        arrays.append(decode(data[:end]))
        data = data[end:]
    assert (arrays, len(data)) == (value(vector["arrays"]), vector["rest"])


@pytest.mark.parametrize("vector", FRAMES["malformed"], ids=lambda v: v["name"])
def test_a_malformed_frame_is_malformed_by_the_rule_it_names(vector: Any) -> None:
    """Plain MessagePack refuses it, or the message is one that the specification does not allow."""
    assert vector["error"] in TABLE["errors"]
    data = bytes.fromhex(vector["hex"])
    for array in vector.get("arrays", ()):
        end = 4 + int.from_bytes(data[:4], "big")
        assert decode(data[:end]) == value(array)
        data = data[end:]
    length, body = int.from_bytes(data[:4], "big"), data[4:]
    if not 0 < length <= vector.get("max_frame", 1 << 20):
        return
    assert len(body) == length, "the frame is whole: its fault is inside"
    if not (len(body) > 1 and 0x91 <= body[0] <= 0x9F and body[1] < 0x80):
        return
    try:
        array = msgpack.unpackb(body, ext_hook=_refuse, object_pairs_hook=_str_keys)
    except (ValueError, TypeError, msgpack.UnpackException, RecursionError):
        return
    senders = {m["number"]: m["from"] for m in TABLE["messages"].values()}
    if senders.get(array[0]) not in (vector["from"], "both"):
        return
    assert _depth(array) > 32 or _has_bad_value(array) or not _fits(array)


def _refuse(code: int, data: bytes) -> Any:
    if code == 1 and len(data) == 4:
        return None
    raise ValueError("an extension")


def _str_keys(pairs: list[tuple[Any, Any]]) -> dict[str, Any]:
    if not all(isinstance(key, str) for key, _ in pairs):
        raise ValueError("a key")
    return dict(pairs)


def _depth(array: Any) -> int:
    if isinstance(array, dict):
        return 1 + max(map(_depth, array.values()), default=0)
    return 1 + max(map(_depth, array), default=0) if isinstance(array, list) else 0


def _has_bad_value(array: Any) -> bool:
    match array:
        case list():
            return any(map(_has_bad_value, array))
        case float():
            return not math.isfinite(array)
        case int():
            return array >= 1 << 63
        case _:
            return isinstance(array, msgpack.Timestamp)


# The fields of each message, by type. "?": may be nil or cut; "-": may be cut; id+: from 1.
_SHAPES = {
    1: "oarlock map",
    2: "map",
    4: "id",
    5: "id id- id-",
    6: "str- str?",
    8: "map",
    9: "id error?",
    10: "id",
    16: "id+ id steps facts- id- id-",
    17: "id+ id changes- array? id- id- array?",
    18: "id+ str-",
    20: "id+ id+ id array- changes-",
    21: "id+ any? error?",
    24: "id id text map? id- id?",
    28: "id+ id bin id- text?",
    29: "id+ id id",
}


def _fits(array: list[Any]) -> bool:
    shape, elements = _SHAPES[array[0]].split(), array[1:]
    missing = shape[len(elements) :]
    if any(not kind.endswith(("-", "?")) for kind in missing):
        return False
    return all(_is(kind, element) for kind, element in zip(shape, elements, strict=False))


def _is(kind: str, element: Any) -> bool:
    if kind.endswith("?") and element is None:
        return True
    number = type(element) is int and 0 <= element < 1 << 53
    pairs = isinstance(element, list) and len(element) % 2 == 0
    return {
        "oarlock": element == "oarlock",
        "id": number,
        "id+": number and element > 0,
        "str": isinstance(element, str),
        "text": isinstance(element, str | bytes),
        "bin": isinstance(element, bytes),
        "array": isinstance(element, list),
        "map": isinstance(element, dict),
        "error": isinstance(element, list) and bool(element) and all(isinstance(part, str) for part in element),
        "steps": pairs and bool(element) and all(type(part) is int and 0 < part < 1 << 53 for part in element),
        "facts": isinstance(element, list) and all(isinstance(s, list) and len(s) % 2 == 0 for s in element),
        "changes": isinstance(element, list) and all(isinstance(change, list) for change in element),
        "any": True,
    }[kind.rstrip("-?")]


def test_every_well_formed_message_has_the_shape_that_malformed_ones_lack() -> None:
    assert [v["name"] for v in MESSAGES if not _fits(decode(bytes.fromhex(v["hex"])))] == []


@pytest.mark.parametrize("vector", LOOKUPS, ids=lambda v: f"{v['function']}: {v['name']}")
def test_a_lookup_is_the_one_that_the_table_declares(vector: Any) -> None:
    function = FUNCTIONS[vector["function"]]
    assert function["lookup"]["rule"] == vector["rule"]
    assert len(vector["args"]) <= len(function["args"])
    assert look_up(vector["rule"], value(vector["block"]), *value(vector["args"])) == value(vector["result"])


def test_there_is_a_lookup_for_every_function_that_has_one() -> None:
    assert {v["function"] for v in LOOKUPS} == {name for name, entry in FUNCTIONS.items() if "lookup" in entry}


def look_up(rule: str, block: Any, *args: Any) -> Any:
    """The rules of PROTOCOL.md §4.2, as short as they can be said."""
    if rule in ("shared_key", "plugin_key"):
        return block.get(args[0])
    if rule == "query_arg":
        return next((v for name, v in zip(block[::2], block[1::2], strict=True) if name == args[0]), None)
    lines = _bytes(block).split(b"\n") if block else []
    pairs = list(zip(lines[::2], lines[1::2], strict=True))
    if rule == "header":
        name = _bytes(args[0]).lower()  # of bytes: ASCII only
        for wanted in (name, name.replace(b"_", b"-")):
            for line, content in pairs:
                if line == wanted:
                    return _text(content)
        return None
    table: dict[Any, Any] = {}
    for name, content in pairs[: args[0] if args else 100]:
        table.setdefault(_text(name), []).append(_text(content))
    return {name: values if len(values) > 1 else values[0] for name, values in table.items()}


def _bytes(text: Any) -> bytes:
    return text if isinstance(text, bytes) else text.encode()


def _text(data: bytes) -> Any:
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data


@pytest.mark.parametrize("vector", CALLS, ids=lambda v: v["name"])
def test_a_call_names_a_function_and_is_accepted_or_refused(vector: Any) -> None:
    function = FUNCTIONS[vector["function"]]
    assert ("wire" in vector) != ("error" in vector)
    assert vector.get("error", "pdk") in TABLE["errors"]
    if "wire" in vector:
        assert len(vector["wire"]) <= len(function["args"])
        assert not vector["wire"] or vector["wire"][-1] is not None
    assert vector.get("checked_by", "host") in ("host", "sdk")
