"""From a request to its route."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from oarlock.config.route import Route
from oarlock.config.service import Service
from oarlock.proxy.exchange import Headers
from oarlock.router.cache import TwoGenerations
from oarlock.router.hosts import Hosts
from oarlock.router.index import search
from oarlock.router.path import upstream_path
from oarlock.router.pattern import Captures

__all__ = ["NO_CAPTURES", "Match", "Router", "upstream_path"]

_CACHED_MATCHES: Final = 4096  # per generation
_CACHED_LENGTH: Final = 512  # bytes of a path

_NO_NAMES: Final[Mapping[str, bytes]] = MappingProxyType({})
NO_CAPTURES: Final[Captures] = ((), _NO_NAMES)


@dataclass(frozen=True, slots=True)
class Match:
    """A route that a request belongs to, and what its path has to do with it."""

    route: Route
    service: Service | None
    matched_path: bytes = b""  # normal form: the prefix, or all that the regex matched; empty: the route has no paths
    captures: Captures = NO_CAPTURES  # of the regex: groups ([0] is the whole match), and those with a name
    base: bytes = b"/"  # the service's path
    strips_path: bool = False  # `matched_path` does not go to the upstream
    is_v1: bool = False  # `path_handling`

    def with_captures(self, captures: Captures) -> Match:
        """The same for a path that a regex matched."""
        whole = captures[0][0] or b""
        return Match(self.route, self.service, whole, captures, self.base, self.strips_path, self.is_v1)


class Router:
    """All routes of a configuration. Made by `compile_router`; only its caches change."""

    __slots__ = ("_cache", "_hosts", "_http", "_https")

    def __init__(self, hosts: Hosts) -> None:
        self._hosts = hosts
        self._http = hosts.scopes["http"]
        self._https = hosts.scopes["https"]
        self._cache: TwoGenerations[tuple[str, bytes, bytes, bytes], Match | bool] = TwoGenerations(_CACHED_MATCHES)

    def match(
        self,
        method: bytes,
        scheme: str,
        host: bytes,
        path: bytes,
        headers: Headers,
        sni: str | None = None,
    ) -> Match | None:
        """Return the match of the best route, or None.

        `host` is in lower case and may carry a port, `path` is in normal form (`router.path.normalise`), names in
        `headers` are in lower case. Protocols do not matter here: a route for https alone matches a request over http,
        and the caller answers with a redirect.

        Raises:
            PatternTimeout: a backtracking pattern (flavour `traditional` only) took too long; to be answered 500.
        """
        scope = (self._https if scheme == "https" else self._http).get(host)
        if scope is None:
            scope = self._hosts.find(host, scheme)
        if not scope.is_cacheable:
            return search(scope.indexes, method, scheme, path, headers, sni)[0]
        key = (scheme, host, method, path)
        cached = self._cache.get(key)
        if cached is None:
            match, tried = search(scope.indexes, method, scheme, path, headers, sni)
            if tried and len(path) <= _CACHED_LENGTH and len(host) <= _CACHED_LENGTH:
                self._cache.put(key, False if match is None else match)
            return match
        return cached if isinstance(cached, Match) else None
