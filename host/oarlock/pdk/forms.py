"""Query strings, form bodies and multipart bodies: read as tables and written from tables, by Kong's rules (pure)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Final
from urllib.parse import quote_from_bytes, unquote_to_bytes

from oarlock.pdk.values import Text, number_text, text, to_bytes, type_name
from oarlock_pluginserver.errors import PdkError

Argument = Text | bool  # True: a name without `=`
Table = dict[str, Argument | list[Argument]]

MAX_ARGUMENTS: Final = 1000

# What set_path leaves alone: unreserved, reserved and the percent sign itself (RFC 3986 §2.2, §2.3).
_PATH_SAFE: Final = "!*'();:@&=+$,/?#[]%"
_DISPOSITION_NAME: Final = re.compile(rb'(?:^|[;\s])name=(?:"([^"]*)"|([^;\s]+))', re.IGNORECASE)
_BOUNDARY: Final = re.compile(rb'boundary=(?:"([^"]{1,70})"|([^;\s,"]{1,70}))', re.IGNORECASE)


def arguments(query: bytes) -> Iterator[tuple[bytes, bytes | None]]:
    """Yield names and values, URL-decoded, in order; None for a name without `=`. Empty names are left out."""
    for piece in query.split(b"&"):
        name, equals, value = piece.partition(b"=")
        if name := _unescape(name):
            yield name, _unescape(value) if equals else None


def parse(query: bytes, limit: int) -> Table:
    """Return the first `limit` arguments as a table: text, `True` without `=`, an array for a repeated name.

    Names are text; bytes of one that are not UTF-8 show as replacement characters.
    """
    table: Table = {}
    for raw_name, raw_value in islice(arguments(query), limit):
        name = raw_name.decode("utf-8", "replace")
        value: Argument = True if raw_value is None else text(raw_value)
        known = table.get(name)
        if known is None:
            table[name] = value
        elif isinstance(known, list):
            known.append(value)
        else:
            table[name] = [known, value]
    return table


def flat(query: bytes, limit: int) -> list[Argument]:
    """Return the first `limit` arguments as the wire has a query: name, value, name, value …, `True` without `=`."""
    pieces: list[Argument] = []
    for raw_name, raw_value in islice(arguments(query), limit):
        pieces += (text(raw_name), True if raw_value is None else text(raw_value))
    return pieces


def encode(args: Mapping[object, object]) -> bytes:
    """Return a table as a query string, the encoded names sorted bytewise.

    Raises:
        PdkError: `bad_args`: a name is not a string, a value is none that a query can carry.
    """
    pieces = []
    for name, value in args.items():
        if not isinstance(name, str | bytes):
            raise PdkError("bad_args", "arg keys must be strings")
        values = value if isinstance(value, list | tuple) else (value,)
        pieces.append("&".join(pair for item in values if (pair := _pair(name, item)) is not None))
    return "&".join(sorted(pieces)).encode()


def without(query: bytes, name: bytes) -> bytes:
    """Return a query without any occurrence of `name`; the order stays, `+` becomes `%20` in what is left."""
    kept = [piece for piece in query.split(b"&") if _unescape(piece.partition(b"=")[0]) != name]
    return b"&".join(kept).replace(b"+", b"%20")


def escape_path(path: bytes) -> bytes:
    """Percent-encode what may not stand in a path; escapes already there are left alone."""
    return quote_from_bytes(path, _PATH_SAFE).encode()


def boundary_of(content_type: bytes) -> bytes | None:
    """Return the boundary parameter of a multipart content type (RFC 2046 §5.1.1)."""
    found = _BOUNDARY.search(content_type)
    return None if found is None else found[1] or found[2]


def parse_multipart(body: bytes, boundary: bytes) -> dict[str, Text | list[Text]]:
    """Return the parts of a multipart/form-data body by name; a repeated name gives an array."""
    table: dict[str, Text | list[Text]] = {}
    delimiter = b"\r\n--" + boundary
    sections = (b"\r\n" + body).split(delimiter)[1:]
    for section in sections:
        if section.startswith(b"--"):
            break
        head, found, content = section.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        name = _part_name(head)
        if not found or name is None:
            continue
        value = text(content)
        known = table.get(name)
        if known is None:
            table[name] = value
        elif isinstance(known, list):
            known.append(value)
        else:
            table[name] = [known, value]
    return table


def encode_multipart(args: Mapping[object, object], boundary: bytes) -> bytes:
    """Return a table of scalar values as a multipart/form-data body, parts sorted by name.

    Raises:
        PdkError: `bad_args`: a name is not a string, a value is not a scalar.
    """
    fields = {}
    for name, value in args.items():
        if not isinstance(name, str | bytes):
            raise PdkError("bad_args", "arg keys must be strings")
        fields[to_bytes(name)] = _scalar(value)
    lines = []
    for raw_name in sorted(fields):
        escaped = raw_name.replace(b'"', b"%22").replace(b"\r", b"%0D").replace(b"\n", b"%0A")
        lines += [b"--" + boundary, b'Content-Disposition: form-data; name="' + escaped + b'"', b"", fields[raw_name]]
    return b"\r\n".join([*lines, b"--" + boundary + b"--", b""])


def _unescape(piece: bytes) -> bytes:
    return unquote_to_bytes(piece.replace(b"+", b" "))


def _escape(piece: Text) -> str:
    return quote_from_bytes(to_bytes(piece), "")


def _pair(name: Text, value: object) -> str | None:
    match value:
        case True:
            return _escape(name)
        case False:
            return None
        case str() | bytes():
            return f"{_escape(name)}={_escape(value)}"
        case int() | float():
            return f"{_escape(name)}={_escape(number_text(value))}"
        case _:
            raise PdkError("bad_args", f"attempt to use {type_name(value)} as query arg value")


def _scalar(value: object) -> bytes:
    match value:
        case str() | bytes():
            return to_bytes(value)
        case bool():
            return b"true" if value else b"false"
        case int() | float():
            return number_text(value).encode()
        case _:
            raise PdkError("bad_args", f"invalid value: got {type_name(value)}, expected string, number or boolean")


def _part_name(head: bytes) -> str | None:
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-disposition" and (found := _DISPOSITION_NAME.search(value)):
            return (found[1] if found[1] is not None else found[2]).decode("utf-8", "replace")
    return None
