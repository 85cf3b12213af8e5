"""Values over 64 KiB: each travels in chunks on a stream of its event, before the message that refers to it. No I/O.

A sender keeps within the window that the receiver gave plus what it granted since; frames of other events go between.
Streams that the host opens have even numbers, those of the server odd ones; 0 and 1 are bodies and not meant here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

from oarlock_pluginserver._generated import pdk_table as table
from oarlock_pluginserver.errors import PdkError, ProtocolError
from oarlock_pluginserver.protocol import messages as m

MAX_STREAMS: Final = 64  # of one event, in each direction


def cut_out(value: object, threshold: int, next_stream: Callable[[], int]) -> tuple[object, dict[int, str | bytes]]:
    """Return `value` with a Blob in place of each string or bytes over `threshold` bytes, and these by stream."""
    found: dict[int, str | bytes] = {}

    def walk(item: Any) -> Any:
        if isinstance(item, str | bytes | bytearray):
            size = len(item) if not isinstance(item, str) or item.isascii() else len(item.encode("utf-8"))
            if size <= threshold:
                return item
            stream = next_stream()
            found[stream] = item if isinstance(item, str) else bytes(item)
            return m.Blob(stream)
        if isinstance(item, dict):
            return {key: walk(inner) for key, inner in item.items()}
        if isinstance(item, list | tuple):
            return [walk(inner) for inner in item]
        return item

    return walk(value), found


def put_back(value: Any, take: Callable[[int], str | bytes]) -> Any:
    """Return `value` with the result of `take(stream)` in place of each Blob."""
    if isinstance(value, m.Blob):
        return take(value.stream)
    if isinstance(value, dict):
        return {key: put_back(inner, take) for key, inner in value.items()}
    if isinstance(value, list):
        return [put_back(inner, take) for inner in value]
    return value


class _Arriving:
    __slots__ = ("allowed", "data", "is_over", "is_taken", "is_text", "is_too_large")

    def __init__(self, window: int) -> None:
        self.data = bytearray()
        self.allowed = window  # bytes that may still come
        self.is_over = self.is_taken = self.is_text = self.is_too_large = False


class ArrivingBlobs:
    """Blobs that a plugin server sends on one connection, until a message takes them or their event ends.

    `window`, `max_size` (of one value) and `max_total` are bytes. Past `max_total` nothing more is granted until
    something was taken: slow, not dead.
    """

    def __init__(self, window: int, max_size: int, max_total: int) -> None:
        self._window = window
        self._max_size = max_size
        self._max_total = max_total
        self._total = 0
        self._streams: dict[int, dict[int, _Arriving]] = {}  # by event, then stream
        self._ungranted: dict[tuple[int, int], int] = {}

    def receive(self, chunk: m.Chunk) -> Iterator[m.Window]:
        """Take a chunk and yield what may be granted now.

        Raises:
            ProtocolError: no such stream can be, or the server sent more than it may.
        """
        if chunk.stream < 3 or not chunk.stream & 1:
            raise ProtocolError(f"CHUNK on stream {chunk.stream}, where a plugin server has nothing to send")
        streams = self._streams.setdefault(chunk.event, {})
        blob = streams.get(chunk.stream)
        if blob is None:
            if len(streams) >= MAX_STREAMS:
                raise ProtocolError(f"more than {MAX_STREAMS} streams of one event", code="limit")
            blob = streams[chunk.stream] = _Arriving(self._window)
        size = len(chunk.data)
        if blob.is_over:
            raise ProtocolError(f"CHUNK on stream {chunk.stream} behind its end")
        if size > table.MAX_CHUNK or size > blob.allowed:
            raise ProtocolError(f"a CHUNK of {size} bytes; allowed are {min(blob.allowed, table.MAX_CHUNK)}")
        blob.allowed -= size
        blob.is_over = bool(chunk.flags & m.CHUNK_END)
        blob.is_text |= bool(chunk.flags & m.CHUNK_TEXT)
        if len(blob.data) + size > self._max_size:
            self._total -= len(blob.data)
            blob.is_too_large, blob.data = True, bytearray()
        if not blob.is_too_large:
            blob.data += chunk.data
            self._total += size
        if not blob.is_over:
            key = (chunk.event, chunk.stream)
            self._ungranted[key] = self._ungranted.get(key, 0) + size
        yield from self._grant()

    def take(self, event: int, stream: int) -> str | bytes:
        """Return the value that came on `stream` and forget its bytes.

        Raises:
            ProtocolError: nothing whole came there.
            PdkError: `too_large`.
        """
        blob = self._streams.get(event, {}).get(stream)
        if blob is None or not blob.is_over or blob.is_taken:
            raise ProtocolError(f"a blob on stream {stream}, where no value waits")
        blob.is_taken = True
        if blob.is_too_large:
            raise PdkError("too_large", f"a value of more than {self._max_size} bytes")
        data, blob.data = bytes(blob.data), bytearray()
        self._total -= len(data)
        if not blob.is_text:
            return data
        try:
            return data.decode()
        except UnicodeDecodeError:
            raise ProtocolError("a text blob that is not UTF-8") from None

    def has(self, event: int) -> bool:
        """Whether anything came for `event`."""
        return event in self._streams

    def forget(self, event: int) -> Iterator[m.Window]:
        """The event ended: drop what it left, and yield what others may be granted for it."""
        for stream, blob in self._streams.pop(event, {}).items():
            self._total -= len(blob.data)
            self._ungranted.pop((event, stream), None)
        yield from self._grant()

    def _grant(self) -> Iterator[m.Window]:
        if self._total > self._max_total:
            return
        for (event, stream), size in tuple(self._ungranted.items()):
            if 2 * size >= self._window:
                del self._ungranted[event, stream]
                self._streams[event][stream].allowed += size
                yield m.Window(event, stream, size)


class LeavingBlobs:
    """The blobs that one message to a plugin server needs, and the message behind them."""

    def __init__(self, event: int, blobs: dict[int, str | bytes], window: int, message: bytes) -> None:
        self._event = event
        self._left = {stream: _bytes(value) for stream, value in blobs.items()}
        self._allowed = dict.fromkeys(blobs, window)
        self._message = message  # a frame

    def grant(self, stream: int, size: int) -> bool:
        """The server takes `size` more bytes on `stream`; False if that is no stream of this message."""
        if stream not in self._allowed:
            return False
        self._allowed[stream] = min(self._allowed[stream] + size, table.MAX_ID)
        return True

    def next_chunks(self) -> Iterator[m.Chunk]:
        """The chunks that may go now."""
        for stream, (data, flags) in tuple(self._left.items()):
            while data and self._allowed[stream]:
                size = min(len(data), self._allowed[stream], table.MAX_CHUNK)
                self._allowed[stream] -= size
                piece, data = bytes(data[:size]), data[size:]
                yield m.Chunk(self._event, stream, piece, flags if data else flags | m.CHUNK_END)
            if data:
                self._left[stream] = (data, flags)
            else:
                del self._left[stream]

    @property
    def message(self) -> bytes | None:
        """The message, once every chunk before it was taken from `next_chunks`."""
        return None if self._left else self._message


def _bytes(value: str | bytes) -> tuple[memoryview, int]:
    if isinstance(value, str):
        return memoryview(value.encode("utf-8")), m.CHUNK_TEXT
    return memoryview(value), 0
