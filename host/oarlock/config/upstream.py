"""An upstream and its targets: the addresses that share a service's requests."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Annotated, ClassVar

from oarlock.config.containers import ListOf
from oarlock.config.entity import Entity
from oarlock.config.fields import Choice, Fault, Flag, Foreign, Number, Text, Whole
from oarlock.config.http_fields import (
    HEADER_NAME,
    HEADERS,
    HOST,
    NAME,
    SERVICE_PATH,
    SNI,
    TARGET,
    UPSTREAM_NAME,
    split_port,
)
from oarlock.config.structure import Nested, Structure

DEFAULT_TARGET_PORT = 8000
_COUNT = Whole(0, 255)  # 0 switches a counter off
_STATUSES = ListOf(Whole(100, 999), is_set=True)
_INTERVAL = Number(0, 65535, "seconds")
_HASH_ON = Choice("none", "consumer", "ip", "header", "cookie", "path", "query_arg", "uri_capture")


@dataclass(frozen=True, slots=True, kw_only=True)
class PassiveHealthy(Structure):
    """What in a real response makes a target healthy."""

    http_statuses: Annotated[tuple[int, ...], _STATUSES] = (*range(200, 209), 226, *range(300, 309))
    successes: Annotated[int, _COUNT] = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PassiveUnhealthy(Structure):
    """What in real traffic makes a target unhealthy."""

    http_statuses: Annotated[tuple[int, ...], _STATUSES] = (429, 500, 503)
    tcp_failures: Annotated[int, _COUNT] = 0
    timeouts: Annotated[int, _COUNT] = 0
    http_failures: Annotated[int, _COUNT] = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ActiveHealthy(Structure):
    """How often a healthy target is probed, and what brings an unhealthy one back."""

    interval: Annotated[float, _INTERVAL] = 0.0  # seconds; 0: not probed
    http_statuses: Annotated[tuple[int, ...], _STATUSES] = (200, 302)
    successes: Annotated[int, _COUNT] = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ActiveUnhealthy(Structure):
    """How often an unhealthy target is probed, and what makes one unhealthy."""

    interval: Annotated[float, _INTERVAL] = 0.0  # seconds; 0: not probed
    http_statuses: Annotated[tuple[int, ...], _STATUSES] = (429, 404, 500, 501, 502, 503, 504, 505)
    tcp_failures: Annotated[int, _COUNT] = 0
    timeouts: Annotated[int, _COUNT] = 0
    http_failures: Annotated[int, _COUNT] = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PassiveChecks(Structure):
    """Health by watching traffic."""

    type: Annotated[str, Choice("tcp", "http", "https", "grpc", "grpcs")] = "http"
    healthy: Annotated[PassiveHealthy, Nested(PassiveHealthy)] = PassiveHealthy()
    unhealthy: Annotated[PassiveUnhealthy, Nested(PassiveUnhealthy)] = PassiveUnhealthy()


@dataclass(frozen=True, slots=True, kw_only=True)
class ActiveChecks(Structure):
    """Health by probing."""

    type: Annotated[str, Choice("tcp", "http", "https", "grpc", "grpcs")] = "http"
    timeout: Annotated[float, _INTERVAL] = 1.0  # seconds
    concurrency: Annotated[int, Whole(1, 2**31 - 1)] = 10
    http_path: Annotated[str, SERVICE_PATH] = "/"
    https_sni: Annotated[str | None, SNI] = None
    https_verify_certificate: Annotated[bool, Flag()] = True
    headers: Annotated[Mapping[str, tuple[str, ...]], HEADERS] = field(default_factory=dict)
    healthy: Annotated[ActiveHealthy, Nested(ActiveHealthy)] = ActiveHealthy()
    unhealthy: Annotated[ActiveUnhealthy, Nested(ActiveUnhealthy)] = ActiveUnhealthy()


@dataclass(frozen=True, slots=True, kw_only=True)
class Healthchecks(Structure):
    """When a target gets no requests."""

    active: Annotated[ActiveChecks, Nested(ActiveChecks)] = ActiveChecks()
    passive: Annotated[PassiveChecks, Nested(PassiveChecks)] = PassiveChecks()
    threshold: Annotated[float, Number(0, 100, "per cent")] = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Upstream(Entity):
    """A name that services use as their host; its targets share the requests."""

    collection: ClassVar[str] = "upstreams"
    key_field: ClassVar[str | None] = "name"
    unique: ClassVar[tuple[tuple[str, ...], ...]] = (("name",),)

    name: Annotated[str, UPSTREAM_NAME]
    algorithm: Annotated[str, Choice("round-robin", "consistent-hashing", "least-connections", "latency")] = (
        "round-robin"
    )
    hash_on: Annotated[str, _HASH_ON] = "none"
    hash_fallback: Annotated[str, _HASH_ON] = "none"
    hash_on_header: Annotated[str | None, HEADER_NAME] = None
    hash_fallback_header: Annotated[str | None, HEADER_NAME] = None
    hash_on_cookie: Annotated[str | None, Text("a cookie name")] = None
    hash_on_cookie_path: Annotated[str, SERVICE_PATH] = "/"
    hash_on_query_arg: Annotated[str | None, Text()] = None
    hash_fallback_query_arg: Annotated[str | None, Text()] = None
    hash_on_uri_capture: Annotated[str | None, NAME] = None
    hash_fallback_uri_capture: Annotated[str | None, NAME] = None
    slots: Annotated[int, Whole(10, 65536)] = 10000
    healthchecks: Annotated[Healthchecks, Nested(Healthchecks)] = Healthchecks()
    host_header: Annotated[str | None, HOST] = None
    client_certificate: Annotated[str | None, Foreign("certificates")] = None
    use_srv_name: Annotated[bool, Flag()] = False

    def rules(self) -> Iterator[Fault]:
        for mode in ("header", "query_arg", "uri_capture", "cookie"):
            for which in ("hash_on", "hash_fallback"):
                name = f"{which}_{mode}" if mode != "cookie" else "hash_on_cookie"
                if getattr(self, which) == mode and getattr(self, name) is None:
                    yield Fault((name,), None, f"a value, since {which} is {mode}")
        if self.hash_on in ("none", "cookie") and self.hash_fallback != "none":
            yield Fault(("hash_fallback",), self.hash_fallback, f"none, since hash_on is {self.hash_on}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Target(Entity):
    """One address of an upstream; weight 0 takes it out of rotation."""

    collection: ClassVar[str] = "targets"
    key_field: ClassVar[str | None] = "target"
    unique: ClassVar[tuple[tuple[str, ...], ...]] = (("upstream", "target"),)

    target: Annotated[str, TARGET]
    weight: Annotated[int, Whole(0, 65535)] = 100
    upstream: Annotated[str, Foreign("upstreams")]

    @property
    def host(self) -> str:
        """Host name or address, without port and brackets."""
        split = split_port(self.target)
        return split[0].strip("[]") if split else self.target

    @property
    def port(self) -> int:
        """The port; 8000 when the target has none, as in Kong."""
        split = split_port(self.target)
        return (split[1] if split else None) or DEFAULT_TARGET_PORT
