"""Which of two candidates goes first: the tie rules of the two flavours, as one number each.

A candidate is a route with one of its paths. In both flavours the matching candidate with the greatest weight wins;
among equals the older route, then the one that was declared first.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from oarlock.config.route import Route

Weigh = Callable[[Route, str | None], int]  # a route and one of its paths, None where it declares none

_TRADITIONAL_WEIGHTS: Final = {"hosts": 64, "headers": 32, "paths": 16, "methods": 8, "snis": 4}
_LONGEST: Final = 0x7FFFF  # bytes of a path that count


def is_regex(path: str | None) -> bool:
    return path is not None and path.startswith("~")


def weigh_compatible(route: Route, path: str | None) -> int:
    """`traditional_compatible`: matchers, plain hosts, header names, regex, its priority, length of the plain path."""
    regex = is_regex(path)
    weight = len(_declared(route)) << 61
    weight |= _has_plain_hosts(route) << 60
    weight |= min(len(route.headers), 255) << 52
    weight |= regex << 51
    weight |= _regex_priority(route, path) << 19
    return weight | _plain_length(path)


def weigh_traditional(route: Route, path: str | None) -> int:
    """`traditional`: the set of matchers first, then how special host and path are, then as the other flavour."""
    declared = _declared(route)
    weight = len(declared) << 88
    weight |= sum(_TRADITIONAL_WEIGHTS[name] for name in declared) << 80
    score = 4 * _has_wildcard_with_port(route) | 2 * _has_plain_hosts(route) | is_regex(path)
    weight |= score << 72
    weight |= min(len(route.headers), 0xFFFF) << 52
    weight |= _regex_priority(route, path) << 19
    return weight | _plain_length(path)


FLAVORS: Final[dict[str, Weigh]] = {
    "traditional_compatible": weigh_compatible,
    "traditional": weigh_traditional,
}


def _declared(route: Route) -> list[str]:
    return [name for name in _TRADITIONAL_WEIGHTS if getattr(route, name)]


def _has_plain_hosts(route: Route) -> bool:
    return bool(route.hosts) and not any("*" in host for host in route.hosts)


def _has_wildcard_with_port(route: Route) -> bool:
    return any("*" in host and ":" in host for host in route.hosts)


def _regex_priority(route: Route, path: str | None) -> int:
    return route.regex_priority + 2**31 if is_regex(path) else 0


def _plain_length(path: str | None) -> int:
    return 0 if path is None or is_regex(path) else min(len(path.encode()), _LONGEST)
