"""The vectors that every implementation of oarlock/1 runs, at this end."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from oarlock_pdk import messages
from oarlock_pdk.codec import Blob, FrameReader, blob, check_structure, decode, encode
from oarlock_pdk.errors import PdkError, ProtocolError
from oarlock_pdk.facts import MISSING, Facts
from oarlock_pdk.pdk import BY_NAME, MESSAGES
from oarlock_pdk.table import HIGHEST, RULES, Rule

VECTORS = Path(__file__).parents[2] / "proto" / "vectors"


def load(name: str, key: str) -> list[Any]:
    return json.loads((VECTORS / name).read_text())[key]


def value_of(data: Any, sending: bool = False) -> Any:
    """Turn a vector's JSON into the value it stands for."""
    if isinstance(data, list):
        return [value_of(item, sending) for item in data]
    if not isinstance(data, dict):
        return data
    if len(data) == 1:
        (key, inner), *_ = data.items()
        if key == "$bin":
            return bytes.fromhex(inner)
        if key == "$blob":
            return blob(inner) if sending else Blob(inner)
        if key == "$float":
            return float(inner)
        if key == "$int":
            return int(inner)
    return {key: value_of(item, sending) for key, item in data.items()}


def read(message: list[Any]) -> None:
    """Check a message of the host as the server does."""
    readers = {
        "HELLO": messages.read_hello,
        "PING": lambda m: messages.read_id(m, "PING"),
        "DRAIN": messages.read_drain,
        "START": messages.read_start,
        "CLOSE": lambda m: messages.read_id(m, "CLOSE"),
        "EVENT": messages.read_event,
        "CANCEL": messages.read_cancel,
        "REPLY": messages.read_reply,
        "CHUNK": messages.read_chunk,
        "WINDOW": messages.read_window,
    }
    by_number = {MESSAGES[name]: reader for name, reader in readers.items()}
    if message[0] not in by_number:
        raise ProtocolError("not for a server")
    by_number[message[0]](message)


@pytest.mark.parametrize("vector", load("frames.json", "good"), ids=lambda v: v["name"])
def test_frames_are_cut_wherever_the_socket_cuts(vector: dict[str, Any]) -> None:
    data = bytes.fromhex(vector["hex"])
    for size in range(1, max(2, len(data) + 1)):
        reader = FrameReader()
        pieces = [data[place : place + size] for place in range(0, len(data), size)]
        found = [decode(frame) for piece in pieces for frame in reader.feed(piece)]
        assert found == value_of(vector["arrays"])


@pytest.mark.parametrize(
    "vector", [v for v in load("frames.json", "malformed") if v["from"] == "host"], ids=lambda v: v["name"]
)
def test_malformed_frames_are_protocol_errors(vector: dict[str, Any]) -> None:
    reader = FrameReader(vector.get("max_frame", 1024 * 1024))
    whole: list[Any] = []

    def take_all() -> None:
        for frame in reader.feed(bytes.fromhex(vector["hex"])):
            message = decode(frame)
            read(message)
            whole.append(message)

    with pytest.raises(ProtocolError):
        take_all()
    assert whole == value_of(vector.get("arrays", []))


@pytest.mark.parametrize("vector", load("messages.json", "messages"), ids=lambda v: v["name"])
def test_messages_are_read_as_the_vector_says(vector: dict[str, Any]) -> None:
    data = bytes.fromhex(vector["hex"])
    (frame,) = FrameReader().feed(data)
    assert decode(frame) == value_of(vector["array"])
    check_structure(frame)
    if vector["from"] == "host":
        read(decode(frame))


@pytest.mark.parametrize("vector", load("messages.json", "messages"), ids=lambda v: v["name"])
def test_messages_are_written_so_that_they_read_the_same(vector: dict[str, Any]) -> None:
    frame = encode(value_of(vector["array"], sending=True))
    assert decode(frame[4:]) == value_of(vector["array"])
    if vector["from"] == "server" and not vector["name"].startswith(("PONG with", "DONE with an element")):
        assert len(frame) <= len(vector["hex"]) // 2


@pytest.mark.parametrize("vector", load("lookups.json", "lookups"), ids=lambda v: v["name"])
def test_lookups_give_the_same_answer_everywhere(vector: dict[str, Any]) -> None:
    function = BY_NAME[vector["function"]]
    rule = RULES[function.number]
    key = [rule.lookup_in, 7] if rule.lookup == "plugin_key" else rule.lookup_in
    facts = Facts([[key, value_of(vector["block"])]])
    result = facts.get(rule, tuple(value_of(vector["args"])), 7)
    assert result is not MISSING
    assert result == _text(value_of(vector["result"]))


@pytest.mark.parametrize(
    "vector", [v for v in load("pdk_calls.json", "calls") if v.get("checked_by") != "host"], ids=lambda v: v["name"]
)
def test_arguments_are_checked_where_the_plugin_calls(vector: dict[str, Any]) -> None:
    rule = RULES[BY_NAME[vector["function"]].number]
    args = tuple(value_of(vector["args"]))
    if "error" in vector:
        with pytest.raises(PdkError) as caught:
            use(rule, args)
        assert caught.value.code == vector["error"]
    else:
        assert decode(encode([1, rule.checked(args)])[4:])[1] == value_of(vector["wire"])


def use(rule: Rule, args: tuple[Any, ...]) -> None:
    rule.check_usable(next(iter(rule.phases)), HIGHEST)
    rule.checked(args)


def _text(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.decode("utf-8", "surrogateescape")
    if isinstance(value, list):
        return [_text(item) for item in value]
    return {name: _text(item) for name, item in value.items()} if isinstance(value, dict) else value
