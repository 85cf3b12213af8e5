"""Unix stream sockets on trio."""

from __future__ import annotations

import socket
from collections.abc import Awaitable, Callable
from typing import TypeAlias

import trio

PREFIX = "unix:"

_Wait: TypeAlias = Callable[[socket.socket], Awaitable[None]]


class UnixStream:
    """A ByteStream over a socket that trio watches."""

    def __init__(self, sock: socket.socket) -> None:
        sock.setblocking(False)
        self._sock = sock

    async def receive_some(self, max_bytes: int) -> bytes:
        """See ByteStream."""
        while True:
            try:
                return self._sock.recv(max_bytes)
            except BlockingIOError:
                await self._wait(trio.lowlevel.wait_readable)

    def try_send(self, data: bytes | memoryview) -> int:
        """See ByteStream."""
        try:
            return self._sock.send(data, socket.MSG_NOSIGNAL)
        except BlockingIOError:
            return 0

    async def wait_writable(self) -> None:
        """See ByteStream."""
        await self._wait(trio.lowlevel.wait_writable)

    def close(self) -> None:
        """See ByteStream."""
        if self._sock.fileno() != -1:
            trio.lowlevel.notify_closing(self._sock)
            self._sock.close()

    async def _wait(self, wait: _Wait) -> None:
        try:
            await wait(self._sock)
        except trio.ClosedResourceError:
            raise OSError("the socket was closed here") from None


async def connect(address: str) -> UnixStream:
    """Connect to `unix:/path`. Raises as `open_socket`."""
    return UnixStream(await open_socket(address))


async def open_socket(address: str) -> socket.socket:
    """Return a non-blocking socket that is connected to `unix:/path`, for a stream of the caller's own making.

    Raises:
        OSError: nobody listens there.
        ValueError: it is no such address.
    """
    path = address.removeprefix(PREFIX)
    if not path.startswith("/"):
        raise ValueError(f"address {address!r}: expected unix:/path")
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    sock.setblocking(False)
    try:
        delay = 0.01  # seconds
        while True:
            try:
                sock.connect(path)
            except BlockingIOError:  # its queue of connections is full
                await trio.sleep(delay)
                delay = min(delay * 2, 1.0)
            else:
                return sock
    except BaseException:
        sock.close()
        raise
