"""Plugin servers that lie: one socket and one script each, all in a thread of their own."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import trio

from oarlock_pluginserver.protocol import messages as m
from support.load import in_a_thread
from support.plugin_server import FakePluginServer, Peer

Answer = Callable[[Peer, m.Event], Awaitable[None]]
Greet = Callable[[Peer], Awaitable[None]]


@dataclass(frozen=True)
class Script:
    """What a server does: how it answers each event, what it says it has, or how it greets at all."""

    answer: Answer | None = None
    greet: Greet | None = None  # instead of a WELCOME; then the connection is closed
    phase: str = "access"
    welcome: Mapping[str, Any] = field(default_factory=dict)


async def say_nothing(peer: Peer, event: m.Event) -> None:
    """Never answer."""


def sending(*messages: Any) -> Answer:
    """Answer each event with these; a function is called with the event's id."""

    async def answer(peer: Peer, event: m.Event) -> None:
        await peer.send(*(message(event.event) if callable(message) else message for message in messages))

    return answer


def sending_bytes(data: bytes) -> Answer:
    async def answer(peer: Peer, event: m.Event) -> None:
        await peer.stream.send_all(data)

    return answer


def done(*changes: list[Any]) -> Callable[[int], m.Done]:
    """DONE `done` with these changes."""
    return lambda event: m.Done(event, m.DONE, list(changes))


def leaving(*detail: Any, outcome: int = m.EXIT, changes: tuple[list[Any], ...] = ()) -> Callable[[int], m.Done]:
    """DONE `exit` (status, body, headers), or another outcome with a detail."""
    return lambda event: m.Done(event, outcome, list(changes), list(detail))


@contextlib.contextmanager
def running_scripts(scripts: Mapping[str, Script], directory: Path) -> Iterator[dict[str, Path]]:
    """Run all of them for the block. Gives the socket of each by name; each has a plugin of its own name."""
    paths = {name: directory / f"{number}.sock" for number, name in enumerate(scripts)}
    servers = {name: FakePluginServer(path) for name, path in paths.items()}
    ready = threading.Event()

    async def one(name: str, script: Script, stream: trio.SocketStream) -> None:
        peer = Peer(stream)
        with contextlib.suppress(EOFError, trio.BrokenResourceError, trio.ClosedResourceError):
            hello = await peer.receive(m.Hello)
            if script.greet is not None:
                await script.greet(peer)
                return await stream.aclose()
            plugin = {"name": name, "version": "1", "priority": 5, "phases": {script.phase: {}}}
            await peer.welcome(hello=False, **{"plugins": [plugin], **script.welcome})
            while hello is not None:
                message = await peer.receive()
                if isinstance(message, m.Start):
                    await peer.send(m.Started(message.fields["instance"]))
                elif isinstance(message, m.Event) and script.answer is not None:
                    await script.answer(peer, message)
        await stream.aclose()
        return None

    async def serve(name: str, script: Script) -> None:
        async def handler(stream: trio.SocketStream) -> None:
            await one(name, script, stream)

        await trio.serve_listeners(handler, [servers[name].listener])

    async def main() -> None:
        ready.set()
        async with trio.open_nursery() as nursery:
            for name, script in scripts.items():
                nursery.start_soon(serve, name, script)

    with in_a_thread(main, ready):
        yield paths
