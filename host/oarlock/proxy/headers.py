"""Headers on their way through: what is dropped, what is added, what the other side's fields become.

Both builders run once per request, so each is one pass over the fields: a name that needs no thought is passed on after
one look into a set, the few others are gathered and dealt with by name. Fields keep their order and repetitions.

Framing is not done here. What is returned has no Content-Length, no Transfer-Encoding, and towards the client no
Connection: the caller adds what fits the body it sends.
"""

from __future__ import annotations

import time
from functools import lru_cache
from typing import Final

from oarlock.proxy.exchange import Exchange, Headers
from oarlock.proxy.header_rules import HeaderRules
from oarlock.proxy.trusted import TrustedAddresses, real_ip
from oarlock.router.path import escape

__all__ = [
    "OF_THE_BODY",
    "HeaderRules",
    "TrustedAddresses",
    "answer_headers",
    "client_response_headers",
    "real_ip",
    "upstream_host",
    "upstream_request_headers",
]

# What describes a response's body: it goes when the body becomes another one.
OF_THE_BODY: Final = frozenset(
    {
        b"content-digest",
        b"content-encoding",
        b"content-length",
        b"content-md5",
        b"digest",
        b"etag",
        b"repr-digest",
        b"transfer-encoding",
    }
)

# Of one connection only (RFC 9110 §7.6.1), or describing the message's framing, which is made anew.
_HOP_BY_HOP: Final = frozenset(
    {
        b"connection",
        b"content-length",
        b"keep-alive",
        b"proxy-connection",
        b"te",
        b"trailer",
        b"transfer-encoding",
        b"upgrade",
    }
)
_GATHERED_FROM_CLIENT: Final = _HOP_BY_HOP | {
    b"expect",  # answered, or asked again, by whoever sends the body
    b"host",
    b"proxy",  # a client must not set HTTP_PROXY of a CGI program (httpoxy)
    b"via",
    b"x-forwarded-for",
    b"x-forwarded-host",
    b"x-forwarded-path",
    b"x-forwarded-port",
    b"x-forwarded-prefix",
    b"x-forwarded-proto",
    b"x-kong-request-debug",
    b"x-kong-request-debug-log",
    b"x-kong-request-debug-token",
    b"x-kong-request-id",
    b"x-real-ip",
}
_REQUEST_ID: Final = b"x-kong-request-id"
_OURS: Final = frozenset(
    {
        b"x-kong-proxy-latency",
        b"x-kong-request-id",
        b"x-kong-response-latency",
        b"x-kong-upstream-latency",
        b"x-kong-upstream-status",
    }
)
_GATHERED_FROM_UPSTREAM: Final = _HOP_BY_HOP | _OURS | {b"via"}
_NOT_IN_ANSWERS: Final = (_HOP_BY_HOP - {b"connection", b"upgrade"}) | _OURS | {b"via"}

# Had by a response at most once: the upstream's replaces one that a plugin set before.
_SINGLE: Final = frozenset(
    {
        b"accept-ranges",
        b"content-encoding",
        b"content-range",
        b"content-type",
        b"date",
        b"etag",
        b"expires",
        b"last-modified",
        b"location",
        b"server",
    }
)

_KEEP_ALIVE: Final = (b"connection", b"keep-alive")
_KEEP_ALIVE_AND_TE: Final = [(b"connection", b"keep-alive, TE"), (b"te", b"trailers")]  # RFC 9110 §10.1.4
_NAMES_NO_FIELD: Final = frozenset({b"keep-alive", b"close", b"Keep-Alive", b"Close"})


