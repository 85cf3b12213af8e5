"""A service: an API that requests are sent to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar
from urllib.parse import urlsplit

from oarlock.config.containers import ListOf
from oarlock.config.entity import Entity
from oarlock.config.fields import At, Choice, Fault, Faults, Flag, Foreign, Milliseconds, Uuid, Whole
from oarlock.config.http_fields import HOST, NAME, SERVICE_PATH

PROTOCOLS = ("http", "https", "grpc", "grpcs", "tcp", "tls", "udp", "tls_passthrough")
_TLS_FIELDS = ("client_certificate", "tls_verify", "tls_verify_depth", "ca_certificates")


@dataclass(frozen=True, slots=True, kw_only=True)
class Service(Entity):
    """An upstream API: where the requests of the routes that point to it are sent. Time-outs are seconds."""

    collection: ClassVar[str] = "services"
    key_field: ClassVar[str | None] = "name"
    unique: ClassVar[tuple[tuple[str, ...], ...]] = (("name",),)

    name: Annotated[str | None, NAME] = None
    protocol: Annotated[str, Choice(*PROTOCOLS)] = "http"
    host: Annotated[str, HOST]  # the name of an upstream selects that upstream
    port: Annotated[int, Whole(0, 65535)] = 80
    path: Annotated[str | None, SERVICE_PATH] = None
    retries: Annotated[int, Whole(0, 32767)] = 5
    connect_timeout: Annotated[float, Milliseconds()] = 60.0
    write_timeout: Annotated[float, Milliseconds()] = 60.0
    read_timeout: Annotated[float, Milliseconds()] = 60.0
    client_certificate: Annotated[str | None, Foreign("certificates")] = None
    tls_verify: Annotated[bool | None, Flag()] = None
    tls_verify_depth: Annotated[int | None, Whole(0, 64)] = None
    ca_certificates: Annotated[tuple[str, ...], ListOf(Uuid())] = ()
    enabled: Annotated[bool, Flag()] = True

    def rules(self) -> Iterator[Fault]:
        if self.path is not None and self.protocol not in ("http", "https"):
            yield Fault(("path",), self.path, f"no path with protocol {self.protocol}")
        if self.protocol not in ("https", "tls"):
            for name in _TLS_FIELDS:
                value = getattr(self, name)
                if value not in (None, ()):
                    yield Fault((name,), value, f"nothing with protocol {self.protocol}: it needs https or tls")


def expand_url(fields: dict[str, Any], at: At, faults: Faults) -> None:
    """Replace `url`, Kong's shorthand, by protocol, host, port and path, in place."""
    url = fields.pop("url", None)
    if url is None:
        return
    expected = "a URL such as http://example.com:8080/path"
    try:
        parts = urlsplit(url) if isinstance(url, str) else None
        port = parts.port if parts else None
    except ValueError:
        parts = port = None
    if parts is None or not parts.hostname or parts.scheme not in PROTOCOLS:
        faults.append(Fault((*at, "url"), url, expected))
        fields.setdefault("host", "invalid.url")  # the fault is reported: a second one about host would mislead
        return
    if parts.username is not None or parts.query or parts.fragment:
        faults.append(Fault((*at, "url"), url, expected, "a service's URL has no user, query or fragment"))
    for name in ("protocol", "host", "port", "path"):
        if fields.get(name) is not None:
            faults.append(Fault((*at, name), fields[name], "either url or its parts, not both"))
    fields["protocol"] = parts.scheme
    fields["host"] = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    fields["port"] = port if port is not None else 443 if parts.scheme == "https" else 80
    fields["path"] = parts.path or None
