"""Run one plugin server process to its end, and leave nothing behind.

The master starts the launcher (`launch.py`) with the socket that the server will listen on, and binds it only then:
the launcher, which removes the file in the end, knows its path before it exists, so there is no moment at which the
master could be killed and the file stay. The master keeps no copy of the socket, so that the address of a dead server
refuses at once.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import trio

from oarlock_pluginserver import launch
from oarlock_pluginserver.output import MAX_LINE, LineBudget, LineCutter, Tail, printable
from oarlock_pluginserver.spec import ServerSpec

log = logging.getLogger("oarlock_pluginserver.process")
output_log = logging.getLogger("oarlock_pluginserver.output")

MAX_PATH: Final = 107 if sys.platform == "linux" else 103  # bytes of a socket's path: unix(7), sun_path

NOTICE: Final = 25  # between INFO and WARNING: programs write to stderr what is no error, such as where they listen

_BACKLOG: Final = 128  # connections that wait to be accepted; workers hold one each
_START_GRACE: Final = 10.0  # seconds for the launcher to start its child
_KILL_GRACE: Final = 2.0  # seconds for the launcher to kill its group and to end, before it is killed itself
_READ_SIZE: Final = 8 * 1024  # bytes: 25 ms of work if every one of them is a line
_FLOOD_PAUSE: Final = 0.02  # seconds without reading: a flood is its author's trouble, not the master's
_OUTPUT_GRACE: Final = 1.0  # seconds to read what a dead process wrote; somebody else may hold the pipe open


@dataclass(frozen=True, slots=True)
class Exit:
    """How a process ended. As in `subprocess`, a negative status is the signal that ended it."""

    status: int

    def __str__(self) -> str:
        """In words: `exit status 1`, `signal SIGKILL`."""
        if self.status >= 0:
            return f"exit status {self.status}"
        with contextlib.suppress(ValueError):
            return f"signal {signal.Signals(-self.status).name}"
        return f"signal {-self.status}"


@dataclass(slots=True, eq=False)
class ServerProcess:
    """A process of a plugin server, from its start on."""

    label: str  # as log lines name it: "hello/0"
    pid: int
    output: Tail = field(default_factory=Tail)
    exit: Exit | None = None  # set before `ended`
    ended: trio.Event = field(default_factory=trio.Event)  # nothing of it is left, and all it wrote was read


async def run_process(
    spec: ServerSpec,
    member: int,
    path: Path,
    *,
    task_status: trio.TaskStatus[ServerProcess] = trio.TASK_STATUS_IGNORED,
) -> Exit:
    """Run one process of a managed server to its end and return how it ended.

    Started: it runs, and connections to the Unix socket at `path` are queued for it. However this is left, the process,
    what descends from it and the socket file are gone: cancelling sends SIGTERM, and SIGKILL `spec.stop_grace` seconds
    later. Its output goes to the logger `oarlock_pluginserver.output`, stdout at INFO and stderr at NOTICE.

    Raises:
        OSError: nothing was started. (A command that can't be run is an exit with status 127 or 126, as in a shell.)
    """
    async with _launcher(path) as launcher:
        pid = await launcher.start(_order(spec, member))
        process = ServerProcess(f"{spec.name}/{member}", pid)
        try:
            async with trio.open_nursery() as nursery:
                relay_scope = trio.CancelScope(shield=True)  # a server that is told to end may have something to say
                nursery.start_soon(_relay, process, launcher.process, relay_scope)
                try:
                    task_status.started(process)
                    await launcher.ended()
                finally:
                    with trio.CancelScope(shield=True):
                        status = await launcher.stop(spec.stop_grace, process.label)
                    relay_scope.deadline = trio.current_time() + _OUTPUT_GRACE
        finally:
            process.exit = status
            process.ended.set()
    return status


class _Launcher:
    """The launcher of one process and our end of its lifeline."""

    def __init__(self, process: trio.Process, path: Path, listener: socket.socket, lifeline: socket.socket) -> None:
        self.process = process
        self._path = path
        self._listener = listener
        self._lifeline = trio.socket.from_stdlib_socket(lifeline)
        self._is_collected = False  # its status was read: the pid may be another's now

    async def start(self, order: Mapping[str, object]) -> int:
        """Bind the socket, have the server started, and return its pid. Raises OSError."""
        self._listener.bind(os.fspath(self._path))
        self._path.chmod(0o600)
        self._listener.listen(_BACKLOG)
        order = {**order, "listen": self._listener.fileno()}
        self._listener.close()
        lifeline = trio.SocketStream(self._lifeline)
        answer = b""
        with trio.move_on_after(_START_GRACE), contextlib.suppress(trio.BrokenResourceError):
            await lifeline.send_all(json.dumps(order).encode() + b"\n")
            while not answer.endswith(b"\n") and (data := await lifeline.receive_some()):
                answer += data
        if not answer.endswith(b"\n"):
            raise OSError(f"the launcher did not start its server: {await self._complaint()}")
        return int(json.loads(answer)["pid"])

    async def ended(self) -> None:
        """Wait for the launcher's end and leave its status uncollected: until then no other process has its pid."""
        if sys.platform == "linux":
            with contextlib.suppress(OSError):
                await _exited(self.process.pid)
                return
        await self.process.wait()
        self._is_collected = True

    async def stop(self, grace: float, label: str) -> Exit:
        """End the server and the launcher, unless they have ended, and return how they did. To be called shielded."""
        if not self._is_collected:
            os.kill(self.process.pid, signal.SIGTERM)
            if grace and not await self._ends_within(grace):
                log.warning("plugin server %s did not end within %g s of SIGTERM: it is killed", label, grace)
            self._lifeline.close()  # "kill what is left"
            await self._ends_within(_KILL_GRACE)
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)  # a launcher that was killed itself leaves its group behind
        status = await self.process.wait()
        self._is_collected = True
        self._path.unlink(missing_ok=True)
        return Exit(status)

    async def close(self) -> None:
        """Close everything; the launcher has ended."""
        self._listener.close()
        self._lifeline.close()
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            if stream is not None:
                await stream.aclose()

    async def _ends_within(self, seconds: float) -> bool:
        with trio.move_on_after(seconds) as waited:
            await self.ended()
        return not waited.cancelled_caught

    async def _complaint(self) -> str:
        assert self.process.stderr is not None
        self._lifeline.close()
        with trio.move_on_after(_OUTPUT_GRACE):
            return printable((await self.process.stderr.receive_some(MAX_LINE)).decode(errors="backslashreplace"))
        return "it does not answer"


