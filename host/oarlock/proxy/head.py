"""Heads of requests and responses: bytes to their pieces, and pieces to bytes.

`parse_request` and `parse_response` find the pieces and check each header field by itself; whether the pieces make
sense together is for `http1.validate_request` and `http1.validate_response` to decide. Both take a whole head, cut off
at the empty line.

One `split` and a dictionary look-up per line is as fast as a C parser that calls back into Python for each field
(measured, nine fields: 1.7 µs, httptools 2.5 µs, with the checks below already paid for; 3.4 µs where no line was seen
before), takes every method there is, and shows every byte to our own checks. Lines seen before are kept in a bounded
cache, as checked (name, value) pairs: clients and upstreams send the same few lines again and again.
"""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import Final

from oarlock.proxy.exchange import Headers

RequestPieces = tuple[bytes, bytes, bytes, Headers]  # method, target, version, fields
ResponsePieces = tuple[bytes, int, bytes, Headers]  # version, status, reason, fields


class MalformedHead(ValueError):
    """The bytes are not a head of HTTP/1 (RFC 9112); the text says why."""


EMPTY_LINE: Final = b"\r\n\r\n"  # ends a head; `partition` by it: one call where `find` and two slices cost three

_CONTROLS: Final = bytes(set(range(32)) - {9}) + b"\x7f"
_REASONS: Final = frozenset(status.phrase.encode() for status in HTTPStatus)
_METHODS: Final = frozenset({b"GET", b"HEAD", b"POST", b"PUT", b"PATCH", b"DELETE", b"OPTIONS"})
_find_control = re.compile(rb"[\x00-\x1f\x7f]").search
_is_token = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+").fullmatch  # RFC 9110 §5.6.2
_is_version = re.compile(rb"HTTP/[0-9]\.[0-9]").fullmatch

_CACHED_LINES = 2048  # per generation; with `_CACHED_LENGTH` a bound on what a hostile client can make us keep
_CACHED_LENGTH = 256  # bytes
_NEVER_CACHED: Final = frozenset({b"authorization", b"proxy-authorization", b"cookie", b"set-cookie"})


class _FieldLines:
    """Header lines seen before, as checked pairs. Two generations: random lines can't drive out those in use."""

    __slots__ = ("_old", "young")

    def __init__(self) -> None:
        self.young: dict[bytes, tuple[bytes, bytes]] = {}
        self._old: dict[bytes, tuple[bytes, bytes]] = {}

    def parse(self, line: bytes) -> tuple[bytes, bytes]:
        """Take a line apart that is not in `young`. Raises MalformedHead."""
        field = self._old.get(line)
        if field is None:
            field = parse_field(line)
            if len(line) > _CACHED_LENGTH or field[0] in _NEVER_CACHED:
                return field
        if len(self.young) >= _CACHED_LINES:
            self._old, self.young = self.young, {}
        self.young[line] = field
        return field


_lines = _FieldLines()
_names: dict[bytes, bytes] = {}  # names seen before, as they were spelt, in lower case


def parse_field(line: bytes) -> tuple[bytes, bytes]:
    """Take a header or trailer line apart: the name in lower case, the value without white space around it.

    Raises:
        MalformedHead: folded line, no colon, a name that is no token, a control byte in the value (RFC 9112 §5).
    """
    name, colon, value = line.partition(b":")
    if not colon:
        raise MalformedHead("header line without a colon")
    known = _names.get(name)
    if known is None:
        known = _check_name(name, line)
    value = value.strip(b" \t")
    if len(value.translate(None, _CONTROLS)) != len(value):
        raise MalformedHead("control byte in a header value")
    return known, value


