"""A route: which requests go to a service."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Annotated, ClassVar

import regex

from oarlock.config.containers import ListOf
from oarlock.config.entity import Entity
from oarlock.config.fields import At, Choice, Fault, Faults, Flag, Foreign, Text, Whole
from oarlock.config.http_fields import HEADERS, HOST_PATTERN, METHOD, NAME, NETWORK, SNI, RoutePath
from oarlock.config.patterns import refused_by_re2
from oarlock.config.structure import Nested, Structure

PROTOCOLS = ("http", "https", "grpc", "grpcs", "tcp", "tls", "udp", "tls_passthrough")
_FAMILIES = ({"http", "https"}, {"grpc", "grpcs"}, {"tcp", "tls", "udp"}, {"tls_passthrough"})
_MATCHERS = {  # by protocol: a route must declare one of these at least
    "http": ("methods", "hosts", "headers", "paths"),
    "https": ("methods", "hosts", "headers", "paths", "snis"),
    "grpc": ("hosts", "headers", "paths"),
    "grpcs": ("hosts", "headers", "paths", "snis"),
    "tcp": ("sources", "destinations", "snis"),
    "tls": ("sources", "destinations", "snis"),
    "udp": ("sources", "destinations", "snis"),
    "tls_passthrough": ("snis",),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint(Structure):
    """One end of a TCP connection, as a matcher: address or CIDR block, port, or both."""

    ip: Annotated[str | None, NETWORK] = None
    port: Annotated[int | None, Whole(0, 65535)] = None

    def rules(self) -> Iterator[Fault]:
        if self.ip is None and self.port is None:
            yield Fault((), self.to_kong(), "ip, port or both")


_ENDPOINTS = ListOf(Nested(Endpoint), is_set=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Route(Entity):
    """A rule that requests are matched with. Matchers that are not declared are empty."""

    collection: ClassVar[str] = "routes"
    key_field: ClassVar[str | None] = "name"
    unique: ClassVar[tuple[tuple[str, ...], ...]] = (("name",),)

    name: Annotated[str | None, NAME] = None
    protocols: Annotated[tuple[str, ...], ListOf(Choice(*PROTOCOLS), is_set=True, shortest=1)] = ("http", "https")
    methods: Annotated[tuple[str, ...], ListOf(METHOD, is_set=True)] = ()
    hosts: Annotated[tuple[str, ...], ListOf(HOST_PATTERN)] = ()
    paths: Annotated[tuple[str, ...], ListOf(RoutePath())] = ()
    headers: Annotated[Mapping[str, tuple[str, ...]], HEADERS] = field(default_factory=dict)
    snis: Annotated[tuple[str, ...], ListOf(SNI, is_set=True)] = ()
    sources: Annotated[tuple[Endpoint, ...], _ENDPOINTS] = ()
    destinations: Annotated[tuple[Endpoint, ...], _ENDPOINTS] = ()
    https_redirect_status_code: Annotated[int, Choice(426, 301, 302, 307, 308)] = 426
    regex_priority: Annotated[int, Whole(-(2**31), 2**31 - 1)] = 0
    strip_path: Annotated[bool, Flag()] = True
    preserve_host: Annotated[bool, Flag()] = False
    path_handling: Annotated[str, Choice("v0", "v1")] = "v0"
    request_buffering: Annotated[bool, Flag()] = True
    response_buffering: Annotated[bool, Flag()] = True
    service: Annotated[str | None, Foreign("services")] = None
    expression: Annotated[str | None, Text("an expression")] = None
    priority: Annotated[int, Whole(0, 2**46 - 1)] = 0

    def rules(self) -> Iterator[Fault]:
        protocols = set(self.protocols)
        if not any(protocols <= family for family in _FAMILIES):
            yield Fault(("protocols",), self.protocols, "protocols of one family: http and https, or grpc and grpcs")
        for name in self.headers:
            if name.lower() == "host":
                yield Fault(("headers", name), name, "any header but host", "use hosts")
        if self.snis and protocols.isdisjoint({"https", "grpcs", "tls", "tls_passthrough"}):
            yield Fault(("snis",), list(self.snis), "snis only with https, grpcs, tls or tls_passthrough")
        if self.expression is None and not any(self._has_matcher(protocol) for protocol in protocols):
            protocol = next(protocol for protocol in self.protocols)
            names = ", ".join(f"'{name}'" for name in _MATCHERS[protocol])
            yield Fault(
                (), "", "", f"a route for {protocol} matches nothing without them",
                f"at least one of these fields must be non-empty: {names}",
            )  # fmt: skip

    def _has_matcher(self, protocol: str) -> bool:
        return any(getattr(self, name) for name in _MATCHERS[protocol])


def regex_faults(route: Route, flavor: str) -> tuple[Faults, Faults]:
    """Return what is wrong with a route's regular expressions in a router flavour, and what is only worth a warning.

    They run on google-re2, in linear time; the traditional flavour runs those it refuses on a slower engine.
    """
    faults: Faults = []
    warnings: Faults = []
    found: list[tuple[At, str]] = [
        (("paths", position), path[1:]) for position, path in enumerate(route.paths) if path.startswith("~")
    ]
    found += [
        (("headers", name, 0), values[0][2:])
        for name, values in route.headers.items()
        if len(values) == 1 and values[0].startswith("~*")
    ]
    for at, pattern in found:
        if (reason := refused_by_re2(pattern)) is None:
            continue
        message = f"not a regular expression that google-re2 takes: {reason}"
        if flavor != "traditional":
            faults.append(Fault(at, pattern, "", message=message))
        elif not _is_regex(pattern):
            faults.append(Fault(at, pattern, "", message=f"not a valid regex: {reason}"))
    if route.path_handling == "v1" and flavor != "traditional":
        message = f"'v1' has no effect in the {flavor} flavour, as in Kong"
        warnings.append(Fault(("path_handling",), "", "", message=message))
    return faults, warnings


def _is_regex(pattern: str) -> bool:
    try:
        regex.compile(pattern)
    except (regex.error, RecursionError, OverflowError, ValueError):
        return False
    return True
