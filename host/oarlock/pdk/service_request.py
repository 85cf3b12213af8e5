"""kong.service.request: the request that is sent upstream. What is changed here, later plugins read in kong.request."""

from __future__ import annotations

import secrets

from oarlock.pdk import bodies, forms
from oarlock.pdk.caller import Caller
from oarlock.pdk.registry import implements
from oarlock.pdk.response import is_framing, replaced
from oarlock.pdk.values import WrittenHeaders, check_target, first_line, header_name, header_values
from oarlock.proxy.exchange import Exchange
from oarlock.proxy.http1 import is_host
from oarlock_pluginserver.errors import PdkError


@implements("kong.service.request.set_scheme")
def set_scheme(c: Caller, scheme: str) -> None:
    c.x.upstream_scheme = scheme


@implements("kong.service.request.set_path")
def set_path(c: Caller, path: bytes) -> None:
    c.x.upstream_path = forms.escape_path(path)


@implements("kong.service.request.set_raw_query")
def set_raw_query(c: Caller, query: bytes) -> None:
    c.x.raw_query = check_target(query, "query")


@implements("kong.service.request.set_query")
def set_query(c: Caller, args: dict[object, object]) -> None:
    c.x.raw_query = forms.encode(args)


@implements("kong.service.request.clear_query_arg")
def clear_query_arg(c: Caller, name: bytes) -> None:
    c.x.raw_query = forms.without(c.x.raw_query, name)


@implements("kong.service.request.set_method")
def set_method(c: Caller, method: str) -> None:
    c.x.method = method.encode()


@implements("kong.service.request.set_header")
def set_header(c: Caller, name: bytes, value: object) -> None:
    _set(c.x, _request_name(name), header_values(name, value), "kong.service.request.set_header")


@implements("kong.service.request.add_header")
def add_header(c: Caller, name: bytes, value: object) -> None:
    line = _request_name(name)
    values = header_values(name, value)
    if line == b"host":
        _set(c.x, line, values, "kong.service.request.add_header")
    elif not is_framing(line, "kong.service.request.add_header"):
        c.x.headers = [*c.x.headers, *((line, each) for each in values)]


@implements("kong.service.request.clear_header")
def clear_header(c: Caller, name: bytes) -> None:
    line = _request_name(name)
    if not is_framing(line, "kong.service.request.clear_header"):
        c.x.headers = [header for header in c.x.headers if header[0] != line]


@implements("kong.service.request.set_headers")
def set_headers(c: Caller, headers: WrittenHeaders) -> None:
    for name, values in headers:
        _set(c.x, name, values, "kong.service.request.set_headers")


@implements("kong.service.request.set_raw_body")
def set_raw_body(c: Caller, body: bytes) -> None:
    _set_body(c.x, body)


@implements("kong.service.request.set_body")
def set_body(c: Caller, args: dict[object, object], mimetype: str | None) -> bool:
    mime = first_line(c.x.headers, b"content-type") if mimetype is None else mimetype.encode()
    if not mime:
        raise PdkError("pdk", "content type was neither explicitly given as an argument or received as a header")
    bare = mime.partition(b";")[0].strip().lower()
    if bare == bodies.FORM:
        body = forms.encode(args)
    elif bare == bodies.JSON:
        try:
            body = bodies.to_json(args)
        except (TypeError, ValueError) as error:
            raise PdkError("pdk", f"could not encode the body as JSON: {error}") from None
    elif bare == bodies.MULTIPART:
        boundary = forms.boundary_of(mime)
        if boundary is None:
            boundary = secrets.token_hex(16).encode()
            mime = bodies.MULTIPART + b"; boundary=" + boundary
        body = forms.encode_multipart(args, boundary)
    else:
        raise PdkError("bad_args", f"unsupported content type {mime.decode('ascii', 'backslashreplace')}")
    _set(c.x, b"content-type", header_values("content-type", mime), "kong.service.request.set_body")
    _set_body(c.x, body)
    return True


@implements("kong.service.request.enable_buffering")
def enable_buffering(c: Caller) -> None:
    c.x.buffering = True


def _request_name(name: bytes) -> bytes:
    """Return a request header's name in lower case; `_` stays. Raises PdkError."""
    if name.lower() == b":authority":
        raise PdkError("pdk", "cannot set :authority pseudo-header on non gRPC requests")
    return header_name(name)


def _set(x: Exchange, name: bytes, values: tuple[bytes, ...], function: str) -> None:
    if name == b"host":
        if len(values) != 1:
            raise PdkError("bad_args", f"{function}: a request has exactly one Host")
        host = values[0].strip()
        if not is_host(host):
            raise PdkError("bad_args", f"{function}: not a host with or without a port")
        x.upstream_host = host
    if not is_framing(name, function):
        x.headers = replaced(x.headers, name, values)


def _set_body(x: Exchange, body: bytes) -> None:
    x.body = body
    kept = [header for header in x.headers if header[0] not in (b"content-length", b"transfer-encoding")]
    x.headers = [*kept, (b"content-length", str(len(body)).encode())]
