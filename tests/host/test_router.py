"""Which requests a route matches, and what the match carries."""

from __future__ import annotations

from typing import Any

import pytest

from oarlock.config.route import Endpoint, Route
from oarlock.config.service import Service
from oarlock.proxy.exchange import Headers
from oarlock.router import match as match_module
from oarlock.router import pattern as pattern_module
from oarlock.router.cache import TwoGenerations
from oarlock.router.compile import PatternTimeout, Router, RouterError, compile_in_slices, compile_router
from oarlock.router.pattern import Pattern, literal_prefix

FLAVORS = ("traditional", "traditional_compatible")
SERVICES = {"s": Service(id="s", host="h")}


def router_of(flavor: str, *routes: dict[str, Any]) -> Router:
    return compile_router(
        [Route(id=str(i), service="s", **fields) for i, fields in enumerate(routes)], SERVICES, flavor
    )


def found(
    router: Router,
    path: str = "/",
    host: str = "h",
    method: str = "GET",
    headers: Headers | None = None,
    scheme: str = "http",
    sni: str | None = None,
) -> str | None:
    match = router.match(method.encode(), scheme, host.encode(), path.encode(), headers or [], sni)
    return None if match is None else match.route.id


# what the route declares, requests that it matches, requests that it does not
HOSTS = [
    ("a.com", ["a.com", "a.com:80", "a.com:8000"], ["b.com", "x.a.com", "a.com.", "", "a.com:x"]),
    ("A.com", ["a.com"], []),
    ("a.com:80", ["a.com", "a.com:80"], ["a.com:8000", "a.com:443"]),
    ("a.com:8000", ["a.com:8000"], ["a.com", "a.com:80"]),
    ("*.a.com", ["x.a.com", "x.y.a.com", "x.a.com:99", "-.a.com"], ["a.com", ".a.com", "xa.com", "x.a.com.br"]),
    ("a.*", ["a.com", "a.b.c", "a.com:99"], ["a.", "a", "b.a.com", "aa.com"]),
    ("*.a.com:8000", ["x.a.com:8000"], ["x.a.com", "x.a.com:80"]),
    ("*.a.com:80", ["x.a.com", "x.a.com:80"], ["x.a.com:8000"]),
    ("[::1]", ["[::1]", "[::1]:8000"], ["[::2]"]),
    ("[::1]:8000", ["[::1]:8000"], ["[::1]"]),
]


@pytest.mark.parametrize("flavor", FLAVORS)
@pytest.mark.parametrize(("declared", "yes", "no"), HOSTS)
def test_hosts(declared: str, yes: list[str], no: list[str], flavor: str) -> None:
    router = router_of(flavor, {"hosts": ("other.example", declared)})
    for _ in range(2):  # the second time from the cache
        assert [host for host in yes if found(router, host=host) is None] == []
        assert [host for host in no if found(router, host=host) is not None] == []


def test_a_host_without_port_stands_for_port_443_over_https() -> None:
    router = router_of("traditional_compatible", {"hosts": ("a.com:443",)})
    assert found(router, host="a.com", scheme="https") == "0"
    assert found(router, host="a.com", scheme="http") is None
    assert found(router, host="x.com", scheme="https") is None


PATHS = [
    ("/foo", ["/foo", "/foo/", "/foobar", "/foo/bar"], ["/", "/fo", "/Foo", "/x/foo"]),
    ("/", ["/", "/x"], []),
    ("/caf%C3%A9", ["/café", "/café/x"], ["/caf"]),
    (r"~/u/\d+$", ["/u/1", "/u/12"], ["/u/", "/u/1/x", "/x/u/1"]),
    (r"~/u/\d+", ["/u/1", "/u/1/x"], ["/x/u/1"]),
    (r"~^/u/(a|b)", ["/u/a", "/u/b/c"], ["/u/c"]),
    (r"~/a|/b", ["/a", "/b/x"], ["/c"]),
    (r"~/(?i)ab", ["/ab", "/AB"], ["/b"]),
    (r"~/ab?c", ["/ac", "/abc"], ["/ab"]),
    (r"~/a\.b", ["/a.b"], ["/axb"]),
]


@pytest.mark.parametrize("flavor", FLAVORS)
@pytest.mark.parametrize(("declared", "yes", "no"), PATHS)
def test_paths(declared: str, yes: list[str], no: list[str], flavor: str) -> None:
    router = router_of(flavor, {"paths": ("/other", declared)})
    for _ in range(2):
        assert [path for path in yes if found(router, path) is None] == []
        assert [path for path in no if found(router, path) is not None] == []