def upstream_request_headers(x: Exchange, rules: HeaderRules, host: bytes) -> Headers:
    """Return the header fields of the upstream request, `host` first; a list of the caller's own."""
    forwarding = rules.forwarding(x.connection)
    headers: Headers = [(b"host", host)]
    keep = headers.append
    gathered: dict[bytes, bytes] = {}
    for field in x.headers:
        name = field[0]
        if name not in _GATHERED_FROM_CLIENT:
            keep(field)
        elif name in gathered:
            gathered[name] += b", " + field[1]
        else:
            gathered[name] = field[1]

    if (options := gathered.get(b"connection")) is not None and options not in _NAMES_NO_FIELD:
        headers = _without_named(headers, options, None if x.headers is x.received_headers else x.received_headers)
        keep = headers.append
    if b"te" in gathered and _accepts_trailers(gathered[b"te"]):
        headers += _KEEP_ALIVE_AND_TE
    else:
        keep(_KEEP_ALIVE)
    if b"trailer" in gathered and b"transfer-encoding" in gathered and x.body is None:
        keep((b"trailer", gathered[b"trailer"]))

    is_peer = x.forwarded_ip == x.connection.peer_ip
    client_ip = forwarding.peer if is_peer else x.forwarded_ip.encode()
    came_for = gathered.get(b"x-forwarded-for")
    keep((b"x-forwarded-for", client_ip if came_for is None else came_for + b", " + forwarding.peer))
    told = gathered if x.connection.is_trusted else {}
    keep((b"x-forwarded-proto", told[b"x-forwarded-proto"]) if b"x-forwarded-proto" in told else forwarding.proto)
    received_host = gathered.get(b"host", b"") if x.headers is x.received_headers else _received_host(x)
    keep((b"x-forwarded-host", told.get(b"x-forwarded-host") or _host_name(received_host)))
    keep((b"x-forwarded-port", told[b"x-forwarded-port"]) if b"x-forwarded-port" in told else forwarding.port)
    keep((b"x-forwarded-path", told.get(b"x-forwarded-path") or x.raw_target.partition(b"?")[0]))
    prefix = told.get(b"x-forwarded-prefix") or _stripped_prefix(x)
    if prefix:
        keep((b"x-forwarded-prefix", prefix))
    keep(forwarding.real_ip if is_peer else (b"x-real-ip", client_ip))
    via = rules.via_values[x.http_version]
    keep((b"via", gathered[b"via"] + b", " + via if b"via" in gathered else via))
    if rules.request_id_upstream:
        keep((_REQUEST_ID, x.id.encode()))
    elif _REQUEST_ID in gathered:
        keep((_REQUEST_ID, gathered[_REQUEST_ID]))
    return headers


def client_response_headers(x: Exchange, rules: HeaderRules) -> Headers:
    """Return the header fields of a proxied response, a list of the caller's own.

    They are those that plugins set before the upstream answered, `x.response_headers`, then `x.upstream_headers`, then
    the gateway's. A field that a response has at most once is the upstream's.
    """
    headers: Headers = []
    keep = headers.append
    gathered: dict[bytes, bytes] = {}
    for field in x.upstream_headers:
        name = field[0]
        if name not in _GATHERED_FROM_UPSTREAM:
            keep(field)
        elif name in gathered:
            gathered[name] += b", " + field[1]
        else:
            gathered[name] = field[1]
    if (options := gathered.get(b"connection")) is not None and options not in _NAMES_NO_FIELD:
        headers = _without_named(headers, options, None)
    if b"trailer" in gathered and b"transfer-encoding" in gathered:
        headers.append((b"trailer", gathered[b"trailer"]))
    if x.response_headers:
        single = {name for name, _ in headers if name in _SINGLE}
        headers[:0] = [
            field for field in x.response_headers if field[0] not in single and field[0] not in _GATHERED_FROM_UPSTREAM
        ]

    keep = headers.append
    if rules.via:
        via = rules.via_values[x.upstream_http_version]
        keep((b"via", gathered[b"via"] + b", " + via if b"via" in gathered else via))
    elif b"via" in gathered:
        keep((b"via", gathered[b"via"]))
    if rules.server and not _has(headers, b"server"):
        keep((b"server", rules.product))
    if rules.upstream_latency:
        keep((b"x-kong-upstream-latency", _milliseconds(x.first_byte_at - x.upstream_started)))
    if rules.proxy_latency:
        keep((b"x-kong-proxy-latency", _milliseconds(x.upstream_started - x.started)))
    if rules.upstream_status:
        keep((b"x-kong-upstream-status", b"%d" % x.upstream_status))
    _finish(x, rules, headers)
    return headers


