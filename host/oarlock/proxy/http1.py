"""What a head means: framing, Host, persistence; and what is refused (RFC 9110, 9112).

Parsers find the pieces; `validate_request` and `validate_response` alone decide, whichever parser was used. Their
rules are strict where a second reading of the same bytes would cut messages at another place (request smuggling).
"""

from __future__ import annotations

import re
from typing import Final

from oarlock.errors import ClientError
from oarlock.proxy import head as heads
from oarlock.proxy.exchange import Headers
from oarlock.proxy.head import MalformedHead, RequestPieces, ResponsePieces

CHUNKED: Final = -1  # lengths of bodies that carry their own end
UNTIL_CLOSE: Final = -2

_LENGTH_DIGITS = 18
_HASH: Final = ord("#")  # a number: `bytes in bytes` begins with a TypeError inside CPython, which costs 0.4 µs
_HOSTS_KNOWN = 1024
_is_host = re.compile(
    rb"(?:\[[0-9A-Fa-f:.]{2,45}\]|(?:[A-Za-z0-9._~!$&'()*+;=-]|%[0-9A-Fa-f]{2})*)(?::[0-9]{0,5})?"
).fullmatch


class RequestHead:
    """A request's head that was found sound.

    Attributes:
        target: origin form (or `*`): what of an absolute form concerns us is in `host`, and in the Host field.
        version: "1.0" or "1.1".
        host: as in the Host field, port included; empty when there is none.
        length: of the body in bytes; 0 for none, CHUNKED when it carries its own end.
        keep_alive: the client wants to send more requests on this connection.
        expects_continue: it may wait for 100 before it sends the body.
    """

    __slots__ = ("expects_continue", "headers", "host", "keep_alive", "length", "method", "target", "version")

    def __init__(self, method: bytes, target: bytes, version: str, headers: Headers) -> None:
        self.method = method
        self.target = target
        self.version = version
        self.headers = headers
        self.host = b""
        self.length = 0
        self.keep_alive = version == "1.1"
        self.expects_continue = False


class ResponseHead:
    """An upstream's response head that was found sound.

    Attributes:
        length: of the body in bytes, CHUNKED or UNTIL_CLOSE.
        keep_alive: the connection can be used again once the body has ended.
    """

    __slots__ = ("headers", "keep_alive", "length", "status", "version")

    def __init__(self, version: str, status: int, headers: Headers, length: int, keep_alive: bool) -> None:
        self.version = version
        self.status = status
        self.headers = headers
        self.length = length
        self.keep_alive = keep_alive


def validate_request(pieces: RequestPieces, max_uri: int, max_headers: int) -> RequestHead:
    """Decide what a request's head means.

    Raises:
        ClientError: it is refused; 400 unless another status says it better (405, 414, 417, 431, 501, 505).
    """
    method, target, version, headers = pieces
    if version == b"HTTP/1.1":
        head = RequestHead(method, target, "1.1", headers)
    elif version == b"HTTP/1.0":
        head = RequestHead(method, target, "1.0", headers)
    elif heads.is_version(version):
        raise ClientError(505, "HTTP version not supported")
    else:
        raise _bad_request("malformed HTTP version")
    if not heads.is_token(method):
        raise _bad_request("method is not a token")
    if method == b"CONNECT" or method == b"TRACE":
        raise ClientError(405, "Method not allowed")
    if len(target) > max_uri:
        raise ClientError(414, "URI too long")
    if len(headers) > max_headers:
        raise ClientError(431, "Too many request header fields")

    fields = dict(headers)  # the last of each name
    host = fields.get(b"host")
    if len(fields) != len(headers):
        _check_repeated(headers)
    if host is None:
        if head.version == "1.1":
            raise _bad_request("no Host header")
        host = b""
    elif host not in _known_hosts:
        _check_host(host)
    head.host = host
    if target[:1] != b"/":
        _take_target_apart(head)
    if _HASH in target:
        raise _bad_request("fragment in the request target")

    if b"transfer-encoding" in fields:
        head.length = _chunked_length(head.version, fields[b"transfer-encoding"], b"content-length" in fields)
    elif (length := fields.get(b"content-length")) is not None:
        head.length = content_length(length)
    if (connection := fields.get(b"connection")) is not None:
        head.keep_alive = (connection == b"keep-alive" and len(fields) == len(headers)) or _is_persistent(
            head.version, headers
        )
    if b"upgrade" in fields and head.version == "1.1" and _asks_for_another_protocol(headers):
        raise ClientError(501, "Protocol upgrade is not supported")
    if b"expect" in fields and head.version == "1.1":
        if fields[b"expect"].lower() != b"100-continue":
            raise ClientError(417, "Expectation failed")
        head.expects_continue = head.length != 0
    return head


