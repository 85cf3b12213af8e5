"""Heads: pieces, what they mean, and back to bytes."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oarlock.errors import ClientError
from oarlock.proxy import head, http1
from oarlock.proxy.head import MalformedHead
from oarlock.proxy.http1 import CHUNKED, UNTIL_CLOSE


def request(raw: bytes) -> http1.RequestHead:
    return http1.validate_request(head.parse_request(raw), 1000, 100)


def response(raw: bytes, method: bytes = b"GET") -> http1.ResponseHead:
    return http1.validate_response(head.parse_response(raw), method, 100)


def test_names_are_lower_case_and_values_stripped_in_their_order() -> None:
    pieces = head.parse_request(b"GET / HTTP/1.1\r\nB: 1\r\nA:\t2 \r\nb: 3")
    assert pieces == (b"GET", b"/", b"HTTP/1.1", [(b"b", b"1"), (b"a", b"2"), (b"b", b"3")])


def test_a_line_seen_before_is_the_same_object() -> None:
    raw = b"GET / HTTP/1.1\r\nX-Seen: before"
    assert head.parse_request(raw)[3][0] is head.parse_request(raw)[3][0]


def test_secrets_are_not_kept() -> None:
    raw = b"GET / HTTP/1.1\r\nAuthorization: Basic c2VjcmV0"
    assert head.parse_request(raw)[3][0] is not head.parse_request(raw)[3][0]


def test_random_lines_take_bounded_memory() -> None:
    for number in range(3 * head._CACHED_LINES):
        head.parse_field(b"X-%d: 1" % number)
        head.parse_request(b"GET / HTTP/1.1\r\nX-Y: %d" % number)
    assert len(head._lines.young) <= head._CACHED_LINES
    assert len(head._names) <= head._CACHED_LINES


@given(st.binary(max_size=300))
def test_any_bytes_are_a_request_or_refused(data: bytes) -> None:
    with contextlib.suppress(MalformedHead, ClientError):
        request(data)


@given(st.binary(max_size=300))
def test_any_bytes_are_a_response_or_refused(data: bytes) -> None:
    with contextlib.suppress(MalformedHead):
        response(b"HTTP/1.1 " + data)


@given(st.binary(max_size=120), st.integers(0, 120))
def test_what_a_whole_head_may_hold_no_prefix_of_it_is_refused_for(data: bytes, cut: int) -> None:
    raw = b"GET / HTTP/1.1\r\nHost: a\r\nX: " + data
    try:
        head.parse_request(raw)
    except MalformedHead:
        return
    cut = min(cut, len(raw))
    head.check_prefix(raw[:cut], 0)
    head.check_prefix(raw, cut)


@pytest.mark.parametrize(
    ("raw", "length"),
    [
        (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 007", 7),
        (b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: CHUNKED", CHUNKED),
        (b"POST / HTTP/1.1\r\nHost: a", 0),
    ],
)
def test_the_length_of_a_request(raw: bytes, length: int) -> None:
    assert request(raw).length == length


@pytest.mark.parametrize(
    ("raw", "method", "length", "keep_alive"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 7", b"GET", 7, True),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\nContent-Length: 7", b"GET", 7, True),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 7", b"HEAD", 0, True),
        (b"HTTP/1.1 204 No\r\nContent-Length: 7", b"GET", 0, True),
        (b"HTTP/1.1 304 No\r\nTransfer-Encoding: chunked", b"GET", 0, True),
        (b"HTTP/1.1 200", b"GET", UNTIL_CLOSE, False),
        (b"HTTP/1.1 200 \r\nTransfer-Encoding: chunked\r\nConnection: close", b"GET", CHUNKED, False),
        (b"HTTP/1.0 200 OK\r\nContent-Length: 7", b"GET", 7, False),
        (b"HTTP/1.0 200 OK\r\nContent-Length: 7\r\nConnection: Keep-Alive", b"GET", 7, True),
    ],
)
def test_the_framing_of_a_response(raw: bytes, method: bytes, length: int, keep_alive: bool) -> None:
    found = response(raw, method)
    assert (found.length, found.keep_alive) == (length, keep_alive)


def test_an_absolute_target_is_taken_apart() -> None:
    found = request(b"GET HTTP://B.com:81?x HTTP/1.1\r\nHost: a.com\r\nX: 1")
    assert (found.target, found.host) == (b"/?x", b"B.com:81")
    assert found.headers == [(b"host", b"B.com:81"), (b"x", b"1")]


def test_options_may_ask_about_the_server_as_a_whole() -> None:
    assert request(b"OPTIONS * HTTP/1.1\r\nHost: a").target == b"*"


def test_a_head_is_built_as_it_was_taken_apart() -> None:
    fields = [(b"host", b"a"), (b"x", b"")]
    raw = head.encode_request(b"GET", b"/x", fields)
    assert raw == b"GET /x HTTP/1.1\r\nhost: a\r\nx: \r\n\r\n"
    assert head.encode_response(200, []) == b"HTTP/1.1 200 OK\r\n\r\n"
    assert head.encode_response(299, [(b"a", b"b")]) == b"HTTP/1.1 299 \r\na: b\r\n\r\n"