def test_any_of_several_paths_matches_and_the_longest_prefix_is_the_matched_path() -> None:
    router = router_of("traditional_compatible", {"paths": ("/a", "/a/b", "/c")})
    match = router.match(b"GET", "http", b"h", b"/a/b/x", [])
    assert match is not None
    assert match.matched_path == b"/a/b"


def test_methods_are_compared_as_they_are() -> None:
    router = router_of("traditional_compatible", {"methods": ("GET", "PURGE")})
    assert found(router, method="PURGE") == "0"
    assert found(router, method="POST") is None
    assert found(router, method="get") is None


@pytest.mark.parametrize(
    ("declared", "headers", "matches"),
    [
        ({"X-A": ("1", "2")}, [(b"x-a", b"2")], True),
        ({"x-a": ("One",)}, [(b"x-a", b"oNE")], True),
        ({"x-a": ("1",)}, [(b"x-a", b"0"), (b"x-a", b"1")], True),
        ({"x-a": ("1",)}, [(b"x-a", b"1, 2")], False),
        ({"x-a": ("1",), "x-b": ("1",)}, [(b"x-a", b"1")], False),
        ({"x-a": ("1",), "x-b": ("1",)}, [(b"x-b", b"1"), (b"x-a", b"1")], True),
        ({"x-a": ("1",)}, [], False),
        ({"x-a": ("~*^v[0-9]+$",)}, [(b"x-a", b"V12")], True),
        ({"x-a": ("~*[0-9]",)}, [(b"x-a", b"abc7")], True),
        ({"x-a": ("~*^v[0-9]+$",)}, [(b"x-a", b"w12")], False),
        ({"x-a": ("~*a", "b")}, [(b"x-a", b"a")], False),
        ({"x-a": ("~*a", "b")}, [(b"x-a", b"~*A")], True),
    ],
)
@pytest.mark.parametrize("flavor", FLAVORS)
def test_headers(declared: dict[str, tuple[str, ...]], headers: Headers, matches: bool, flavor: str) -> None:
    assert (found(router_of(flavor, {"headers": declared}), headers=headers) is not None) is matches


@pytest.mark.parametrize(
    ("sni", "scheme", "matches"),
    [
        ("a.com", "https", True),
        ("a.com.", "https", True),
        ("A.com", "https", True),
        ("x.b.com", "https", True),
        ("b.com", "https", False),
        ("c.org", "https", True),
        ("c.com", "https", True),
        (None, "https", False),
        (None, "http", True),
    ],
)
def test_snis_concern_only_tls_connections(sni: str | None, scheme: str, matches: bool) -> None:
    router = router_of("traditional_compatible", {"snis": ("a.com.", "*.b.com", "c.*"), "protocols": ("https",)})
    assert (found(router, scheme=scheme, sni=sni) is not None) is matches


def test_a_route_for_https_alone_matches_http_too_so_that_it_can_be_redirected() -> None:
    assert found(router_of("traditional_compatible", {"paths": ("/",), "protocols": ("https",)})) == "0"


def test_routes_of_disabled_services_and_of_stream_protocols_are_left_out() -> None:
    routes = [
        Route(id="off", paths=("/",), service="off"),
        Route(id="tcp", protocols=("tcp",), destinations=(Endpoint(port=8000),)),
        Route(id="none", paths=("/none",)),
    ]
    router = compile_router(routes, {"off": Service(id="off", host="h", enabled=False)}, "traditional_compatible")
    assert found(router, "/x") is None
    match = router.match(b"GET", "http", b"h", b"/none", [])
    assert match is not None
    assert match.service is None


def test_captures_of_a_regex_by_number_and_by_name() -> None:
    router = router_of("traditional_compatible", {"paths": (r"~/u/(?<user>\w+)(?P<opt>/x)?/(\d+)",)})
    for _ in range(2):
        match = router.match(b"GET", "http", b"h", b"/u/ann/7/rest", [])
        assert match is not None
        assert match.matched_path == b"/u/ann/7"
        assert match.captures == ((b"/u/ann/7", b"ann", None, b"7"), {"user": b"ann"})


def test_a_plain_path_captures_nothing() -> None:
    match = router_of("traditional_compatible", {"paths": ("/u",)}).match(b"GET", "http", b"h", b"/u/x", [])
    assert match is not None
    assert match.captures == ((), {})


def test_a_byte_that_is_not_utf8_does_not_hide_a_path_from_a_regex() -> None:
    router = router_of("traditional_compatible", {"paths": ("~/admin/.*$",)})
    assert router.match(b"GET", "http", b"h", b"/admin/\xff", []) is not None


