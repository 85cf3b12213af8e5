"""A plugin server in a thread, and the gateway's end of a connection to it, driven by the test message by message."""

from __future__ import annotations

import asyncio
import os
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from oarlock_pdk.codec import FrameReader, decode, encode
from oarlock_pdk.pdk import BY_NAME, MESSAGES, PHASES
from oarlock_pdk.plugin import declare
from oarlock_pdk.server import Server

PATIENCE = 10.0  # seconds: how long a test waits before it fails


class Gateway:
    """The host's end: sends what it is told to and hands out what comes, LOG lines apart."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self.sock.settimeout(PATIENCE)
        self.logs: list[list[Any]] = []
        self.reads = 0  # how many reads it took to get what came
        self.welcome: dict[str, Any] = {}
        self._reader = FrameReader()
        self._messages: list[list[Any]] = []
        self._instance = 0
        self._event = 0

    def send(self, *fields: Any) -> None:
        self.sock.sendall(encode([MESSAGES[fields[0]] if isinstance(fields[0], str) else fields[0], *fields[1:]]))

    def receive(self, kind: str) -> list[Any]:
        """Return the next message that is no LOG (unless asked for), without its type; it must be of this kind."""
        message = self.next_message()
        while message[0] == MESSAGES["LOG"] and kind != "LOG":
            self.logs.append(message)
            message = self.next_message()
        assert message[0] == MESSAGES[kind], message
        return message[1:]

    def is_closed(self) -> bool:
        try:
            return not self._messages and self.sock.recv(65536) == b""
        except ConnectionResetError:
            return True

    def hello(self, **changes: Any) -> dict[str, Any]:
        host = {"product": "test", "version": "1", "node_id": "n", "worker": 0, "peers": changes.pop("peers", 1)}
        limits = {"max_frame": 1 << 20, "window": 1 << 18, "max_calls": 64} | changes.pop("limits", {})
        hello = {"versions": [1, 1], "features": ["fusion", "streams", "reads"], "role": "worker", "host": host}
        self.send("HELLO", "oarlock", hello | {"limits": limits, "pdk": 9999, "ping_ms": 5000, "level": 1} | changes)
        (self.welcome,) = self.receive("WELCOME")
        return self.welcome

    def start(self, plugin: str, config: dict[str, Any] | None = None, key: str = "p:1") -> int:
        self._instance += 1
        self.send("START", {"instance": self._instance, "plugin": plugin, "key": key, "config": config or {}})
        assert self.receive("STARTED") == [self._instance]
        return self._instance

    def event(
        self, phase: str, *instances: int, facts: dict[Any, Any] | None = None, budget: int = 5000, **more: int
    ) -> int:
        """Send an EVENT. Facts are named as in the PDK, those with arguments as tuples."""
        self._event += 1
        steps = [number for instance in instances for number in (instance, budget)]
        flat = [part for key, value in (facts or {}).items() for part in (fact_key(key), value)]
        self.send("EVENT", self._event, PHASES[phase], steps, [flat], more.get("level", 0), more.get("flags", 0))
        return self._event

    def next_message(self) -> list[Any]:
        while not self._messages:
            data = self.sock.recv(65536)
            assert data, "the server closed the connection"
            self.reads += 1
            self._messages += map(decode, self._reader.feed(data))
        return self._messages.pop(0)


def number(name: str) -> int:
    """Return the number of a PDK function, named without `kong.`."""
    return BY_NAME[f"kong.{name}"].number


def fact_key(key: Any) -> Any:
    return [number(key[0]), *key[1:]] if isinstance(key, tuple) else number(key)


class Running:
    """A server at work in a thread of its own."""

    def __init__(self, server: Server, path: Path) -> None:
        self.server = server
        self._path = path
        self._gateways: list[Gateway] = []
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(str(path))
        listener.listen()
        self._thread = threading.Thread(target=lambda: asyncio.run(server.run(listener)))
        self._thread.start()

    def connect(self) -> Gateway:
        sock = socket.socket(socket.AF_UNIX)
        sock.connect(str(self._path))
        self._gateways.append(Gateway(sock))
        return self._gateways[-1]

    def gateway(self, **hello: Any) -> Gateway:
        gateway = self.connect()
        gateway.hello(**hello)
        return gateway

    def drain(self) -> None:
        self.server.loop.call_soon_threadsafe(self.server.drain)

    def wait(self) -> None:
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive()

    def stop(self) -> None:
        for gateway in self._gateways:
            gateway.sock.close()
        if self._thread.is_alive():
            self.drain()
            self.wait()


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., Running]]:
    """Start a server of plugin classes; it is stopped behind the test."""
    running: list[Running] = []

    def start(*plugins: type[Any], max_events: int = 64) -> Running:
        path = tmp_path / f"{len(running)}.sock"
        running.append(Running(Server([declare(plugin) for plugin in plugins], max_events), path))
        return running[-1]

    os.environ.pop("OARLOCK_LISTEN", None)
    yield start
    for server in running:
        server.stop()


@pytest.fixture
def fn() -> Callable[[str], int]:
    """The number of a PDK function."""
    return number
