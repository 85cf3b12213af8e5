"""The writing side of a connection: frames from any thread, sent at once, kept only when the socket takes no more.

One lock makes it one writer: no two frames mix. The event loop corks it while it handles what one read brought, so that
the answers to many frames leave in one system call.
"""

from __future__ import annotations

import asyncio
import socket
import threading
from collections import deque
from collections.abc import Callable
from typing import Any, Final

from oarlock_pdk.codec import encode
from oarlock_pdk.pdk import LOG_QUEUE_LINES

_LOST: Final = 5  # place of `lost` in a LOG message


class Outbox:
    """What a connection still has to send."""

    def __init__(self, sock: socket.socket, loop: asyncio.AbstractEventLoop, on_broken: Callable[[], None]) -> None:
        self._sock = sock
        self._loop = loop
        self._on_broken = on_broken  # called on the loop, once
        self._corked: list[bytes] | None = None
        self._unsent = bytearray()
        self._logs: deque[list[Any]] = deque()
        self._lost_logs = 0
        self._is_closed = False
        self.lock = threading.RLock()
        self.stuck_since: float | None = None  # loop time since when nothing could be sent; None: all is sent

    def write(self, data: bytes) -> None:
        """Send whole frames, or keep them for later. Any thread; after the end of the connection they are dropped."""
        with self.lock:
            if self._corked is not None:
                self._corked.append(data)
            elif not self._is_closed:
                self._send(data)

    def write_log(self, message: list[Any]) -> None:
        """Send a LOG message now, or queue it behind what waits; of too many the oldest go and are counted."""
        with self.lock:
            if not self._unsent:
                message[_LOST], self._lost_logs = self._lost_logs, 0
                self.write(encode(message))
                return
            if len(self._logs) >= LOG_QUEUE_LINES:
                self._logs.popleft()
                self._lost_logs += 1
            self._logs.append(message)

    def cork(self) -> None:
        with self.lock:
            self._corked = []

    def uncork(self) -> None:
        with self.lock:
            frames, self._corked = self._corked, None
            if frames and not self._is_closed:
                self._send(frames[0] if len(frames) == 1 else b"".join(frames))

    def close(self) -> None:
        """Drop what is left; called on the loop, before the socket is closed."""
        with self.lock:
            self._is_closed = True
            if self._unsent:
                self._loop.remove_writer(self._sock)
                self._unsent.clear()
            self._logs.clear()

    def _send(self, data: bytes) -> None:
        if self._unsent:
            self._unsent += data
            return
        try:
            sent = self._sock.send(data)
        except (BlockingIOError, InterruptedError):
            sent = 0
        except OSError:
            self._break()
            return
        if sent < len(data):
            self._unsent += memoryview(data)[sent:]
            self.stuck_since = self._loop.time()
            self._on_loop(self._wait_writable)

    def _wait_writable(self) -> None:
        with self.lock:
            if not self._is_closed and self._unsent:
                self._loop.add_writer(self._sock, self._on_writable)

    def _on_writable(self) -> None:
        with self.lock:
            try:
                sent = self._sock.send(self._unsent)
            except (BlockingIOError, InterruptedError):
                return
            except OSError:
                self._loop.remove_writer(self._sock)
                self._unsent.clear()
                self._break()
                return
            del self._unsent[:sent]
            self.stuck_since = self._loop.time()
            if self._unsent:
                return
            self.stuck_since = None
            self._loop.remove_writer(self._sock)
            while self._logs and not self._unsent:
                self.write_log(self._logs.popleft())

    def _break(self) -> None:
        self._is_closed = True
        self._on_loop(self._on_broken)

    def _on_loop(self, function: Callable[[], None]) -> None:
        try:
            self._loop.call_soon_threadsafe(function)
        except RuntimeError:  # the loop is closed: the process ends
            self._is_closed = True
