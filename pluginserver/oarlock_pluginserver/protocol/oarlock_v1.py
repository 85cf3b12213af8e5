"""oarlock/1 on a byte stream: u32 length + one MessagePack array ↔ messages. No I/O.

Everything that is wrong with what came raises ProtocolError, with the bytes near the fault, and nothing else does.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from typing import Any, Final, Generic, TypeVar, get_args

import msgspec

from oarlock_pluginserver._generated.pdk_table import MAX_FRAME_DEFAULT
from oarlock_pluginserver.errors import ProtocolError
from oarlock_pluginserver.protocol import messages as m
from oarlock_pluginserver.protocol.structure import BLOB_TYPE, check_structure, looks_plain

_HEADER = struct.Struct(">I")
MessageT = TypeVar("MessageT")


class Frames:
    """Cuts a byte stream into frames: `receive_data` what came, then `next_frame` until it gives None."""

    def __init__(self, max_frame: int = MAX_FRAME_DEFAULT) -> None:
        self.max_frame = max_frame  # bytes, header not counted
        self._data: bytes | bytearray = b""
        self._at = 0

    def receive_data(self, data: bytes) -> None:
        """Take what the socket read, however it was cut."""
        if self._at == len(self._data):
            self._data = data
        else:
            if not isinstance(self._data, bytearray):
                self._data = bytearray(self._data)
            del self._data[: self._at]
            self._data += data
        self._at = 0

    def next_frame(self) -> bytes | None:
        """Return the body of the next whole frame, or None until more data is received.

        Raises:
            ProtocolError: a length of 0 or above `max_frame`, noticed before the body is there.
        """
        data, at = self._data, self._at
        start = at + 4
        if start > len(data):
            return None
        (length,) = _HEADER.unpack_from(data, at)
        if not 0 < length <= self.max_frame:
            raise ProtocolError(f"a frame of {length} bytes; allowed are 1 to {self.max_frame}", bytes(data[at:start]))
        end = start + length
        if end > len(data):
            return None
        self._at = end
        return bytes(data[start:end])

    @property
    def is_empty(self) -> bool:
        """Whether nothing is left of what was received."""
        return self._at == len(self._data)


class Decoder(Generic[MessageT]):
    """Reads the messages that one direction may carry. After each, `saw_blob` tells whether values of it are blobs."""

    def __init__(self, kinds: Any) -> None:
        self.saw_blob = False
        self._decoders: dict[int, msgspec.msgpack.Decoder[MessageT]] = {
            _SHAPES[kind][0]: msgspec.msgpack.Decoder(kind, ext_hook=self._extension) for kind in get_args(kinds)
        }

    @classmethod
    def from_server(cls) -> Decoder[m.FromServer]:
        """What a host reads."""
        return Decoder(m.FromServer)

    @classmethod
    def from_host(cls) -> Decoder[m.FromHost]:
        """What a plugin server reads."""
        return Decoder(m.FromHost)

    def decode(self, body: bytes) -> MessageT:
        """Return the message in the body of a frame.

        Raises:
            ProtocolError: whatever is wrong with it.
        """
        self.saw_blob = False
        if len(body) < 2 or not 0x91 <= body[0] <= 0x9F:
            raise ProtocolError("not a message: no array of 1 to 15 elements that begins with a type", body)
        decoder = self._decoders.get(body[1])
        if decoder is None:
            raise ProtocolError(f"message type {body[1]} is unknown, or not for this end", body)
        if not looks_plain(body):
            check_structure(body)
        try:
            return decoder.decode(body)
        except UnicodeDecodeError as exc:
            raise ProtocolError("a string that is not UTF-8", body, body.find(exc.object[:64])) from exc
        except (msgspec.MsgspecError, ValueError, RecursionError, OverflowError) as exc:
            raise ProtocolError(f"not the fields of this message: {exc}", body) from exc

    def _extension(self, code: int, data: memoryview) -> m.Blob:
        if code != BLOB_TYPE or len(data) != 4:
            raise ValueError(f"extension type {code} of {len(data)} bytes")
        self.saw_blob = True
        return m.Blob(_HEADER.unpack(data)[0])


def encode(message: m.Message) -> bytes:
    """The frame of `message`, trailing defaults cut.

    Raises:
        TypeError, ValueError: it holds what MessagePack cannot carry.
    """
    kind = type(message)
    tag, defaults = _SHAPES[kind]
    fields: list[Any] = [tag, *msgspec.structs.astuple(message)]
    for default in defaults:
        if fields[-1] != default or type(fields[-1]) is not type(default):
            break
        fields.pop()
    return _frame(fields)


def encode_event(event: int, phase: int, steps: Iterable[int], facts: Iterable[bytes], level: int, flags: int) -> bytes:
    """The frame of an EVENT whose fact segments are encoded already."""
    raw = tuple(map(msgspec.Raw, facts))
    if flags:
        return _frame((16, event, phase, steps, raw, level, flags))
    return _frame((16, event, phase, steps, raw, level))


def encode_reply(call: int, result: object) -> bytes:
    """The frame of a REPLY that carries a result. Raises as `encode`."""
    return _frame((21, call) if result is None else (21, call, result))


def encode_value(value: object) -> bytes:
    """One value without a frame: what a fact segment is made of. Raises as `encode`."""
    return _ENCODER.encode(value)


def _frame(fields: Sequence[object]) -> bytes:
    try:
        body = _ENCODER.encode(fields)
    except (msgspec.MsgspecError, RecursionError, OverflowError) as exc:
        raise ValueError(f"not a value for the wire: {exc}") from exc
    return _HEADER.pack(len(body)) + body


def _blob_to_wire(value: object) -> msgspec.msgpack.Ext:
    if isinstance(value, m.Blob):
        return msgspec.msgpack.Ext(BLOB_TYPE, _HEADER.pack(value.stream))
    raise TypeError(f"a {type(value).__name__} cannot be sent")


def _shape(kind: type[msgspec.Struct]) -> tuple[int, list[object]]:
    """Tag, and the defaults of the last fields, last first."""
    defaults: list[object] = []
    for field in reversed(msgspec.structs.fields(kind)):
        if field.default is not msgspec.NODEFAULT:
            defaults.append(field.default)
        elif field.default_factory is not msgspec.NODEFAULT:
            defaults.append(field.default_factory())
        else:
            break
    tag = kind.__struct_config__.tag
    assert isinstance(tag, int)
    return tag, defaults


_ENCODER = msgspec.msgpack.Encoder(enc_hook=_blob_to_wire)
_SHAPES: Final = {kind: _shape(kind) for kind in (*get_args(m.FromServer), *get_args(m.FromHost))}
