"""Frames and MessagePack of oarlock/1, this end of it. Bytes in, messages out, no I/O.

A frame is a u32 big-endian length and one MessagePack array whose first element is the message's type. What the
protocol demands beyond MessagePack (depth, counts checked before anything is allocated, string keys, no NaN, one
extension type) is checked by `check_structure`, which walks the bytes in Python. A frame whose bytes can't break those
rules skips that walk: one `translate` tells (0.4 µs for a typical event).
"""

from __future__ import annotations

import math
import re
import threading
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

import msgpack  # type: ignore[import-untyped]  # it ships no types

from oarlock_pdk.errors import PdkError, ProtocolError
from oarlock_pdk.pdk import MAX_DEPTH, MAX_FRAME_DEFAULT

BLOB_EXTENSION: Final = 1

_INT64 = range(-(2**63), 2**63)
_CONTAINERS: Final = bytes(range(0x80, 0xA0)) + b"\xdc\xdd\xde\xdf"
_WATCHED: Final = _CONTAINERS + b"\xca\xcb\xcf\xc7\xc8\xc9\xd4\xd5\xd6\xd7\xd8"
_PLAIN: Final = bytes(set(range(256)) - set(_WATCHED))
_SMALL_FRAME: Final = 65536  # bytes: up to here, what its few containers announce can't cost much memory
_NOT_FINITE: Final = re.compile(rb"\xcb[\x7f\xff][\xf0-\xff]|\xca[\x7f\xff][\x80-\xff]")
_OVER_INT64: Final = re.compile(rb"\xcf[\x80-\xff]")
_TIMESTAMP: Final = re.compile(rb"[\xd4-\xd8]\xff|\xc7.\xff|\xc8..\xff|\xc9....\xff", re.DOTALL)  # extension type -1


class _Packer(threading.local):
    """One packer a thread: making one for each message costs as much as the packing."""

    def __init__(self) -> None:
        self.pack = msgpack.Packer().pack


_packer: Final = _Packer()


class Blob(NamedTuple):
    """Stands for a large value that travels in chunks on a stream of its event."""

    stream: int