def validate_response(pieces: ResponsePieces, request_method: bytes, max_headers: int) -> ResponseHead:
    """Decide what an upstream's response head means, as the answer to a request with `request_method`.

    Raises:
        MalformedHead: it is not a response that can be passed on.
    """
    raw_version, status, _, headers = pieces
    if raw_version == b"HTTP/1.1":
        version = "1.1"
    elif raw_version == b"HTTP/1.0":
        version = "1.0"
    else:
        raise MalformedHead("unknown HTTP version in the response")
    if not 100 <= status <= 599:
        raise MalformedHead("status outside 100 to 599")
    if status == 101:
        raise MalformedHead("the upstream switched protocols unasked")
    if len(headers) > max_headers:
        raise MalformedHead("too many response header fields")
    fields = dict(headers)
    if len(fields) != len(headers):
        seen = [value for name, value in headers if name == b"content-length"]
        if any(value != seen[0] for value in seen):
            raise MalformedHead("contradicting Content-Length")
        if sum(name == b"transfer-encoding" for name, _ in headers) > 1:
            raise MalformedHead("repeated Transfer-Encoding")

    length = UNTIL_CLOSE
    has_length = b"content-length" in fields
    if (coding := fields.get(b"transfer-encoding")) is not None:
        if has_length or version == "1.0" or coding.lower() != b"chunked":
            raise MalformedHead("Transfer-Encoding is not `chunked` alone")
        length = CHUNKED
    elif has_length:
        length = _digits(fields[b"content-length"])
        if length < 0:
            raise MalformedHead("Content-Length is not a number")
    if request_method == b"HEAD" or status == 204 or status == 304 or status < 200:
        length = 0
    keep_alive = version == "1.1"
    if (connection := fields.get(b"connection")) is not None:
        keep_alive = (connection == b"keep-alive" and len(fields) == len(headers)) or _is_persistent(version, headers)
    return ResponseHead(version, status, headers, length, keep_alive and length != UNTIL_CLOSE)


def content_length(value: bytes) -> int:
    """Read a Content-Length. Raises ClientError(400) unless it is digits alone (RFC 9112 §6.3)."""
    length = _digits(value)
    if length < 0:
        raise _bad_request("Content-Length is not a number")
    return length


def _digits(value: bytes) -> int:
    return int(value) if value.isdigit() and len(value) <= _LENGTH_DIGITS else -1


def _bad_request(why: str) -> ClientError:
    return ClientError(400, f"Bad request: {why}")


def _check_repeated(headers: Headers) -> None:
    """Some names were repeated: refuse those that must not be, unless they are lengths that agree."""
    lengths = {value for name, value in headers if name == b"content-length"}
    if len(lengths) > 1:
        raise _bad_request("contradicting Content-Length")
    for name, why in ((b"host", "more than one Host header"), (b"transfer-encoding", "repeated Transfer-Encoding")):
        if sum(field[0] == name for field in headers) > 1:
            raise _bad_request(why)


_known_hosts: set[bytes] = set()


def is_host(host: bytes) -> bool:
    """Whether it may stand in a Host field (RFC 9110 §7.2): a name or an address, with or without a port."""
    return _is_host(host) is not None


def _check_host(host: bytes) -> None:
    if not is_host(host):
        raise _bad_request("malformed Host header")
    if len(_known_hosts) >= _HOSTS_KNOWN:
        _known_hosts.clear()
    _known_hosts.add(host)


def _take_target_apart(head: RequestHead) -> None:
    """Absolute form wins over Host (RFC 9112 §3.2.2); `*` is for OPTIONS."""
    target = head.target
    if target == b"*" and head.method == b"OPTIONS":
        return
    scheme, separator, rest = target.partition(b"://")
    if not separator or scheme.lower() not in (b"http", b"https"):
        raise _bad_request("request target is neither a path nor an http URI")
    cut = min((at for at in map(rest.find, (b"/", b"?")) if at >= 0), default=len(rest))
    host, path = rest[:cut], rest[cut:]
    if not host or host.startswith(b":"):
        raise _bad_request("no host in the request target")
    _check_host(host)
    head.target = path if path.startswith(b"/") else b"/" + path
    head.host = host
    head.headers = [(b"host", host), *(field for field in head.headers if field[0] != b"host")]


def _chunked_length(version: str, coding: bytes, has_length: bool) -> int:
    if version == "1.0":
        raise _bad_request("Transfer-Encoding in HTTP/1.0")
    if has_length:
        raise _bad_request("Transfer-Encoding with Content-Length")
    if coding.lower() == b"chunked":
        return CHUNKED
    codings = [part.strip(b" \t").lower() for part in coding.split(b",")]
    if any(name != b"chunked" for name in codings) and all(map(heads.is_token, codings)):
        raise ClientError(501, "Transfer-Encoding not supported")
    raise _bad_request("malformed Transfer-Encoding")


def _is_persistent(version: str, headers: Headers) -> bool:
    """What all Connection fields together say about it (RFC 9112 §9.3)."""
    options = {
        option.strip(b" \t").lower() for name, value in headers if name == b"connection" for option in value.split(b",")
    }
    return b"close" not in options and (version == "1.1" or b"keep-alive" in options)


def _asks_for_another_protocol(headers: Headers) -> bool:
    """An offer of h2c is ignored, as a server may (RFC 9110 §7.8): common clients make it with every first request."""
    return any(name == b"upgrade" and value.lower() != b"h2c" for name, value in headers)
