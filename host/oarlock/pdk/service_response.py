"""kong.service.response: what came from upstream, as it came."""

from __future__ import annotations

from oarlock.pdk import bodies
from oarlock.pdk.after_response import RELEASED
from oarlock.pdk.caller import Caller
from oarlock.pdk.registry import implements
from oarlock.pdk.values import Text, block, first_line, text
from oarlock.proxy.exchange import Exchange
from oarlock_pluginserver._generated.pdk_table import DEFAULT_MAX_HEADERS
from oarlock_pluginserver.errors import PdkError


@implements("kong.service.response.get_status")
def get_status(c: Caller) -> int | None:
    return c.x.upstream_status or None


@implements("kong.service.response.get_header")
def get_header(c: Caller, name: bytes) -> Text | None:
    value = first_line(c.x.upstream_headers, name)
    return None if value is None else text(value)


@implements("kong.service.response.get_headers")
def get_headers(c: Caller, max_headers: int | None) -> Text:
    return block(c.x.upstream_headers[: max_headers or DEFAULT_MAX_HEADERS])


@implements("kong.service.response.get_raw_body")
def get_raw_body(c: Caller) -> bytes:
    return _body(c.x)


@implements("kong.service.response.get_body")
def get_body(c: Caller, mimetype: str | None, max_args: int | None) -> object:
    mime = first_line(c.x.upstream_headers, b"content-type") if mimetype is None else mimetype.encode()
    return bodies.parse(_body(c.x), mime, max_args)


def _body(x: Exchange) -> bytes:
    body = x.response_body if x.upstream_body is None and x.answer is None else x.upstream_body
    if body is None:
        if x.cache.get(RELEASED):
            raise PdkError("too_large", "the body was let go: too many responses wait for their log handlers")
        raise PdkError(
            "pdk",
            "service body is only available with buffered proxying "
            "(see: kong.service.request.enable_buffering function)",
        )
    return body