class FrameReader:
    """Cuts what a socket delivers into frames, however it was cut on the way."""

    def __init__(self, max_frame: int = MAX_FRAME_DEFAULT) -> None:
        self.max_frame = max_frame  # bytes, the length prefix not counted
        self._rest = bytearray()
        self._needed = 4

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Yield the whole frames there are now, without their length.

        Raises:
            ProtocolError: a length is 0 or over `max_frame`; noticed before the frame's body has come.
        """
        if self._rest:
            self._rest += data
            if len(self._rest) < self._needed:
                return
            data = bytes(self._rest)
            self._rest.clear()
        start, end = 0, len(data)
        while end - start >= 4:
            length = int.from_bytes(data[start : start + 4], "big")
            if not 0 < length <= self.max_frame:
                raise ProtocolError(f"a frame of {length} bytes; from 1 to {self.max_frame} are allowed")
            stop = start + 4 + length
            if stop > end:
                self._needed = stop - start
                break
            yield data[start + 4 : stop]
            start = stop
        else:
            self._needed = 4
        if start < end:
            self._rest += data[start:]


def decode(frame: bytes) -> list[Any]:
    """Return the message in a frame: a list with the type first.

    Raises:
        ProtocolError: the bytes are not exactly one message as oarlock/1 has them.
    """
    if len(frame) < 2 or not 0x91 <= frame[0] <= 0x9F or frame[1] > 0x7F:
        raise ProtocolError(f"not a message: it begins with {frame[:2].hex() or 'nothing'}")
    watched = frame.translate(None, _PLAIN)
    if len(watched) > MAX_DEPTH or len(frame) > _SMALL_FRAME or _needs_a_look(frame, watched):
        check_structure(frame)
    try:
        message: list[Any] = msgpack.unpackb(frame, raw=False, ext_hook=_extension, object_hook=_string_keys)
    except ProtocolError:
        raise
    except (
        ValueError,
        TypeError,
        RecursionError,
        msgpack.UnpackException,
    ) as error:  # all that msgpack was seen to raise
        raise ProtocolError(f"not MessagePack: {error or type(error).__name__}") from error
    return message


def encode(message: list[Any]) -> bytes:
    """Return a message as a frame, its length in front. Values must have passed `plain`."""
    try:
        body = _packer.pack(message)
    except UnicodeEncodeError:
        body = _packer.pack(_escaped_as_bin(message))
    frame: bytes = len(body).to_bytes(4, "big") + body
    return frame


def plain(value: Any, depth: int = 3) -> Any:
    """Return `value` as the wire would give it back, or the value itself where it can't change any more.

    Containers are copied (tuples become lists), so that a plugin that goes on changing one does not change what was
    sent. `depth` is how many containers will enclose it in its message.

    Raises:
        PdkError: bad_args; the wire has no such value (a date, a set, NaN, an integer over 64 bits …).
    """
    kind = type(value)
    if kind is str:
        if not value.isascii():
            _check_text(value)
        return value
    if value is None or kind is bool or kind is bytes:
        return value
    if kind is int:
        if value not in _INT64:
            raise PdkError("bad_args", f"{value} does not fit into 64 bits")
        return value
    if kind is float:
        if not math.isfinite(value):
            raise PdkError("bad_args", f"{value} is not a number that JSON and MessagePack peers share")
        return value
    return _plain_other(value, depth)


def _plain_other(value: Any, depth: int) -> Any:
    if isinstance(value, (list, tuple, dict)) and depth >= MAX_DEPTH:
        raise PdkError("bad_args", f"nested more than {MAX_DEPTH} deep")
    if isinstance(value, (list, tuple)):
        return [plain(item, depth + 1) for item in value]
    if isinstance(value, dict):
        for key in value:
            if not isinstance(key, str):
                raise PdkError("bad_args", f"keys of a table are strings, not {type(key).__name__} ({key!r:.40})")
        return {str(plain(key)): plain(item, depth + 1) for key, item in value.items()}
    if isinstance(value, (bytearray, memoryview)):
        return bytes(value)
    for base in (str, int, float):  # subclasses: IntEnum, StrEnum and kin
        if isinstance(value, base):
            return plain(base(value) if base is not str else str.__str__(value), depth)
    raise PdkError(
        "bad_args", f"a value of type {type(value).__name__} can't be sent; give text, a number, a list or a dict"
    )


def text_of(value: Any) -> Any:
    """Return a text as Python has it: bytes that are not UTF-8 as U+DC80 to U+DCFF. Other values stay as they are."""
    return value.decode("utf-8", "surrogateescape") if type(value) is bytes else value


def check_structure(frame: bytes) -> None:
    """Walk one MessagePack value without building it.

    Raises:
        ProtocolError: deeper than MAX_DEPTH, a count or length larger than what is left of the frame, a key that is no
            string, NaN or infinity, an extension other than a blob, or bytes left over.
    """
    position, end = 0, len(frame)
    open_counts: list[int] = []  # values still to come in each open container; of a map, twice its pairs
    is_map: list[bool] = []
    while True:
        if position >= end:
            raise ProtocolError("a value is cut short")
        head = frame[position]
        if is_map and is_map[-1] and open_counts[-1] % 2 == 0 and not (0xA0 <= head <= 0xBF or 0xD9 <= head <= 0xDB):
            raise ProtocolError("a key of a map is not a string")
        count, container, position = _skip(frame, head, position, end)
        if container:
            if len(open_counts) >= MAX_DEPTH:
                raise ProtocolError(f"nested more than {MAX_DEPTH} deep")
            open_counts.append(count)
            is_map.append(container == 2)
        elif open_counts:
            open_counts[-1] -= 1
        while open_counts and open_counts[-1] == 0:
            open_counts.pop()
            is_map.pop()
            if open_counts:
                open_counts[-1] -= 1
        if not open_counts:
            break
    if position != end:
        raise ProtocolError(f"{end - position} bytes behind the message")


# header byte -> (bytes of the length field, fixed bytes of payload, 0 value / 1 array / 2 map)
_SHAPES: Final[dict[int, tuple[int, int, int]]] = {
    **dict.fromkeys((0xC0, 0xC2, 0xC3), (0, 0, 0)),
    **{0xC4 + i: (1 << i, 0, 0) for i in range(3)},
    **{0xC7 + i: (1 << i, 1, 0) for i in range(3)},
    0xCA: (0, 4, 0),
    0xCB: (0, 8, 0),
    **{0xCC + i: (0, 1 << i, 0) for i in range(4)},
    **{0xD0 + i: (0, 1 << i, 0) for i in range(4)},
    **{0xD4 + i: (0, 1 + (1 << i), 0) for i in range(5)},
    **{0xD9 + i: (1 << i, 0, 0) for i in range(3)},
    0xDC: (2, 0, 1),
    0xDD: (4, 0, 1),
    0xDE: (2, 0, 2),
    0xDF: (4, 0, 2),
}


def _skip(frame: bytes, head: int, position: int, end: int) -> tuple[int, int, int]:
    """Return (values it announces, 0 value / 1 array / 2 map, position behind the header or the whole value)."""
    position += 1
    if head <= 0x7F or head >= 0xE0:
        return 0, 0, position
    if head <= 0x9F:
        count, container, length_size = head & 0x0F, 1 if head >= 0x90 else 2, 0
    elif head <= 0xBF:
        count, container, length_size = head & 0x1F, 0, 0
    elif head in _SHAPES:
        length_size, fixed, container = _SHAPES[head]
        count = int.from_bytes(frame[position : position + length_size], "big") + fixed
    else:
        raise ProtocolError(f"{head:#x} begins no value")
    position += length_size
    if container == 2:
        count *= 2
    if count > end - position:
        raise ProtocolError(f"a value announces {count} more than the {end - position} bytes left can hold")
    if container:
        return count, container, position
    if head in b"\xca\xcb" and _NOT_FINITE.match(frame, position - 1):
        raise ProtocolError("a number that is not finite")
    if head == 0xCF and _OVER_INT64.match(frame, position - 1):
        raise ProtocolError("an integer over 64 bits with its sign")
    if 0xC7 <= head <= 0xC9 or 0xD4 <= head <= 0xD8:
        size = count - 1
        if frame[position] != BLOB_EXTENSION or size != 4:
            raise ProtocolError(f"an extension of type {frame[position]} and {size} bytes")
    return 0, 0, position + count


def _needs_a_look(frame: bytes, watched: bytes) -> bool:
    """Whether a byte of the frame may begin what msgpack would take: a number out of range, or a timestamp."""
    odd = watched.translate(None, _CONTAINERS)
    if not odd:
        return False
    if b"\xcf" in odd and _OVER_INT64.search(frame):
        return True
    numbers = odd.count(b"\xcb")  # mostly the one that says which version of HTTP it is
    if numbers:
        at = -1
        for _ in range(numbers):
            at = frame.index(b"\xcb", at + 1)
            if _NOT_FINITE.match(frame, at):
                return True
        if numbers == len(odd):
            return False
    return bool(_NOT_FINITE.search(frame) or _TIMESTAMP.search(frame))


def _extension(code: int, data: bytes) -> Blob:
    if code != BLOB_EXTENSION or len(data) != 4:
        raise ProtocolError(f"an extension of type {code} and {len(data)} bytes")
    return Blob(int.from_bytes(data, "big"))


def _string_keys(value: dict[Any, Any]) -> dict[str, Any]:
    for key in value:
        if type(key) is not str:
            raise ProtocolError("a key of a map is not a string")
    return value


def _check_text(value: str) -> None:
    try:
        value.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError as error:
        raise PdkError("bad_args", f"a text with a lone surrogate at {error.start}") from None


def _escaped_as_bin(value: Any) -> Any:
    """Replace each text that is not UTF-8 by its bytes, which is how the wire carries it."""
    if isinstance(value, str):
        try:
            value.encode()
        except UnicodeEncodeError:
            return value.encode("utf-8", "surrogateescape")
        return value
    if isinstance(value, list):
        return [_escaped_as_bin(item) for item in value]
    if isinstance(value, dict):
        return {key: _escaped_as_bin(item) for key, item in value.items()}
    return value


def blob(stream: int) -> msgpack.ExtType:
    """Return what stands in a message for the value sent on `stream`."""
    return msgpack.ExtType(BLOB_EXTENSION, stream.to_bytes(4, "big"))
