"""What a gateway runs with: frozen Settings, each with its type, default and documentation.

`load` puts them together from a file, the environment and flags (`setting_sources`); `docs/settings.md` is written from
the declarations here (`python -m oarlock.config.document`). Times are seconds, sizes are bytes.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated, Any

from oarlock.config import setting_sources
from oarlock.config.containers import ListOf, MapOf, SetOf
from oarlock.config.fields import Choice, Fault, Faults, Flag, Text, Uuid, Whole, did_you_mean
from oarlock.config.http_fields import HEADER_NAME, NETWORK
from oarlock.config.plugin_server_settings import PluginServerSettings
from oarlock.config.setting_fields import (
    FilePath,
    Listen,
    ListenAddress,
    NameServer,
    OneOrMore,
    PortMaps,
    Seconds,
    Size,
)
from oarlock.config.structure import Nested, Structure
from oarlock.config.unsupported import not_supported
from oarlock.errors import ConfigurationInvalid

__all__ = ["Limits", "Listen", "LogSettings", "PluginServerSettings", "ResolverSettings", "Settings"]

_LISTEN_FLAGS = ("reuseport", "bind", "deferred", "backlog", "so_keepalive", "ipv6only")  # taken, without effect
_WORD = Text("text")
_SERVER_NAME = Text(
    "1 to 63 letters, digits, '-' and '_', a letter or digit first",
    lambda text: re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]{0,62}", text) is not None,
)


def available_cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits(Structure):
    """What a client or an upstream may make the gateway hold or wait for."""

    max_head_size: Annotated[int, Size(1024, 2**20), "Request or response line and headers (431)."] = 32768
    max_uri_size: Annotated[int, Size(256, 2**20), "Request target (414)."] = 16384
    max_headers: Annotated[int, Whole(8, 1000), "Header lines (431)."] = 200
    max_body_size: Annotated[int, Size(), "Request body (413); 0: no limit."] = 0
    max_buffered_body: Annotated[
        int, Size(1024, 2**32), "Body that is held in memory for plugins, of request (413) or response (502)."
    ] = 8 * 2**20
    head_timeout: Annotated[float, Seconds(), "For a request's head, from its first byte (408)."] = 10.0
    idle_timeout: Annotated[float, Seconds(), "A client connection without request is closed after this."] = 75.0
    body_timeout: Annotated[float, Seconds(), "Between two pieces of a request's body (408)."] = 60.0
    max_connections: Annotated[int, Whole(1, 10**6), "Client connections per worker (503)."] = 16384
    max_requests_per_connection: Annotated[
        int, Whole(0, 10**9), "Requests on one client connection before it is closed; 0: no limit."
    ] = 10000


@dataclass(frozen=True, slots=True, kw_only=True)
class LogSettings(Structure):
    """What is written where."""

    level: Annotated[
        str,
        Choice("debug", "info", "notice", "warn", "error", "crit", "alert", "emerg"),
        "Least severity that is written to standard error.",
    ] = "notice"
    format: Annotated[str, Choice("text", "json"), "Form of log lines."] = "text"
    access: Annotated[str, _WORD, "Access log: a file, `-` for standard output, or `off`."] = "-"
    access_format: Annotated[str, Choice("combined", "json"), "Form of access log lines."] = "combined"


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolverSettings(Structure):
    """How names of upstreams become addresses."""

    nameservers: Annotated[
        tuple[str, ...], ListOf(NameServer()), "Name servers, as ADDRESS or ADDRESS:PORT; empty: those of resolv.conf."
    ] = ()
    hosts_file: Annotated[Path, FilePath(), "Names that are looked up first."] = Path("/etc/hosts")
    family: Annotated[
        tuple[str, ...],
        ListOf(Choice("SRV", "A", "AAAA"), is_set=True, shortest=1),
        "Record types asked for.",
    ] = ("A", "SRV")
    timeout: Annotated[float, Seconds(), "For one look-up."] = 5.0
    valid_ttl: Annotated[float | None, Seconds(0), "How long an answer counts; none: as the answer says."] = None
    stale_ttl: Annotated[float, Seconds(0), "How long an old answer serves while a new one can't be had."] = 3600.0
    error_ttl: Annotated[float, Seconds(0), "How long a failed look-up is remembered."] = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings(Structure):
    """What a gateway runs with."""

    listen: Annotated[
        tuple[Listen, ...], OneOrMore(ListenAddress(), shortest=1), "Addresses that clients connect to."
    ] = (Listen("127.0.0.1", 8000),)
    workers: Annotated[
        int, Whole(0, 1024), "Worker processes; 0: everything in one process, for tests and `oarlock dev`."
    ] = field(default_factory=available_cores)
    prefix: Annotated[Path, FilePath(), "Working directory: lock, control socket, sockets of plugin servers."] = Path(
        ".oarlock"
    )
    declarative_config: Annotated[
        Path | None, FilePath(), "Declarative file in Kong's format, YAML or JSON: services, routes, plugins …"
    ] = None
    accept_missing: Annotated[
        tuple[str, ...],
        ListOf(_WORD, is_set=True),
        "Names of missing features that a file may ask for all the same, as the error message gives them.",
    ] = ()
    plugin_servers: Annotated[
        Mapping[str, PluginServerSettings], MapOf(_SERVER_NAME, Nested(PluginServerSettings)), "Plugin servers by name."
    ] = field(default_factory=dict)
    plugin_facts: Annotated[
        bool,
        Flag(),
        "Send plugins what they are likely to ask for with each event; `false`, for debugging: they ask each time.",
    ] = True
    router_flavor: Annotated[
        str, Choice("traditional_compatible", "traditional", "expressions"), "Rules by which a route is chosen."
    ] = "traditional_compatible"
    trusted_ips: Annotated[
        tuple[str, ...],
        ListOf(NETWORK, is_set=True),
        "Peers whose X-Forwarded-* headers are believed: addresses and CIDR blocks.",
    ] = ()
    real_ip_header: Annotated[str, HEADER_NAME, "Header with the client's address, from trusted peers."] = "X-Real-IP"
    real_ip_recursive: Annotated[
        bool, Flag(), "Take the last address of the header that is not trusted, not just the last one."
    ] = False
    headers: Annotated[
        frozenset[str],
        SetOf(
            Choice(
                "server_tokens", "latency_tokens", "Server", "Via", "X-Kong-Proxy-Latency", "X-Kong-Response-Latency",
                "X-Kong-Admin-Latency", "X-Kong-Upstream-Latency", "X-Kong-Upstream-Status", "X-Kong-Request-Id", "off",
            ),
        ),
        "Headers the gateway adds to responses; `off`: none.",
    ] = frozenset({"server_tokens", "latency_tokens", "X-Kong-Request-Id"})  # fmt: skip
    headers_upstream: Annotated[
        frozenset[str],
        SetOf(Choice("X-Kong-Request-Id", "off")),
        "Headers the gateway adds to requests; `off`: none.",
    ] = frozenset({"X-Kong-Request-Id"})
    kong_compat: Annotated[bool, Flag(), "Server and Via name Kong, for drop-in use."] = False
    port_maps: Annotated[
        Mapping[int, int], PortMaps(), "PUBLIC:LISTENING ports, for a gateway behind a port translation."
    ] = field(default_factory=dict)
    node_id: Annotated[str | None, Uuid(), "Id of this node; none: a new one with each start."] = None
    allow_debug_header: Annotated[bool, Flag(), "Let the header Kong-Debug reveal route and service."] = False
    error_default_type: Annotated[
        str,
        Choice("text/plain", "text/html", "application/json", "application/xml", "application/grpc"),
        "Form of error pages when the request does not say.",
    ] = "text/plain"
    limits: Annotated[Limits, Nested(Limits), "Limits on clients and upstreams."] = Limits()
    upstream_keepalive_pool_size: Annotated[
        int, Whole(0, 65536), "Idle connections kept per destination and worker; 0: none."
    ] = 512
    upstream_keepalive_max_requests: Annotated[
        int, Whole(0, 10**9), "Requests on one upstream connection; 0: no limit."
    ] = 10000
    upstream_keepalive_idle_timeout: Annotated[
        float, Seconds(0), "An idle upstream connection is closed after this; 0: never."
    ] = 60.0
    client_half_close: Annotated[
        str,
        Choice("abort", "serve"),
        "A client that closed its sending side: `abort` its request (499), or `serve` it.",
    ] = "abort"
    log: Annotated[LogSettings, Nested(LogSettings), "Logs."] = LogSettings()
    shutdown_timeout: Annotated[float, Seconds(0), "How long requests in flight may take at a stop."] = 30.0
    worker_timeout: Annotated[
        float, Seconds(0.1), "A worker that does not answer the master for so long is replaced."
    ] = 2.0
    trusted_certificate: Annotated[
        Path | None, FilePath(), "PEM file of the authorities that upstreams are checked against; none: the system's."
    ] = None
    resolver: Annotated[ResolverSettings, Nested(ResolverSettings), "Name resolution."] = ResolverSettings()


def load(file: Path | None, environ: Mapping[str, str], flags: Mapping[str, Any]) -> Settings:
    """Put the settings together: defaults, then `file`, then OARLOCK_… of `environ`, then `flags`.

    Raises:
        oarlock.errors.ConfigurationInvalid: with all that is wrong, each with its file and line.
    """
    gathered = setting_sources.gather(Settings, file, environ, flags)
    faults: Faults = []
    values = Settings.read_fields(gathered.values, (), faults)
    accepted = values.get("accept_missing", ())
    faults += [fault for feature, fault in _not_supported(values) if feature not in accepted]
    # a listener whose `ssl` was accepted is left out: never serve in plain text what was to be encrypted
    listen = tuple(address for address in values.get("listen", ()) if "ssl" not in address.flags)
    if listen != values.get("listen", ()):
        values["listen"] = listen
        if not listen and not faults:
            faults.append(Fault(("listen",), "", "", message="no address is left to listen on without those with ssl"))
    settings = None if faults else Settings.build(values, (), faults)
    if settings is None:
        raise ConfigurationInvalid(gathered.problems(faults))
    return _with_directories(setting_sources.resolve_paths(settings, gathered.directory), gathered.directory)


def _with_directories(settings: Settings, directory: Path) -> Settings:
    """Let plugin servers that name no working directory run in `directory`."""
    servers = {
        name: replace(server, working_directory=directory)
        if server.command is not None and server.working_directory is None
        else server
        for name, server in settings.plugin_servers.items()
    }
    return replace(settings, plugin_servers=servers)


def _not_supported(values: Mapping[str, Any]) -> Iterator[tuple[str, Fault]]:
    """Yield what is asked for and not built yet, with the name that `accept_missing` knows it by."""
    for position, address in enumerate(values.get("listen", ())):
        for flag in address.flags:
            feature = flag.split("=")[0]
            if feature in ("ssl", "http2", "proxy_protocol"):
                yield feature, not_supported(("listen", position), str(address), feature)
            elif feature not in _LISTEN_FLAGS:
                hint = did_you_mean(feature, _LISTEN_FLAGS)
                yield "", Fault(("listen", position), str(address), "", hint, f"unknown flag '{feature}'")
    if values.get("router_flavor") == "expressions":
        yield "expressions", not_supported(("router_flavor",), "expressions", "expressions")
