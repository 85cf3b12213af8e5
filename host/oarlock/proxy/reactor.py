"""Wake trio tasks from one edge-triggered epoll.

trio registers a socket with its own epoll anew for each wait: a system call and several objects per wait. Here a
socket is registered once, for as long as it lives; one task sleeps on the epoll's own descriptor and wakes the tasks
whose sockets became ready. Waiting then costs no system call. Everything else stays trio's: the tasks live in
nurseries and are cancelled as usual.

Edge-triggered means the kernel tells of a change once. So readiness is remembered until a call finds it used up
(a short read, or EAGAIN), and stays for good once the peer has closed. (A short read also ends at TCP urgent data:
a peer that sends those waits for its own next byte, or for the deadline.)

A call that need not wait does not wait: it is no checkpoint, except every `_CALLS_BEFORE_YIELD` calls in a row.

Deadlines are plain numbers on the socket, looked at by one sweep: setting one per request costs nothing, where a cancel
scope would cost as much as the request. The sweep sleeps while no socket has a deadline.
"""

from __future__ import annotations

import contextlib
import os
import select
import socket
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from time import monotonic
from typing import Final, TypeVar

import outcome
import trio

_HALF_CLOSED: Final = select.EPOLLRDHUP
_BROKEN: Final = select.EPOLLHUP | select.EPOLLERR
_CLOSED: Final = _HALF_CLOSED | _BROKEN
_WRITABLE: Final = select.EPOLLOUT | _BROKEN
_CALLS_BEFORE_YIELD = 32  # a peer as fast as we are would otherwise keep out every other task and cancellation

NEVER: Final = float("inf")

ResultT = TypeVar("ResultT")


class DeadlinePassed(Exception):
    """A socket was not ready before its deadline."""


class _Woken(outcome.Outcome[None]):
    """What a task is woken with when nothing went wrong. Unlike outcome.Value it has no state: one serves for all."""

    def unwrap(self) -> None:
        return None

    def send(self, gen: Generator[ResultT, None, object]) -> ResultT:
        return gen.send(None)

    async def asend(self, agen: AsyncGenerator[ResultT, None]) -> ResultT:
        return await agen.asend(None)


_WOKEN: Final = _Woken()


class _Slot:
    """A place where at most one task waits.

    Waking an empty slot does nothing: a task that trio did not park must never be rescheduled.
    """

    __slots__ = ("_task", "calls", "taken")

    def __init__(self) -> None:
        self._task: trio.lowlevel.Task | None = None
        self.taken = False  # from park until the task runs again, which is later than its waking
        self.calls = 0

    async def give_way(self, deadline: float) -> None:
        """Let the other tasks run before one more call; refuse it while another task waits, their bytes would mix."""
        if self.taken:
            raise trio.BusyResourceError("another task is waiting at this end of the socket")
        self.calls, self.taken = 0, True
        try:
            await trio.lowlevel.checkpoint()
        finally:
            self.taken = False
        if deadline <= monotonic():
            raise DeadlinePassed

    def park(self) -> Awaitable[object]:
        """Wait to be woken; the caller clears `taken` after it. Raises what it is woken with: Cancelled too."""
        self.calls, self.taken = 0, True
        self._task = trio.lowlevel.current_task()
        return trio.lowlevel.wait_task_rescheduled(self._abort)  # noqa: ASYNC105 - the caller awaits it: a frame less

    def wake(self, error: Exception | None = None) -> None:
        task, self._task = self._task, None  # cleared first: a late second event finds nobody
        if task is not None:
            trio.lowlevel.reschedule(task, _WOKEN if error is None else outcome.Error(error))

    def _abort(self, _raise_cancel: trio.lowlevel.RaiseCancelT) -> trio.lowlevel.Abort:
        self._task = None
        return trio.lowlevel.Abort.SUCCEEDED


