"""Bodies on their way in: where they end, and reading them in pieces or whole.

`IncomingBody` is the pure part, one for requests and responses; `RequestBody` reads the client's.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Final

from oarlock.errors import ClientError
from oarlock.proxy.chunked import ChunkedDecoder, MalformedBody
from oarlock.proxy.exchange import BodyReader, Headers
from oarlock.proxy.http1 import CHUNKED, UNTIL_CLOSE

if TYPE_CHECKING:
    from oarlock.proxy.downstream import ClientStream

PIECE: Final = 262144  # bytes read at once while a large body streams
_SPARE_BUFFERS = 64

Sink = Callable[["bytes | memoryview"], Awaitable[None]]


class ClientGone(ClientError):
    """The client closed the connection, or it broke: nobody is left to be told."""

    def __init__(self) -> None:
        super().__init__(499, "Client closed the connection")


class IncomingBody:
    """Cuts one body out of what is received. No I/O.

    Attributes:
        left: bytes still to come; CHUNKED or UNTIL_CLOSE where only the body itself says.
        ended: all of it was seen.
        rest: once ended, the bytes that came after it.
    """

    __slots__ = ("_decoder", "ended", "left", "rest")

    def __init__(self, length: int) -> None:
        self.left = length
        self.ended = length == 0
        self.rest = b""
        self._decoder = ChunkedDecoder() if length == CHUNKED else None

    def feed(self, data: bytes) -> bytes:
        """Return the part of `data` that is the body's, decoded. Raises MalformedBody."""
        if self._decoder is not None:
            data = self._decoder.feed(data)
            if self._decoder.ended:
                self.ended, self.rest = True, self._decoder.rest
            return data
        if self.left == UNTIL_CLOSE:
            return data
        if len(data) > self.left:
            self.rest = data[self.left :]
            data = data[: self.left]
        self.left -= len(data)
        self.ended = self.left == 0
        return data

    def feed_end(self) -> None:
        """The connection has ended. Raises MalformedBody when the body had not."""
        if self.left != UNTIL_CLOSE and not self.ended:
            raise MalformedBody("the connection closed before the end of the body")
        self.ended = True

    def has_ended(self) -> bool:
        return self.ended

    @property
    def trailers(self) -> Headers:
        return self._decoder.trailers if self._decoder is not None else []


class RequestBody(BodyReader):
    """The body of the request that a client is sending.

    Attributes:
        whole: all of it, once `read_all` has read it; it can be asked for again.
        received: bytes of body so far.
        expects_continue: the client waits to be told 100 before it sends.
        leaves_continue: telling it so is left to the upstream.
    """

    __slots__ = ("_body", "_client", "_max_size", "expects_continue", "leaves_continue", "length", "received", "whole")

    def __init__(self, client: ClientStream, length: int, max_size: int, expects_continue: bool) -> None:
        self._client = client
        self._body = IncomingBody(length)
        self._max_size = max_size  # bytes; 0: no limit
        self.length = None if length == CHUNKED else length
        self.received = 0
        self.expects_continue = expects_continue
        self.leaves_continue = False
        self.whole: bytes | None = None

    @property
    def ended(self) -> bool:
        return self._body.ended

    @property
    def left(self) -> int:
        """Bytes still to come; CHUNKED when nobody knows."""
        return self._body.left

    @property
    def trailers(self) -> Headers:
        return self._body.trailers

    async def read_some(self) -> bytes:
        body, client = self._body, self._client
        while not body.has_ended():
            data = client.buffer
            if data:
                client.buffer = b""
                self.expects_continue = False  # it did not wait
            else:
                if self.expects_continue and not self.leaves_continue:
                    self.expects_continue = False
                    await client.send_continue()
                data = await client.receive_body()
                self.expects_continue = False
            try:
                piece = body.feed(data)
            except MalformedBody as error:
                raise ClientError(400, f"Bad request: {error}") from None
            if body.ended:
                client.buffer = body.rest
            self._count(len(piece))
            if piece:
                return piece
        return b""

    async def read_all(self, limit: int) -> bytes:
        if self.whole is None:
            if self.length is not None and self.length > limit:
                raise ClientError(413, "Payload too large")
            pieces: list[bytes] = []
            size = 0
            while piece := await self.read_some():
                pieces.append(piece)
                size += len(piece)
                if size > limit:
                    raise ClientError(413, "Payload too large")
            self.whole = b"".join(pieces)
        return self.whole

    async def pour(self, sink: Sink) -> None:
        """Give all that is left to `sink`, piece by piece, through one buffer where the framing allows it.

        Raises as `read_some`, and what `sink` raises.
        """
        while (self._client.buffer or self.length is None or self.expects_continue) and (
            piece := await self.read_some()
        ):
            await sink(piece)
        if self.ended:
            return
        buffer = take_buffer()
        view = memoryview(buffer)
        try:
            while self._body.left:
                size = await self._client.receive_body_into(view[: self._body.left])
                self._body.left -= size
                self._body.ended = not self._body.left
                self._count(size)
                await sink(view[:size])
        finally:
            view.release()
            give_buffer(buffer)

    def _count(self, size: int) -> None:
        self.received += size
        if self._max_size and self.received > self._max_size:
            raise ClientError(413, "Payload too large")


# Buffers of `PIECE` bytes for bodies that stream: allocating one per read would cost more than the read.
_spare: list[bytearray] = []


def take_buffer() -> bytearray:
    return _spare.pop() if _spare else bytearray(PIECE)


def give_buffer(buffer: bytearray) -> None:
    if len(_spare) < _SPARE_BUFFERS:
        _spare.append(buffer)
