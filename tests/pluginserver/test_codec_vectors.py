"""The host's codec against the vectors that every implementation runs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest

from oarlock_pluginserver.errors import ProtocolError
from oarlock_pluginserver.protocol import messages as m
from oarlock_pluginserver.protocol import oarlock_v1 as codec

VECTORS = Path(__file__).parents[2] / "proto" / "vectors"
MESSAGES = json.loads((VECTORS / "messages.json").read_text())["messages"]
FRAMES = json.loads((VECTORS / "frames.json").read_text())
TYPES: dict[str, Any] = {kind.__name__.upper(): kind for kind in (*get_args(m.FromServer), *get_args(m.FromHost))}


def name(vector: dict[str, Any]) -> str:
    return str(vector["name"])


def value(item: Any) -> Any:
    """A value of the vectors' JSON as the wire has it."""
    match item:
        case {"$bin": str(digits)}:
            return bytes.fromhex(digits)
        case {"$int": str(digits)}:
            return int(digits)
        case {"$float": number}:
            return float(number)
        case {"$blob": int(stream)}:
            return m.Blob(stream)
        case dict():
            return {key: value(inner) for key, inner in item.items()}
        case list():
            return [value(inner) for inner in item]
    return item


def decoder(sender: str) -> codec.Decoder[Any]:
    return codec.Decoder.from_host() if sender == "host" else codec.Decoder.from_server()


def messages_of(data: list[bytes], sender: str, max_frame: int) -> tuple[list[Any], codec.Frames]:
    """What comes out when `data` comes in these pieces."""
    frames, found, reader = codec.Frames(max_frame), [], decoder(sender)
    for piece in data:
        frames.receive_data(piece)
        while (body := frames.next_frame()) is not None:
            found.append(reader.decode(body))
    return found, frames


def fields_of(message: Any) -> dict[str, Any]:
    fields = {key: getattr(message, key) for key in message.__struct_fields__}
    if isinstance(message, m.Hello):
        return {"protocol": fields.pop("magic"), **fields}
    return fields


@pytest.mark.parametrize("vector", MESSAGES, ids=name)
def test_a_message_is_read_as_the_vectors_say(vector: dict[str, Any]) -> None:
    (message,), _ = messages_of([bytes.fromhex(vector["hex"])], vector["from"], 1 << 20)
    assert type(message) is TYPES[vector["type"]]
    assert fields_of(message) == value(vector["fields"])


@pytest.mark.parametrize("vector", [v for v in MESSAGES if v.get("encode", True)], ids=name)
def test_a_message_is_written_as_the_vectors_say(vector: dict[str, Any]) -> None:
    fields, kind = value(vector["fields"]), TYPES[vector["type"]]
    message = m.Hello(fields["protocol"], fields["fields"]) if kind is m.Hello else kind(**fields)
    assert codec.encode(message).hex() == vector["hex"]


def test_the_short_ways_to_write_an_event_and_a_reply_give_the_same_bytes() -> None:
    event = m.Event(7, 3, [2, 5000], [[40, "GET"], [44, "/a"]], 3, 1)
    facts = [codec.encode_value(segment) for segment in event.facts]
    assert codec.encode_event(7, 3, (2, 5000), facts, 3, 1) == codec.encode(event)
    assert codec.encode_reply(4, {"a": b"\xff"}) == codec.encode(m.Reply(4, {"a": b"\xff"}))
    assert codec.encode_reply(4, None) == codec.encode(m.Reply(4))


@pytest.mark.parametrize("vector", FRAMES["good"], ids=name)
def test_a_stream_gives_the_same_messages_however_it_is_cut(vector: dict[str, Any]) -> None:
    data = bytes.fromhex(vector["hex"])
    cuts = [[data], [data[i : i + 1] for i in range(len(data))]]
    cuts += [[data[:at], data[at:]] for at in range(len(data))]
    for pieces in cuts:
        found, frames = messages_of(pieces, vector["from"], 1 << 20)
        assert len(found) == len(vector["arrays"])
        for message, array in zip(found, vector["arrays"], strict=True):
            tag, *fields = msgspec.msgpack.decode(codec.encode(message)[4:])
            assert [tag, *fields] == value(array)[: len(fields) + 1]
        assert frames.is_empty == (vector["rest"] == 0)


@pytest.mark.parametrize("vector", FRAMES["malformed"], ids=name)
def test_what_is_malformed_is_a_protocol_error_however_it_is_cut(vector: dict[str, Any]) -> None:
    data, before = bytes.fromhex(vector["hex"]), len(vector.get("arrays", []))
    for pieces in ([data], [data[i : i + 1] for i in range(len(data))]):
        frames, found = codec.Frames(vector.get("max_frame", 1 << 20)), 0
        reader = decoder(vector["from"])
        with pytest.raises(ProtocolError) as caught:  # noqa: PT012  # the loop is what a reader does
            for piece in pieces:
                frames.receive_data(piece)
                while (body := frames.next_frame()) is not None:
                    reader.decode(body)
                    found += 1
        assert found == before
        assert caught.value.code == vector["error"]
        assert len(caught.value.excerpt) < 200
