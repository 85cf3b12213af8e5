"""kong.nginx: what plugins read of nginx in Kong, with the same meaning here."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import Any, Final

from oarlock.pdk.caller import Caller
from oarlock.pdk.ctx import with_value
from oarlock.pdk.registry import implements
from oarlock.pdk.request import host_of
from oarlock.pdk.values import Text, first_line, text
from oarlock.proxy.exchange import Exchange, Headers

Variable = Callable[[Exchange], Text | None]


@implements("kong.nginx.get_var")
def get_var(c: Caller, name: str) -> Text | None:
    if (variable := _VARIABLES.get(name)) is not None:
        return variable(c.x)
    if name == "hostname":
        return c.environment.node.hostname
    for prefix, look_up in _FAMILIES.items():
        if name.startswith(prefix):
            return look_up(c.x, name.removeprefix(prefix))
    return None


@implements("kong.nginx.get_tls1_version_str")
def get_tls1_version_str(c: Caller) -> str | None:
    tls = c.x.connection.tls
    return None if tls is None else tls["version"]


@implements("kong.nginx.get_ctx")
def get_ctx(c: Caller, key: str) -> Any:
    if key in c.x.nginx_ctx:
        return c.x.nginx_ctx[key]
    return c.x.started_ms if key == "KONG_PROCESSING_START" else None


@implements("kong.nginx.set_ctx")
def set_ctx(c: Caller, key: str, value: Any) -> None:
    c.x.nginx_ctx = with_value(c.x.nginx_ctx, key, value)


@implements("kong.nginx.req_start_time")
def req_start_time(c: Caller) -> float:
    return c.x.started_ms / 1000


@implements("kong.nginx.get_subsystem")
def get_subsystem(_c: Caller) -> str:
    return "http"


@implements("kong.nginx.get_statistics")
def get_statistics(c: Caller) -> dict[str, int]:
    counters = c.environment.counters
    return {
        "connections_active": counters.connections_active,
        "connections_reading": counters.connections_reading,
        "connections_writing": counters.connections_writing,
        "connections_waiting": counters.connections_waiting,
        "connections_accepted": counters.connections_accepted,
        "connections_handled": counters.connections_handled,
        "total_requests": counters.total_requests,
    }


def _header(headers: Headers, name: str) -> Text | None:
    """Return a header by the name nginx gives it in a variable: lower case, dashes as underscores."""
    value = first_line(headers, name.encode())
    return None if value is None else text(value)


def _argument(x: Exchange, name: str) -> Text | None:
    wanted = name.encode().lower()
    for piece in x.raw_query.split(b"&"):
        found, equals, value = piece.partition(b"=")
        if found.lower() == wanted and equals:
            return text(value)
    return None


def _cookie(x: Exchange, name: str) -> Text | None:
    wanted = name.encode().lower()
    for header, line in x.headers:
        if header == b"cookie":
            for pair in line.split(b";"):
                found, equals, value = pair.partition(b"=")
                if equals and found.strip().lower() == wanted:
                    return text(value.strip())
    return None


def _uri(x: Exchange) -> Text:
    return text(x.path)


def _status(x: Exchange) -> str | None:
    status = x.sent_status or x.response_status
    return f"{status:03d}" if status else None


def _request_time(x: Exchange) -> str:
    return f"{(x.sent_at or time.monotonic()) - x.started:.3f}"


def _addresses(x: Exchange) -> str | None:
    return ", ".join(f"{each['ip']}:{each['port']}" for each in x.tries) or None


def _query(x: Exchange) -> Text | None:
    return text(x.raw_query) if x.raw_query else None


_FAMILIES: Final[dict[str, Callable[[Exchange, str], Text | None]]] = {
    "http_": lambda x, name: _header(x.headers, name),
    "sent_http_": lambda x, name: _header(x.response_headers, name),
    "upstream_http_": lambda x, name: _header(x.upstream_headers, name),
    "arg_": _argument,
    "cookie_": _cookie,
}

_VARIABLES: Final[dict[str, Variable]] = {
    "args": _query,
    "body_bytes_sent": lambda x: str(x.response_size),
    "bytes_sent": lambda x: str(x.response_size),
    "content_length": lambda x: _header(x.headers, "content_length"),
    "content_type": lambda x: _header(x.headers, "content_type"),
    "document_uri": _uri,
    "host": lambda x: text(host_of(x)),
    "https": lambda x: "on" if x.connection.scheme == "https" else "",
    "is_args": lambda x: "?" if x.raw_query else "",
    "msec": lambda x: f"{time.time():.3f}",
    "pid": lambda x: str(os.getpid()),
    "query_string": _query,
    "realip_remote_addr": lambda x: x.connection.peer_ip,
    "realip_remote_port": lambda x: str(x.connection.peer_port),
    "remote_addr": lambda x: x.forwarded_ip,
    "remote_port": lambda x: "" if x.forwarded_port is None else str(x.forwarded_port),
    "request": lambda x: text(b"%s %s HTTP/%s" % (x.method, x.raw_target, x.http_version.encode())),
    "request_id": lambda x: x.id,
    "request_length": lambda x: str(x.request_size),
    "request_method": lambda x: text(x.method),
    "request_time": _request_time,
    "request_uri": lambda x: text(x.raw_target),
    "scheme": lambda x: x.connection.scheme,
    "server_addr": lambda x: x.connection.local_ip,
    "server_port": lambda x: str(x.connection.local_port),
    "server_protocol": lambda x: f"HTTP/{x.http_version}",
    "ssl_cipher": lambda x: None if x.connection.tls is None else x.connection.tls.get("cipher"),
    "ssl_protocol": lambda x: None if x.connection.tls is None else x.connection.tls.get("version"),
    "status": _status,
    "upstream_addr": _addresses,
    "upstream_host": lambda x: None if x.upstream_host is None else text(x.upstream_host),
    "upstream_scheme": lambda x: x.upstream_scheme,
    "upstream_status": lambda x: str(x.upstream_status) if x.upstream_status else None,
    "uri": _uri,
}
