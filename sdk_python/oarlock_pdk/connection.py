"""One connection from a gateway: which message may come when, and what is done with it.

All of it runs on the event loop; what leaves goes through the outbox, from any thread.
"""

from __future__ import annotations

import asyncio
import enum
import logging
import socket
import traceback
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from oarlock_pdk import messages
from oarlock_pdk.codec import FrameReader, decode, encode
from oarlock_pdk.errors import ConfigError, ProtocolError
from oarlock_pdk.event import EventRun, Step, clean
from oarlock_pdk.instance import Instance
from oarlock_pdk.outbox import Outbox
from oarlock_pdk.pdk import (
    DRAIN_GRACE,
    FEATURES,
    HANDSHAKE_TIMEOUT,
    LOG_LEVELS,
    MAX_FRAME_DEFAULT,
    MAX_HELLO,
    MAX_INSTANCES,
    PHASES,
    PINGS_MISSED,
    STALL_TIMEOUT,
    VERSIONS,
)
from oarlock_pdk.streams import Incoming
from oarlock_pdk.waiting import Waiter

if TYPE_CHECKING:
    from oarlock_pdk.server import Server

log: Final = logging.getLogger("oarlock_pdk.connection")

_READ_SIZE: Final = 64 * 1024  # bytes per turn of the loop
_MAX_BLOBS: Final = 256 * 1024 * 1024  # bytes of large values held for one event
_LOG_PHASE: Final = PHASES["log"]


class State(enum.Enum):
    OPENING = "opening"
    OPEN = "open"
    DRAINING = "draining"
    CLOSED = "closed"