def _check_name(name: bytes, line: bytes) -> bytes:
    if not _is_token(name):
        if line[:1] in (b" ", b"\t"):
            raise MalformedHead("folded header line")
        if name.endswith((b" ", b"\t")):
            raise MalformedHead("white space before the colon of a header")
        raise MalformedHead("header name is not a token")
    lower = name.lower()
    if len(_names) < _CACHED_LINES and len(name) <= _CACHED_LENGTH:
        _names[name] = lower
    return lower


def parse_request(head: bytes) -> RequestPieces:
    """Take the head of a request apart, without its empty line.

    Raises:
        MalformedHead: not a request line, or a field that `parse_field` refuses.
    """
    lines = head.split(b"\r\n")
    try:
        method, target, version = lines[0].split(b" ")
    except ValueError:
        raise MalformedHead("request line is not three words with one space between them") from None
    if not target or _find_control(target):
        raise MalformedHead("control byte in the request target")
    del lines[0]
    young = _lines.young.get
    parse = _lines.parse
    return method, target, version, [young(line) or parse(line) for line in lines]


def parse_response(head: bytes) -> ResponsePieces:
    """Take the head of a response apart, without its empty line. Raises MalformedHead."""
    lines = head.split(b"\r\n")
    version, _, rest = lines[0].partition(b" ")
    status, _, reason = rest.partition(b" ")  # the reason may be missing, with its space
    if len(status) != 3 or not status.isdigit():
        raise MalformedHead("not a status line")
    if reason not in _REASONS and len(reason.translate(None, _CONTROLS)) != len(reason):
        raise MalformedHead("not a status line")
    del lines[0]
    young = _lines.young.get
    parse = _lines.parse
    return version, int(status), reason, [young(line) or parse(line) for line in lines]


def check_prefix(data: bytes, begin: int) -> None:
    """Refuse what can't become a head any more, looking at `data` from `begin` on.

    So a client that ends its lines with a bare LF, or speaks TLS, is told so instead of being waited for.

    Raises:
        MalformedHead: a bare CR or LF, or another control byte.
    """
    piece = data[max(begin - 1, 0) :]
    carriage_returns, line_feeds, pairs = piece.count(b"\r"), piece.count(b"\n"), piece.count(b"\r\n")
    if len(piece.translate(None, _CONTROLS)) + carriage_returns + line_feeds != len(piece):
        raise MalformedHead("control byte in the head")
    if piece.endswith(b"\r"):
        carriage_returns -= 1  # its LF may be on its way
    if begin > 0 and piece.startswith(b"\n"):
        line_feeds -= 1  # its CR was seen with the byte before
    if carriage_returns != pairs or line_feeds != pairs:
        raise MalformedHead("bare CR or LF")


def is_version(version: bytes) -> bool:
    return _is_version(version) is not None


def is_token(name: bytes) -> bool:
    return name in _METHODS or _is_token(name) is not None


_END: Final = (b"", b"")  # joined with CRLF: the end of the last field, and the line after it

_STATUS_LINES: Final = {
    status.value: b"HTTP/1.1 %d %b" % (status.value, status.phrase.encode()) for status in HTTPStatus
}


def status_line(status: int) -> bytes:
    """The first line of a response; statuses nobody registered have no reason."""
    return _STATUS_LINES.get(status) or b"HTTP/1.1 %d " % status


_colon = b": ".join
_crlf = b"\r\n".join


def encode_request(method: bytes, target: bytes, headers: Headers) -> bytes:
    """Build a request's head, empty line included. Whoever gives the pieces has checked them."""
    lines = [b"%b %b HTTP/1.1" % (method, target)]
    lines += map(_colon, headers)
    lines += _END
    return _crlf(lines)


def encode_response(status: int, headers: Headers) -> bytes:
    """Build a response's head, empty line included."""
    lines = [status_line(status)]
    lines += map(_colon, headers)
    lines += _END
    return _crlf(lines)


def encode_fields(headers: Headers) -> bytes:
    """Build the lines of a trailer section, without the empty line after them."""
    return b"".join([b"%b: %b\r\n" % field for field in headers])
