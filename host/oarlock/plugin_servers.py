"""The master's plugin servers: one supervisor for each, started, replaced and ended as the settings say."""

from __future__ import annotations

import logging
import math
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final

import trio

from oarlock import __version__
from oarlock.config.settings import PluginServerSettings, Settings
from oarlock.errors import OarlockError
from oarlock_pluginserver.errors import InvalidSpec, PluginServerError
from oarlock_pluginserver.info import HostInfo, PluginInfo, Welcome
from oarlock_pluginserver.server import inspect
from oarlock_pluginserver.spec import ServerSpec, base_environment
from oarlock_pluginserver.supervisor import Supervisor, probe

log = logging.getLogger("oarlock.master")

_EXTERNAL_TRIES: Final = 0.5  # seconds between two questions to a server that others run

_MOVE_TIMEOUT: Final = 5.0  # seconds for the workers to use a new member

MembersUsed = Callable[[str, str], Awaitable[None]]
MembersChanged = Callable[[str, list[str]], Awaitable[None]]


def spec_of(name: str, settings: PluginServerSettings, prefix: Path) -> ServerSpec:
    """The description of a plugin server in the supervisor's terms.

    Raises:
        OarlockError: it can't be run like this, and why.
    """
    try:
        return ServerSpec(
            name=name,
            command=settings.command,
            socket=tuple(address.removeprefix("unix:") for address in settings.socket),
            environment={**base_environment(), **settings.environment} if settings.command is not None else {},
            working_directory=settings.working_directory,
            user=settings.user,
            group=settings.group,
            processes=settings.processes,
            start_timeout=settings.start_timeout,
            stop_grace=settings.stop_grace,
            restart_initial=settings.restart_initial,
            restart_ceiling=settings.restart_ceiling,
            quarantine_after=settings.quarantine_after,
            quarantine_window=settings.quarantine_window,
        )
    except InvalidSpec as error:
        raise OarlockError(f"plugin_servers.{name}: {error}") from error


class _Running:
    """One supervisor in its own cancel scope."""

    def __init__(self, settings: PluginServerSettings, supervisor: Supervisor) -> None:
        self.settings = settings
        self.supervisor = supervisor
        self.scope = trio.CancelScope()
        self.ended = trio.Event()
        self.welcomes: dict[str, Welcome] = {}  # of a server that others run, which the supervisor does not ask
        self.replaces: _Running | None = None  # what it takes over from, until the workers use it

    @property
    def addresses(self) -> list[str]:
        """Where workers may send events now."""
        old = self.replaces.addresses if self.replaces is not None else []
        return list(dict.fromkeys([*self.supervisor.addresses, *old]))

    @property
    def plugins(self) -> dict[str, PluginInfo]:
        welcomes = self.supervisor.welcomes or self.welcomes
        found = {plugin.name: plugin for welcome in welcomes.values() for plugin in welcome.plugins}
        expected = self.settings.plugins
        return found if expected is None else {name: info for name, info in found.items() if name in expected}