class Connection:
    """One end of oarlock/1, over a socket that is connected."""

    def __init__(self, server: Server, sock: socket.socket, uid: int | None) -> None:
        self.loop = server.loop
        self.deadlines = server.deadlines
        self.pool = server.pool
        self.log_pool = server.log_pool
        self.outbox = Outbox(sock, self.loop, self.close)
        self.features: frozenset[str] = frozenset()
        self.hello: messages.Hello
        self.last_call = 0  # under the outbox's lock, with `asked`
        self.asked: dict[int, tuple[EventRun, Waiter]] = {}
        self.events: dict[int, EventRun] = {}
        self.log_events: dict[int, EventRun] = {}
        self.state = State.OPENING
        self._server = server
        self._sock = sock
        self._uid = uid
        self._reader = FrameReader(MAX_HELLO)
        self._instances: dict[int, Instance] = {}
        self._leaving: list[Instance] = []  # closed by the gateway, perhaps still used by an event
        self._starts: set[asyncio.Task[None]] = set()
        self._highest_instance = 0
        self._highest_event = 0
        self._max_events = self._max_log_events = 0
        self._last_seen = self.loop.time()
        self._timer = self.loop.call_later(HANDSHAKE_TIMEOUT, self._no_hello)
        self._handlers: dict[int, Callable[[list[Any]], None]] = {
            messages.EVENT: self._on_event,
            messages.REPLY: self._on_reply,
            messages.CANCEL: self._on_cancel,
            messages.PING: self._on_ping,
            messages.START: self._on_start,
            messages.CLOSE: self._on_close,
            messages.DRAIN: self._on_drain,
            messages.CHUNK: self._on_chunk,
            messages.WINDOW: self._on_window,
        }
        self.loop.add_reader(sock, self._on_readable)

    # -- reading -------------------------------------------------------------------------------------------------

    def _on_readable(self) -> None:
        try:
            data = self._sock.recv(_READ_SIZE)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            data = b""
        if not data:
            self.close()
            return
        self._last_seen = self.loop.time()
        self.outbox.cork()
        try:
            for frame in self._reader.feed(data):
                self._take(frame)
                if self.state is State.CLOSED:
                    return
        except ProtocolError as error:
            self._fail(error.code, str(error))
        except Exception as error:
            log.exception("a message could not be handled")
            self._fail("internal", f"{type(error).__name__}: {error}")
        finally:
            self.outbox.uncork()

    def _take(self, frame: bytes) -> None:
        message = decode(frame)
        if self.state is State.OPENING:
            if message[0] != messages.HELLO:
                raise ProtocolError(f"message {message[0]} before HELLO")
            self._on_hello(message)
            return
        handler = self._handlers.get(message[0])
        if handler is None:
            raise ProtocolError(f"message {message[0]} is not for a server")
        handler(message)

    # -- the connection ------------------------------------------------------------------------------------------

    def _on_hello(self, message: list[Any]) -> None:
        hello = self.hello = messages.read_hello(message)
        version = min(VERSIONS[1], hello.versions[1])
        if version < max(VERSIONS[0], hello.versions[0]):
            raise ProtocolError(f"the gateway speaks versions {hello.versions}, this server {VERSIONS}", "version")
        self.features = hello.features & frozenset(FEATURES)
        self._max_events, self._max_log_events = self._server.credits(hello.peers)
        self._reader.max_frame = MAX_FRAME_DEFAULT
        welcome = self._server.welcome(version, sorted(self.features), self._max_events, self._max_log_events)
        self.outbox.write(encode([messages.WELCOME, welcome]))
        self.state = State.OPEN
        self._timer.cancel()
        self._timer = self.loop.call_later(hello.ping, self._watch)
        if self._server.is_draining:
            self.drain()

    def _on_ping(self, message: list[Any]) -> None:
        nonce = messages.read_id(message, "PING")
        now = self.loop.time()
        running = [*list(self.events.values()), *list(self.log_events.values())]
        oldest = max((now - event.received for event in running), default=0.0)
        self.outbox.write(encode([messages.PONG, nonce, len(running), int(oldest * 1000)]))

    def _on_drain(self, message: list[Any]) -> None:
        code, text = messages.read_drain(message)
        if code:
            log.error("the gateway ends the connection: %s %s", code, text)
            self.close()
        elif self.state is State.OPEN:
            self._start_draining()

    def drain(self) -> None:
        """Take no new work; the gateway closes when what runs has ended."""
        if self.state is State.OPEN:
            self.outbox.write(encode([messages.DRAIN, ""]))
            self._start_draining()
        elif self.state is State.OPENING:
            self.close()

    def _start_draining(self) -> None:
        self.state = State.DRAINING
        self.loop.call_later(DRAIN_GRACE, self.close)

    def close(self) -> None:
        """End the connection: its events are cancelled, its instances go when the last handler has let them go."""
        if self.state is State.CLOSED:
            return
        self.state = State.CLOSED
        self._timer.cancel()
        self.loop.remove_reader(self._sock)
        self.outbox.close()
        self._sock.close()
        for start in self._starts:
            start.cancel()
        for event in [*list(self.events.values()), *list(self.log_events.values())]:
            event.cancel("cancelled", "the connection to the gateway has ended")
        self._leaving += self._instances.values()
        self._instances.clear()
        self._let_go()
        self._server.closed(self)

    def _fail(self, code: str, text: str) -> None:
        log.error("the connection ends: %s: %s", code, text)
        self.outbox.write(encode([messages.DRAIN, code, clean(text)[:1024]]))
        self.outbox.uncork()
        self.close()

    def _no_hello(self) -> None:
        self.close()

    def _watch(self) -> None:
        """Look after the peer, once per ping interval."""
        now = self.loop.time()
        stuck = self.outbox.stuck_since
        if now - self._last_seen > PINGS_MISSED * self.hello.ping:
            log.error("nothing came from the gateway for %.0f s: it is taken for dead", now - self._last_seen)
            self.close()
        elif stuck is not None and now - stuck > STALL_TIMEOUT:
            self._fail("stalled", "the gateway does not read")
        else:
            self._timer = self.loop.call_later(self.hello.ping, self._watch)

    # -- instances -----------------------------------------------------------------------------------------------

    def _on_start(self, message: list[Any]) -> None:
        start = messages.read_start(message)
        if start.instance <= self._highest_instance:
            raise ProtocolError(f"START of instance {start.instance} after {self._highest_instance}")
        self._highest_instance = start.instance
        if self.state is State.DRAINING:
            self._started(start.instance, ["refused", "this server drains"])
        elif len(self._instances) + len(self._starts) >= MAX_INSTANCES:
            self._started(start.instance, ["start_failed", f"more than {MAX_INSTANCES} instances on one connection"])
        else:
            task = self.loop.create_task(self._start(start))
            self._starts.add(task)
            task.add_done_callback(self._starts.discard)

    async def _start(self, start: messages.Start) -> None:
        identity = (self._uid, self.hello.node)
        try:
            instance = await self._server.instances.acquire(identity, start.plugin, start.key, start.config)
        except ConfigError as error:
            self._started(start.instance, ["bad_config", clean(str(error))[:1024]])
        except Exception as error:  # noqa: BLE001  whatever a plugin's start raises
            text = "".join(traceback.format_exception(error))
            self.outbox.write_log([messages.LOG, 0, LOG_LEVELS["err"], clean(text)[-16384:], None, 0])
            self._started(start.instance, ["start_failed", clean(f"{type(error).__name__}: {error}")[:1024]])
        else:
            if self.state is State.CLOSED:
                self._server.instances.release(instance)
                return
            self._instances[start.instance] = instance
            self._started(start.instance, None)

    def _started(self, instance: int, error: list[str] | None) -> None:
        self.outbox.write(encode([messages.STARTED, instance, *([error] if error else [])]))

    def _on_close(self, message: list[Any]) -> None:
        number = messages.read_id(message, "CLOSE")
        instance = self._instances.pop(number, None)
        if instance is None:
            raise ProtocolError(f"CLOSE of instance {number}, which does not run")
        self._leaving.append(instance)
        self._let_go()

    def _let_go(self) -> None:
        """Release the instances that the gateway has closed and no event uses."""
        if not self._leaving:
            return
        running = [*list(self.events.values()), *list(self.log_events.values())]
        used = {step.instance for event in running for step in event.steps}
        leaving, self._leaving = self._leaving, []
        for instance in leaving:
            if instance in used:
                self._leaving.append(instance)
            else:
                self._server.instances.release(instance)

    # -- events --------------------------------------------------------------------------------------------------

    def _on_event(self, message: list[Any]) -> None:
        event = messages.read_event(message)
        if event.event <= self._highest_event:
            raise ProtocolError(f"EVENT {event.event} after {self._highest_event}")
        self._highest_event = event.event
        is_log = event.phase == _LOG_PHASE
        running, allowed = (self.log_events, self._max_log_events) if is_log else (self.events, self._max_events)
        if self.state is State.DRAINING:
            self._refuse(event.event, "refused", "this server drains")
            return
        if len(running) >= allowed:
            self._refuse(event.event, "refused", f"{allowed} events run")
            return
        steps = []
        for place in range(0, len(event.steps), 2):
            number = event.steps[place]
            instance = self._instances.get(number)
            if instance is None:
                self._refuse(event.event, "no_instance", f"instance {number} does not run here")
                return
            steps.append(Step(number, instance, event.steps[place + 1] / 1000))
        run = running[event.event] = EventRun(self, event, steps, self._last_seen)
        run.advance()

    def _refuse(self, event: int, code: str, text: str) -> None:
        self.outbox.write(encode([messages.DONE, event, messages.FAILED, [], [code, text]]))

    def ended(self, event: EventRun) -> None:
        """Forget an event; called from the thread that ran its last step, before its DONE is written."""
        (self.log_events if event.is_log else self.events).pop(event.id, None)
        self.deadlines.forget(event)
        if self._leaving:
            self.loop.call_soon_threadsafe(self._let_go)

    def _event(self, number: int, what: str) -> EventRun | None:
        """Return the event if it runs, None if it has ended; one that never was is a protocol error."""
        if number > self._highest_event:
            raise ProtocolError(f"{what} for event {number}, which never was")
        return self.events.get(number) or self.log_events.get(number)

    def _on_cancel(self, message: list[Any]) -> None:
        number, reason = messages.read_cancel(message)
        event = self._event(number, "CANCEL")
        if event is not None:
            event.cancel("cancelled", reason)

    def _on_reply(self, message: list[Any]) -> None:
        call, result, error = messages.read_reply(message)
        if call > self.last_call:
            raise ProtocolError(f"REPLY to call {call}, which never was")
        asked = self.asked.pop(call, None)
        if asked is not None:
            asked[0].answer(asked[1], (result, error))

    def _on_chunk(self, message: list[Any]) -> None:
        number, stream, data, flags = messages.read_chunk(message)
        event = self._event(number, "CHUNK")
        if event is None or event.ending is not None:
            return
        if event.incoming is None:
            event.incoming = Incoming(number, _MAX_BLOBS)
        grant = event.incoming.add(stream, data, flags)
        if grant is not None:
            self.outbox.write(grant)

    def _on_window(self, message: list[Any]) -> None:
        number, stream, count = messages.read_window(message)
        event = self._event(number, "WINDOW")
        if event is not None:
            event.granted(stream, count)