class ReactorSocket:
    """A non-blocking stream socket that a Reactor watches. One reader and one writer at a time.

    Attributes:
        deadline: seconds, time.monotonic(); a read (or a connect) that waits past it fails. Stays until set anew.
        write_deadline: the same for writes that wait; set by them.
        on_hangup: called once, when the peer has closed or the connection broke; see `tolerate_half_close`.
        on_expire: called when `deadline` has passed and no task waits: for idle sockets, that nobody reads.
    """

    __slots__ = (
        "_closed_by_peer",
        "_failure",
        "_hangup_mask",
        "_reactor",
        "_readable",
        "_reader",
        "_sock",
        "_writable",
        "_writer",
        "deadline",
        "on_expire",
        "on_hangup",
        "write_deadline",
    )

    def __init__(self, reactor: Reactor, sock: socket.socket) -> None:
        sock.setblocking(False)
        self._reactor = reactor
        self._sock = sock
        self._readable = self._writable = True  # unknown: the first call finds out
        self._closed_by_peer = False
        self._failure: Exception | None = None
        self._reader, self._writer = _Slot(), _Slot()
        self._hangup_mask = _CLOSED
        self.deadline = NEVER
        self.write_deadline = NEVER
        self.on_hangup: Callable[[], None] | None = None
        self.on_expire: Callable[[], None] | None = None
        reactor._register(self, sock.fileno())

    def tolerate_half_close(self) -> None:
        """A peer that closed only its sending side (RDHUP) has not hung up."""
        self._hangup_mask = _BROKEN

    @property
    def is_closed(self) -> bool:
        """It was closed here."""
        return self._sock.fileno() == -1

    @property
    def is_ended(self) -> bool:
        """The peer has closed (its side of) the connection, or it broke."""
        return self._closed_by_peer or self._failure is not None

    def is_quiet(self) -> bool:
        """Nothing was received that nobody read, and the peer is there: what an idle connection must be to be used."""
        if self._closed_by_peer or self._failure is not None:
            return False
        if not self._readable:
            return True
        try:
            self._sock.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            self._readable = False
            return True
        except OSError:
            pass
        return False

    async def receive_some(self, max_bytes: int = 65536) -> bytes:
        """Return what has arrived, at most `max_bytes`; b"" when the peer has closed.

        Raises:
            DeadlinePassed: nothing came before `deadline`.
            OSError: the connection broke, or was closed here.
            trio.BusyResourceError: another task is receiving.
        """
        reader = self._reader
        if reader.taken or reader.calls >= _CALLS_BEFORE_YIELD:
            await reader.give_way(self.deadline)
        reader.calls += 1
        while True:
            if not self._readable:  # as `_wait_for`, without its frame: this is where nearly all waiting is done
                if self._failure is not None:
                    raise self._failure
                if self.deadline != NEVER:
                    self._reactor.watch_deadlines()
                try:
                    await reader.park()
                finally:
                    reader.taken = False
            try:
                data = self._sock.recv(max_bytes)
            except BlockingIOError:
                self._readable = self._closed_by_peer = False  # not the end: a socket says HUP before it is connected
                continue
            if len(data) < max_bytes and not self._closed_by_peer:
                self._readable = False
            return data

    async def receive_into(self, buffer: bytearray | memoryview) -> int:
        """Fill `buffer` with what has arrived and return the number of bytes; 0 when the peer has closed.

        Raises as `receive_some`.
        """
        reader = self._reader
        if reader.taken or reader.calls >= _CALLS_BEFORE_YIELD:
            await reader.give_way(self.deadline)
        reader.calls += 1
        while True:
            if not self._readable:
                await self._wait_for(reader, self.deadline)
            try:
                size = self._sock.recv_into(buffer)
            except BlockingIOError:
                self._readable = self._closed_by_peer = False
                continue
            if size < len(buffer) and not self._closed_by_peer:
                self._readable = False
            return size

    async def send_all(self, data: bytes | memoryview, timeout: float = NEVER) -> None:
        """Hand all of `data` to the kernel; waits only when its buffer is full, each time at most `timeout` seconds.

        Raises as `receive_some`.
        Left early by an error or a cancellation, part of `data` may have gone: the connection is of no more use.
        """
        writer = self._writer
        if writer.taken or writer.calls >= _CALLS_BEFORE_YIELD:
            await writer.give_way(self.write_deadline)
        writer.calls += 1
        sent = 0
        size = len(data)
        view = data
        while True:
            try:
                sent += self._sock.send(view)
            except BlockingIOError:
                self._writable = False
            if sent == size:
                return
            if not self._writable:
                if timeout != NEVER:
                    self.write_deadline = monotonic() + timeout
                await self._wait_for(writer, self.write_deadline)
                self.write_deadline = NEVER
            view = memoryview(data)[sent:]

    def try_send(self, data: bytes | memoryview) -> int:
        """Send without waiting and return how many bytes the kernel took. Raises OSError when the connection broke."""
        try:
            return self._sock.send(data)
        except BlockingIOError:
            self._writable = False
            return 0

    async def wait_writable(self) -> None:
        """Wait until the kernel takes more bytes. Raises as `receive_some`, with `write_deadline`."""
        writer = self._writer
        if writer.taken:
            raise trio.BusyResourceError("another task is sending")
        if not self._writable:
            await self._wait_for(writer, self.write_deadline)

    async def finish_connect(self, timeout: float) -> None:
        """Wait until a connection from `Reactor.open` is there.

        Raises:
            OSError: refused, unreachable.
            DeadlinePassed: nobody answered within `timeout` seconds.
        """
        self.write_deadline = monotonic() + timeout
        while not self._writable:
            await self._wait_for(self._writer, self.write_deadline)
        self.write_deadline = NEVER
        if error := self._sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
            raise OSError(error, os.strerror(error))

    def send_eof(self) -> None:
        """Close the sending side; the peer reads the end after all that was sent."""
        with contextlib.suppress(OSError):  # the peer was faster
            self._sock.shutdown(socket.SHUT_WR)

    def abort(self, error: Exception) -> None:
        """Wake whoever waits on the socket with `error`, and fail each later wait with it. The socket stays open."""
        self._failure = error
        self._reader.wake(error)
        self._writer.wake(error)

    def close(self) -> None:
        """Close the socket and wake whoever waits on it (they get an OSError). May be called twice."""
        if self._sock.fileno() != -1:
            self.on_hangup = self.on_expire = None
            self._reactor._forget(self._sock.fileno())  # before the number can be used again
            self._sock.close()
            self._on_event(select.EPOLLIN | select.EPOLLOUT | select.EPOLLHUP)

    async def _wait_for(self, slot: _Slot, deadline: float) -> None:
        if self._failure is not None:
            raise self._failure
        if deadline != NEVER:
            self._reactor.watch_deadlines()
        try:
            await slot.park()
        finally:
            slot.taken = False

    def _on_event(self, mask: int) -> None:
        if mask & _CLOSED:
            self._closed_by_peer = True
        if mask & (select.EPOLLIN | _CLOSED):
            self._readable = True  # remembered even if nobody waits yet
            self._reader.wake()
        if mask & _WRITABLE:
            self._writable = True
            self._writer.wake()
        if mask & self._hangup_mask and self.on_hangup is not None:
            hook, self.on_hangup = self.on_hangup, None
            hook()

    def _expire(self, now: float) -> None:
        if self.write_deadline <= now:
            self._writer.wake(DeadlinePassed())
        if self.deadline <= now:
            if self.on_expire is not None and not self._reader.taken:
                hook, self.on_expire = self.on_expire, None
                hook()
            else:
                self._reader.wake(DeadlinePassed())


