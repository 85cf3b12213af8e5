"""The host's end of one connection after the handshake: messages in, frames out. No I/O.

A session owns what lives in its connection: instances, and in `in_flight` the events that it carries. What becomes of
an event that did not start here, or was lost, is for the owner to say, the PluginServer; bytes and tasks are the
shell's, the connection's.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import TYPE_CHECKING, Any, Final

from oarlock_pluginserver._generated import pdk_table as table
from oarlock_pluginserver.blobs import ArrivingBlobs
from oarlock_pluginserver.calls import Calls
from oarlock_pluginserver.errors import IllegalMove, PdkError, ProtocolError
from oarlock_pluginserver.event import Reaction
from oarlock_pluginserver.in_flight import InFlight
from oarlock_pluginserver.instances import Instances
from oarlock_pluginserver.ports import Owner, Shell
from oarlock_pluginserver.protocol import messages as m
from oarlock_pluginserver.protocol import oarlock_v1 as codec

if TYPE_CHECKING:
    from oarlock_pluginserver.info import HostInfo, Welcome
    from oarlock_pluginserver.instances import Instance


class ConnectionState(Enum):
    """Life of a connection. What either end may send in a state: PROTOCOL.md, "Connection"."""

    OPENING = "opening"
    OPEN = "open"
    DRAINING = "draining"
    CLOSED = "closed"


CONNECTION_MOVES: Final = {
    (ConnectionState.OPENING, "WELCOME"): ConnectionState.OPEN,
    (ConnectionState.OPENING, "end"): ConnectionState.CLOSED,
    (ConnectionState.OPEN, "drain"): ConnectionState.DRAINING,
    (ConnectionState.OPEN, "end"): ConnectionState.CLOSED,
    (ConnectionState.DRAINING, "drain"): ConnectionState.DRAINING,  # the other end's turn
    (ConnectionState.DRAINING, "end"): ConnectionState.CLOSED,
}


class PeerLeft(Exception):
    """The server closes this connection behind a DRAIN with a code."""

    def __init__(self, code: str, text: str) -> None:
        self.code = code
        self.text = text
        super().__init__(f"the server closed the connection: {text or code}")


class Session:
    """What a connection is about, once it is open. `clock` gives seconds and never goes back."""

    def __init__(
        self,
        welcome: Welcome,
        host: HostInfo,
        owner: Owner,
        shell: Shell,
        clock: Callable[[], float],
        *,
        max_events: int = 1024,
        max_value: int = 64 * 1024 * 1024,
    ) -> None:
        """`max_events` bounds what the server claims to take; `max_value` (bytes) a value that it sends in chunks."""
        self.welcome = welcome
        self.state = ConnectionState.OPEN
        self.instances = Instances()
        self.running_there = 0  # as the last PONG said
        self.oldest_there = 0.0  # seconds
        self._owner = owner
        self._shell = shell
        self._clock = clock
        self._has_streams = "streams" in welcome.features
        self._arriving = ArrivingBlobs(host.window, max_value, 4 * max_value)
        self.calls = Calls(
            shell,
            self._arriving,
            clock,
            max_calls=host.max_calls,
            max_frame=welcome.limits.max_frame,
            window=welcome.limits.window,
            has_streams=self._has_streams,
        )
        self.in_flight = InFlight(self, welcome, owner, shell, self.instances, self.calls, clock, max_events)
        self._was_told_to_drain = False
        self._receivers: dict[type, Callable[[Any, bool], None]] = {
            m.Done: self.in_flight.done,
            m.Call: self._call,
            m.Log: self._log,
            m.Chunk: self._chunk,
            m.Window: self._window,
            m.Started: self._started,
            m.Pong: self._pong,
            m.Drain: self._drain,
        }

    def receive(self, message: m.FromServer, has_blobs: bool = False) -> None:
        """Act on a message. `has_blobs`: values in it are Blobs.

        Raises:
            ProtocolError: the connection cannot go on.
            PeerLeft: the server ends it.
        """
        receiver = self._receivers.get(type(message))
        if receiver is None:
            raise ProtocolError("WELCOME on a connection that is open")
        if has_blobs and type(message) not in (m.Done, m.Call):
            raise ProtocolError(f"a blob in {type(message).__name__.upper()}, which can't have one")
        receiver(message, has_blobs)

    def want(self, instance: Instance) -> None:
        """Start `instance` here, unless that is under way, done, or failed a moment ago."""
        if self.state is ConnectionState.OPEN:
            for start in self.instances.want(instance, self._clock()):
                self._start(start)

    def close_instance(self, instance: Instance) -> None:
        """The host needs it no more and no event uses it."""
        message = self.instances.close(instance)
        if message is not None and self.state is not ConnectionState.CLOSED:
            self._shell.write(codec.encode(message))
        if self.state is ConnectionState.OPEN:
            for start in self.instances.next_starts():  # there is room for one more
                self._start(start)

    def drain(self) -> None:
        """Take no more events; the connection ends when the last one has."""
        if self.state is ConnectionState.OPEN:
            self._move("drain")
            self._shell.write(codec.encode(m.Drain("")))
            self._owner.draining(self)
            self.look_for_end()

    def look_for_end(self) -> None:
        """An event has ended: if it was the last of a session that drains, so does the connection."""
        if self.state is ConnectionState.DRAINING and not self.in_flight:
            self._shell.drained()

    def close(self, sent: int) -> None:
        """The connection is gone; `sent` bytes were handed to the kernel."""
        self._move("end")
        self.in_flight.close(sent)

    def _call(self, call: m.Call, has_blobs: bool) -> None:
        self._owner.calls += 1
        self.calls.check_id(call)
        event, reaction = self.in_flight.find(call.event, m.Call)
        if reaction is Reaction.GONE or event is None:
            self.calls.refuse(call.call, event, PdkError("gone"))
        else:
            self.calls.receive(call, event, has_blobs)

    def _log(self, message: m.Log, _has_blobs: bool) -> None:
        instance = self.instances.with_id(message.instance) if message.instance else None
        self._owner.log_line(self.in_flight.get(message.event), message, instance)

    def _chunk(self, chunk: m.Chunk, _has_blobs: bool) -> None:
        self._need_streams()
        _, reaction = self.in_flight.find(chunk.event, m.Chunk)
        if reaction is Reaction.USE:
            for window in self._arriving.receive(chunk):
                self._shell.write(codec.encode(window))

    def _window(self, window: m.Window, _has_blobs: bool) -> None:
        self._need_streams()
        event, reaction = self.in_flight.find(window.event, m.Window)
        if reaction is Reaction.USE and event is not None:
            self.calls.grant(event, window.stream, window.bytes)

    def _need_streams(self) -> None:
        if not self._has_streams:
            raise ProtocolError("a stream, which was not agreed on")

    def _started(self, message: m.Started, _has_blobs: bool) -> None:
        instance = self.instances.started(message.instance, message.error, self._clock())
        for start in self.instances.next_starts():
            self._start(start)
        self._owner.instance_settled(instance, self)

    def _pong(self, pong: m.Pong, _has_blobs: bool) -> None:
        self.running_there = pong.running
        self.oldest_there = pong.oldest_ms / 1000

    def _drain(self, drain: m.Drain, _has_blobs: bool) -> None:
        if drain.code:
            raise PeerLeft(drain.code[: table.MAX_ERROR_CODE], (drain.text or "")[:1000])
        if self._was_told_to_drain:
            raise ProtocolError("a second DRAIN")
        self._was_told_to_drain = True
        self._move("drain")
        self._owner.draining(self)
        self.look_for_end()

    def _start(self, start: m.Start) -> None:
        """Send a START; one that can't be sent is answered here."""
        try:
            frame = codec.encode(start)
            text = "" if len(frame) - 4 <= self.welcome.limits.max_frame else "the configuration is too large"
        except (TypeError, ValueError) as exc:
            text = f"the configuration can't be sent: {exc}"
        if text:
            self._started(m.Started(start.fields["instance"], ["bad_config", text]), False)
        else:
            self._shell.write(frame)

    def _move(self, what: str) -> None:
        state = CONNECTION_MOVES.get((self.state, what))
        if state is None:
            raise IllegalMove(f"connection to {self._owner.name}", self.state.value, what)
        self.state = state
