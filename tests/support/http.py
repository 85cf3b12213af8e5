"""A raw HTTP/1 client, and an upstream that does what a test tells it to. Both over real loopback sockets.

They send bytes as they are given, sound or not, and read strictly: what a test sees is what was on the wire.
"""

from __future__ import annotations

import ssl
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import trio

Headers = list[tuple[bytes, bytes]]


@dataclass
class Message:
    """A request or response as it was on the wire. Names of headers in lower case."""

    start: bytes  # request line or status line
    headers: Headers
    body: bytes = b""
    trailers: Headers = field(default_factory=list)
    raw_head: bytes = b""
    interim: list[Message] = field(default_factory=list)  # 1xx before it

    @property
    def status(self) -> int:
        return int(self.start.split(b" ")[1])

    @property
    def method(self) -> bytes:
        return self.start.split(b" ")[0]

    @property
    def target(self) -> bytes:
        return self.start.split(b" ")[1]

    def all(self, name: str) -> list[bytes]:
        return [value for known, value in self.headers if known == name.encode()]

    def get(self, name: str) -> bytes | None:
        """The only value of a header; None when it is absent."""
        values = self.all(name)
        assert len(values) < 2, f"{name} is repeated: {values}"
        return values[0] if values else None


class Wire:
    """One end of a connection: bytes out as they are, messages in."""

    def __init__(self, stream: trio.abc.Stream) -> None:
        self.stream = stream
        self.buffer = b""

    async def send(self, data: bytes) -> None:
        await self.stream.send_all(data)

    async def send_eof(self) -> None:
        assert isinstance(self.stream, trio.SocketStream)
        await self.stream.send_eof()

    async def read_some(self) -> bytes:
        """Whatever comes next; b"" at the end."""
        if self.buffer:
            data, self.buffer = self.buffer, b""
            return data
        return bytes(await self.stream.receive_some(65536))

    async def read_until(self, mark: bytes) -> bytes:
        while mark not in self.buffer:
            data = await self.stream.receive_some(65536)
            if not data:
                raise EOFError(f"closed after {self.buffer!r}")
            self.buffer += data
        found, _, self.buffer = self.buffer.partition(mark)
        return found

    async def read_exactly(self, size: int) -> bytes:
        while len(self.buffer) < size:
            data = await self.stream.receive_some(65536)
            if not data:
                raise EOFError(f"closed after {len(self.buffer)} of {size} bytes")
            self.buffer += data
        found, self.buffer = self.buffer[:size], self.buffer[size:]
        return found

    async def read_to_end(self) -> bytes:
        pieces = []
        while data := await self.read_some():
            pieces.append(data)
        return b"".join(pieces)

    async def is_closed(self) -> bool:
        """The other end closes now, without another byte."""
        try:
            return await self.read_some() == b""
        except trio.BrokenResourceError:
            return True

    async def read_head(self) -> Message:
        raw = await self.read_until(b"\r\n\r\n")
        start, *lines = raw.split(b"\r\n")
        fields = [line.partition(b": ") for line in lines]
        return Message(start, [(name.lower(), value) for name, _, value in fields], raw_head=raw)

    async def read_chunked(self, message: Message) -> None:
        pieces = []
        while size := int((await self.read_until(b"\r\n")).partition(b";")[0], 16):
            pieces.append(await self.read_exactly(size))
            assert await self.read_exactly(2) == b"\r\n"
        message.body = b"".join(pieces)
        while line := await self.read_until(b"\r\n"):
            name, _, value = line.partition(b": ")
            message.trailers.append((name.lower(), value))

    async def read_request(self) -> Message:
        """Raises EOFError when the other end closes first."""
        message = await self.read_head()
        if message.get("transfer-encoding") == b"chunked":
            await self.read_chunked(message)
        elif length := message.get("content-length"):
            message.body = await self.read_exactly(int(length))
        return message

    async def read_response(self, method: str = "GET") -> Message:
        """The next response that is not 1xx. Raises EOFError when the other end closes first, or cuts it off."""
        interim = []
        message = await self.read_head()
        while message.status < 200:
            interim.append(message)
            message = await self.read_head()
        message.interim = interim
        if method == "HEAD" or message.status in (204, 304):
            return message
        if message.get("transfer-encoding") == b"chunked":
            await self.read_chunked(message)
        elif (length := message.get("content-length")) is not None:
            message.body = await self.read_exactly(int(length))
        else:
            message.body = await self.read_to_end()
        return message

    async def request(
        self, method: str = "GET", target: str = "/", headers: str = "", body: bytes = b"", host: str = "example.com"
    ) -> Message:
        """Send a request and return its response. `headers` are whole lines, each ending with CRLF."""
        length = f"Content-Length: {len(body)}\r\n" if body else ""
        await self.send(f"{method} {target} HTTP/1.1\r\nHost: {host}\r\n{headers}{length}\r\n".encode() + body)
        return await self.read_response(method)


