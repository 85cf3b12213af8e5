"""One connection to one member: reads, writes, keeps the peer honest about being alive. The rules are in `session`.

Frames go to the kernel in the call that makes them; only what it does not take waits, for the one task that writes.
"""

from __future__ import annotations

import logging

import trio

from oarlock_pluginserver._generated import pdk_table as table
from oarlock_pluginserver.calls import PendingCall
from oarlock_pluginserver.errors import PdkError, ProtocolError
from oarlock_pluginserver.event import EventState
from oarlock_pluginserver.info import HostInfo, Welcome
from oarlock_pluginserver.ports import Owner
from oarlock_pluginserver.protocol import messages as m
from oarlock_pluginserver.protocol import oarlock_v1 as codec
from oarlock_pluginserver.session import PeerLeft, Session
from oarlock_pluginserver.transport.stream import ByteStream, OutQueue

log = logging.getLogger("oarlock_pluginserver.client")

_CHUNK = 65536  # bytes per read
_MOST_UNSENT = 4 * table.MAX_UNSENT  # bytes: a server that asks and does not read is cut off


class _Ended(Exception):
    """The connection ends, for this reason; `code` is told to the server, None if there is nobody to tell."""

    def __init__(self, reason: str, code: str | None = None) -> None:
        self.code = code
        super().__init__(reason)