@contextlib.asynccontextmanager
async def _launcher(path: Path) -> AsyncIterator[_Launcher]:
    """Start a launcher for the socket at `path`; in the end nothing of it is left. Raises OSError."""
    with contextlib.ExitStack() as unless_started:
        lifeline, lifeline_end = socket.socketpair()
        unless_started.callback(lifeline.close)
        listener = unless_started.enter_context(socket.socket(socket.AF_UNIX))
        with lifeline_end:
            process = await trio.lowlevel.open_process(
                [sys.executable, "-I", "-S", "-X", "utf8", launch.__file__, str(lifeline_end.fileno()), str(path)],
                stdin=subprocess.PIPE,  # the server's: its end is the polite notice that the gateway is gone
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                pass_fds=(lifeline_end.fileno(), listener.fileno()),
                start_new_session=True,
            )
        unless_started.pop_all()
    launcher = _Launcher(process, path, listener, lifeline)
    try:
        yield launcher
    finally:
        with trio.CancelScope(shield=True):
            await launcher.stop(0, path.name)
            await launcher.close()


async def _exited(pid: int) -> None:
    """Wait until a child has exited. Raises OSError where the kernel is too old for that (Linux 5.3)."""
    pidfd = os.pidfd_open(pid)
    try:
        await trio.lowlevel.wait_readable(pidfd)
    finally:
        os.close(pidfd)


def _order(spec: ServerSpec, member: int) -> dict[str, object]:
    """What the launcher is to run; `launch.Launcher` reads it."""
    environment = {
        **spec.environment,
        "OARLOCK_LISTEN": f"fd:{launch.LISTEN_FD}",
        "OARLOCK_SERVER_NAME": spec.name,
        "OARLOCK_MEMBER": str(member),
        "OARLOCK_HOST_UID": str(os.getuid()),
    }
    return {
        "command": spec.command,
        "environment": environment,
        "directory": None if spec.working_directory is None else str(spec.working_directory),
        "user": spec.user,
        "group": spec.group,
        "stop_grace": spec.stop_grace,
    }


async def _relay(process: ServerProcess, launcher: trio.Process, scope: trio.CancelScope) -> None:
    """Log what the process writes until it writes no more, in `scope`."""
    assert launcher.stdout is not None
    assert launcher.stderr is not None
    budget = LineBudget()
    with scope:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(_relay_stream, process, launcher.stdout, logging.INFO, budget)
            nursery.start_soon(_relay_stream, process, launcher.stderr, NOTICE, budget)


async def _relay_stream(process: ServerProcess, stream: trio.abc.ReceiveStream, level: int, budget: LineBudget) -> None:
    cutter = LineCutter()
    try:
        while data := await stream.receive_some(_READ_SIZE):
            if not _log_lines(process, cutter.feed(data), level, budget):
                await trio.sleep(_FLOOD_PAUSE)
    finally:
        _log_lines(process, cutter.end(), level, budget)


def _log_lines(process: ServerProcess, lines: list[str], level: int, budget: LineBudget) -> bool:
    """Log what the budget allows. Returns whether that was everything."""
    now = trio.current_time()
    is_complete = True
    for line in lines:
        process.output.append(line)
        if not budget.take(now):
            is_complete = False
            continue
        if dropped := budget.take_dropped():
            output_log.warning("%s[%d]: %d lines were not logged: too many", process.label, process.pid, dropped)
        output_log.log(level, "%s[%d]: %s", process.label, process.pid, line)
    return is_complete
