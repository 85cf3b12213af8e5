"""Which facts go with an event: the results of PDK functions that the plugin is going to ask for.

What a phase always sends stands in proto/pdk.toml. It is encoded here by hand, in a few segments that are kept with the
exchange and encoded again only when what they were made of has changed: values of an exchange are replaced, never
mutated, so a comparison by identity is enough. What plugins declared or were seen to ask for is answered by the PDK
functions themselves.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import chain
from typing import Any, Final

import msgspec

from oarlock.errors import ClientError
from oarlock.pdk import bodies
from oarlock.pdk.arguments import check
from oarlock.pdk.caller import Caller
from oarlock.pdk.client import consumer_id_of, credential_id_of
from oarlock.pdk.exchange import trace_context_of
from oarlock.pdk.functions import IMPLEMENTATIONS
from oarlock.pdk.learning import FactKey
from oarlock.pdk.record import latencies
from oarlock.pdk.request import HTTP_VERSIONS, host_of
from oarlock.pdk.response import source_of
from oarlock.pdk.values import Text, text
from oarlock.proxy.exchange import Exchange
from oarlock_pluginserver._generated import pdk_table as table
from oarlock_pluginserver.errors import PdkError

BODY_FACTS: Final = frozenset(
    table.BY_NAME[name].number
    for name in (
        "kong.request.get_raw_body",
        "kong.request.get_body",
        "kong.response.get_raw_body",
        "kong.service.response.get_raw_body",
        "kong.service.response.get_body",
    )
)
REQUEST_BODY: Final = table.BY_NAME["kong.request.get_raw_body"].number
PARSED_BODY: Final = table.BY_NAME["kong.request.get_body"].number
_HEADERS: Final = table.BY_NAME["kong.request.get_headers"].number
_RESPONSE_HEADERS: Final = table.BY_NAME["kong.response.get_headers"].number
_STATUS: Final = table.BY_NAME["kong.response.get_status"].number
_SOURCE: Final = table.BY_NAME["kong.response.get_source"].number
_LATENCIES: Final = table.BY_NAME["kong.exchange.get_latencies"].number
_SIZES: Final = table.BY_NAME["kong.exchange.get_sizes"].number
_SHARED: Final = table.BY_NAME["kong.exchange.get_shared"].number
_GET_VAR: Final = table.BY_NAME["kong.nginx.get_var"].number
_CHANGES_BY_ITSELF: Final = frozenset(("msec", "request_time", "bytes_sent", "body_bytes_sent"))

_REWRITE: Final = table.PHASES["rewrite"]
_RESPONSE: Final = table.PHASES["response"]
_LOG: Final = table.PHASES["log"]

_encode: Final = msgspec.msgpack.Encoder().encode
_decode: Final = bytes.decode
_NO_SHARED: Final = _encode([_SHARED, {}])


def default_segments(x: Exchange, phase: int) -> tuple[list[bytes], bool]:
    """Return the facts that every event of `phase` carries, encoded, and whether a block of headers was too long to be
    among them, so that single headers are called for."""
    head, has_omitted = _head(x)
    segments = [head]
    if phase != _REWRITE:
        route = None if x.route is None else x.route.id
        service = None if x.service is None else x.service.id
        segments.append(_identity(route, service, consumer_id_of(x), credential_id_of(x)))
    if phase in (_RESPONSE, _LOG):
        response, is_omitted = _response(x, phase)
        segments.append(response)
        has_omitted = has_omitted or is_omitted
    if phase == _LOG:
        sizes = {"request": x.request_size, "response": x.response_size}
        segments.append(_encode([_LATENCIES, latencies(x), _SIZES, sizes]))
    if not x.shared:
        segments.append(_NO_SHARED)
    elif len(shared := _encode(x.shared)) <= table.MAX_WHOLE_SHARED:
        segments.append(_encode([_SHARED, msgspec.Raw(shared)]))
    return segments, has_omitted


def segment_of(c: Caller, keys: Iterable[FactKey], room: int) -> bytes | None:
    """Return the facts of `keys` as one segment, as far as they fit into `room` bytes; None if none does.

    A fact that can't be had, or not without waiting, is left out: the plugin then asks. A body does not count.
    """
    flat: list[Any] = []
    for key in keys:
        value = _fact(c, key)
        if value is None:
            continue
        size = len(value)
        number = key if isinstance(key, int) else key[0]
        if number not in BODY_FACTS:
            if size > room:
                continue
            room -= size
        elif size > table.MAX_BODY_FACT:
            continue
        flat += (key, msgspec.Raw(value))
    return _encode(flat) if flat else None


def may_be_learned(function: table.Function, args: Sequence[object], phase: int, has_omitted: bool) -> bool:
    """Whether a call of `function` says something for the next event.

    A default fact, or one to be found in a default block, was called for because the plugin itself had changed it.
    """
    if not function.prefetch or function.number in table.DEFAULT_FACTS[phase]:
        return False
    if function.lookup is not None and not has_omitted:
        source = function.lookup[0]
        return source not in table.DEFAULT_FACTS[phase] and source != _SHARED
    return not (function.number == _GET_VAR and args[:1] and args[0] in _CHANGES_BY_ITSELF)


def _head(x: Exchange) -> tuple[bytes, bool]:
    """The request, the client's addresses and ids: what rewrite sends. And whether the headers had to be left out."""
    kept = x.cache.get("facts.head")
    if kept is not None and kept[2] is x.headers and kept[3] is x.raw_query and kept[4] is x.method:
        return kept[0], kept[1]
    connection = x.connection
    headers = b"\n".join(chain.from_iterable(x.headers))
    texts = _texts(x.method, host_of(x), x.path, x.raw_target, x.raw_query, headers)
    may_be_traced = x.headers is not x.received_headers or b"traceparent" in headers
    flat: list[Any] = [
        40, texts[0], 41, connection.scheme, 42, texts[1], 43, connection.local_port,
        44, texts[2], 46, texts[3], 47, texts[4], 52, HTTP_VERSIONS.get(x.http_version),
        20, connection.peer_ip, 22, connection.peer_port, 21, x.forwarded_ip, 23, x.forwarded_port,
        1, x.id, 2, trace_context_of(x) if may_be_traced else None,
    ]  # fmt: skip
    fits = len(headers) <= table.MAX_HEADERS_BLOCK
    if fits:
        flat += (_HEADERS, texts[5])
    encoded = _encode(flat)
    x.cache["facts.head"] = (encoded, not fits, x.headers, x.raw_query, x.method)
    return encoded, not fits


