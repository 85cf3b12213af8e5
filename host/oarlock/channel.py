"""What master and worker say to each other: whole messages, in order, over a socket pair or within one process.

A message is a map with a key `do` (a request, with an `id` where an answer is expected) or `re` (the answer to it).
Both ends are the same version of the same program and trust each other.
"""

from __future__ import annotations

import socket
import struct
from typing import Any, Final, Protocol

import msgspec
import trio

Message = dict[str, Any]

_LENGTH: Final = struct.Struct(">I")
_CHUNK: Final = 262_144  # bytes per read


class Channel(Protocol):
    """One end. `receive` is called by one task; `send` by any number."""

    async def send(self, message: Message) -> None:
        """Raises trio.BrokenResourceError when the other end is gone."""

    async def receive(self) -> Message | None:
        """The next message; None once the other end is gone."""

    async def aclose(self) -> None:
        """Tell the other end, and let go."""


class SocketChannel:
    """Over one end of a socket pair: a u32 length and MessagePack."""

    def __init__(self, sock: socket.socket) -> None:
        self._stream = trio.SocketStream(trio.socket.from_stdlib_socket(sock))
        self._sending = trio.Lock()
        self._buffer = bytearray()

    async def send(self, message: Message) -> None:
        data = msgspec.msgpack.encode(message)
        async with self._sending:
            await self._stream.send_all(_LENGTH.pack(len(data)) + data)

    async def receive(self) -> Message | None:
        head = await self._take(_LENGTH.size)
        if head is None:
            return None
        body = await self._take(_LENGTH.unpack(head)[0])
        return None if body is None else msgspec.msgpack.decode(body)

    async def aclose(self) -> None:
        await self._stream.aclose()

    async def _take(self, size: int) -> bytes | None:
        while len(self._buffer) < size:
            try:
                data = await self._stream.receive_some(_CHUNK)
            except (trio.BrokenResourceError, trio.ClosedResourceError):
                return None
            if not data:
                return None
            self._buffer += data
        taken = bytes(self._buffer[:size])
        del self._buffer[:size]
        return taken


class MemoryChannel:
    """Within one process, for `--workers 0`."""

    def __init__(self, send: trio.MemorySendChannel[Message], receive: trio.MemoryReceiveChannel[Message]) -> None:
        self._send = send
        self._receive = receive

    async def send(self, message: Message) -> None:
        await self._send.send(message)

    async def receive(self) -> Message | None:
        try:
            return await self._receive.receive()
        except trio.EndOfChannel:
            return None

    async def aclose(self) -> None:
        await self._send.aclose()


def memory_pair() -> tuple[MemoryChannel, MemoryChannel]:
    """Two ends of one channel."""
    to_b, from_a = trio.open_memory_channel[Message](64)
    to_a, from_b = trio.open_memory_channel[Message](64)
    return MemoryChannel(to_b, from_b), MemoryChannel(to_a, from_a)
