"""From routes to a router.

Each route becomes a candidate per path, the candidates are ranked, and each goes, best first, into the index of each
of its hosts. Ten thousand routes take a few hundred milliseconds, so it is a generator that can be left at any step.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterable, Mapping
from typing import Final

from oarlock.config.route import Route
from oarlock.config.service import Service
from oarlock.router.conditions import Conditions
from oarlock.router.errors import PatternTimeout, RouterError
from oarlock.router.hosts import Hosts
from oarlock.router.index import Candidate
from oarlock.router.match import Match, Router
from oarlock.router.path import normalise
from oarlock.router.pattern import Pattern, PatternRefused
from oarlock.router.rank import FLAVORS, is_regex
from oarlock.router.slices import run, sorted_in_slices

__all__ = ["PatternTimeout", "Router", "RouterError", "compile_in_slices", "compile_router"]

_HTTP: Final = frozenset({"http", "https", "grpc", "grpcs"})
_Ranked = tuple[int, int, int, Candidate, Route]  # minus the weight, created_at, place in the file


def compile_router(routes: Iterable[Route], services: Mapping[str, Service], flavor: str) -> Router:
    """Compile the routes of HTTP protocols whose service is enabled; `flavor` is a key of `rank.FLAVORS`.

    Raises:
        RouterError: with all routes that have a regular expression which the flavour can't run.
    """
    return run(_compile(routes, services, flavor))


def compile_in_slices(
    routes: Iterable[Route],
    services: Mapping[str, Service],
    flavor: str,
    longest: float = 0.002,
    clock: Callable[[], float] = time.perf_counter,
) -> Generator[None, None, Router]:
    """The same, pausing at a `yield` whenever about `longest` seconds have passed. Returns the router."""
    work = _compile(routes, services, flavor)
    pause_at = clock() + longest
    while True:
        try:
            next(work)
        except StopIteration as end:
            router: Router = end.value
            return router
        if clock() >= pause_at:
            yield
            pause_at = clock() + longest


def _compile(routes: Iterable[Route], services: Mapping[str, Service], flavor: str) -> Generator[None, None, Router]:
    ranked: list[_Ranked] = []
    problems: list[str] = []
    for position, route in enumerate(routes):
        service = services[route.service] if route.service is not None else None
        if not _HTTP.isdisjoint(route.protocols) and (service is None or service.enabled):
            for path in route.paths or (None,):
                try:
                    candidate = _candidate(route, service, path, flavor)
                except PatternRefused as refused:
                    problems.append(f"route {route.name or route.id}: {refused}")
                else:
                    ranked.append((-FLAVORS[flavor](route, path), route.created_at, position, candidate, route))
        yield
    if problems:
        raise RouterError(problems)

    hosts = Hosts()
    ranked = yield from sorted_in_slices(ranked, key=lambda entry: entry[:3])
    ranked.reverse()
    for rank in range(len(ranked)):
        *_, candidate, route = ranked.pop()  # taken apart here: freeing a long list at once would take too long
        candidate.rank = rank
        hosts.add(candidate, route.hosts)
        yield
    yield from hosts.build()
    return Router(hosts)


def _candidate(route: Route, service: Service | None, path: str | None, flavor: str) -> Candidate:
    is_traditional = flavor == "traditional"
    match = Match(
        route,
        service,
        matched_path=b"" if path is None or is_regex(path) else normalise(path.encode()),
        base=(service.path if service is not None and service.path else "/").encode(),
        strips_path=route.strip_path and path is not None,
        is_v1=is_traditional and route.path_handling == "v1",
    )
    return Candidate(
        match,
        methods=frozenset(method.encode() for method in route.methods) if route.methods else None,
        pattern=Pattern(path[1:], is_traditional) if path is not None and is_regex(path) else None,
        conditions=Conditions(route.headers, route.snis, is_traditional) if route.headers or route.snis else None,
    )