def test_a_pattern_with_characters_beyond_ascii_reads_paths_as_utf8() -> None:
    router = router_of("traditional_compatible", {"paths": ("~/[éà]$",)})
    assert found(router, "/é") == "0"


def test_all_patterns_that_re2_refuses_are_named_with_their_routes() -> None:
    with pytest.raises(RouterError) as caught:
        router_of(
            "traditional_compatible",
            {"name": "ahead", "paths": ("~/a(?=b)",)},
            {"name": "broken", "paths": ("/", "~/(")},
            {"name": "header", "headers": {"x": (r"~*(a)\1",)}},
        )
    assert [problem.split(":")[0] for problem in caught.value.problems] == [
        "route ahead",
        "route broken",
        "route header",
    ]
    assert "'/a(?=b)'" in str(caught.value)


def test_what_re2_refuses_runs_in_the_traditional_flavour() -> None:
    router = router_of("traditional", {"paths": (r"~/(?<x>.)(?=b)",)}, {"headers": {"x": (r"~*^(a)\1$",)}})
    match = router.match(b"GET", "http", b"h", b"/ab", [])
    assert match is not None
    assert (match.matched_path, match.captures[1]) == (b"/a", {"x": b"a"})
    assert found(router, "/ac") is None
    assert found(router, headers=[(b"x", b"AA")]) == "1"
    with pytest.raises(RouterError):
        router_of("traditional", {"paths": ("~/(",)})


def test_a_pattern_that_backtracks_without_end_fails_the_request_instead_of_letting_it_pass(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pattern_module, "_TIME_LIMIT", 0.001)
    router = router_of("traditional", {"paths": (r"~/(?=a)(a|aa)+$",)}, {"paths": ("/",)})
    with pytest.raises(PatternTimeout) as caught:
        found(router, "/" + "a" * 60 + "b")
    assert caught.value.status == 500


@pytest.mark.parametrize(
    ("pattern", "prefix"),
    [
        ("/users/(?<id>x)", "/users/"),
        ("^/a/b", "/a/b"),
        ("/ab*", "/a"),
        ("/ab{0,2}", "/a"),
        ("/ab+", "/a"),
        ("/a|/b", ""),
        ("(?i)/a", ""),
        ("/a(?i)b", ""),
        ("/a.b", "/a"),
        (r"/a\.b", "/a"),
        ("/(a)", "/"),
        ("", ""),
    ],
)
def test_the_bytes_that_every_match_of_a_pattern_begins_with(pattern: str, prefix: str) -> None:
    assert literal_prefix(pattern.encode()) == prefix.encode()


def test_random_paths_do_not_push_out_of_the_cache_what_is_in_use(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(match_module, "_CACHED_MATCHES", 8)
    router = router_of("traditional_compatible", {"paths": (r"~/(\w+)$",)})
    tried: list[bytes] = []
    run = Pattern.match
    monkeypatch.setattr(Pattern, "match", lambda self, text: (tried.append(text), run(self, text))[1])
    for number in range(100):
        assert found(router, f"/random{number}") == "0"
        assert found(router, f"/random{number}/none") is None
        assert found(router, "/popular") == "0"
    assert tried.count(b"/popular") == 1
    assert len(router._cache) <= 16


def test_what_headers_decide_is_not_cached() -> None:
    router = router_of("traditional_compatible", {"paths": ("~/a",), "headers": {"x": ("1",)}}, {"paths": ("~/a",)})
    assert found(router, "/a") == "1"
    assert found(router, "/a", headers=[(b"x", b"1")]) == "0"
    assert found(router, "/a") == "1"


def test_two_generations_keep_at_most_twice_the_limit() -> None:
    cache: TwoGenerations[int, int] = TwoGenerations(4)
    for number in range(100):
        cache.put(number, number)
        assert len(cache) <= 8
    assert cache.get(99) == 99
    assert cache.get(0) is None


def test_compiling_pauses_when_a_slice_of_time_is_used_up() -> None:
    ticks = iter(range(10**9))
    routes = [Route(id=str(i), hosts=(f"h{i % 7}",), paths=(f"/{i}",), service="s") for i in range(300)]
    work = compile_in_slices(routes, SERVICES, "traditional_compatible", longest=50, clock=lambda: next(ticks))
    pauses = 0
    while True:
        try:
            next(work)
        except StopIteration as end:
            router = end.value
            break
        pauses += 1
    assert pauses > 10
    assert found(router, "/299", host="h5") == "299"