class Connection:
    """A connection after its handshake. `run` is its life; `session` is what to talk to."""

    def __init__(
        self,
        stream: ByteStream,
        welcome: Welcome,
        frames: codec.Frames,
        host: HostInfo,
        owner: Owner,
        *,
        max_events: int = 1024,
        drain_grace: float = table.DRAIN_GRACE,  # seconds
        stall_timeout: float = table.STALL_TIMEOUT,  # seconds
    ) -> None:
        self._stream = stream
        self._frames = frames
        self._host = host
        self._name = owner.name
        self._owner = owner
        self._drain_grace = drain_grace
        self._stall_timeout = stall_timeout
        self._out = OutQueue(stream.try_send)
        self._nursery: trio.Nursery | None = None
        self._has_unsent = trio.Event()
        self._end = trio.Event()
        self._failure: Exception | None = None
        self._frames_in = 0
        self.is_congested = False  # so much waits to be sent that the member should get no events
        clock = trio.lowlevel.current_clock().current_time  # without looking it up each time, as trio.current_time does
        self.session = Session(welcome, host, owner, self, clock, max_events=max_events)

    async def run(self) -> Exception | None:
        """Serve until the connection ends, then close it.

        Returns None after an orderly end, else what ended it: ProtocolError, PeerLeft, OSError or a reason of ours.
        """
        try:
            async with trio.open_nursery() as nursery:
                self._nursery = nursery
                nursery.start_soon(self._read)
                nursery.start_soon(self._write_rest)
                nursery.start_soon(self._ping)
                await self._end.wait()
                nursery.cancel_scope.cancel()
        finally:
            self._nursery = None
            self._owner.draining(self.session)
            if isinstance(self._failure, ProtocolError | _Ended):
                self._say_goodbye(self._failure)
            self._stream.close()
            self.session.close(self._out.sent)
        return self._failure

    def drain(self) -> None:
        """End the connection when its last event has ended, at the latest after the grace."""
        self.session.drain()

    def start_grace(self) -> None:
        """The session is draining: give its events a limited time."""
        if self._nursery is not None and not self._end.is_set():
            self._nursery.start_soon(self._limit_drain)

    # ---- what the session needs

    @property
    def position(self) -> int:
        """Number of the next byte that will be written."""
        return self._out.position

    def write(self, frame: bytes) -> None:
        """Send `frame`, or what the kernel takes of it now and the rest later. A broken connection ends soon after."""
        try:
            if not self._out.write(frame):
                self._has_unsent.set()
                self.is_congested = self._out.size > table.MAX_UNSENT
                if self._out.size > _MOST_UNSENT:
                    self._stop(_Ended("the server asks for more than it reads", "limit"))
        except OSError as error:
            self._stop(error)

    def drained(self) -> None:
        """Nothing is left to do."""
        self._stop(None)

    def run_call(self, pending: PendingCall) -> None:
        """Await the result of a PDK call in a task of its own."""
        assert self._nursery is not None
        self._nursery.start_soon(self._answer, pending)

    # ---- tasks

    async def _read(self) -> None:
        decoder = codec.Decoder.from_server()
        receive, frames = self.session.receive, self._frames
        try:
            while True:
                handled = 0
                while (body := frames.next_frame()) is not None:
                    receive(decoder.decode(body), decoder.saw_blob)
                    handled += 1
                    if not handled % table.MAX_TURN_FRAMES:
                        await trio.lowlevel.checkpoint()
                    if self._end.is_set():
                        return
                self._frames_in += handled
                data = await self._stream.receive_some(_CHUNK)
                if not data:
                    raise _Ended("the server closed the connection")
                frames.receive_data(data)
        except (ProtocolError, PeerLeft, OSError, _Ended) as error:
            self._stop(error)

    async def _write_rest(self) -> None:
        while True:
            await self._has_unsent.wait()
            self._has_unsent = trio.Event()
            try:
                while not self._out.flush():
                    self.is_congested = self._out.size > table.MAX_UNSENT
                    with trio.fail_after(self._stall_timeout):
                        await self._stream.wait_writable()
                self.is_congested = False
            except trio.TooSlowError:
                self._stop(_Ended(f"the server read nothing for {self._stall_timeout:g} s", "stalled"))
            except OSError as error:
                self._stop(error)

    async def _ping(self) -> None:
        """Silence in either direction is broken by a PING; a server silent through three of them is lost."""
        nonce, missed, was_asked = 0, 0, False
        frames_in, sent = self._frames_in, self._out.sent
        while True:
            await trio.sleep(self._host.ping_interval)
            is_silent = self._frames_in == frames_in and self._frames.is_empty
            missed = missed + 1 if is_silent and was_asked else 0
            if missed >= table.PINGS_MISSED:
                self._stop(_Ended(f"the server did not answer {table.PINGS_MISSED} PINGs"))
                return
            was_asked = is_silent or self._out.sent == sent
            if was_asked:
                nonce += 1
                self.write(codec.encode(m.Ping(nonce)))
            frames_in, sent = self._frames_in, self._out.sent

    async def _limit_drain(self) -> None:
        await trio.sleep(self._drain_grace)
        self._stop(_Ended(f"events did not end within {self._drain_grace:g} s of DRAIN"))

    async def _answer(self, pending: PendingCall) -> None:
        event, calls = pending.event, pending.event._calls
        assert calls is not None
        answers = self.session.calls
        with trio.CancelScope(deadline=trio.current_time() + pending.seconds) as scope:
            calls.cancel.add(scope.cancel)
            if event._state is not EventState.RUNNING or event._step != pending.step:
                scope.cancel()
            try:
                result = await pending.awaitable
            except PdkError as error:
                answers.refuse(pending.call, event, error)
            except Exception:  # a bug in the host's function must end this call, not the connection
                log.exception("the host failed to answer a PDK call of a plugin of %s", self._name)
                answers.refuse(pending.call, event, PdkError("internal", "the gateway failed to answer"))
            else:
                answers.answer(pending.call, event, pending.step, result)
        calls.cancel.discard(scope.cancel)
        if scope.cancelled_caught:
            is_over = trio.current_time() >= scope.deadline
            answers.refuse(pending.call, event, PdkError("deadline" if is_over else "gone"))

    def _stop(self, failure: Exception | None) -> None:
        if not self._end.is_set():
            self._failure = failure
            self._end.set()
            self._owner.draining(self.session)  # no more events while the tasks end

    def _say_goodbye(self, failure: ProtocolError | _Ended) -> None:
        if failure.code is not None and not self._out.size:
            text = failure.reason if isinstance(failure, ProtocolError) else str(failure)
            try:
                self._stream.try_send(codec.encode(m.Drain(failure.code, text)))
            except OSError:
                log.debug("connection to %s was gone before the goodbye", self._name)