class Reactor:
    """Owns the epoll. `run` is its task; sockets may be added before it starts.

    It must outlive the tasks that use its sockets, their cleanup too: start it in a nursery around theirs.
    """

    def __init__(self) -> None:
        self._epoll = select.epoll()
        self._sockets: dict[int, ReactorSocket] = {}
        self._sweep_wanted = trio.Event()
        self._sweep_sleeps = True

    async def run(
        self, sweep_interval: float = 0.25, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED
    ) -> None:
        """Wake waiting tasks until cancelled, then close what is left.

        `sweep_interval` (seconds) is how late a deadline may be noticed.
        """
        try:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(self._sweep, sweep_interval)
                task_status.started()
                while True:
                    events = self._epoll.poll(0)
                    if not events:
                        await trio.lowlevel.wait_readable(self._epoll.fileno())
                        continue
                    for fd, mask in events:
                        if (sock := self._sockets.get(fd)) is not None:
                            sock._on_event(mask)
                    await trio.lowlevel.checkpoint()  # lets the woken tasks run, and all others
        finally:
            for sock in tuple(self._sockets.values()):
                sock.close()  # nobody would wake its tasks any more
            self._epoll.close()

    def open(self, address: tuple[str, int]) -> ReactorSocket:
        """Begin a TCP connection to an IP address and port; `finish_connect` waits for it. Nagle's algorithm is off.

        Raises OSError: no descriptor left, or no route.
        """
        family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        raw = socket.socket(family, socket.SOCK_STREAM)
        try:
            raw.setblocking(False)
            raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with contextlib.suppress(BlockingIOError):
                raw.connect(address)
            sock = ReactorSocket(self, raw)  # after connect: before it, epoll reports a hang-up
        except BaseException:
            raw.close()
            raise
        sock._readable = sock._writable = False
        return sock

    async def connect(self, address: tuple[str, int], timeout: float) -> ReactorSocket:
        """Open a TCP connection to an IP address and port within `timeout` seconds. Raises as `finish_connect`."""
        sock = self.open(address)
        try:
            await sock.finish_connect(timeout)
        except BaseException:
            sock.close()
            raise
        return sock

    def watch_deadlines(self) -> None:
        """A deadline was set: needed only where no task begins to wait after it was."""
        if self._sweep_sleeps:
            self._sweep_sleeps = False
            self._sweep_wanted.set()

    async def _sweep(self, interval: float) -> None:
        while True:
            await self._sweep_wanted.wait()
            await trio.sleep(interval)
            now = monotonic()
            earliest = NEVER
            for sock in tuple(self._sockets.values()):  # a hook may close sockets
                deadline = sock.deadline if sock.deadline < sock.write_deadline else sock.write_deadline
                if deadline <= now:
                    sock._expire(now)
                elif deadline < earliest:
                    earliest = deadline
            if earliest == NEVER:
                self._sweep_wanted = trio.Event()
                self._sweep_sleeps = True

    def _register(self, sock: ReactorSocket, fd: int) -> None:
        self._epoll.register(fd, select.EPOLLIN | select.EPOLLOUT | select.EPOLLRDHUP | select.EPOLLET)
        self._sockets[fd] = sock

    def _forget(self, fd: int) -> None:
        del self._sockets[fd]
        self._epoll.unregister(fd)