def _texts(*values: bytes) -> list[Text]:
    """Return the same as `text` for each, in one step where all of them are UTF-8 as nearly always."""
    try:
        return list(map(_decode, values))
    except UnicodeDecodeError:
        return list(map(text, values))


@lru_cache(4096)
def _identity(route: str | None, service: str | None, consumer: str | None, credential: str | None) -> bytes:
    return _encode([3, route, 4, service, 5, consumer, 6, credential])


def _response(x: Exchange, phase: int) -> tuple[bytes, bool]:
    """Status, headers and source of the response; not kept, since it hardly ever serves two events."""
    status = x.sent_status or x.response_status if phase == _LOG else x.response_status
    flat: list[Any] = [_STATUS, status, _SOURCE, source_of(x)]
    headers = b"\n".join(chain.from_iterable(x.response_headers))
    fits = len(headers) <= table.MAX_HEADERS_BLOCK
    if fits:
        flat += (_RESPONSE_HEADERS, text(headers))
    return _encode(flat), not fits


def _fact(c: Caller, key: FactKey) -> bytes | None:
    number, *given = (key,) if isinstance(key, int) else key
    function = table.FUNCTIONS.get(number)  # type: ignore[call-overload]
    if function is None or c.phase not in function.phases or not function.available or number not in IMPLEMENTATIONS:
        return None
    try:
        args = check(function, given)
        if number == REQUEST_BODY:
            return _encode(_body_read(c.x))
        if number == PARSED_BODY:
            return _encode(bodies.parse_request(c.x, _body_read(c.x), args[0], args[1]))
        return _encode(IMPLEMENTATIONS[function.number](c, *args))
    except (PdkError, ClientError, ValueError, OverflowError, TypeError):
        return None


def _body_read(x: Exchange) -> bytes:
    if x.body is None and x.body_reader is not None:
        raise PdkError("pdk", "the body was not read")
    return x.body or b""
