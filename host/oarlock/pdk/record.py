"""The record of a request: what kong.log.serialize returns, with the edits of kong.log.set_serialize_value."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from oarlock.pdk import forms
from oarlock.pdk.client import consumer_id_of, consumer_of, credential_id_of
from oarlock.pdk.request import host_of
from oarlock.pdk.response import source_of
from oarlock.proxy.exchange import Exchange
from oarlock_pluginserver._generated.pdk_table import DEFAULT_MAX_HEADERS
from oarlock_pluginserver.errors import PdkError

WORKSPACE_ID: Final = "00000000-0000-0000-0000-000000000000"  # there is only the one
WORKSPACE_NAME: Final = "default"

_MASKED: Final = frozenset((b"authorization", b"proxy-authorization"))
_DOT: Final = re.compile(r"(?<!\\)\.")


def latencies(x: Exchange) -> dict[str, int]:
    """Return kong, proxy, request and receive in ms.

    That is the time in the gateway; waiting for upstream (-1: never asked); in all; and from the first byte of the
    upstream's response to the last byte sent.
    """
    end = x.sent_at or x.first_byte_at or x.upstream_started or x.started
    in_gateway = (x.upstream_started or end) - x.started
    waited = x.first_byte_at - x.upstream_started if x.first_byte_at else -0.001
    received = end - x.first_byte_at if x.first_byte_at else 0.0
    return {
        "kong": _ms(in_gateway),
        "proxy": _ms(waited),
        "request": _ms(end - x.started),
        "receive": _ms(received),
    }


def serialize(x: Exchange) -> dict[str, Any]:
    """Return the record with the edits applied.

    Raises:
        PdkError: `pdk`: an edit's path goes through something that is not a table.
    """
    request: dict[str, Any] = {
        "id": x.id,
        "uri": _readable(x.raw_target),
        "url": f"{x.connection.scheme}://{_readable(host_of(x))}:{x.connection.local_port}{_readable(x.raw_target)}",
        "querystring": forms.parse(x.raw_query, DEFAULT_MAX_HEADERS),
        "method": _readable(x.method),
        "headers": _headers(
            (name, b"REDACTED" if name in _MASKED else value) for name, value in x.headers[:DEFAULT_MAX_HEADERS]
        ),
        "size": x.request_size,
    }
    if x.connection.tls is not None:
        request["tls"] = dict(x.connection.tls)
    record: dict[str, Any] = {
        "request": request,
        "upstream_uri": _readable(x.upstream_uri),
        "upstream_status": str(x.upstream_status) if x.upstream_status else "",
        "response": {
            "status": x.sent_status or x.response_status,
            "headers": _headers(x.response_headers[:DEFAULT_MAX_HEADERS]),
            "size": x.response_size,
        },
        "latencies": latencies(x),
        "tries": [_try(each) for each in x.tries],
        "client_ip": x.forwarded_ip,
        "started_at": x.started_ms,
        "source": "upstream" if source_of(x) == "service" else "kong",
        "workspace": WORKSPACE_ID,
        "workspace_name": WORKSPACE_NAME,
    }
    if x.credential is not None:
        record["authenticated_entity"] = {"id": credential_id_of(x), "consumer_id": consumer_id_of(x)}
    if x.route is not None:
        record["route"] = x.route.to_kong()
    if x.service is not None:
        record["service"] = x.service.to_kong()
    if (consumer := consumer_of(x)) is not None:
        record["consumer"] = dict(consumer)
    for key, value, mode in x.log_edits:
        _edit(record, key, value, mode)
    return record


def as_json(x: Exchange) -> str:
    """Return the record as JSON text. Raises PdkError as `serialize`."""
    return json.dumps(serialize(x), ensure_ascii=False, separators=(",", ":"), default=_plain)


def _try(noted: Mapping[str, Any]) -> dict[str, Any]:
    """Return a try as Kong's record has it; times are known to the millisecond."""
    in_ns = {f"{name}_ns": noted[name] * 1_000_000 for name in ("balancer_start", "balancer_latency") if name in noted}
    return {**noted, **in_ns}


def _edit(record: dict[str, Any], key: str, value: Any, mode: str) -> None:
    *parents, last = (part.replace("\\.", ".") for part in _DOT.split(key))
    table = record
    for parent in parents:
        inner = table.get(parent)
        if inner is None:
            if mode == "replace" or value is None:
                return
            inner = table[parent] = {}
        if not isinstance(inner, dict):
            raise PdkError("pdk", f"cannot set {key!r} in the record: {parent!r} is not a table")
        table = inner
    is_there = table.get(last) is not None
    if mode == "set" or (mode == "add" and not is_there) or (mode == "replace" and is_there):
        if value is None:
            table.pop(last, None)
        else:
            table[last] = value


def _headers(headers: Iterable[tuple[bytes, bytes]]) -> dict[str, str | list[str]]:
    table: dict[str, str | list[str]] = {}
    for raw_name, raw_value in headers:
        name, value = _readable(raw_name), _readable(raw_value)
        known = table.get(name)
        if known is None:
            table[name] = value
        elif isinstance(known, list):
            known.append(value)
        else:
            table[name] = [known, value]
    return table


def _readable(value: bytes) -> str:
    """Return bytes as text for people; what is not UTF-8 shows as a replacement character."""
    return value.decode("utf-8", "replace")


def _plain(value: object) -> str:
    if isinstance(value, bytes):
        return _readable(value)
    raise TypeError(f"{type(value).__name__} in the record of a request")


def _ms(seconds: float) -> int:
    return int(seconds * 1000 + (0.5 if seconds >= 0 else -0.5))
