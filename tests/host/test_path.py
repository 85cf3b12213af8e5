"""Paths in normal form, escaped again, and joined with the path of a service."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oarlock.config.route import Route
from oarlock.config.service import Service
from oarlock.router.compile import compile_router
from oarlock.router.path import escape, normalise, upstream_path


@pytest.mark.parametrize(
    ("raw", "normal"),
    [
        (b"/", b"/"),
        (b"/a/b", b"/a/b"),
        (b"/a%20b%7E", b"/a b~"),
        (b"/%61%2Fb%2fc", b"/a%2Fb%2Fc"),
        (b"/%3f%23%25%5b", b"/%3F%23%25%5B"),
        (b"/caf%c3%a9/%FF%0a", b"/caf\xc3\xa9/\xff\n"),
        (b"/100%/%zz/%4", b"/100%/%zz/%4"),
        (b"//a///b//", b"/a/b/"),
        (b"/a/./b/.", b"/a/b/"),
        (b"/a/../b", b"/b"),
        (b"/a/b/..", b"/a/"),
        (b"/../../a", b"/a"),
        (b"/..", b"/"),
        (b"/a//../b", b"/b"),
        (b"/%2e%2E/a/%2e/b", b"/a/b"),
        (b"/a/.b/..c/...", b"/a/.b/..c/..."),
        (b"/a%2f../b", b"/a%2F../b"),
        (b"*", b"*"),
        (b"", b""),
    ],
)
def test_the_normal_form_of(raw: bytes, normal: bytes) -> None:
    assert normalise(raw) == normal


segments = st.lists(st.sampled_from([b"", b".", b"..", b"a", b"%41", b"%2e", b"%2F", b"%c3%a9", b"%", b"x.y"]))


@given(segments)
def test_a_normal_path_has_neither_dot_segments_nor_empty_ones_and_is_rooted(parts: list[bytes]) -> None:
    normal = normalise(b"/" + b"/".join(parts))
    assert normal.startswith(b"/")
    assert not {b".", b"..", b""} & set(normal.split(b"/")[1:-1])
    assert normalise(normal) == normal


@given(st.binary(max_size=30))
def test_an_escaped_path_has_only_bytes_that_a_request_line_may_carry_and_means_the_same(data: bytes) -> None:
    path = normalise(b"/" + data)
    escaped = escape(path)
    assert escaped.isascii()
    assert not set(escaped) & set(b' "<>\\^`{|}\x7f')
    assert min(escaped) > 0x20
    assert normalise(escaped) == path


@pytest.mark.parametrize(
    ("path", "escaped"),
    [
        (b"/a/b", b"/a/b"),
        (b"/a b\r\n", b"/a%20b%0D%0A"),
        (b"/caf\xc3\xa9", b"/caf%C3%A9"),
        (b"/%2F!*'();:@&=+$,[]", b"/%2F!*'();:@&=+$,[]"),
    ],
)
def test_a_path_is_escaped_for_the_upstream(path: bytes, escaped: bytes) -> None:
    assert escape(path) == escaped


# strip_path, the service's path, the request's path, the route's path, with path handling v0, with v1
UPSTREAM_PATHS = [
    (True, "/s", "/fv", "/fv", "/s", "/s"),
    (True, "/s", "/fv/", "/fv", "/s/", "/s/"),
    (True, "/s", "/fv/req", "/fv", "/s/req", "/s/req"),
    (True, "/s", "/fvreq", "/fv", "/s/req", "/sreq"),
    (True, "/s", "/fv/req", "/fv/", "/s/req", "/sreq"),
    (True, "/s", "/fv/", "/fv/", "/s/", "/s"),
    (True, "/s/", "/fv", "/fv", "/s", "/s/"),
    (True, "/s/", "/fv/req", "/fv", "/s/req", "/s/req"),
    (True, "/s/", "/fvreq", "/fv", "/s/req", "/s/req"),
    (True, "/", "/fv", "/fv", "/", "/"),
    (False, "/s", "/fv/req", "/fv", "/s/fv/req", "/sfv/req"),
    (False, "/s/", "/fv/req", "/fv", "/s/fv/req", "/s/fv/req"),
    (False, "/s", "/", "/", "/s", "/s"),
    (True, None, "/fv/req", "/fv", "/req", "/req"),
    (True, "/s/", "/", "/", "/s/", "/s/"),
    (True, "/s", "/fv../x", "/fv", "/s/x", "/sx"),
    (True, "/s", "/fv..", "/fv", "/s", "/s"),
    (True, "/s", "/fv./x", "/fv", "/s/x", "/sx"),
    (True, "/s", "/fv.x", "/fv", "/s/.x", "/s.x"),
    (True, "/s", "/users/12/x", r"~/users/\d+", "/s/x", "/s/x"),
    (True, "/s", "/req", None, "/s/req", "/sreq"),
    (True, "/s", "/", None, "/s", "/s"),
]


@pytest.mark.parametrize("handling", ["v0", "v1"])
@pytest.mark.parametrize("row", UPSTREAM_PATHS)
def test_the_path_sent_upstream(row: tuple[bool, str | None, str, str | None, str, str], handling: str) -> None:
    strip_path, base, request, route_path, v0, v1 = row
    path = request.encode()
    for flavor, expected in (("traditional", v1 if handling == "v1" else v0), ("traditional_compatible", v0)):
        service = Service(id="s", host="h", path=base)
        route = Route(
            id="r",
            methods=("GET",),
            paths=(route_path,) if route_path else (),
            strip_path=strip_path,
            path_handling=handling,
            service="s",
        )
        match = compile_router([route], {"s": service}, flavor).match(b"GET", "http", b"h", path, [])
        assert match is not None
        assert upstream_path(match, path) == expected.encode()


def test_the_path_sent_upstream_is_escaped() -> None:
    route = Route(id="r", paths=("/fv",), service="s")
    router = compile_router([route], {"s": Service(id="s", host="h", path="/s")}, "traditional_compatible")
    path = normalise(b"/fv/a%20b%0d%0aX:y%2f%C3%A9")
    match = router.match(b"GET", "http", b"h", path, [])
    assert match is not None
    assert upstream_path(match, path) == b"/s/a%20b%0D%0AX:y%2F%C3%A9"
