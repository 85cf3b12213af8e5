"""The master: owns listening sockets, child processes and signals. It never sees a byte of HTTP.

Order of start: lock of the prefix, listening sockets, plugin servers, configuration, workers. Order of stop: workers
finish what they have, then plugin servers end, then the sockets go. Cancelling `Master.run` ends everything, bounded.
"""

from __future__ import annotations

import contextlib
import dataclasses
import fcntl
import logging
import os
import pickle
import signal
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import trio

from oarlock import __version__, control_socket, preflight
from oarlock.config.settings import Settings
from oarlock.errors import ConfigurationInvalid, OarlockError
from oarlock.listeners import open_slots
from oarlock.loader import LoadRequest, LoadResult, load_in_process
from oarlock.plugin_servers import PluginServers
from oarlock.workers import InProcessSlot, WorkerSlot
from oarlock_pluginserver.info import PluginInfo

log = logging.getLogger("oarlock.master")

_DRAIN_SLACK: Final = 2.0  # seconds that a worker gets beyond `shutdown_timeout` before it is ended


class AlreadyRunning(OarlockError):
    """The prefix belongs to a live master."""

    def __init__(self, prefix: Path) -> None:
        super().__init__(f"Oarlock is already running in {prefix}: stop it, or give another --prefix")


class Master:
    """One running gateway."""

    def __init__(self, settings: Settings, reread: Callable[[], Settings]) -> None:
        """`reread` reads the settings again from where they came, for `reload`."""
        self._node_id = settings.node_id or str(uuid.uuid4())
        self.settings = dataclasses.replace(settings, node_id=self._node_id)
        self._reread = reread
        self._slots: list[WorkerSlot] = []
        self._servers = PluginServers(settings, self._members_changed, self._members_used)
        self._configuration: dict[str, Any] | None = None
        self._reloading = trio.Lock()
        self._stop = trio.Event()
        self._serves = False  # all workers were up
        self._started_at = time.time()
        self._nursery: trio.Nursery | None = None
        self.addresses: list[tuple[str, int]] = []  # where the workers listen

    async def run(self, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """Run until `stop`, a signal or a cancellation; nothing is left when this returns. Started: it serves.

        Raises:
            OarlockError: it could not start, or was stopped before it had, and the text says why.
            ConfigurationInvalid: the settings or the configuration are wrong, with all problems.
        """
        preflight.check(self.settings)
        prefix = self.settings.prefix
        preflight.make_prefix(prefix)
        with contextlib.ExitStack() as resources:
            resources.enter_context(_locked(prefix))
            slots = open_slots(self.settings.listen, max(1, self.settings.workers))
            for sock in (sock for sockets in slots for sock in sockets):
                resources.callback(sock.close)
            self.addresses = [sock.getsockname()[:2] for sock in slots[0]]
            kind = WorkerSlot if self.settings.workers else InProcessSlot
            self._slots = [
                kind(number, sockets, self.settings, self._servers.member_failed)
                for number, sockets in enumerate(slots)
            ]
            control = control_socket.bind(prefix / "control.sock")
            resources.callback((prefix / "control.sock").unlink, missing_ok=True)
            resources.callback(control.close)
            async with trio.open_nursery() as nursery:
                self._nursery = nursery
                await nursery.start(self._signals)
                nursery.start_soon(control_socket.serve, control, self._commands())
                await self._serve(nursery, task_status)
                nursery.cancel_scope.cancel()
        if not self._serves:
            raise OarlockError("it was stopped before it served")

    def stop(self) -> None:
        """Finish what is in flight, then end. At once if called a second time, or before it served."""
        if self._nursery is not None and (self._stop.is_set() or not self._serves):
            log.warning("stopping at once")
            self._nursery.cancel_scope.cancel()
        self._stop.set()

    async def reload(self) -> dict[str, Any]:
        """Apply the files as they are now: plugin servers and configuration, without dropping a connection.

        Raises:
            OarlockError: something is wrong, and what was in force stays in force.
        """
        async with self._reloading:
            settings = self._reread()
            settings = dataclasses.replace(settings, node_id=settings.node_id or self._node_id)
            restart_needed = sorted(_changed_settings(self.settings, settings))
            self._servers.check(settings)
            if settings.plugin_servers != self.settings.plugin_servers:
                await self._load(settings, None)  # a plain mistake is found before any server is touched
            previous = self.settings
            try:
                await self._servers.apply(settings)
                result = await self._load(settings, self._servers.plugins())
                await self._put_in_force(settings, result)
            except OarlockError:
                await self._servers.apply(previous)
                raise
            self.settings = settings
            _show_warnings(result)
            for name in restart_needed:
                log.warning("setting %s changed: it takes effect at the next start", name)
            log.info("configuration %s is in force", result.version)
            return {
                "configuration": result.version,
                "warnings": list(map(str, result.warnings)),
                "needs_restart": restart_needed,
            }

    async def _serve(self, nursery: trio.Nursery, task_status: trio.TaskStatus[None]) -> None:
        async with trio.open_nursery() as servers:
            await servers.start(self._servers.run)
            result = await self._load(self.settings, self._servers.plugins())
            self._remember(result)
            async with trio.open_nursery() as workers:
                for slot in self._slots:
                    await workers.start(slot.run)
                self._serves = True
                task_status.started()
                await self._stop.wait()
                log.info("stopping: requests in flight have %g s", self.settings.shutdown_timeout)
                workers.cancel_scope.deadline = trio.current_time() + self.settings.shutdown_timeout + _DRAIN_SLACK
                for slot in self._slots:
                    await slot.drain()
            servers.cancel_scope.cancel()

    async def _load(self, settings: Settings, plugins: Mapping[str, PluginInfo] | None) -> LoadResult:
        result = await load_in_process(LoadRequest(settings=settings, plugins=plugins))
        if result.problems:
            raise ConfigurationInvalid(result.problems)
        return result

    def _remember(self, result: LoadResult) -> None:
        _show_warnings(result)
        self._configuration = _message(self.settings, result)
        for slot in self._slots:
            slot.snapshot = self._configuration

    async def _put_in_force(self, settings: Settings, result: LoadResult) -> None:
        before = self._configuration
        self._configuration = _message(settings, result)
        try:
            async with trio.open_nursery() as nursery:
                for slot in self._slots:
                    nursery.start_soon(slot.configure, self._configuration)
        except* OarlockError as group:
            self._configuration = before
            for slot in self._slots:
                if before is not None:
                    with contextlib.suppress(OarlockError):
                        await slot.configure(before)
            raise OarlockError(str(group.exceptions[0])) from None

    async def _members_changed(self, name: str, addresses: list[str]) -> None:
        for slot in self._slots:
            await slot.set_members(name, addresses)

    async def _members_used(self, name: str, address: str) -> None:
        for slot in self._slots:
            await slot.uses(name, address)

    async def _signals(self, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        with trio.open_signal_receiver(signal.SIGINT, signal.SIGTERM, signal.SIGQUIT, signal.SIGHUP) as signals:
            task_status.started()
            async for number in signals:
                if number == signal.SIGHUP:
                    assert self._nursery is not None
                    self._nursery.start_soon(self._reload_by_signal)
                else:
                    self.stop()

    async def _reload_by_signal(self) -> None:
        try:
            await self.reload()
        except OarlockError as error:
            log.error("reload refused, the configuration in force stays: %s", error)
        except Exception:
            log.exception("reload failed, the configuration in force stays; this is a defect")

    def _commands(self) -> Mapping[str, control_socket.Command]:
        async def status(_: Mapping[str, Any]) -> Mapping[str, Any]:
            return await self.status()

        async def reload(_: Mapping[str, Any]) -> Mapping[str, Any]:
            return await self.reload()

        async def stop(_: Mapping[str, Any]) -> Mapping[str, Any]:
            self.stop()
            return {"pid": os.getpid()}

        async def restart(request: Mapping[str, Any]) -> Mapping[str, Any]:
            return await self._servers.restart(str(request.get("name", "")))

        return {"status": status, "reload": reload, "stop": stop, "restart": restart}

    async def status(self) -> dict[str, Any]:
        """The whole gateway at this moment, as plain data."""
        workers = [await slot.status() for slot in self._slots]
        return {
            "version": __version__,
            "pid": os.getpid(),
            "prefix": str(self.settings.prefix),
            "uptime": round(time.time() - self._started_at, 3),
            "listen": [f"{host}:{port}" for host, port in self.addresses],
            "configuration": self._configuration["version"] if self._configuration else None,
            "workers": workers,
            "plugin_servers": self._servers.status(),
        }


@contextlib.contextmanager
def _locked(prefix: Path) -> Iterator[None]:
    """Hold the prefix for as long as this process lives; the kernel lets go of it whatever happens."""
    path = prefix / "master.pid"
    while True:
        try:
            fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise OarlockError(f"cannot open {path}: {error.strerror}") from error
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.path.samestat(os.fstat(fd), os.stat(path)):
                break
        except BlockingIOError:
            os.close(fd)
            raise AlreadyRunning(prefix) from None
        except FileNotFoundError:
            pass  # the one before removed it between our open and our lock
        os.close(fd)
    try:
        os.ftruncate(fd, 0)
        os.pwrite(fd, f"{os.getpid()}\n".encode(), 0)
        yield
        path.unlink(missing_ok=True)
    finally:
        os.close(fd)


def _show_warnings(result: LoadResult) -> None:
    for warning in result.warnings:
        log.warning("%s", warning)


def _message(settings: Settings, result: LoadResult) -> dict[str, Any]:
    """What a worker needs to put a configuration in force."""
    servers = pickle.dumps(dict(settings.plugin_servers))
    return {"snapshot": result.snapshot, "version": result.version, "plugin_servers": servers}


def _changed_settings(before: Settings, after: Settings) -> set[str]:
    """Names of the settings that differ and that a running gateway can't take over."""
    live = {"plugin_servers", "declarative_config", "accept_missing"}
    names = {name for name in before.__dataclass_fields__ if name not in live}
    return {name for name in names if getattr(before, name) != getattr(after, name)}
