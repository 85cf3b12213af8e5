"""Field types for what HTTP and Kong's entities are made of: names, hosts, paths, methods, tags."""

from __future__ import annotations

import ipaddress
import re
from typing import Any, Final
from urllib.parse import unquote_to_bytes

from oarlock.config.containers import ListOf, MapOf
from oarlock.config.fields import At, Faults, FieldType, Text

_NAME: Final = re.compile(r"[\w.~\-]+")  # \w: letters and digits of any script, underscore
_HOST: Final = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?(\.[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?)*\.?")
_METHOD: Final = re.compile(r"[A-Z]+")
_TOKEN: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110 §5.6.2
_PATH: Final = re.compile(r"/[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]*|/[^\x00-\x20\x7f]*")
_TRIPLET: Final = re.compile(r"%([0-9A-Fa-f]{2})?")
_KEEP_ENCODED: Final = frozenset(b":/?#[]@!$&'()*+,;=%")  # RFC 3986 §2.2, and "%" itself


def is_host(text: str) -> bool:
    """A host name or an IP address (IPv6 with or without brackets), without a port."""
    return is_ip(text) or (len(text) <= 253 and _HOST.fullmatch(text) is not None)


def is_ip(text: str) -> bool:
    """An IPv4 or IPv6 address; the latter may stand in brackets."""
    try:
        ipaddress.ip_address(text[1:-1] if text.startswith("[") and text.endswith("]") else text)
    except ValueError:
        return False
    return True


def is_network(text: str) -> bool:
    """An address or a CIDR block."""
    try:
        ipaddress.ip_network(text, strict=False)
    except ValueError:
        return False
    return True


def split_port(text: str) -> tuple[str, int | None] | None:
    """Split `host:port`, `[v6]:port` or a host alone. Returns None when the port is not a number from 1 to 65535."""
    if is_ip(text):
        return text, None
    host, colon, port = text.rpartition(":")
    if not colon:
        return text, None
    if not (port.isascii() and port.isdigit() and len(port) <= 5 and 0 < int(port) < 65536):
        return None
    return host, int(port)


def _is_host_pattern(text: str) -> bool:
    """A route's host: `*` may be the whole leftmost or the whole rightmost label; a port may follow."""
    split = split_port(text)
    if split is None:
        return False
    host = split[0]
    if host.startswith("*."):
        return is_host(host[2:]) and not is_ip(host[2:])
    if host.endswith(".*"):
        return is_host(host[:-2]) and not is_ip(host[:-2])
    return is_host(host)


def _is_sni(text: str) -> bool:
    name = text[2:] if text.startswith("*.") else text[:-2] if text.endswith(".*") else text
    return text == "*" or (is_host(name) and not is_ip(name))


def _is_target(text: str) -> bool:
    split = split_port(text)
    return split is not None and is_host(split[0])


def normal_path(path: str) -> str:
    """Return a path as the router compares it: decoded but for reserved characters, without dots and double slashes."""

    def decode(match: re.Match[str]) -> str:
        code = match[1]
        if code is None or int(code, 16) in _KEEP_ENCODED or not 0x20 < int(code, 16) < 0x7F:
            return match[0].upper()
        return unquote_to_bytes(match[0]).decode("ascii")

    segments: list[str] = []
    parts = _TRIPLET.sub(decode, path).split("/")[1:]
    for position, part in enumerate(parts):
        is_last = position == len(parts) - 1
        if part == "..":
            del segments[-1:]
        elif part not in (".", ""):
            segments.append(part)
            continue
        if is_last:
            segments.append("")
    return "/" + "/".join(segments)


class RoutePath(FieldType):
    """`/prefix`, as the router compares paths, or `~` and a regular expression."""

    expected = "a path that begins with '/', or '~' and a regular expression that begins with '/'"

    def read(self, value: object, at: At, faults: Faults) -> Any:
        if not isinstance(value, str) or not value.startswith(("/", "~/", "~^")) or "\0" in value:
            hint = f"write '/{value}'" if isinstance(value, str) and _NAME.match(value) else ""
            self.wrong(value, at, faults, hint)
            return ""
        if value.startswith("/"):
            if not _PATH.fullmatch(value) or "?" in value or "#" in value:
                self.wrong(value, at, faults, "a path has no query, fragment, space or control character")
            elif (normal := normal_path(value)) != value:
                self.wrong(value, at, faults, f"it is never matched as it stands; write '{normal}'")
        return value

    def from_text(self, text: str) -> object:
        return text


def _is_service_path(text: str) -> bool:
    return _PATH.fullmatch(text) is not None and "//" not in text and "?" not in text and "#" not in text


def _is_tag(text: str) -> bool:
    return text.isprintable() and "," not in text and "/" not in text


NAME: Final = Text("a name of letters, digits, '.', '-', '_' and '~'", lambda text: bool(_NAME.fullmatch(text)))
HOST: Final = Text("a host name or IP address, without a port", is_host)
HOST_PATTERN: Final = Text(
    "a host name with at most one '*' as its leftmost or rightmost label, and an optional port", _is_host_pattern
)
SNI: Final = Text("a host name with at most one '*' at either end, without a port", _is_sni)
UPSTREAM_NAME: Final = Text("a host name, no IP address and no port", lambda text: is_host(text) and not is_ip(text))
TARGET: Final = Text("a host name or IP address, with or without a port", _is_target)
NETWORK: Final = Text("an IP address or CIDR block", is_network)
SERVICE_PATH: Final = Text("a path that begins with '/', without '//', query or fragment", _is_service_path)
METHOD: Final = Text("a method in capital letters", lambda text: bool(_METHOD.fullmatch(text)))
HEADER_NAME: Final = Text("a header name", lambda text: bool(_TOKEN.fullmatch(text)))
TAGS: Final = ListOf(Text("printable text without ',' and '/'", _is_tag), is_set=True)
HEADERS: Final = MapOf(HEADER_NAME, ListOf(Text(), shortest=1))
