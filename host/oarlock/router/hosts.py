"""Which indexes of paths a request's host leads to."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import Final

from oarlock.router.cache import TwoGenerations
from oarlock.router.index import Candidate, PathIndex

_CACHED_HOSTS: Final = 1024  # per generation
_CACHED_LENGTH: Final = 255  # bytes of a host name (RFC 1035 §2.3.4) and a little more than that with its port

_ByPort = dict[int | None, PathIndex]  # None: whatever the port


class Scope:
    """What a host leaves to choose from."""

    __slots__ = ("indexes", "is_cacheable")

    def __init__(self, indexes: list[PathIndex]) -> None:
        self.indexes = tuple(sorted(indexes, key=lambda index: index.best))
        # Worth it where patterns are tried, and possible where host, method and path alone decide.
        self.is_cacheable = any(index.has_patterns for index in indexes) and not any(
            index.has_conditions for index in indexes
        )


class Hosts:
    """Indexes by host: plain, `*.suffix`, `prefix.*`, each for any port or one; and those for any host."""

    __slots__ = ("_any", "_cached", "_longest", "_plain", "_prefixes", "_suffixes", "has_ports", "scopes")

    def __init__(self) -> None:
        self._plain: dict[bytes, _ByPort] = {}
        self._suffixes: dict[bytes, _ByPort] = {}  # b".example.com"
        self._prefixes: dict[bytes, _ByPort] = {}  # b"example."
        self._any: PathIndex | None = None
        self._longest = 0  # of the suffixes and prefixes: no need to look at more of a host
        self.has_ports = False  # the scheme decides what port a host without one stands for
        self.scopes: dict[str, dict[bytes, Scope]] = {}  # by scheme: for plain hosts, ready made
        self._cached: dict[str, TwoGenerations[bytes, Scope]] = {}  # by scheme: for what clients made up

    def add(self, candidate: Candidate, hosts: tuple[str, ...]) -> None:
        """Take a candidate in. They come best first; after the last one, `build`."""
        if not hosts:
            if self._any is None:
                self._any = PathIndex()
            self._any.add(candidate)
        for host in hosts:
            name, port = split_port(host.lower().encode())
            self.has_ports |= port is not None
            table = self._plain
            if name.startswith(b"*"):
                name, table = name[1:], self._suffixes
            elif name.endswith(b"*"):
                name, table = name[:-1], self._prefixes
            if table is not self._plain:
                self._longest = max(self._longest, len(name))
            table.setdefault(name, {}).setdefault(port, PathIndex()).add(candidate)

    def build(self) -> Generator[None, None, None]:
        """Make what `find` and `scopes` need."""
        for index in self._indexes():
            yield from index.build()
        for scheme in ("http", "https"):
            if scheme == "https" and not self.has_ports:
                self.scopes[scheme], self._cached[scheme] = self.scopes["http"], self._cached["http"]
                break
            ready = self.scopes[scheme] = {}
            self._cached[scheme] = TwoGenerations(_CACHED_HOSTS)
            for name in self._plain:
                ready[name] = self._resolve(name, scheme)
                yield

    def find(self, host: bytes, scheme: str) -> Scope:
        """Return the scope of a host in lower case that `scopes` does not have."""
        cached = self._cached[scheme]
        scope = cached.get(host)
        if scope is None:
            scope = self._resolve(host, scheme)
            if len(host) <= _CACHED_LENGTH:
                cached.put(host, scope)
        return scope

    def _indexes(self) -> Iterator[PathIndex]:
        if self._any is not None:
            yield self._any
        for table in (self._plain, self._suffixes, self._prefixes):
            for by_port in table.values():
                yield from by_port.values()

    def _resolve(self, host: bytes, scheme: str) -> Scope:
        name, port = split_port(host)
        if port is None:
            port = 443 if scheme == "https" else 80
        indexes = [] if self._any is None else [self._any]
        for by_port in self._tables_of(name):
            indexes += [by_port[key] for key in (None, port) if key in by_port]
        return Scope(indexes)

    def _tables_of(self, name: bytes) -> Iterator[_ByPort]:
        if name in self._plain:
            yield self._plain[name]
        if not self._longest:
            return
        dot = name.find(b".", max(1, len(name) - self._longest))  # a "*" stands for one character at least
        while dot >= 0:
            if name[dot:] in self._suffixes:
                yield self._suffixes[name[dot:]]
            dot = name.find(b".", dot + 1)
        dot = name.find(b".", 0, self._longest)
        while 0 <= dot < len(name) - 1:
            if name[: dot + 1] in self._prefixes:
                yield self._prefixes[name[: dot + 1]]
            dot = name.find(b".", dot + 1, self._longest)


def split_port(host: bytes) -> tuple[bytes, int | None]:
    """Take the port off a host; an IPv6 address stands in brackets. What is no port stays in the name."""
    name, colon, port = host.rpartition(b":")
    if colon and len(port) <= 5 and port.isdigit() and (b":" not in name or name.endswith(b"]")):
        return name, int(port)
    return host, None
