"""Settings of one plugin server."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Final

from oarlock.config.containers import ListOf, MapOf
from oarlock.config.fields import At, Choice, Fault, Faults, Text, Whole
from oarlock.config.plugin import FAILURE_POLICIES
from oarlock.config.setting_fields import CommandLine, FilePath, OneOrMore, Seconds, SocketAddress
from oarlock.config.structure import Structure
from oarlock_pluginserver._generated.pdk_table import PHASES

_POLICY = Choice(*FAILURE_POLICIES)
_WORD = Text("text")
_VALUE = Text("text; quote numbers", may_be_empty=True)


class PhaseDeadlines(MapOf):
    """Seconds by phase, over those that differ from the common deadline by default."""

    DEFAULT: Final = {"log": 10.0}

    def __init__(self) -> None:
        super().__init__(Choice(*PHASES), Seconds())

    def read(self, value: object, at: At, faults: Faults) -> Any:
        return {**self.DEFAULT, **super().read(value, at, faults)}


@dataclass(frozen=True, slots=True, kw_only=True)
class PluginServerSettings(Structure):
    """A process that hosts plugins: started by the gateway (`command`) or by somebody else (`socket`)."""

    command: Annotated[
        tuple[str, ...] | None, CommandLine(), "Program and arguments that start the server: the gateway runs it."
    ] = None
    socket: Annotated[
        tuple[str, ...],
        OneOrMore(SocketAddress()),
        "Unix sockets of a server that somebody else runs, one for each member.",
    ] = ()
    environment: Annotated[
        Mapping[str, str],
        MapOf(_WORD, Text("text; quote numbers", may_be_empty=True)),
        "Environment variables of the server.",
    ] = field(default_factory=dict)
    working_directory: Annotated[
        Path | None, FilePath(), "Directory the server runs in; none: that of the settings file."
    ] = None
    user: Annotated[str | None, _WORD, "User the server runs as; none: the gateway's."] = None
    group: Annotated[str | None, _WORD, "Group the server runs as; none: the user's."] = None
    processes: Annotated[int, Whole(1, 256), "How many processes of it to run."] = 1
    plugins: Annotated[
        tuple[str, ...] | None,
        ListOf(_WORD, is_set=True),
        "Plugins expected of this server; it may provide no others. None: all it says it has.",
    ] = None
    deadline: Annotated[float, Seconds(), "How long a plugin may take in a phase."] = 5.0
    deadlines: Annotated[Mapping[str, float], PhaseDeadlines(), "The same for single phases."] = field(
        default_factory=lambda: dict(PhaseDeadlines.DEFAULT)
    )
    on_error: Annotated[
        str, _POLICY, "What happens to a request when a plugin fails: `fail_closed` answers 500, `fail_open` goes on."
    ] = "fail_closed"
    on_timeout: Annotated[str, _POLICY, "The same for a plugin that exceeds its deadline (504)."] = "fail_closed"
    start_timeout: Annotated[float, Seconds(), "How long a process may take to answer after its start."] = 10.0
    stop_grace: Annotated[float, Seconds(0), "How long a process has to end after SIGTERM, before SIGKILL."] = 10.0
    restart_initial: Annotated[float, Seconds(), "Wait before the first restart; doubles with each."] = 0.1
    restart_ceiling: Annotated[float, Seconds(), "Longest wait before a restart."] = 30.0
    quarantine_after: Annotated[
        int, Whole(1, 1000), "A server that ends this often within `quarantine_window` is in quarantine."
    ] = 5
    quarantine_window: Annotated[float, Seconds(), "See `quarantine_after`."] = 120.0
    max_in_flight: Annotated[
        int, Whole(1, 65536), "Most events in flight per worker and member; more wait for their turn."
    ] = 256

    def rules(self) -> Iterator[Fault]:
        if (self.command is None) == (not self.socket):
            found = "neither" if self.command is None else "both"
            yield Fault((), "", "", message=f"expected either command or socket, found {found}")
        if self.socket:
            for name in ("environment", "working_directory", "user", "group"):
                if getattr(self, name):
                    yield Fault((name,), "", "", message="only for a server that the gateway starts (command)")
            if self.processes != 1:
                yield Fault(("processes",), self.processes, "as many sockets as there are processes instead")
        if self.group is not None and self.user is None:
            yield Fault(("group",), self.group, "a group only together with a user")
        if self.restart_initial > self.restart_ceiling:
            yield Fault(("restart_initial",), self.restart_initial, "at most restart_ceiling")