def answer_headers(x: Exchange, rules: HeaderRules, now: float | None = None) -> Headers:
    """Return the header fields of a response that the gateway gives itself: those in `x.response_headers`, and its own.

    `now` is time.monotonic() in seconds, the present one unless given. Connection and Upgrade stay: a 426 needs them.
    """
    headers = [field for field in x.response_headers if field[0] not in _NOT_IN_ANSWERS]
    if rules.server and not _has(headers, b"server"):
        headers.append((b"server", rules.product))
    if rules.response_latency:
        elapsed = (time.monotonic() if now is None else now) - x.started
        headers.append((b"x-kong-response-latency", _milliseconds(elapsed)))
    _finish(x, rules, headers)
    return headers


def upstream_host(x: Exchange, name: str, port: int, scheme: str, host_header: str | None = None) -> bytes:
    """Return the Host for one try: a plugin's, the client's (`preserve_host`), the upstream's, or the target's.

    `name` and `port` are those of the target or service, `host_header` is that of the Upstream entity.
    """
    if x.upstream_host is not None:
        return x.upstream_host
    if x.route is not None and x.route.preserve_host:
        for field in x.received_headers:
            if field[0] == b"host" and field[1]:
                return field[1]
    return host_header.encode() if host_header is not None else _authority(name, port, scheme)


def _finish(x: Exchange, rules: HeaderRules, headers: Headers) -> None:
    if rules.request_id:
        headers.append((_REQUEST_ID, x.id.encode()))
    if rules.allows_debug and _has(x.received_headers, b"kong-debug"):
        for kind, entity in ((b"route", x.route), (b"service", x.service)):
            if entity is not None:
                headers.append((b"kong-%b-id" % kind, entity.id.encode()))
                if entity.name is not None:
                    headers.append((b"kong-%b-name" % kind, entity.name.encode()))


def _has(headers: Headers, name: bytes) -> bool:
    for field in headers:  # noqa: SIM110  half the time of `any` over a generator
        if field[0] == name:
            return True
    return False


def _without_named(headers: Headers, options: bytes, received: Headers | None) -> Headers:
    """Drop the fields that the sender named in Connection; with `received`, only those that are in it.

    A client must not make a field vanish that a plugin has set, such as the name of the consumer.
    """
    named = {option.strip(b" \t").lower() for option in options.split(b",")}
    named -= {b"host", _KEEP_ALIVE[0]}
    if received is None:
        return [field for field in headers if field[0] not in named]
    theirs = {id(field) for field in received}
    return [field for field in headers if field[0] not in named or id(field) not in theirs]


def _accepts_trailers(te: bytes) -> bool:
    return any(coding.partition(b";")[0].strip(b" \t").lower() == b"trailers" for coding in te.split(b","))


def _received_host(x: Exchange) -> bytes:
    """The client's own Host: a plugin may have replaced it for the upstream."""
    return next((value for name, value in x.received_headers if name == b"host"), b"")


def _stripped_prefix(x: Exchange) -> bytes:
    match = x.match
    if match is None or not match.strips_path or match.matched_path == b"/":
        return b""
    return _escaped(match.matched_path)  # decoded, it might hold any byte


_escaped = lru_cache(1024)(escape)  # of paths that are in the configuration, or that a regex of it matched


@lru_cache(1024)
def _host_name(host: bytes) -> bytes:
    name, colon, port = host.rpartition(b":")
    if colon and not port.endswith(b"]"):
        host = name
    return host.lower()


@lru_cache(1024)
def _authority(name: str, port: int, scheme: str) -> bytes:
    if ":" in name and not name.startswith("["):
        name = f"[{name}]"
    if port == (443 if scheme == "https" else 80):
        return name.encode()
    return f"{name}:{port}".encode()


def _milliseconds(seconds: float) -> bytes:
    return b"%d" % (seconds * 1000 if seconds > 0 else 0)
