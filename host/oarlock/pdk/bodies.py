"""Whole bodies for plugins: reading the client's, and parsing one by its type.

The client's body is read at most once, whoever asks and however often. What was read stays with the exchange even when
the plugin that asked fails or runs out of time: `finish` then reads the rest, so that nothing of the body is lost.
"""

from __future__ import annotations

import json
from typing import Any, Final

import trio

from oarlock.errors import ClientError
from oarlock.pdk import forms
from oarlock.pdk.caller import Caller
from oarlock.pdk.values import first_line, wire_safe
from oarlock.proxy.exchange import Exchange
from oarlock_pluginserver._generated.pdk_table import DEFAULT_MAX_HEADERS
from oarlock_pluginserver.errors import PdkError

FORM: Final = b"application/x-www-form-urlencoded"
JSON: Final = b"application/json"
MULTIPART: Final = b"multipart/form-data"

_TOO_LARGE = "request body did not fit into client body buffer, consider raising 'limits.max_buffered_body'"


class ReceivedBody:
    """What was read of a client's body so far, and who reads on: one task at a time."""

    __slots__ = ("has_ended", "lock", "pieces", "size")

    def __init__(self) -> None:
        self.pieces: list[bytes] = []
        self.size = 0
        self.has_ended = False
        self.lock = trio.Lock()


async def read(c: Caller, limit: int | None) -> bytes:
    """Return the request's body, read whole if it has not been.

    Args:
        c: who asks.
        limit: bytes; None, 0 or less: as much as the gateway buffers.

    Raises:
        PdkError: `pdk`: too large, malformed, or sent upstream without having been kept.
    """
    try:
        body = await read_whole(c.x, c.environment.settings.limits.max_buffered_body)
    except ClientError as error:
        raise PdkError("pdk", _TOO_LARGE if error.status == 413 else str(error)) from None
    if limit is not None and 0 < limit < len(body):
        raise PdkError("pdk", f"request body file too big: {len(body)} > {limit}")
    return body


async def read_whole(x: Exchange, limit: int) -> bytes:
    """Read what is left of the client's body and keep it in `x.body`.

    Raises:
        ClientError: malformed, too slow, longer than `limit` bytes (413).
        PdkError: `pdk`: it was streamed upstream.
    """
    if x.body is not None:
        return x.body
    reader = x.body_reader
    if reader is None:
        return b""
    if x.received_body is None:
        if x.proxied:
            raise PdkError("pdk", "the request's body was streamed upstream; a plugin that reads it declares that need")
        if reader.length is not None and reader.length > limit:
            raise ClientError(413, "Payload too large")  # nothing was read: it can still be streamed
        x.received_body = ReceivedBody()
    received = x.received_body
    async with received.lock:
        while not received.has_ended:
            if received.size > limit:
                raise ClientError(413, "Payload too large")
            piece = await reader.read_some()
            received.pieces.append(piece)
            received.size += len(piece)
            received.has_ended = not piece
        if len(received.pieces) > 1:
            received.pieces = [b"".join(received.pieces)]
    if x.body is None:
        x.body = received.pieces[0]
    return x.body


async def finish(x: Exchange, limit: int) -> None:
    """If reading the body was begun, have all of it in `x.body`: what was read can't be streamed any more.

    Raises:
        ClientError: as `read_whole`.
    """
    if x.received_body is not None and x.body is None:
        await read_whole(x, limit)


def check_type(mime: bytes | None) -> bytes:
    """Return the type that `parse` is going to use.

    Raises:
        PdkError: `pdk`: there is none, or none that can be parsed.
    """
    if not mime:
        raise PdkError("pdk", "missing content type")
    bare = mime.partition(b";")[0].strip().lower()
    for known in (FORM, JSON, MULTIPART):
        if bare.startswith(known):
            return known
    raise PdkError("pdk", f"unsupported content type '{mime.decode('ascii', 'backslashreplace')}'")


def parse(body: bytes, mime: bytes | None, max_args: int | None) -> object:
    """Return a body as a table, by its content type.

    Raises:
        PdkError: `pdk`: the type is missing or not supported, or the body is not of it.
    """
    match check_type(mime):
        case found if found == FORM:
            return forms.parse(body, max_args or DEFAULT_MAX_HEADERS)
        case found if found == JSON:
            return _parse_json(body)
        case _:
            boundary = forms.boundary_of(mime or b"")
            if boundary is None:
                raise PdkError("pdk", "missing boundary in the content type")
            return forms.parse_multipart(body, boundary)


def request_type(x: Exchange, mimetype: str | None) -> bytes | None:
    """Return the type to parse the request's body by: the one given, else the Content-Type."""
    return first_line(x.headers, b"content-type") if mimetype is None else mimetype.encode()


def parse_request(x: Exchange, body: bytes, mimetype: str | None, max_args: int | None) -> object:
    """Return the request's body as a table. Raises PdkError as `parse`."""
    return parse(body, request_type(x, mimetype), max_args)


def to_json(value: Any) -> bytes:
    """Return a table as JSON.

    Raises:
        ValueError, TypeError: it holds what JSON can't carry: infinities, bytes that are not UTF-8.
    """
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


def _parse_json(body: bytes) -> object:
    try:
        value = json.loads(body)
        value_fits = wire_safe(value)
    except (ValueError, RecursionError):
        raise PdkError("pdk", "invalid json body") from None
    if not isinstance(value, dict | list):
        raise PdkError("pdk", "invalid json body")
    if not value_fits:
        raise PdkError("too_large", "json body nested too deep, or with a number that is too large")
    return value
