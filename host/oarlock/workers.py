"""The master's side of its workers: one slot for each, kept filled.

A slot's process is started, told the settings, the members of the plugin servers and the configuration, asked once a
second whether it lives, and replaced when it ends or stops answering. A replacement inherits the slot's sockets.
"""

from __future__ import annotations

import contextlib
import itertools
import logging
import os
import pickle
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import trio

from oarlock.channel import Channel, Message, SocketChannel, memory_pair
from oarlock.config.settings import Settings
from oarlock.errors import OarlockError
from oarlock_pluginserver.restart import Backoff

log = logging.getLogger("oarlock.master")

_PING_INTERVAL: Final = 1.0  # seconds
_LOOK_INTERVAL: Final = 0.05  # seconds between two looks at what a worker is connected to
_KILL_GRACE: Final = 1.0  # seconds between SIGABRT, which prints the worker's stacks, and SIGKILL


OnFault = Callable[[str, str, str], None]


class WorkerGone(OarlockError):
    """A worker ended before it answered."""


class WorkerSlot:
    """One worker: the process that fills the slot now, and what it has to be told."""

    def __init__(self, number: int, listeners: Sequence[socket.socket], settings: Settings, on_fault: OnFault) -> None:
        """`on_fault(name, address, reason)`: the worker says that this member of a plugin server is to be replaced."""
        self._on_fault = on_fault
        self.number = number
        self.listeners = listeners
        self.settings = settings
        self.snapshot: Message | None = None  # the newest configuration; sent to every new process
        self.members: dict[str, list[str]] = {}
        self.version_in_force = ""
        self.pid = 0
        self.restarts = 0
        self.state = "starting"
        self._channel: Channel | None = None
        self._ids = itertools.count(1)
        self._answers: dict[int, trio.MemorySendChannel[Message]] = {}
        self.is_stopping = False

    async def run(self, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """Keep the slot filled until `drain` was called and the worker has ended. Started: the first worker serves."""
        backoff = Backoff(initial=0.1, ceiling=10.0)
        started = task_status
        while True:
            began = trio.current_time()
            try:
                await self._run_once(started)
            except* (OSError, WorkerGone) as group:
                log.error("worker %d: %s", self.number, group.exceptions[0])
            if self.is_stopping:
                break
            self.restarts += 1
            self.state = "restarting"
            await trio.sleep(backoff.delay_after(uptime=trio.current_time() - began))
        self.state = "stopped"

    async def configure(self, snapshot: Message) -> None:
        """Put a configuration in force here.

        Raises:
            OarlockError: the worker refused it (it goes on with the one before), or ended.
        """
        self.snapshot = snapshot
        if self._channel is None:
            return  # the process that is being started will get it
        answer = await self._ask({"do": "configure", **snapshot})
        if not answer["ok"]:
            raise OarlockError(f"worker {self.number}: {answer['error']}")
        self.version_in_force = answer["version"]

    async def set_members(self, name: str, addresses: Sequence[str]) -> None:
        """Tell the worker where the members of a plugin server listen; none: the server is gone."""
        self.members[name] = list(addresses)
        if self._channel is not None:
            with contextlib.suppress(trio.BrokenResourceError, trio.ClosedResourceError):
                await self._channel.send({"do": "members", "name": name, "addresses": list(addresses)})

    async def uses(self, name: str, address: str) -> None:
        """Wait until the worker has an open connection to a member of a plugin server, or has ended."""
        while self._channel is not None:
            seen = (await self.status()).get("plugin_servers", {}).get(name, {}).get("members", ())
            if any(member["address"] == address and member["state"] == "up" for member in seen):
                return
            await trio.sleep(_LOOK_INTERVAL)

    async def status(self) -> Mapping[str, Any]:
        """What the worker says of itself."""
        answer: Mapping[str, Any] = {}
        if self._channel is not None:
            with contextlib.suppress(OarlockError), trio.move_on_after(2.0):
                answer = await self._ask({"do": "status"})
        return {
            "number": self.number,
            "pid": self.pid,
            "state": self.state,
            "restarts": self.restarts,
            "configuration": self.version_in_force,
            **{key: value for key, value in answer.items() if key not in ("re", "ok")},
        }

    async def drain(self) -> None:
        """Ask the worker to end: it takes no more connections and finishes what it has."""
        self.is_stopping = True
        self.state = "draining"
        if self._channel is not None:
            with contextlib.suppress(trio.BrokenResourceError, trio.ClosedResourceError):
                await self._channel.send({"do": "drain"})

    async def _run_once(self, started: trio.TaskStatus[None]) -> None:
        process, channel, lifeline = self._spawn()
        self.pid = process.pid
        try:
            async with trio.open_nursery() as nursery:
                self._channel = channel
                nursery.start_soon(self._receive, channel, nursery.cancel_scope)
                await self._introduce(channel)
                self.state = "serving"
                with contextlib.suppress(RuntimeError):  # only the first worker of a slot has somebody waiting
                    started.started()
                nursery.start_soon(self._watch, process)
        finally:
            self._channel = None
            self._answers.clear()
            with trio.CancelScope(shield=True):
                await channel.aclose()
                status = await _end(process, grace=_KILL_GRACE)
                os.close(lifeline)
            if status and not self.is_stopping:
                log.error("worker %d (pid %d) ended with %s", self.number, process.pid, describe_status(status))

    def _spawn(self) -> tuple[subprocess.Popen[bytes], SocketChannel, int]:
        """Start the process; its lifeline is a pipe whose write end only this process holds."""
        ours, theirs = socket.socketpair()
        lifeline_read, lifeline_write = os.pipe()
        fds = [sock.fileno() for sock in self.listeners]
        command = [
            sys.executable,
            *("-m", "oarlock.worker"),
            *("--slot", str(self.number)),
            *("--channel", str(theirs.fileno())),
            *("--lifeline", str(lifeline_read)),
            *("--listen", ",".join(map(str, fds))),
            *("--log-level", self.settings.log.level),
            *("--log-format", self.settings.log.format),
        ]
        try:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                pass_fds=(theirs.fileno(), lifeline_read, *fds),
                start_new_session=True,  # Ctrl-C is for the master; it tells the workers
            )
        finally:
            theirs.close()
            os.close(lifeline_read)
        return process, SocketChannel(ours), lifeline_write

    async def _introduce(self, channel: Channel) -> None:
        await channel.send({"do": "settings", "settings": pickle.dumps(self.settings)})
        for name, addresses in self.members.items():
            await channel.send({"do": "members", "name": name, "addresses": addresses})
        if self.snapshot is not None:
            answer = await self._ask({"do": "configure", **self.snapshot})
            if not answer["ok"]:
                raise WorkerGone(f"refused the configuration: {answer['error']}")
            self.version_in_force = answer["version"]

    async def _receive(self, channel: Channel, scope: trio.CancelScope) -> None:
        while (message := await channel.receive()) is not None:
            if message.get("do") == "fault":
                self._on_fault(message["name"], message["address"], message["reason"])
                continue
            waiting = self._answers.pop(message.get("re", 0), None)
            if waiting is not None:
                waiting.send_nowait(message)
        for waiting in self._answers.values():
            waiting.close()
        scope.cancel()  # the worker closed its end: it is on its way out

    async def _watch(self, process: subprocess.Popen[bytes]) -> None:
        """Notice a worker that does not answer; its stacks are printed before it is ended."""
        while True:
            await trio.sleep(_PING_INTERVAL)
            with trio.move_on_after(self.settings.worker_timeout) as waited:
                try:
                    await self._ask({"do": "ping"})
                except WorkerGone:
                    return
            if waited.cancelled_caught:
                log.error(
                    "worker %d (pid %d) did not answer for %g s: it is replaced; its stacks follow",
                    *(self.number, process.pid, self.settings.worker_timeout),
                )
                process.send_signal(signal.SIGABRT)
                return

    async def _ask(self, message: Message) -> Message:
        if self._channel is None:
            raise WorkerGone(f"worker {self.number} is not running")
        number = next(self._ids)
        send, receive = trio.open_memory_channel[Message](1)
        self._answers[number] = send
        try:
            await self._channel.send({**message, "id": number})
            return await receive.receive()
        except (trio.EndOfChannel, trio.BrokenResourceError, trio.ClosedResourceError):
            raise WorkerGone(f"worker {self.number} ended") from None
        finally:
            self._answers.pop(number, None)


