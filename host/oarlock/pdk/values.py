"""Values between the wire and the exchange: text, numbers, header names and values.

The exchange keeps what HTTP calls a string as `bytes`. On the wire it is `str` if the bytes are UTF-8, else `bytes`
(PROTOCOL.md, values). What plugins write is checked and brought to the bytes of the HTTP message here, so that there
is one rule whatever language the plugin is written in.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import chain
from typing import Final

from oarlock_pluginserver.errors import PdkError

Text = str | bytes
WrittenHeaders = list[tuple[bytes, tuple[bytes, ...]]]

# Computed by the gateway itself for every message: what a plugin gives for these is never taken literally.
FRAMING_HEADERS: Final = frozenset(
    (b"content-length", b"transfer-encoding", b"connection", b"keep-alive", b"te", b"trailer", b"upgrade")
)

_TEXT: Final = (str, bytes)
_TOKEN: Final = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")  # RFC 9110 §5.6.2
_FORBIDDEN_IN_VALUE: Final = re.compile(rb"[\r\n\0]")  # RFC 9110 §5.5
_NOT_IN_TARGET: Final = re.compile(rb"[\x00-\x20\x7f]")
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_CACHED_LENGTH: Final = 256  # bytes of a name: plugins choose them
_MAX_DEPTH: Final = 30  # of a value within a message: the protocol allows 32 in all


def text(value: bytes) -> Text:
    """Return what the wire carries for `value`: `str` if it is UTF-8, else the bytes."""
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value


def to_bytes(value: Text) -> bytes:
    """Return the bytes of a text. Lone surrogates (from `surrogateescape`) become the bytes they stand for."""
    return value if isinstance(value, bytes) else value.encode("utf-8", "surrogateescape")


def type_name(value: object) -> str:
    """Return the name of a value's type in the words of the PDK's error texts."""
    match value:
        case None:
            return "nil"
        case bool():
            return "boolean"
        case int() | float():
            return "number"
        case str() | bytes():
            return "string"
        case _:
            return "table"


def number_text(value: float) -> str:
    """Return a number as the PDK writes it: `1.0` is `1`, fractions have up to 14 digits."""
    if isinstance(value, int):
        return str(int(value))
    if value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return format(value, ".14g")


def header_name(name: object) -> bytes:
    """Return a header name in lower case. Names repeat, so the last ones are remembered.

    Raises:
        PdkError: `bad_args`: not a string, or not a token.
    """
    if not isinstance(name, _TEXT):
        raise PdkError("bad_args", f'invalid header name "{_shown(name)}": got {type_name(name)}, expected string')
    return _cached_name(name) if len(name) <= _CACHED_LENGTH else _token(name)


def _token(name: Text) -> bytes:
    raw = to_bytes(name)
    if not _TOKEN.fullmatch(raw):
        raise PdkError("bad_args", f'invalid header name "{_shown(raw)}": expected a token')
    return raw.lower()


_cached_name = lru_cache(1024)(_token)


def header_values(name: object, value: object) -> tuple[bytes, ...]:
    """Return the header lines that a value given by a plugin stands for: one, or one for each element of an array.

    Raises:
        PdkError: `bad_args`: of a wrong type, or with CR, LF or NUL in it.
    """
    match value:
        case str():
            raw = value.encode("utf-8", "surrogateescape")
            if raw and _FORBIDDEN_IN_VALUE.search(raw) is None:
                return (raw,)  # nearly all of them
            return (_header_line(name, raw),)
        case bytes():
            return (_header_line(name, value),)
        case bool():
            return (b"true" if value else b"false",)
        case int() | float():
            return (number_text(value).encode(),)
        case list() | tuple():
            for element in value:
                if not isinstance(element, _TEXT):
                    raise PdkError(
                        "bad_args",
                        f'invalid header value in array "{_shown(name)}": got {type_name(element)}, expected string',
                    )
            return tuple(_header_line(name, element) for element in value)
        case _:
            raise PdkError(
                "bad_args",
                f'invalid header value for "{_shown(name)}": got {type_name(value)}, '
                f"expected array of string, string, number or boolean",
            )


def written_headers(headers: object) -> WrittenHeaders:
    """Return the headers that a plugin gave at once, as `[name, value, …]` or as a map, checked, in the order given.

    Raises:
        PdkError: `bad_args`: any name or value is not valid.
    """
    pairs: Iterable[tuple[object, object]]
    match headers:
        case Mapping():
            pairs = headers.items()
        case list() | tuple() if len(headers) % 2 == 0:
            pairs = zip(headers[::2], headers[1::2], strict=True)
        case _:
            raise PdkError("bad_args", "headers must be a table")
    return [(header_name(name), header_values(name, value)) for name, value in pairs]


def check_target(value: bytes, what: str) -> bytes:
    """Return a path or query as it may stand in a request line.

    Raises:
        PdkError: `bad_args`: it has a space or a control byte in it.
    """
    if (found := _NOT_IN_TARGET.search(value)) is not None:
        raise PdkError("bad_args", f"{what} must not contain a space or control byte (at byte {found.start()})")
    return value


def wire_safe(value: object, depth: int = 0) -> bool:
    """Whether a value parsed from a body fits into a message: depth, integers, text that is UTF-8, finite."""
    match value:
        case bool() | None:
            return True
        case str():
            return _SURROGATE.search(value) is None
        case int():
            return -(2**63) <= value < 2**63
        case float():
            return value - value == 0  # neither infinite nor NaN
        case dict():
            members = (*value, *value.values())
            return depth < _MAX_DEPTH and all(wire_safe(member, depth + 1) for member in members)
        case list():
            return depth < _MAX_DEPTH and all(wire_safe(member, depth + 1) for member in value)
        case _:
            return False


def first_line(headers: Sequence[tuple[bytes, bytes]], name: bytes) -> bytes | None:
    """Look a header up by the one rule of PROTOCOL.md (facts, header lookup).

    The first line with that name in lower case; if there is none, the first whose name is that with `_` as `-`.
    """
    wanted = name.lower()
    for line, value in headers:
        if line == wanted:
            return value
    if b"_" in wanted:
        dashed = wanted.replace(b"_", b"-")
        for line, value in headers:
            if line == dashed:
                return value
    return None


def block(headers: Sequence[tuple[bytes, bytes]]) -> Text:
    """Return headers as one text: `name LF value LF …` in wire order. No header, no text."""
    return text(b"\n".join(chain.from_iterable(headers)))


def _header_line(name: object, value: Text) -> bytes:
    raw = to_bytes(value)
    if (found := _FORBIDDEN_IN_VALUE.search(raw)) is not None:
        raise PdkError("bad_args", f'invalid header value for "{_shown(name)}": CR, LF or NUL at byte {found.start()}')
    return raw or b" "  # as Kong: an empty value is sent as a single space


def _shown(name: object) -> str:
    raw = to_bytes(name) if isinstance(name, _TEXT) else str(name).encode()
    return raw[:64].decode("ascii", "backslashreplace").encode("unicode_escape").decode()
