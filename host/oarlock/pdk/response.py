"""kong.response: the response to the client. `exit` and `error` are outcomes: see `answers`."""

from __future__ import annotations

import logging
from typing import Final

from oarlock.pdk.caller import Caller
from oarlock.pdk.registry import implements
from oarlock.pdk.values import (
    FRAMING_HEADERS,
    Text,
    WrittenHeaders,
    block,
    first_line,
    header_name,
    header_values,
    text,
)
from oarlock.proxy.exchange import Exchange, Headers
from oarlock.proxy.headers import OF_THE_BODY
from oarlock_pluginserver._generated.pdk_table import DEFAULT_MAX_HEADERS, PHASES
from oarlock_pluginserver.errors import PdkError

log = logging.getLogger("oarlock.pdk")

_LOG: Final = PHASES["log"]


@implements("kong.response.get_status")
def get_status(c: Caller) -> int:
    x = c.x
    return x.sent_status or x.response_status if c.phase == _LOG else x.response_status


@implements("kong.response.get_header")
def get_header(c: Caller, name: bytes) -> Text | None:
    value = first_line(c.x.response_headers, name)
    return None if value is None else text(value)


@implements("kong.response.get_headers")
def get_headers(c: Caller, max_headers: int | None) -> Text:
    return block(c.x.response_headers[: max_headers or DEFAULT_MAX_HEADERS])


@implements("kong.response.get_source")
def get_source(c: Caller) -> str:
    return source_of(c.x)


@implements("kong.response.set_status")
def set_status(c: Caller, status: int) -> None:
    if status < 200:
        raise PdkError("bad_args", f"status {status} does not end a response")
    c.x.response_status = status


@implements("kong.response.set_header")
def set_header(c: Caller, name: bytes, value: object) -> None:
    line = response_name(name)
    values = header_values(name, value)
    if not is_framing(line, "kong.response.set_header"):
        c.x.response_headers = replaced(c.x.response_headers, line, values)


@implements("kong.response.add_header")
def add_header(c: Caller, name: bytes, value: object) -> None:
    line = response_name(name)
    values = header_values(name, value)
    if not is_framing(line, "kong.response.add_header"):
        c.x.response_headers = [*c.x.response_headers, *((line, each) for each in values)]


@implements("kong.response.clear_header")
def clear_header(c: Caller, name: bytes) -> None:
    line = response_name(name)
    if not is_framing(line, "kong.response.clear_header"):
        c.x.response_headers = [header for header in c.x.response_headers if header[0] != line]


@implements("kong.response.set_headers")
def set_headers(c: Caller, headers: WrittenHeaders) -> None:
    lines = c.x.response_headers
    for name, values in headers:
        line = name.replace(b"_", b"-")
        if not is_framing(line, "kong.response.set_headers"):
            lines = replaced(lines, line, values)
    c.x.response_headers = lines


@implements("kong.response.get_raw_body")
def get_raw_body(c: Caller) -> bytes:
    return c.x.response_body or b""


@implements("kong.response.set_raw_body")
def set_raw_body(c: Caller, body: bytes) -> None:
    x = c.x
    if x.upstream_body is None:
        x.upstream_body = x.response_body
    x.response_body = body
    x.response_headers = [header for header in x.response_headers if header[0] not in OF_THE_BODY]


def source_of(x: Exchange) -> str:
    """Return who made the response: `exit`, `error` or `service`."""
    if x.answer is not None:
        return x.answer.source
    return x.source or ("service" if x.proxied else "error")


def response_name(name: bytes) -> bytes:
    """Return a response header's name as it is written: `_` becomes `-`. Raises PdkError."""
    return header_name(name).replace(b"_", b"-")


def is_framing(name: bytes, function: str) -> bool:
    """Whether the gateway computes this header itself; the plugin's is then dropped with a warning."""
    if name not in FRAMING_HEADERS and name.replace(b"_", b"-") not in FRAMING_HEADERS:  # CGI takes them for the same
        return False
    log.warning("%s: %s is the gateway's to set; ignored", function, name.decode())
    return True


def replaced(headers: Headers, name: bytes, values: tuple[bytes, ...]) -> Headers:
    """Return headers with all lines of `name` replaced by one for each value, in the place of the first."""
    lines = [(name, value) for value in values]
    names = [header[0] for header in headers]
    if name not in names:
        return headers + lines
    first = names.index(name)
    return [*headers[:first], *lines, *[header for header in headers[first + 1 :] if header[0] != name]]
