"""Large values of one event: cut into chunks that stay within the window, and put together again. No I/O.

A value over 64 KiB leaves its message for a stream of its own; the message follows when the last chunk is out, and what
the event says after that waits behind it, so that nothing overtakes. Frames of other events go between the chunks.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from typing import Any

from oarlock_pdk.codec import Blob, blob, encode
from oarlock_pdk.errors import ProtocolError
from oarlock_pdk.messages import CHUNK, END, WINDOW
from oarlock_pdk.pdk import BLOB_THRESHOLD, MAX_CHUNK
from oarlock_pdk.pdk import WINDOW as WINDOW_SIZE

Build = Callable[[], bytes]


class Outgoing:
    """What one event still has to send, in order."""

    def __init__(self, event: int, window: int) -> None:
        self._event = event
        self._window = window
        self._last_stream = 1
        self._waiting: deque[_Stream | Build] = deque()

    def __bool__(self) -> bool:
        return bool(self._waiting)

    def extract(self, value: Any) -> Any:
        """Return `value` with all bytes over 64 KiB in it replaced by references to the streams that carry them.

        Text stays: a blob stands for bytes, and where any value may stand the receiver could not tell.
        """
        if isinstance(value, bytes):
            if len(value) <= BLOB_THRESHOLD:
                return value
            self._last_stream += 2
            self._waiting.append(_Stream(self._last_stream, value, self._window))
            return blob(self._last_stream)
        if isinstance(value, list):
            return [self.extract(item) for item in value]
        if isinstance(value, dict):
            return {key: self.extract(item) for key, item in value.items()}
        return value

    def append(self, build: Build) -> None:
        """Have `build()` sent behind everything that waits."""
        self._waiting.append(build)

    def grant(self, number: int, count: int) -> None:
        """Take note that the peer takes `count` more bytes on a stream."""
        for item in self._waiting:
            if isinstance(item, _Stream) and item.number == number:
                item.window += count

    def take(self) -> Iterator[bytes]:
        """Yield the frames that may go now."""
        while self._waiting:
            first = self._waiting[0]
            if not isinstance(first, _Stream):
                self._waiting.popleft()
                yield first()
                continue
            while (frame := first.next_chunk(self._event)) is not None:
                yield frame
            if not first.is_done:
                return
            self._waiting.popleft()


class _Stream:
    def __init__(self, number: int, data: bytes, window: int) -> None:
        self.number = number
        self.window = window
        self.is_done = False
        self._data = memoryview(data)

    def next_chunk(self, event: int) -> bytes | None:
        size = min(len(self._data), MAX_CHUNK, self.window)
        if self.is_done or size == 0:
            return None
        self.window -= size
        piece, self._data = bytes(self._data[:size]), self._data[size:]
        self.is_done = not self._data
        return encode([CHUNK, event, self.number, piece, END if self.is_done else 0])


class Incoming:
    """Values that arrive for one event, each until the message that refers to it."""

    def __init__(self, event: int, limit: int) -> None:
        self._event = event
        self._limit = limit  # bytes of all values together
        self._held = 0
        self._parts: dict[int, bytearray] = {}
        self._credit: dict[int, int] = {}
        self._ended: set[int] = set()

    def add(self, stream: int, data: bytes, flags: int) -> bytes | None:
        """Take a chunk; return a WINDOW frame if the peer should get more room.

        Raises:
            ProtocolError: more than was granted, or a stream that can't be.
        """
        if stream < 2 or stream % 2 or stream in self._ended:
            raise ProtocolError(f"a chunk on stream {stream}, which the gateway can't use")
        left = self._credit.get(stream, WINDOW_SIZE) - len(data)
        if left < 0 or len(data) > MAX_CHUNK:
            raise ProtocolError(f"more data on stream {stream} than was granted")
        self._held += len(data)
        if self._held > self._limit:
            raise ProtocolError(f"the values of one event hold more than {self._limit} bytes", "limit")
        self._parts.setdefault(stream, bytearray()).extend(data)
        if flags & END:
            self._ended.add(stream)
            self._credit.pop(stream, None)
            return None
        if left > WINDOW_SIZE // 2:
            self._credit[stream] = left
            return None
        self._credit[stream] = WINDOW_SIZE
        return encode([WINDOW, self._event, stream, WINDOW_SIZE - left])

    def resolve(self, value: Any) -> Any:
        """Return `value` with the references in it replaced by what came on their streams."""
        if isinstance(value, Blob):
            if value.stream not in self._ended or value.stream not in self._parts:
                raise ProtocolError(f"a reference to stream {value.stream}, which has not ended")
            data = bytes(self._parts.pop(value.stream))
            self._held -= len(data)
            return data
        if isinstance(value, list):
            return [self.resolve(item) for item in value]
        if isinstance(value, dict):
            return {key: self.resolve(item) for key, item in value.items()}
        return value
