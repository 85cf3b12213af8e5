"""The embedded plugin server: it listens, says what it offers, and drains when it is told to.

One process is one member with one address and one event loop; plain handlers run in a bounded pool of threads.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import os
import signal
import socket
import stat
import struct
import sys
import threading
import traceback
from collections.abc import Sequence
from typing import Any, Final

from oarlock_pdk.codec import encode
from oarlock_pdk.connection import Connection
from oarlock_pdk.deadlines import Deadlines
from oarlock_pdk.errors import PluginError
from oarlock_pdk.instance import Instances
from oarlock_pdk.messages import DRAIN
from oarlock_pdk.pdk import DRAIN_GRACE, MAX_FRAME_DEFAULT, MAX_LOG_EVENTS, WINDOW
from oarlock_pdk.plugin import Declaration, build_of
from oarlock_pdk.pool import ThreadPool
from oarlock_pdk.table import HIGHEST
from oarlock_pdk.version import VERSION

log: Final = logging.getLogger("oarlock_pdk.server")

MAX_EVENTS: Final = 64  # at once, over all connections: as many threads
_LOG_THREADS: Final = 8
_MAX_CONNECTIONS: Final = 256
_STUCK_AFTER: Final = 5.0  # seconds past its end after which a plain handler counts as stuck
_UCRED: Final = struct.Struct("3i")


class Server:
    """Serves plugins on one listening socket until it has drained."""

    def __init__(self, declarations: Sequence[Declaration], max_events: int = MAX_EVENTS) -> None:
        names = [declaration.name for declaration in declarations]
        if len(set(names)) < len(names):
            twice = next(name for name in names if names.count(name) > 1)
            raise PluginError(f"two plugins are called {twice!r}")
        self._declarations = {declaration.name: declaration for declaration in declarations}
        self._max_events = max_events
        self._build = build_of(declarations)
        self._connections: set[Connection] = set()
        self._listener: socket.socket | None = None
        self._pause: asyncio.TimerHandle | None = None
        self.is_draining = False

    async def run(self, listener: socket.socket) -> None:
        """Serve until drained. The socket must listen; it is closed when this returns."""
        self.loop = asyncio.get_running_loop()
        self.deadlines = Deadlines(self.loop)
        self.pool = ThreadPool(self._max_events, "handler")
        self.log_pool = ThreadPool(_LOG_THREADS, "log-handler")
        self.instances = Instances(self._declarations, self.pool)
        self._stopped = asyncio.Event()
        self._listener = listener
        listener.setblocking(False)
        self.loop.add_reader(listener, self._accept)
        watchdog = self.loop.create_task(self._look_for_stuck_handlers())
        gc.collect()
        gc.freeze()
        try:
            await self._stopped.wait()
        finally:
            watchdog.cancel()
            self._stop_listening()
            for connection in list(self._connections):
                connection.close()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_STUCK_AFTER):
                    await self.instances.close()
            self.pool.close()
            self.log_pool.close()

    def drain(self) -> None:
        """Take no new work; `run` ends when the gateways have left, or after the grace. The second time: at once."""
        if self.is_draining:
            self._stopped.set()
            return
        self.is_draining = True
        self._stop_listening()
        for connection in list(self._connections):
            connection.drain()
        if not self._connections:
            self._stopped.set()
        self.loop.call_later(DRAIN_GRACE, self._stopped.set)

    def credits(self, peers: int) -> tuple[int, int]:
        """Return how many events, and log events, each of `peers` connections may have here at once."""
        return max(1, self._max_events // peers), MAX_LOG_EVENTS

    def welcome(self, version: int, features: list[str], max_events: int, max_log_events: int) -> dict[str, Any]:
        """Return the map of WELCOME."""
        return {
            "version": version,
            "features": features,
            "server": {
                "name": os.environ.get("OARLOCK_SERVER_NAME", "python"),
                "pid": os.getpid(),
                "member": int(os.environ.get("OARLOCK_MEMBER") or 0),
                "language": "python",
                "sdk": VERSION,
                "build": self._build,
            },
            "plugins": [declaration.describe() for declaration in self._declarations.values()],
            "limits": {
                "max_frame": MAX_FRAME_DEFAULT,
                "window": WINDOW,
                "max_events": max_events,
                "max_log_events": max_log_events,
            },
            "pdk": HIGHEST,
        }

    def closed(self, connection: Connection) -> None:
        """A connection has ended."""
        self._connections.discard(connection)
        if self.is_draining and not self._connections:
            self._stopped.set()

    def _stop_listening(self) -> None:
        if self._listener is not None:
            self.loop.remove_reader(self._listener)
            self._listener.close()
            self._listener = None

    def _accept(self) -> None:
        assert self._listener is not None
        try:
            sock, _ = self._listener.accept()
        except (BlockingIOError, InterruptedError, ConnectionAbortedError):
            return
        except OSError as error:  # out of descriptors: others may end meanwhile
            log.error("accept: %s", error)
            self.loop.remove_reader(self._listener)
            self.loop.call_later(1.0, self._accept_again)
            return
        sock.setblocking(False)
        uid = peer_uid(sock)
        if uid is not None and uid not in allowed_uids():
            refusal = ("auth", f"user {uid} may not use the plugin server of user {os.getuid()}")
        elif len(self._connections) >= _MAX_CONNECTIONS:
            refusal = ("limit", f"more than {_MAX_CONNECTIONS} connections")
        else:
            self._connections.add(Connection(self, sock, uid))
            return
        log.error("a connection is refused: %s", refusal[1])
        with contextlib.suppress(OSError):
            sock.send(encode([DRAIN, *refusal]))
        sock.close()

    def _accept_again(self) -> None:
        if self._listener is not None:
            self.loop.add_reader(self._listener, self._accept)

    async def _look_for_stuck_handlers(self) -> None:
        """Drain when a quarter of the threads are held by handlers that don't end: a thread can't be killed."""
        while True:
            await asyncio.sleep(_STUCK_AFTER / 2)
            now = self.loop.time()
            runs = [run for connection in list(self._connections) for run in list(connection.events.values())]
            stuck = [run for run in runs if run.ending is not None and now - run.ending_since > _STUCK_AFTER]
            if len(stuck) >= max(2, self._max_events // 4) and not self.is_draining:
                log.error(
                    "%d handlers are stuck in %d threads; this server drains\n%s",
                    len(stuck),
                    self._max_events,
                    _stacks(),
                )
                self.drain()


def peer_uid(sock: socket.socket) -> int | None:
    """Return the user at the other end of a Unix socket; None where the system does not tell."""
    if sock.family != socket.AF_UNIX or not hasattr(socket, "SO_PEERCRED"):
        return None
    _, uid, _ = _UCRED.unpack(sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _UCRED.size))
    return int(uid)


def allowed_uids() -> set[int]:
    """Return the users whose gateways are served: one's own, and the one that started this server."""
    host = os.environ.get("OARLOCK_HOST_UID", "")
    return {os.getuid(), *([int(host)] if host.isdigit() else [])}


def is_managed() -> bool:
    """Whether a supervisor holds this process's stdin and wants it to end with it."""
    if "OARLOCK_MEMBER" not in os.environ and not os.environ.get("OARLOCK_LISTEN", "").startswith("fd:"):
        return False
    try:
        mode = os.fstat(0).st_mode
    except OSError:
        return False
    return stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)


async def serve_until_told(server: Server, listener: socket.socket) -> None:
    """Run a server; SIGTERM, SIGINT and, if managed, the end of stdin drain it."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, server.drain)
    if is_managed():

        def on_stdin() -> None:
            if not os.read(0, 4096):
                loop.remove_reader(0)
                server.drain()

        os.set_blocking(0, False)
        loop.add_reader(0, on_stdin)
    await server.run(listener)


def _stacks() -> str:
    names = {thread.ident: thread.name for thread in threading.enumerate()}
    lines = []
    for ident, frame in sys._current_frames().items():
        if names.get(ident, "").startswith("handler"):
            lines += [f"{names[ident]}:\n", *traceback.format_stack(frame)]
    return "".join(lines)
