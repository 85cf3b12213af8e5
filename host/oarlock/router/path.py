"""Paths: as the router compares them, and as the upstream gets them.

A path comes in as `raw target`, is compared and cut in its normal form (RFC 3986 §6.2.2, except that reserved
characters stay percent-encoded, for `%2F` and `/` are not the same), and is escaped again on its way out. The normal
form is not text: decoded, it may hold any byte.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote_to_bytes

if TYPE_CHECKING:
    from oarlock.router.match import Match

_RESERVED: Final = b"!*'();:@&=+$,/?%#[]"  # RFC 3986 §2.2, and the percent sign itself
_UNRESERVED: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
_SAFE: Final = _UNRESERVED + _RESERVED
_ESCAPED: Final = [bytes([code]) if code in _SAFE else b"%%%02X" % code for code in range(256)]
_find_unsafe = re.compile(b"[^%b]" % re.escape(_SAFE)).search
_PERCENT: Final = ord("%")
_triplets = re.compile(rb"%[0-9A-Fa-f]{2}")
_slashes = re.compile(rb"//+")


def normalise(raw_path: bytes) -> bytes:
    """Return a request's path, query already cut off, in the form that routes are compared with.

    Percent-escapes of all but reserved characters are decoded, the others get upper-case digits; a malformed escape
    stays as it is. `.` and `..` segments are resolved, repeated slashes merged.
    """
    path = raw_path
    if _PERCENT in path:
        path = _triplets.sub(_decode, path)
    if path.find(b"//") >= 0:  # `in` costs twice as much
        path = _slashes.sub(b"/", path)
    if path.find(b"/.") >= 0:
        path = _without_dot_segments(path)
    return path


def _decode(triplet: re.Match[bytes]) -> bytes:
    byte = unquote_to_bytes(triplet[0])
    return triplet[0].upper() if byte in _RESERVED else byte


def _without_dot_segments(path: bytes) -> bytes:
    """RFC 3986 §5.2.4, for an absolute path without repeated slashes."""
    segments = path.split(b"/")
    kept: list[bytes] = []
    for segment in segments:
        if segment == b"..":
            del kept[max(1, len(kept) - 1) :]  # the empty segment before the first slash stays
        elif segment != b".":
            kept.append(segment)
    if segments[-1] in (b".", b".."):
        kept.append(b"")
    return b"/".join(kept)


def escape(path: bytes) -> bytes:
    """Return a path for a request line: what is neither unreserved, reserved nor `%` is percent-encoded."""
    if not _find_unsafe(path):
        return path
    return b"".join([_ESCAPED[code] for code in path])


def strip(path: bytes, matched: bytes) -> bytes:
    """Return what is left of a normal path after the matched part, without a leading `./` or `../`.

    Such a segment appears where a prefix ends within one: `/fv` leaves `../x` of `/fv../x`, which would climb out of
    the service's path.
    """
    rest = path[len(matched) :]
    if rest.startswith(b"."):
        if rest in (b".", b".."):
            return b""
        if rest.startswith(b"./"):
            return rest[2:]
        if rest.startswith(b"../"):
            return rest[3:]
    return rest


def join_v0(base: bytes, rest: bytes, path: bytes) -> bytes:
    """Join a service's path and the rest of a stripped request path: one slash between them.

    The end follows `path`, the request's: with a slash there when it ends with one, else without.
    """
    if not rest:
        if base.endswith(b"/"):
            return base if path.endswith(b"/") or base == b"/" else base[:-1]
        return base + b"/" if path.endswith(b"/") and path != b"/" else base
    return base.removesuffix(b"/") + (rest if rest.startswith(b"/") else b"/" + rest)


def join_v1(base: bytes, rest: bytes) -> bytes:
    """Join a service's path and the rest as they stand; of two slashes one is dropped."""
    return base.removesuffix(b"/") + rest if rest.startswith(b"/") else base + rest


def upstream_path(match: Match, path: bytes) -> bytes:
    """Return the path of the upstream request, escaped, for a request path in normal form."""
    rest = strip(path, match.matched_path) if match.strips_path else path[1:]
    return escape(join_v1(match.base, rest) if match.is_v1 else join_v0(match.base, rest, path))
