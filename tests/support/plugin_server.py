"""A plugin server without plugins, for tests: it speaks the protocol, and does what the test says.

`FakePluginServer` listens; a test takes its connections and plays them by hand (`Peer`). `Recorder` is a host's handler
that writes down what it was asked to do.
"""

from __future__ import annotations

import itertools
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import trio

from oarlock_pluginserver.errors import PdkError
from oarlock_pluginserver.event import Event, Step
from oarlock_pluginserver.info import HostInfo
from oarlock_pluginserver.instances import Instance
from oarlock_pluginserver.protocol import messages as m
from oarlock_pluginserver.protocol import oarlock_v1 as codec
from oarlock_pluginserver.server import ClientOptions, PluginServer

PLUGIN = {"name": "hello", "version": "1", "priority": 5, "phases": {"access": {}, "log": {}}}
ACCESS = 3
LOG_PHASE = 5
_serial = itertools.count(1)


class Peer:
    """The server's end of one connection."""

    def __init__(self, stream: trio.SocketStream) -> None:
        self.stream = stream
        self.pings: list[m.Ping] = []
        self._frames = codec.Frames()
        self._decoder = codec.Decoder.from_host()

    async def receive(self, kind: type[Any] | None = None) -> Any:
        """The next message, which must be of `kind`. PINGs are answered on the way."""
        while True:
            body = self._frames.next_frame()
            if body is not None:
                message = self._decoder.decode(body)
                if isinstance(message, m.Ping) and kind is not m.Ping:
                    self.pings.append(message)
                    await self.send(m.Pong(message.nonce))
                    continue
                assert kind is None or isinstance(message, kind), f"expected {kind}, got {message!r}"
                return message
            data = await self.stream.receive_some(65536)
            if not data:
                raise EOFError
            self._frames.receive_data(data)

    async def send(self, *messages: Any) -> None:
        """Send messages in one piece."""
        await self.stream.send_all(b"".join(map(codec.encode, messages)))

    async def closed(self) -> list[Any]:
        """Read until the host closes; return what came before."""
        messages = []
        try:
            while True:
                messages.append(await self.receive())
        except (EOFError, trio.BrokenResourceError):
            return messages

    async def welcome(self, *, hello: bool = True, **fields: Any) -> m.Hello | None:
        """Do the handshake."""
        received = await self.receive(m.Hello) if hello else None
        await self.send(m.Welcome(welcome_fields(**fields)))
        return received

    async def start(self) -> int:
        """Answer one START; return the instance's id."""
        start = await self.receive(m.Start)
        await self.send(m.Started(start.fields["instance"]))
        return int(start.fields["instance"])

    async def event(self) -> m.Event:
        """The next EVENT; STARTs before it are answered."""
        while True:
            message = await self.receive()
            if isinstance(message, m.Event):
                return message
            assert isinstance(message, m.Start), message
            await self.send(m.Started(message.fields["instance"]))


def welcome_fields(**fields: Any) -> dict[str, Any]:
    return {
        "version": 1,
        "features": ["fusion", "streams", "reads"],
        "server": {"name": "fake", "build": "1"},
        "plugins": [PLUGIN],
        "limits": {"max_events": 16},
        **fields,
    }


class FakePluginServer:
    """Listens on a Unix socket; `accept` gives the connections, in order."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.address = f"unix:{path}"
        sock = socket.socket(socket.AF_UNIX)
        sock.bind(str(path))
        sock.listen()
        self.peers: list[Peer] = []
        self.listener = trio.SocketListener(trio.socket.from_stdlib_socket(sock))

    async def accept(self, *, welcome: bool = True, **fields: Any) -> Peer:
        """The next connection, after its handshake."""
        peer = Peer(await self.listener.accept())
        self.peers.append(peer)
        if welcome:
            await peer.welcome(**fields)
        return peer

    async def serve(self, answer: Callable[[m.Event], Sequence[Any]], **fields: Any) -> None:
        """Run until cancelled: each EVENT gets the messages that `answer` returns."""

        async def one(stream: trio.SocketStream) -> None:
            peer = Peer(stream)
            await peer.welcome(**fields)
            try:
                while True:
                    await peer.send(*answer(await peer.event()))
            except (EOFError, trio.BrokenResourceError):
                await stream.aclose()

        await trio.serve_listeners(one, [self.listener])

    async def close(self) -> None:
        """Listen no more, and close what was accepted."""
        await self.listener.aclose()
        for peer in self.peers:
            await peer.stream.aclose()
        self.path.unlink(missing_ok=True)


class Recorder:
    """A PdkHandler that writes everything down. `answers`: function to its result, an exception, or a callable."""

    def __init__(self, answers: Mapping[int, Any] | None = None, refuse: Sequence[int] = ()) -> None:
        self.answers = dict(answers or {})
        self.refuse = refuse  # functions that are no valid changes
        self.done: list[Any] = []

    def apply(self, step: int, changes: Sequence[Sequence[object]]) -> None:
        self.done.append(("apply", step, [list(change) for change in changes]))
        self._check(changes)

    def commit(self, step: int, changes: Sequence[Sequence[object]], took_us: int, waited_us: int) -> None:
        self.done.append(("commit", step, [list(change) for change in changes]))
        self._check(changes)

    def roll_back(self, step: int) -> None:
        self.done.append(("roll back", step))

    def call(self, step: int, fn: int, args: Sequence[object]) -> object | Awaitable[object]:
        self.done.append(("call", step, fn, list(args)))
        answer = self.answers.get(fn)
        if isinstance(answer, Exception):
            raise answer
        return answer(*args) if callable(answer) else answer

    def log(self, step: int, level: int, text: str, fields: Mapping[str, object] | None) -> None:
        self.done.append(("log", step, level, text, fields))

    def reads(self, step: int, keys: Sequence[object]) -> None:
        self.done.append(("reads", step, list(keys)))

    def _check(self, changes: Sequence[Sequence[object]]) -> None:
        for change in changes:
            if change[0] in self.refuse:
                raise PdkError("bad_change", f"function {change[0]} is no change")


def new_event(handler: Any, *instances: Instance, budget: float = 5.0, phase: int = ACCESS, **more: Any) -> Event:
    return Event(
        phase, [Step(instance, budget) for instance in instances], [codec.encode_value([40, "GET"])], handler, **more
    )


@asynccontextmanager
async def hosted(
    *fakes: FakePluginServer, options: ClientOptions | None = None, host: HostInfo | None = None, **more: Any
) -> AsyncIterator[PluginServer]:
    """A PluginServer over these members, running. Its first handshakes may still be under way."""
    server = PluginServer("fake", host or HostInfo(), options or ClientOptions(reconnect_initial=0.01), **more)
    server.set_members([fake.address for fake in fakes])
    try:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(server.run)
            yield server
            nursery.cancel_scope.cancel()
    finally:
        with trio.CancelScope(shield=True):
            for fake in fakes:
                await fake.close()


def instance_of(server: PluginServer, plugin: str = "hello", config: object = None) -> Instance:
    return server.instance(plugin, f"key-{next(_serial)}", config)