class PluginServers:
    """All plugin servers of a master. `run` owns them; the other methods may be called while it runs."""

    def __init__(self, settings: Settings, members_changed: MembersChanged, members_used: MembersUsed) -> None:
        """`members_changed(name, addresses)` tells the workers, `members_used(name, address)` waits for all of them."""
        self._prefix = settings.prefix
        self._wanted = dict(settings.plugin_servers)
        self._members_changed = members_changed
        self._members_used = members_used
        self._running: dict[str, _Running] = {}
        self._nursery: trio.Nursery | None = None
        self._dirty: set[str] = set()
        self._being_replaced: set[str] = set()  # addresses
        self._wake = trio.Event()

    async def run(self, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """Run them until cancelled. Started: each is up, or has failed its first start and is tried again.

        Raises:
            OarlockError: one can't be run as its settings say.
        """
        async with trio.open_nursery() as nursery:
            self._nursery = nursery
            nursery.start_soon(self._tell_members)
            async with trio.open_nursery() as starting:
                for name, settings in self._wanted.items():
                    starting.start_soon(self._start, name, settings, None)
            task_status.started()
            await trio.sleep_forever()

    def check(self, settings: Settings) -> None:
        """Raises OarlockError when the plugin servers of these settings can't be run like this."""
        for name, server in settings.plugin_servers.items():
            self._supervisor(name, server)

    async def apply(self, settings: Settings) -> None:
        """Start what is new, end what is gone; what changed is started anew before the old one ends.

        Raises:
            OarlockError: one that serves now does not start as these settings say, and goes on as it was. Others may
                have been replaced: apply the settings before to have everything as it was.
        """
        wanted = dict(settings.plugin_servers)
        running = self._running
        changed = {
            name: server for name, server in wanted.items() if name not in running or running[name].settings != server
        }
        try:
            async with trio.open_nursery() as nursery:
                for name, server in changed.items():
                    nursery.start_soon(self._start, name, server, running.get(name))
        except* OarlockError as group:
            raise group.exceptions[0] from None
        self._wanted = wanted
        for name in running.keys() - wanted.keys():
            leaving = running.pop(name)
            await self._members_changed(name, [])
            self._end_later(leaving)

    async def restart(self, name: str) -> Mapping[str, Any]:
        """Replace every process of a plugin server, each new one up before the old one is dropped.

        Raises:
            OarlockError: there is none of that name, or a new process did not come up.
        """
        if name not in self._running:
            raise OarlockError(f"there is no plugin server {name!r}; known are {', '.join(sorted(self._running))}")
        try:
            await self._running[name].supervisor.restart()
        except PluginServerError as error:
            raise OarlockError(str(error)) from error
        return self._running[name].supervisor.status()

    def member_failed(self, name: str, address: str, reason: str) -> None:
        """A worker found the member at `address` broken or stuck: replace it, once, however many workers say so."""
        running = self._running.get(name)
        if running is None or not running.supervisor.spec.is_managed or address in self._being_replaced:
            return
        log.warning("plugin server %s: %s is replaced: %s", name, address, reason)
        self._being_replaced.add(address)
        assert self._nursery is not None
        self._nursery.start_soon(self._replace, running.supervisor, address)

    async def _replace(self, supervisor: Supervisor, address: str) -> None:
        try:
            await supervisor.replace(address)
        except PluginServerError as error:
            log.error("%s", error)
        finally:
            self._being_replaced.discard(address)

    def plugins(self) -> dict[str, PluginInfo]:
        """Every plugin that a server said it has, by name. Of two with one name, the first server's counts."""
        found: dict[str, PluginInfo] = {}
        for running in self._running.values():
            for name, info in running.plugins.items():
                found.setdefault(name, info)
        return found

    def status(self) -> dict[str, Any]:
        """State, members and plugins of each server, as plain data."""
        return {
            name: {
                **_finite(running.supervisor.status()),
                "plugins": {
                    info.name: {"version": info.version, "priority": info.priority, "phases": sorted(info.phases)}
                    for info in running.plugins.values()
                },
            }
            for name, running in self._running.items()
        }

    def _supervisor(self, name: str, settings: PluginServerSettings) -> Supervisor:
        spec = spec_of(name, settings, self._prefix)
        info = HostInfo(version=__version__)
        try:
            return Supervisor(
                *(spec, self._prefix / "sockets", info, partial(self._changed, name)),
                moved=partial(self._in_use, name),
            )
        except InvalidSpec as error:
            raise OarlockError(f"plugin_servers.{name}: {error}") from error

    async def _in_use(self, name: str, address: str) -> None:
        """Wait until every worker uses a new member, before the one that it replaces is ended; bounded."""
        running = self._running.get(name)
        if running is not None:
            await self._members_changed(name, running.addresses)
            with trio.move_on_after(_MOVE_TIMEOUT):
                await self._members_used(name, address)

    async def _start(self, name: str, settings: PluginServerSettings, replaces: _Running | None = None) -> None:
        assert self._nursery is not None
        supervisor = self._supervisor(name, settings)
        running = self._running[name] = _Running(settings, supervisor)
        running.replaces = replaces
        is_started = False
        try:
            await self._nursery.start(self._run_one, name, running)
            if replaces is not None and replaces.addresses and not supervisor.addresses:
                reason = supervisor.status()["reason"]
                raise OarlockError(f"plugin server {name}, which serves now, would not with these settings: {reason}")
            is_started = True
        finally:
            if not is_started:
                running.scope.cancel()
                if replaces is None:
                    del self._running[name]
                else:
                    self._running[name] = replaces
        self._changed(name, supervisor)
        if replaces is not None:
            for address in supervisor.addresses:
                await self._in_use(name, address)
            running.replaces = None
            await self._members_changed(name, running.addresses)
            self._end_later(replaces)

    async def _run_one(
        self, name: str, running: _Running, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED
    ) -> None:
        try:
            with running.scope:
                async with trio.open_nursery() as nursery:
                    await nursery.start(running.supervisor.run)
                    if not running.supervisor.spec.is_managed:
                        await nursery.start(self._ask_external, name, running)
                    task_status.started()
        finally:
            running.ended.set()

    async def _ask_external(
        self, name: str, running: _Running, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED
    ) -> None:
        """Ask a server that others run what it is, until it has answered."""
        told = False
        while not running.welcomes:
            for address in running.supervisor.addresses:
                try:
                    running.welcomes[address] = await inspect(
                        address, HostInfo(version=__version__), running.settings.start_timeout
                    )
                except (PluginServerError, trio.TooSlowError, OSError) as error:
                    if not told:
                        log.warning("plugin server %s does not answer: %s", name, error)
                    told = True
            task_status.started()
            task_status = trio.TASK_STATUS_IGNORED
            if not running.welcomes:
                await trio.sleep(_EXTERNAL_TRIES)

    def _end_later(self, running: _Running) -> None:
        """Give the workers the time to move, then end it."""
        assert self._nursery is not None

        async def end() -> None:
            await trio.sleep(1.0)
            running.scope.cancel()
            await running.ended.wait()

        self._nursery.start_soon(end)

    def _changed(self, name: str, supervisor: Supervisor) -> None:
        running = self._running.get(name)
        if running is not None and running.supervisor is supervisor:
            self._dirty.add(name)
            self._wake.set()

    async def _tell_members(self) -> None:
        while True:
            await self._wake.wait()
            self._wake = trio.Event()
            while self._dirty:
                name = self._dirty.pop()
                if (running := self._running.get(name)) is not None:
                    await self._members_changed(name, running.addresses)


async def probe_all(settings: Settings, directory: Path) -> tuple[dict[str, PluginInfo], dict[str, str]]:
    """Ask every plugin server what it is, for `oarlock check`: plugins by name, and failures by server."""
    plugins: dict[str, PluginInfo] = {}
    failures: dict[str, str] = {}

    async def ask(name: str, server: PluginServerSettings) -> None:
        try:
            spec = spec_of(name, server, settings.prefix)
            welcome = await probe(spec, directory, HostInfo(version=__version__))
        except (PluginServerError, OarlockError, OSError) as error:
            failures[name] = str(error)
        else:
            for plugin in welcome.plugins:
                plugins.setdefault(plugin.name, plugin)

    async with trio.open_nursery() as nursery:
        for name, server in settings.plugin_servers.items():
            nursery.start_soon(ask, name, server)
    return plugins, failures


def _finite(value: Any) -> Any:
    """The same data without infinities, which JSON does not know."""
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_finite(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