@asynccontextmanager
async def connect(port: int, host: str = "127.0.0.1") -> AsyncGenerator[Wire, None]:
    """A client's connection."""
    stream = await trio.open_tcp_stream(host, port)
    async with stream:
        yield Wire(stream)


Handler = Callable[[Wire], Awaitable[None]]


class Upstream:
    """A server on loopback that treats each connection as `handler` says.

    Attributes:
        connections: how many were opened.
        requests: what the ready-made handlers have read.
    """

    def __init__(self, handler: Handler | None = None) -> None:
        self.handler = handler or self.echo
        self.port = 0
        self.connections = 0
        self.requests: list[Message] = []
        self.request_read = trio.Event()  # set with each; tests replace it

    async def echo(self, wire: Wire) -> None:
        """Answer each request with its own body, or its request line."""
        while True:
            request = await self.read(wire)
            body = request.body or request.start
            await wire.send(
                b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b"
                % (len(body), b"" if request.method == b"HEAD" else body)
            )

    async def read(self, wire: Wire) -> Message:
        request = await wire.read_request()
        self.requests.append(request)
        self.request_read.set()
        return request

    @property
    def last(self) -> Message:
        return self.requests[-1]

    async def _serve(self, stream: trio.SocketStream, context: ssl.SSLContext | None) -> None:
        self.connections += 1
        wire = Wire(stream if context is None else trio.SSLStream(stream, context, server_side=True))
        try:
            await self.handler(wire)
        except (EOFError, trio.BrokenResourceError, trio.ClosedResourceError):
            pass  # the client left
        finally:
            with trio.move_on_after(1) as scope:
                scope.shield = True
                await trio.aclose_forcefully(stream)


@asynccontextmanager
async def upstream(
    handler: Handler | None = None, *, context: ssl.SSLContext | None = None
) -> AsyncGenerator[Upstream, None]:
    """Run an Upstream for the block. Without a handler it echoes."""
    server = Upstream(handler)
    async with trio.open_nursery() as nursery:
        listeners = await trio.open_tcp_listeners(0, host="127.0.0.1")
        server.port = listeners[0].socket.getsockname()[1]

        async def serve(stream: trio.SocketStream) -> None:
            await server._serve(stream, context)

        nursery.start_soon(trio.serve_listeners, serve, listeners)
        try:
            yield server
        finally:
            nursery.cancel_scope.cancel()


async def until(holds: Callable[[], bool]) -> None:
    """Let the other tasks run until something holds that no event tells of."""
    while not holds():
        await trio.lowlevel.checkpoint()


def answering(*responses: bytes, close: bool = False) -> Handler:
    """A handler that reads a request and sends the next of `responses`, then goes on or closes."""

    async def handle(wire: Wire) -> None:
        for response in responses:
            await wire.read_request()
            await wire.send(response)
        if not close:
            await trio.sleep_forever()

    return handle
