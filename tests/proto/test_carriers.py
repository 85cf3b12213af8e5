"""One model, two encodings: every vector of messages.json says the same in MessagePack and in protobuf."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgpack
import pytest

PROTO = Path(__file__).parents[2] / "proto"
VECTORS = json.loads((PROTO / "vectors" / "messages.json").read_text(encoding="utf-8"))["messages"]

pytest.importorskip("grpc_tools", reason="grpcio-tools is in the dev group")
pytest.importorskip("google.protobuf", reason="protobuf comes with the grpc extra")

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory  # noqa: E402

# Fields that are flat arrays [a, b, a, b, …] on the wire, and the names of a pair's two parts.
_PAIRS = {"Step": ("instance", "budget_ms")}


@pytest.fixture(scope="module")
def message_class(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The class of `oarlock.v1.Message`, from both .proto files compiled by protoc."""
    descriptors = tmp_path_factory.mktemp("protoc") / "oarlock.bin"
    files = ["oarlock/v1/messages.proto", "oarlock/v1/pdk.proto"]
    command = [sys.executable, "-m", "grpc_tools.protoc", f"-I{PROTO}", f"--descriptor_set_out={descriptors}", *files]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    pool = descriptor_pool.DescriptorPool()
    for file in descriptor_pb2.FileDescriptorSet.FromString(descriptors.read_bytes()).file:
        pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("oarlock.v1.Message"))


@pytest.mark.parametrize("vector", [v for v in VECTORS if "proto" in v], ids=lambda v: v["name"])
def test_the_protobuf_form_of_a_message_says_what_its_array_says(message_class: Any, vector: Any) -> None:
    message = message_class.FromString(bytes.fromhex(vector["proto"]))
    array = msgpack.unpackb(bytes.fromhex(vector["hex"])[4:], ext_hook=lambda _, data: msgpack.ExtType(1, data))
    assert to_protobuf(message_class, array) == message
    assert to_protobuf(message_class, to_array(message)) == message


def test_every_message_type_has_a_protobuf_form_among_the_vectors(message_class: Any) -> None:
    seen = {message_class.FromString(bytes.fromhex(v["proto"])).WhichOneof("body") for v in VECTORS if "proto" in v}
    assert seen == {field.name for field in message_class.DESCRIPTOR.oneofs_by_name["body"].fields}


def test_the_number_of_a_message_s_field_is_the_type_of_the_message(message_class: Any) -> None:
    types = tomllib.loads((PROTO / "pdk.toml").read_text(encoding="utf-8"))["messages"]
    fields = message_class.DESCRIPTOR.oneofs_by_name["body"].fields
    assert {field.name.upper(): field.number for field in fields} == {n: m["number"] for n, m in types.items()}


# ---- array -> protobuf


def to_protobuf(message_class: Any, array: list[Any]) -> Any:
    """Return the `Message` that says what `array` says; elements that the model does not have are dropped."""
    outer = message_class()
    field = outer.DESCRIPTOR.fields_by_number[array[0]]
    inner = getattr(outer, field.name)
    inner.SetInParent()
    for position, value in enumerate(array[1:], start=1):
        if position in inner.DESCRIPTOR.fields_by_number and value is not None:
            _set(inner, inner.DESCRIPTOR.fields_by_number[position], value)
    return outer


def _set(message: Any, field: Any, value: Any) -> None:
    kind = field.message_type.name if field.message_type else ""
    if field.message_type and field.message_type.GetOptions().map_entry:
        for key, element in value.items():
            if field.message_type.fields_by_name["value"].message_type:
                _fill(getattr(message, field.name)[key], element)
            else:
                getattr(message, field.name)[key] = element
    elif field.is_repeated and not kind:
        getattr(message, field.name).extend(value)
    elif kind == "Fact":
        for segment in value:
            for key, fact in zip(segment[::2], segment[1::2], strict=True):
                added = getattr(message, field.name).add()
                _fill_key(added, key)
                _fill_value(added.value, fact)
    elif kind in _PAIRS:
        first, second = _PAIRS[kind]
        for a, b in zip(value[::2], value[1::2], strict=True):
            getattr(message, field.name).add(**{first: a, second: b})
    elif kind in ("Key", "Change"):
        for key in value:
            _fill_key(getattr(message, field.name).add(), key)
    elif field.is_repeated:
        for element in value:
            _fill(getattr(message, field.name).add(), element)
    elif kind:
        getattr(message, field.name).SetInParent()
        _fill(getattr(message, field.name), value)
    else:
        setattr(message, field.name, value)


