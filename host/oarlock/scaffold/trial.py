"""Runs a plugin behind a gateway that exists for as long as its author looks at it.

Gateway and echo upstream live in this process, the plugin server in one of its own; their files lie in a temporary
directory. When a file of the plugin changes, the plugin server is built and restarted, and the configuration checked
against what it then says of itself.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import tempfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

import trio

from oarlock import control_socket
from oarlock.config import settings as settings_module
from oarlock.config.settings import Settings
from oarlock.errors import OarlockError
from oarlock.master import Master
from oarlock.scaffold import watch
from oarlock.scaffold.echo import echo_upstream
from oarlock.scaffold.errors import CommandFailed, NotAPlugin
from oarlock.scaffold.languages import Language
from oarlock_pluginserver.spec import RESERVED_VARIABLES

LOG_LEVEL: Final = "debug"  # of the gateway, so that every line of the plugin is sent

_LOOK_INTERVAL: Final = 0.5  # seconds between two looks at the plugin's files
_ANSWER_TIMEOUT: Final = 120.0  # seconds; it may have to start the plugin server
_FIRST_START_TIMEOUT: Final = 60.0  # seconds: some languages compile when they start


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What to run, and what for."""

    language: Language
    directory: Path
    config: Mapping[str, Any] | None = None  # of the plugin; None: what it has by default
    upstream: str | None = None  # URL; None: one that echoes
    say: Callable[[str], None]  # takes lines for the author

    async def run(self) -> None:
        """Run until SIGINT or SIGTERM; nothing is left when this returns.

        Raises:
            OarlockError: it can't be run, and why; alone or in groups.
        """
        with contextlib.ExitStack() as resources:
            scratch = Path(resources.enter_context(tempfile.TemporaryDirectory(prefix="oarlock-run-")))
            upstream = self.upstream or resources.enter_context(echo_upstream())
            before = watch.look(self.directory)
            if (preparation := self.language.preparation(self.directory)) is not None:
                await preparation.check()
            await self._build(scratch)
            self._configure(scratch, upstream, ())
            settings = self._settings(scratch)
            async with trio.open_nursery() as nursery:
                await nursery.start(_run_and_cancel, Master(settings, lambda: settings), nursery.cancel_scope)
                status = await self._apply(scratch, upstream)
                self._greet(status, upstream)
                await self._follow_changes(scratch, upstream, before)

    def _greet(self, status: Mapping[str, Any], upstream: str) -> None:
        for name, info in sorted(status["plugin_servers"][self.language.name]["plugins"].items()):
            self.say(f"plugin {name} {info['version']}: {', '.join(info['phases'])}")
        self.say(f"upstream {upstream}")
        self.say(f"proxy http://{status['listen'][0]}")
        self.say("Ctrl-C ends it; a changed file restarts the plugin")

    async def _follow_changes(self, scratch: Path, upstream: str, before: watch.Snapshot) -> None:
        while True:
            await trio.sleep(_LOOK_INTERVAL)
            now = await trio.to_thread.run_sync(watch.look, self.directory)
            changed, before = watch.changes(before, now), now
            if not changed:
                continue
            self.say(f"{', '.join(changed)} changed")
            try:
                await self._build(scratch)
                await _ask(scratch, "restart", name=self.language.name)
                await self._apply(scratch, upstream)
            except OarlockError as error:
                self.say(f"not restarted, the plugin runs as it was: {error}")
            else:
                self.say("plugin restarted")

    async def _build(self, scratch: Path) -> None:
        if (build := self.language.build(self.directory, scratch)) is not None:
            await build.check()

    async def _apply(self, scratch: Path, upstream: str) -> Mapping[str, Any]:
        """Configure the gateway for what the plugin server offers now, and return the gateway's state.

        Raises:
            OarlockError: it offers nothing, or refuses its configuration.
        """
        status = await _ask(scratch, "status")
        server = status["plugin_servers"][self.language.name]
        if server["state"] != "up":
            raise CommandFailed(f"the plugin server did not start: {server['reason']}")
        names = sorted(server["plugins"])
        if not names:
            raise NotAPlugin(f"{self.directory} offers no plugin")
        if self.config is not None and len(names) > 1:
            raise NotAPlugin(f"a configuration is for one plugin, {self.directory} has {', '.join(names)}")
        self._configure(scratch, upstream, names)
        await _ask(scratch, "reload")
        return status

    def _settings(self, scratch: Path) -> Settings:
        server = self.language.server(self.directory, scratch)
        text = {
            "prefix": str(scratch / "run"),
            "declarative_config": str(scratch / "kong.yaml"),
            "listen": "127.0.0.1:0",
            "workers": 0,
            "shutdown_timeout": 2,
            "log": {"level": LOG_LEVEL, "access": "off"},
            "plugin_servers": {
                self.language.name: {
                    "command": list(server.words),
                    "working_directory": str(server.directory),
                    "start_timeout": _FIRST_START_TIMEOUT,
                    "stop_grace": 2,
                    "restart_ceiling": 1,
                    "quarantine_after": 1000,
                }
            },
        }
        file = scratch / "oarlock.yaml"
        file.write_text(json.dumps(text), encoding="utf-8")
        settings = settings_module.load(file, {}, {})
        environment = server.whole_environment().items()
        own = {name: value for name, value in environment if name not in RESERVED_VARIABLES}
        servers = {
            name: dataclasses.replace(server, environment=own) for name, server in settings.plugin_servers.items()
        }
        return dataclasses.replace(settings, plugin_servers=servers)

    def _configure(self, scratch: Path, upstream: str, plugins: Iterable[str]) -> None:
        """Write a configuration with one route. The plugins are global: those see every phase."""
        route = {"name": "everything", "paths": ["/"], "strip_path": False}
        text = {
            "_format_version": "3.0",
            "services": [{"name": "upstream", "url": upstream, "routes": [route]}],
            "plugins": [{"name": name, "config": dict(self.config or {})} for name in plugins],
        }
        (scratch / "kong.yaml").write_text(json.dumps(text, indent=2), encoding="utf-8")


async def _run_and_cancel(master: Master, scope: trio.CancelScope, task_status: trio.TaskStatus[None]) -> None:
    """Run the gateway; when it has ended, everything around it does."""
    await master.run(task_status=task_status)
    scope.cancel()


async def _ask(scratch: Path, command: str, **arguments: str) -> dict[str, Any]:
    """Give the gateway a command. Raises OarlockError when it refuses."""
    request = {"command": command, **arguments}
    call = partial(control_socket.call, scratch / "run" / "control.sock", request, _ANSWER_TIMEOUT)
    answer = await trio.to_thread.run_sync(call, abandon_on_cancel=True)
    if not answer.get("ok"):
        raise OarlockError(answer.get("error", "no reason given"))
    return answer
