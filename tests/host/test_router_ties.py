"""Which of several matching routes wins: the tie rules of both flavours as data, and a matcher that tries all."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oarlock.config.route import Route
from oarlock.config.service import Service
from oarlock.proxy.exchange import Headers
from oarlock.router.compile import compile_router

SERVICES = {"s": Service(id="s", host="h")}
FLAVORS = ("traditional", "traditional_compatible")
BOTH, ONLY_TRADITIONAL, ONLY_COMPATIBLE = FLAVORS, FLAVORS[:1], FLAVORS[1:]

# All routes match GET a.b.com:8000 /foo/bar with x: 1 and y: 2. The first of a pair wins.
TIES: list[tuple[str, tuple[str, ...], dict[str, Any], dict[str, Any]]] = [
    ("more matchers", BOTH, {"hosts": ("a.b.com",), "methods": ("GET",)}, {"paths": ("/foo/bar",)}),
    ("more matchers before regex", BOTH, {"methods": ("GET",), "paths": ("/",)}, {"paths": ("~/foo/bar",)}),
    ("hosts before headers", ONLY_TRADITIONAL, {"hosts": ("a.b.com",)}, {"headers": {"x": ("1",), "y": ("2",)}}),
    ("a wildcard host before headers", ONLY_TRADITIONAL, {"hosts": ("*.b.com",)}, {"headers": {"x": ("1",)}}),
    ("headers before a wildcard host", ONLY_COMPATIBLE, {"headers": {"x": ("1",)}}, {"hosts": ("*.b.com",)}),
    ("headers before paths", BOTH, {"headers": {"x": ("1",)}}, {"paths": ("/foo/bar",)}),
    ("headers before a regex", BOTH, {"headers": {"x": ("1",)}}, {"paths": ("~/foo",)}),
    ("paths before methods", BOTH, {"paths": ("/",)}, {"methods": ("GET",)}),
    ("plain host before wildcard", BOTH, {"hosts": ("a.b.com",)}, {"hosts": ("*.b.com",)}),
    ("all hosts plain", BOTH, {"hosts": ("a.b.com",)}, {"hosts": ("a.b.com", "*.c.com")}),
    ("a wildcard with a port", ONLY_TRADITIONAL, {"hosts": ("*.b.com:8000",)}, {"hosts": ("a.b.com",)}),
    ("plain before a wildcard with a port", ONLY_COMPATIBLE, {"hosts": ("a.b.com",)}, {"hosts": ("*.b.com:8000",)}),
    ("more header names", BOTH, {"headers": {"x": ("1",), "y": ("2",)}}, {"headers": {"x": ("1", "2")}}),
    (
        "header names before regex",
        ONLY_COMPATIBLE,
        {"headers": {"x": ("1",), "y": ("2",)}, "paths": ("/",)},
        {"headers": {"x": ("1",)}, "paths": ("~/foo",)},
    ),
    (
        "regex before header names",
        ONLY_TRADITIONAL,
        {"headers": {"x": ("1",)}, "paths": ("~/foo",)},
        {"headers": {"x": ("1",), "y": ("2",)}, "paths": ("/",)},
    ),
    ("regex before plain", BOTH, {"paths": ("~/f",)}, {"paths": ("/foo/bar",)}),
    ("a regex of any priority before plain", BOTH, {"paths": ("~/f",), "regex_priority": -5}, {"paths": ("/foo",)}),
    ("regex_priority", BOTH, {"paths": ("~/f",), "regex_priority": 2}, {"paths": ("~/foo/b",), "regex_priority": 1}),
    ("negative regex_priority", BOTH, {"paths": ("~/f",)}, {"paths": ("~/foo/b",), "regex_priority": -1}),
    ("longer plain path", BOTH, {"paths": ("/foo/b",)}, {"paths": ("/foo", "/")}),
    ("no regex_priority for plain paths", BOTH, {"paths": ("/foo/b",)}, {"paths": ("/foo",), "regex_priority": 9}),
    ("older", BOTH, {"paths": ("/foo",), "created_at": 1}, {"paths": ("/foo",), "created_at": 2}),
    (
        "older, for regexes of any length",
        BOTH,
        {"paths": ("~/f",), "created_at": 1},
        {"paths": ("~/foo/bar",), "created_at": 2},
    ),
    (
        "a plain host before a longer path",
        BOTH,
        {"hosts": ("a.b.com",), "paths": ("/",)},
        {"hosts": ("*.b.com",), "paths": ("/foo",)},
    ),
    (
        "a plain host before a regex",
        BOTH,
        {"hosts": ("a.b.com",), "paths": ("/",)},
        {"hosts": ("*.b.com",), "paths": ("~/foo",)},
    ),
]  # fmt: skip


@pytest.mark.parametrize("order", ["as declared", "the other way round"])
@pytest.mark.parametrize(
    ("flavor", "winner", "loser"),
    [
        pytest.param(flavor, winner, loser, id=f"{flavor}: {rule}")
        for rule, flavors, winner, loser in TIES
        for flavor in flavors
    ],
)
def test_the_winner_is(flavor: str, winner: dict[str, Any], loser: dict[str, Any], order: str) -> None:
    routes = [Route(id="winner", service="s", **winner), Route(id="loser", service="s", **loser)]
    for only in routes:
        router = compile_router([only], SERVICES, flavor)
        assert router.match(*_REQUEST) is not None, only.id
    if order == "the other way round":
        routes.reverse()
    match = compile_router(routes, SERVICES, flavor).match(*_REQUEST)
    assert match is not None
    assert match.route.id == "winner"


_REQUEST = (b"GET", "http", b"a.b.com:8000", b"/foo/bar", [(b"x", b"1"), (b"y", b"2")])


@pytest.mark.parametrize("flavor", FLAVORS)
def test_among_equals_the_one_declared_first_wins(flavor: str) -> None:
    routes = [Route(id=str(number), paths=("/foo",), service="s") for number in range(5)]
    match = compile_router(routes, SERVICES, flavor).match(*_REQUEST)
    assert match is not None
    assert match.route.id == "0"


class Request(NamedTuple):
    method: str
    host: str
    path: str
    headers: Headers


def reference(routes: list[Route], flavor: str, request: Request) -> tuple[str, str] | None:
    """Id of the route that wins and what its path matched, by trying every path of every route."""
    candidates = []
    for position, route in enumerate(routes):
        for place, path in enumerate(route.paths or (None,)):
            matched = path_match(path, request.path)
            if (
                matched is not None
                and (not route.hosts or any(host_matches(host, request.host) for host in route.hosts))
                and (not route.methods or request.method in route.methods)
                and all(header_matches(name, values, request.headers) for name, values in route.headers.items())
            ):
                order = rank(route, path, flavor)
                candidates.append(
                    (*(-number for number in order), route.created_at, position, place, route.id, matched)
                )
    return None if not candidates else min(candidates)[-2:]


def path_match(declared: str | None, path: str) -> str | None:
    if declared is None:
        return ""
    if declared.startswith("~"):
        found = re.match(declared[1:], path)
        return found[0] if found else None
    return declared if path.startswith(declared) else None


def host_matches(declared: str, host: str) -> bool:
    name, _, port = host.partition(":")
    wanted, _, wanted_port = declared.partition(":")
    if wanted_port and wanted_port != (port or "80"):
        return False
    if wanted.startswith("*"):
        return name.endswith(wanted[1:]) and len(name) >= len(wanted)
    if wanted.endswith("*"):
        return name.startswith(wanted[:-1]) and len(name) >= len(wanted)
    return name == wanted


def header_matches(name: str, values: tuple[str, ...], headers: Headers) -> bool:
    return any(field.decode() == name and value.decode() in values for field, value in headers)


def rank(route: Route, path: str | None, flavor: str) -> tuple[int, ...]:
    """The order of rules as the reference tells them; larger wins."""
    weights = {"hosts": 64, "headers": 32, "paths": 16, "methods": 8}
    declared = [name for name in weights if getattr(route, name)]
    is_regex = path is not None and path.startswith("~")
    all_plain = bool(route.hosts) and "*" not in "".join(route.hosts)
    priority = route.regex_priority if is_regex else 0
    length = len(path or "") if not is_regex else 0
    if flavor == "traditional":
        wildcard_with_port = any("*" in host and ":" in host for host in route.hosts)
        score = 4 * wildcard_with_port + 2 * all_plain + is_regex
        return len(declared), sum(weights[name] for name in declared), score, len(route.headers), priority, length
    return len(declared), all_plain, len(route.headers), is_regex, priority, length


def one_of(values: str) -> st.SearchStrategy[str]:
    return st.sampled_from(values.split())


def some(values: str, least: int = 0) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(one_of(values), min_size=least, max_size=3, unique=True).map(tuple)


hosts = some("a.com b.com x.a.com *.com *.a.com a.* x.* a.com:80 a.com:81 *.com:81 *.a.com:80")
paths = some("/ /a /ab /a/b /a/b/c /b /b/ ~/a ~/a/[a-c]+$ ~/(a|b) ~/a/?b ~/ab* ~/[^/]+/b ~/b.c")
methods = some("GET POST PUT")
headers = st.dictionaries(st.sampled_from(["x", "y"]), some("1 2 3", least=1), max_size=2)
fields = st.fixed_dictionaries(
    {
        "hosts": hosts,
        "paths": paths,
        "methods": methods,
        "headers": headers,
        "regex_priority": st.integers(-1, 1),
        "created_at": st.integers(0, 1),
    }
).filter(lambda route: any(route[name] for name in ("hosts", "paths", "methods", "headers")))
requests = st.builds(
    Request,
    one_of("GET POST PUT HEAD"),
    one_of("a.com b.com x.a.com y.x.a.com a.com:80 a.com:81 x.a.com:81 x.org com .a.com"),
    one_of("/ /a /ab /abb /a/b /a/b/c /a/bb /b /b/ /bc /b/c /ba/b /c/b *"),
    st.lists(st.tuples(st.sampled_from([b"x", b"y"]), st.sampled_from([b"1", b"2"])), max_size=3),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(fields, max_size=12), st.lists(requests, min_size=1, max_size=8), st.sampled_from(FLAVORS))
def test_the_router_finds_what_trying_every_route_finds(
    declared: list[dict[str, Any]], asked: list[Request], flavor: str
) -> None:
    routes = [Route(id=str(number), service="s", **route) for number, route in enumerate(declared)]
    router = compile_router(routes, SERVICES, flavor)
    for request in asked * 2:  # the second time from the cache, where there is one
        match = router.match(
            request.method.encode(), "http", request.host.encode(), request.path.encode(), request.headers
        )
        result = None if match is None else (match.route.id, match.matched_path.decode())
        assert result == reference(routes, flavor, request), request
