"""What is known of a plugin server before it runs: its command or its addresses, and how to treat its processes."""

from __future__ import annotations

import math
import os
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Final

from oarlock_pluginserver.errors import InvalidSpec

RESERVED_VARIABLES: Final = frozenset({"OARLOCK_LISTEN", "OARLOCK_SERVER_NAME", "OARLOCK_MEMBER", "OARLOCK_HOST_UID"})

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,62}")  # becomes part of a file name; no dot: it parts the fields
_MAX_PROCESSES: Final = 1024
_PASSED_ON: Final = ("PATH", "HOME", "USER", "LOGNAME", "LANG", "LANGUAGE", "TZ", "TMPDIR")


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerSpec:
    """A plugin server: either a `command` that the supervisor runs, or the `socket`s of one that somebody else runs.

    Checked when it is built. Durations are seconds.

    Raises:
        InvalidSpec: a field can't be as it is; the text names server, field, what was found and what is expected.
    """

    name: str
    command: tuple[str, ...] | None = None  # looked up in the PATH of `environment`; relative to `working_directory`
    socket: tuple[str, ...] = ()  # "unix:/path" or "/path", one for each member
    environment: Mapping[str, str] = field(default_factory=dict)  # the whole of it, but for OARLOCK_*
    working_directory: Path | None = None  # None: the gateway's
    user: str | None = None  # name or number; None: the gateway's
    group: str | None = None  # None: the user's own groups
    processes: int = 1
    start_timeout: float = 10.0  # from the start of a process to its answer to the handshake
    stop_grace: float = 10.0  # between SIGTERM and SIGKILL
    restart_initial: float = 0.1
    restart_ceiling: float = 30.0
    quarantine_after: int = 5  # ends within `quarantine_window`
    quarantine_window: float = 120.0

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            self._refuse("name", self.name, "1 to 63 letters, digits, '-' and '_', a letter or digit first")
        if (self.command is None) == (not self.socket):
            found = "neither" if self.command is None else "both"
            self._refuse("command", found, "a command to run, or the sockets of a server that others run")
        self._check_command()
        self._check_environment()
        for address in self.socket:
            if not address.removeprefix("unix:").startswith("/"):
                self._refuse("socket", address, "the absolute path of a Unix socket, such as 'unix:/run/hello.sock'")
        object.__setattr__(self, "socket", tuple(f"unix:{entry.removeprefix('unix:')}" for entry in self.socket))
        object.__setattr__(self, "environment", MappingProxyType(dict(self.environment)))
        if self.group is not None and self.user is None:
            self._refuse("group", self.group, "a group only together with a user")
        if not 1 <= self.processes <= _MAX_PROCESSES:
            self._refuse("processes", self.processes, f"a whole number from 1 to {_MAX_PROCESSES}")
        if self.quarantine_after < 1:
            self._refuse("quarantine_after", self.quarantine_after, "a whole number from 1")
        for name in ("start_timeout", "restart_initial", "restart_ceiling", "quarantine_window"):
            self._check_seconds(name, positive=True)
        self._check_seconds("stop_grace", positive=False)
        if self.restart_initial > self.restart_ceiling:
            self._refuse("restart_initial", self.restart_initial, "at most restart_ceiling")

    @property
    def is_managed(self) -> bool:
        """Whether the supervisor runs the processes of this server."""
        return self.command is not None

    def _check_command(self) -> None:
        if self.command is None:
            return
        if not self.command or not self.command[0]:
            self._refuse("command", list(self.command), "a program, then its arguments")
        if any("\0" in word for word in self.command):
            self._refuse("command", list(self.command), "words without NUL")

    def _check_environment(self) -> None:
        for name, value in self.environment.items():
            if not name or "=" in name or "\0" in name or "\0" in value:
                self._refuse("environment", name, "names without '=', and neither names nor values with NUL")
            if name in RESERVED_VARIABLES:
                self._refuse("environment", name, "other names: this one is set for each process")

    def _check_seconds(self, name: str, *, positive: bool) -> None:
        value: float = getattr(self, name)
        if not math.isfinite(value) or value < 0 or (positive and value == 0):
            self._refuse(name, value, f"seconds, {'more than 0' if positive else '0 or more'}")

    def _refuse(self, name: str, found: object, expected: str) -> None:
        raise InvalidSpec(self.name, name, found, expected)


def base_environment(environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return what a server's environment may start from: where programs, home and zone are, and none of our secrets.

    The directory of this interpreter is added at the end of PATH, so that commands installed beside the gateway are
    found when its virtual environment is not activated.
    """
    passed_on = {name: environ[name] for name in _PASSED_ON if name in environ}
    passed_on |= {name: value for name, value in environ.items() if name.startswith("LC_")}
    passed_on["PATH"] = os.pathsep.join([environ.get("PATH", os.defpath), str(Path(sys.executable).parent)])
    return passed_on
