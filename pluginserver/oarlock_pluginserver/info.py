"""Who a host and a plugin server are: what HELLO says of the one, and WELCOME of the other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from oarlock_pluginserver._generated import pdk_table as table
from oarlock_pluginserver.errors import ProtocolError

VERSIONS = table.VERSIONS
FEATURES = frozenset(table.FEATURES)

_HIGHEST_FUNCTION = max(number for number in table.FUNCTIONS if number < table.HOST_FUNCTIONS)
_Count = Annotated[int, Meta(ge=1, le=2**31 - 1)]
_Name = Annotated[str, Meta(max_length=255, pattern=r"^[!-~]+$")]  # printable: it is shown to people


@dataclass(frozen=True, slots=True, kw_only=True)
class HostInfo:
    """What a host tells a plugin server of itself."""

    product: str = "oarlock"
    version: str = "0"
    node_id: str = ""
    worker: int = 0
    peers: int = 1  # connections that a member should expect from this node
    functions: Mapping[str, int] = field(default_factory=dict)  # the host's own, numbers from 10000
    ping_interval: float = table.PING_MS / 1000  # seconds
    level: int = 3  # threshold of log lines outside events
    max_frame: int = table.MAX_FRAME_DEFAULT  # bytes that it takes in one frame
    window: int = table.WINDOW  # bytes that it takes on a stream before it grants more
    max_calls: int = table.MAX_CALLS  # calls of one event that may be open at once

    def hello(self, role: str) -> dict[str, Any]:
        """The map of HELLO. `role` is "worker" or "inspect"."""
        return {
            "versions": list(VERSIONS),
            "features": sorted(FEATURES),
            "role": role,
            "host": {
                "product": self.product,
                "version": self.version,
                "node_id": self.node_id,
                "worker": self.worker,
                "peers": self.peers,
            },
            "limits": {"max_frame": self.max_frame, "window": self.window, "max_calls": self.max_calls},
            "pdk": _HIGHEST_FUNCTION,
            "functions": dict(self.functions),
            "ping_ms": max(1, round(self.ping_interval * 1000)),
            "level": self.level,
        }


class PhaseInfo(Struct, frozen=True):
    """What a plugin says of one of its phases."""

    needs: list[Any] = []  # fact keys to be sent with every event
    body: str | None = None  # streaming phases: "observe" or "replace"
    rerun: bool = False  # running it twice for one request does no harm


class PluginInfo(Struct, frozen=True):
    """What a plugin says of itself."""

    name: _Name
    version: str = "0.1.0"
    priority: int = 0
    schema: Any = None  # of its configuration, in Kong's schema language; None: takes none
    phases: dict[str, PhaseInfo] = {}
    documentation: str = ""


class ServerInfo(Struct, frozen=True):
    """The process at the other end of a connection."""

    name: str = ""
    pid: int = 0
    member: int = 0
    language: str = ""
    sdk: str = ""  # version of the SDK
    build: str = ""  # opaque; another one means that the code is another one


class ServerLimits(Struct, frozen=True):
    """What the process takes at once, on one connection."""

    max_frame: Annotated[int, Meta(ge=table.MAX_FRAME_MINIMUM, le=2**32 - 1)] = table.MAX_FRAME_DEFAULT  # bytes
    window: _Count = table.WINDOW  # bytes of a stream before it grants more
    max_events: _Count = 1
    max_log_events: _Count = table.MAX_LOG_EVENTS


class Welcome(Struct, frozen=True):
    """What a plugin server says of itself, checked."""

    version: int = 1
    features: frozenset[str] = frozenset()  # those of the host's that it knows too
    server: ServerInfo = ServerInfo()
    plugins: list[PluginInfo] = []
    limits: ServerLimits = ServerLimits()
    pdk: int = table.MAX_ID  # highest function number below 10000 that it knows

    @classmethod
    def from_fields(cls, fields: Mapping[str, Any]) -> Welcome:
        """Check the map of a WELCOME.

        Raises:
            ProtocolError: a known key has a wrong type or value; the text names it.
        """
        try:
            welcome = msgspec.convert(fields, cls)
        except msgspec.ValidationError as exc:
            raise ProtocolError(f"WELCOME: {exc}") from exc
        if not VERSIONS[0] <= welcome.version <= VERSIONS[1]:
            raise ProtocolError(f"WELCOME: version {welcome.version} was not offered", code="version")
        if len({plugin.name for plugin in welcome.plugins}) != len(welcome.plugins):
            raise ProtocolError("WELCOME: two plugins of one name")
        return msgspec.structs.replace(welcome, features=welcome.features & FEATURES)