def _fill(message: Any, value: Any) -> None:
    name = message.DESCRIPTOR.name
    if name == "Value":
        _fill_value(message, value)
    elif name == "List":
        for element in value:
            _fill_value(message.values.add(), element)
    elif name == "Map":
        for key, element in value.items():
            _fill_value(message.entries.add(key=key).value, element)
    elif name == "Error":
        message.code, message.text = [*value, ""][:2]
    else:  # a cold map: names of fields are its keys
        for key, element in value.items():
            if key in message.DESCRIPTOR.fields_by_name and element is not None:
                _set(message, message.DESCRIPTOR.fields_by_name[key], element)


def _fill_key(message: Any, key: Any) -> None:
    message.fn, *args = key if isinstance(key, list) else [key]
    for arg in args:
        _fill_value(message.args.add(), arg)


def _fill_value(message: Any, value: Any) -> None:
    match value:
        case None:
            message.nil = 0
        case bool():
            message.b = value
        case msgpack.ExtType():
            message.blob = int.from_bytes(value.data, "big")
        case int():
            message.i = value
        case float():
            message.d = value
        case str():
            message.s = value
        case bytes():
            message.x = value
        case list():
            message.l.SetInParent()
            _fill(message.l, value)
        case dict():
            message.m.SetInParent()
            _fill(message.m, value)


# ---- protobuf -> array


def to_array(message: Any) -> list[Any]:
    """Return the array of a `Message`: every field in its place."""
    name = message.WhichOneof("body")
    inner = getattr(message, name)
    fields = sorted(inner.DESCRIPTOR.fields, key=lambda field: field.number)
    return [message.DESCRIPTOR.fields_by_name[name].number, *(_get(inner, field) for field in fields)]


def _get(message: Any, field: Any) -> Any:
    value = getattr(message, field.name)
    kind = field.message_type.name if field.message_type else ""
    if field.message_type and field.message_type.GetOptions().map_entry:
        return {key: _plain(value[key]) for key in value}
    if kind == "Fact":
        return [[part for fact in value for part in (_key(fact), _value(fact.value))]]
    if kind in _PAIRS:
        return [getattr(element, name) for element in value for name in _PAIRS[kind]]
    if kind in ("Key", "Change"):
        return [_key(element) for element in value]
    if field.is_repeated:
        return [_plain(element) for element in value]
    if kind and not message.HasField(field.name):
        return None
    return _plain(value)


def _plain(value: Any) -> Any:
    name = value.DESCRIPTOR.name if hasattr(value, "DESCRIPTOR") else ""
    if name == "Value":
        return _value(value)
    if name == "List":
        return [_value(element) for element in value.values]
    if name == "Map":
        return {entry.key: _value(entry.value) for entry in value.entries}
    if name == "Error":
        return [value.code, value.text]
    if name:
        return dict(_present(value))
    return value


def _present(message: Any) -> Iterator[tuple[str, Any]]:
    for field, _ in message.ListFields():
        yield field.name, _get(message, field)


def _key(message: Any) -> Any:
    return [message.fn, *map(_value, message.args)]


def _value(message: Any) -> Any:
    kind = message.WhichOneof("v")
    if kind in (None, "nil"):
        return None
    if kind == "blob":
        return msgpack.ExtType(1, message.blob.to_bytes(4, "big"))
    return _plain(getattr(message, kind))
