"""kong.request: the client's request, with the changes that plugins made so far."""

from __future__ import annotations

from itertools import islice
from typing import Any

from oarlock.pdk import bodies, forms
from oarlock.pdk.caller import Caller
from oarlock.pdk.registry import implements
from oarlock.pdk.values import Text, block, first_line, text
from oarlock.proxy.exchange import Exchange
from oarlock_pluginserver._generated.pdk_table import DEFAULT_MAX_HEADERS

HTTP_VERSIONS = {"1.0": 1.0, "1.1": 1.1, "2": 2.0, "3": 3.0}


@implements("kong.request.get_start_time")
def get_start_time(c: Caller) -> int:
    return c.x.started_ms


@implements("kong.request.get_uri_captures")
def get_uri_captures(c: Caller) -> dict[str, Any]:
    if c.x.match is None:
        return {"unnamed": [], "named": {}}
    unnamed, named = c.x.match.captures
    return {
        "unnamed": [None if value is None else text(value) for value in unnamed],
        "named": {name: text(value) for name, value in named.items()},
    }


@implements("kong.request.get_method")
def get_method(c: Caller) -> Text:
    return text(c.x.method)


@implements("kong.request.get_scheme")
def get_scheme(c: Caller) -> str:
    return c.x.connection.scheme


@implements("kong.request.get_host")
def get_host(c: Caller) -> Text:
    return text(host_of(c.x))


@implements("kong.request.get_port")
def get_port(c: Caller) -> int:
    return c.x.connection.local_port


@implements("kong.request.get_path")
def get_path(c: Caller) -> Text:
    return text(c.x.path)


@implements("kong.request.get_raw_path")
def get_raw_path(c: Caller) -> Text:
    return text(c.x.raw_target.partition(b"?")[0])


@implements("kong.request.get_path_with_query")
def get_path_with_query(c: Caller) -> Text:
    return text(c.x.raw_target)


@implements("kong.request.get_raw_query")
def get_raw_query(c: Caller) -> Text:
    return text(c.x.raw_query)


@implements("kong.request.get_query_arg")
def get_query_arg(c: Caller, name: bytes) -> Text | bool | None:
    for found, value in islice(forms.arguments(c.x.raw_query), DEFAULT_MAX_HEADERS):
        if found == name:
            return True if value is None else text(value)
    return None


@implements("kong.request.get_query")
def get_query(c: Caller, max_args: int | None) -> list[forms.Argument]:
    return forms.flat(c.x.raw_query, max_args or DEFAULT_MAX_HEADERS)


@implements("kong.request.get_header")
def get_header(c: Caller, name: bytes) -> Text | None:
    value = first_line(c.x.headers, name)
    return None if value is None else text(value)


@implements("kong.request.get_headers")
def get_headers(c: Caller, max_headers: int | None) -> Text:
    return block(c.x.headers[: max_headers or DEFAULT_MAX_HEADERS])


@implements("kong.request.get_http_version")
def get_http_version(c: Caller) -> float | None:
    return HTTP_VERSIONS.get(c.x.http_version)


@implements("kong.request.get_forwarded_scheme")
def get_forwarded_scheme(c: Caller) -> Text:
    proto = _forwarded(c.x, b"x-forwarded-proto")
    return c.x.connection.scheme if proto is None else text(proto.lower())


@implements("kong.request.get_forwarded_host")
def get_forwarded_host(c: Caller) -> Text:
    host = _forwarded(c.x, b"x-forwarded-host")
    if host is None:
        return get_host(c)
    return text(host.rpartition(b"@")[2].partition(b":")[0].lower())


@implements("kong.request.get_forwarded_port")
def get_forwarded_port(c: Caller) -> int:
    if (given := _port(_forwarded(c.x, b"x-forwarded-port"))) is not None:
        return given
    host = _forwarded(c.x, b"x-forwarded-host")
    if host is not None and (named := _port(host.rpartition(b"@")[2].partition(b":")[2])) is not None:
        return named
    port = c.x.connection.local_port
    return c.environment.settings.port_maps.get(port, port)


@implements("kong.request.get_forwarded_path")
def get_forwarded_path(c: Caller) -> Text:
    path = _forwarded(c.x, b"x-forwarded-path")
    return text(c.x.path if path is None else path)


@implements("kong.request.get_forwarded_prefix")
def get_forwarded_prefix(c: Caller) -> Text | None:
    prefix = _forwarded(c.x, b"x-forwarded-prefix")
    match = c.x.match
    if prefix is None and match is not None and match.strips_path and match.matched_path != b"/":
        prefix = match.matched_path
    return text(prefix) if prefix else None


@implements("kong.request.get_raw_body")
async def get_raw_body(c: Caller, max_allowed_file_size: int | None) -> bytes:
    return await bodies.read(c, max_allowed_file_size)


@implements("kong.request.get_body")
async def get_body(c: Caller, mimetype: str | None, max_args: int | None, max_allowed_file_size: int | None) -> object:
    bodies.check_type(bodies.request_type(c.x, mimetype))  # before the body is waited for
    return bodies.parse_request(c.x, await bodies.read(c, max_allowed_file_size), mimetype, max_args)


def host_of(x: Exchange) -> bytes:
    """Return the host asked for: lower case, without port; brackets of an IPv6 literal stay."""
    host = first_line(x.headers, b"host") or b""
    if host.startswith(b"["):
        return (host.partition(b"]")[0] + b"]").lower()
    return host.partition(b":")[0].lower()


def _forwarded(x: Exchange, name: bytes) -> bytes | None:
    """Return what a trusted peer says in an X-Forwarded header; nobody else is believed."""
    return first_line(x.headers, name) if x.connection.is_trusted else None


def _port(value: bytes | None) -> int | None:
    if value is None or not value.isdigit() or len(value) > 5:
        return None
    port = int(value)
    return port if 0 < port < 65536 else None