class InProcessSlot(WorkerSlot):
    """The worker in the master's own process: `--workers 0`."""

    async def _run_once(self, started: trio.TaskStatus[None]) -> None:
        from oarlock.worker import Worker  # a master with processes of its own never needs the proxy

        ours, theirs = memory_pair()
        self.pid = os.getpid()
        async with trio.open_nursery() as nursery:
            nursery.start_soon(Worker(self.number, [sock.dup() for sock in self.listeners], theirs).run)
            self._channel = ours
            nursery.start_soon(self._receive, ours, trio.CancelScope())
            await self._introduce(ours)
            self.state = "serving"
            with contextlib.suppress(RuntimeError):
                started.started()
        self._channel = None


def describe_status(status: int) -> str:
    """An exit status in words: `exit status 1`, `signal SIGKILL`."""
    if status >= 0:
        return f"exit status {status}"
    with contextlib.suppress(ValueError):
        return f"signal {signal.Signals(-status).name}"
    return f"signal {-status}"


async def _end(process: subprocess.Popen[bytes], grace: float) -> int:
    """Wait `grace` seconds for the process to end by itself, then end it. Returns its exit status."""
    ended = os.pidfd_open(process.pid)  # readable once it has ended
    try:
        with trio.move_on_after(grace):
            await trio.lowlevel.wait_readable(ended)
        if process.poll() is None:
            process.kill()
            await trio.lowlevel.wait_readable(ended)
    finally:
        os.close(ended)
    return process.wait()
