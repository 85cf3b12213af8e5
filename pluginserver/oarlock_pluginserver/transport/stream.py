"""What a connection needs from the socket under it, and the queue of what the socket did not take yet."""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable
from typing import Protocol


class ByteStream(Protocol):
    """A connected stream socket. One task receives, any may send; `close` wakes whoever waits, with an OSError."""

    async def receive_some(self, max_bytes: int) -> bytes:
        """Return what has come, at most `max_bytes`; b"" when the peer has closed. Raises OSError."""
        ...

    def try_send(self, data: bytes | memoryview) -> int:
        """Hand bytes to the kernel without waiting; return how many it took, 0 if none. Raises OSError."""
        ...

    async def wait_writable(self) -> None:
        """Return when `try_send` may take something. Raises OSError."""
        ...

    def close(self) -> None:
        """Close it. May be called twice."""
        ...


Connect = Callable[[str], Awaitable[ByteStream]]  # address → stream; raises OSError or ValueError


class OutQueue:
    """Whole frames on their way to one socket. A frame goes to the kernel at once when nothing is half sent. No I/O.

    What the kernel does not take stays in order at the head of the queue, for `flush`.
    """

    def __init__(self, try_send: Callable[[bytes | memoryview], int]) -> None:
        self._try_send = try_send
        self._unsent: deque[bytes | memoryview] = deque()
        self.position = 0  # bytes taken so far: number of the next frame's first byte
        self.sent = 0  # bytes that the kernel took

    def write(self, frame: bytes) -> bool:
        """Take `frame`. False: something is left for `flush`. Raises OSError as the socket does, the frame taken."""
        self.position += len(frame)
        if self._unsent:
            self._unsent.append(frame)
            return False
        taken = 0
        try:
            taken = self._try_send(frame)
        finally:
            self.sent += taken
            if taken < len(frame):
                self._unsent.append(memoryview(frame)[taken:] if taken else frame)
        return taken == len(frame)

    def flush(self) -> bool:
        """Send what is left as far as it goes; True if nothing is left. Raises OSError."""
        while self._unsent:
            frame = self._unsent[0]
            taken = self._try_send(frame)
            self.sent += taken
            if taken < len(frame):
                self._unsent[0] = memoryview(frame)[taken:]
                return False
            self._unsent.popleft()
        return True

    @property
    def size(self) -> int:
        """Bytes that wait for the kernel."""
        return self.position - self.sent
