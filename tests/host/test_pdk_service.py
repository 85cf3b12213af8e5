"""kong.service, kong.service.request and kong.service.response: what they change, case by case."""

from __future__ import annotations

from typing import Any

import pytest

from oarlock.config.configuration import Configuration
from oarlock.config.upstream import Upstream
from oarlock_pluginserver.errors import PdkError
from support.phases import call, caller, exchange, uid

HOST = (b"host", b"a.b")


@pytest.mark.parametrize(
    ("name", "args", "headers"),
    [
        ("set_header", ("X-A", "1"), [(b"x-a", b"1")]),
        ("set_header", ("x_a", "1"), [(b"x_a", b"1")]),
        ("set_header", ("x-a", 1.0), [(b"x-a", b"1")]),
        ("set_header", ("x-a", 2.5), [(b"x-a", b"2.5")]),
        ("set_header", ("x-a", True), [(b"x-a", b"true")]),
        ("set_header", ("x-a", ""), [(b"x-a", b" ")]),
        ("set_header", ("x-a", ["1", ""]), [(b"x-a", b"1"), (b"x-a", b" ")]),
        ("set_header", ("x-a", b"\xff"), [(b"x-a", b"\xff")]),
        ("set_header", ("content-length", "5"), []),
        ("set_header", ("Content_Length", "5"), []),
        ("add_header", ("transfer_encoding", "chunked"), []),
        ("set_header", ("Transfer-Encoding", "chunked"), []),
        ("add_header", ("x-old", "3"), [(b"x-old", b"3")]),
        ("clear_header", ("x-none",), []),
        ("set_headers", (["x-a", "1", "x-b", ["2", "3"]],), [(b"x-a", b"1"), (b"x-b", b"2"), (b"x-b", b"3")]),
        ("set_headers", ({"x-a": "1"},), [(b"x-a", b"1")]),
    ],
)
def test_headers_are_added_to_the_request(
    name: str, args: tuple[object, ...], headers: list[tuple[bytes, bytes]]
) -> None:
    received = [HOST, (b"x-old", b"1")]
    x = exchange(headers=received)
    call(caller(x), f"kong.service.request.{name}", *args)
    assert x.headers == [HOST, (b"x-old", b"1"), *headers]
    assert received == [HOST, (b"x-old", b"1")]  # replaced, never mutated


def test_setting_a_header_replaces_all_lines_in_the_place_of_the_first_and_clearing_removes_them() -> None:
    x = exchange(headers=[(b"x-old", b"1"), HOST, (b"x-old", b"2")])
    call(caller(x), "kong.service.request.set_header", "X-Old", "3")
    assert x.headers == [(b"x-old", b"3"), HOST]
    call(caller(x), "kong.service.request.clear_header", "X-Old")
    assert x.headers == [HOST]


@pytest.mark.parametrize("name", ["set_header", "add_header"])
def test_a_host_goes_upstream_and_stays_one(name: str) -> None:
    x = exchange()
    call(caller(x), f"kong.service.request.{name}", "Host", "up.test")
    assert (x.upstream_host, x.headers) == (b"up.test", [(b"host", b"up.test")])


@pytest.mark.parametrize(
    ("args", "text"),
    [
        (("x-a", None), "got nil, expected array of string, string, number or boolean"),
        (("x-a", {"a": 1}), "got table, expected"),
        (("x-a", ["1", 2]), 'invalid header value in array "x-a": got number, expected string'),
        (("x a", "1"), 'invalid header name "x a"'),
        (("x-a\r\nx-b", "1"), "invalid header name"),
        (("x-a", "1\r\nx-b: 2"), "CR, LF or NUL at byte 1"),
        (("x-a", "1\x00"), "CR, LF or NUL at byte 1"),
        (("host", ["a", "b"]), "a request has exactly one Host"),
        (("host", "a b/c"), "not a host with or without a port"),
        (("Host", 'a"<x>'), "not a host with or without a port"),
    ],
)
def test_a_header_that_could_split_the_message_is_refused(args: tuple[object, ...], text: str) -> None:
    x = exchange()
    with pytest.raises(PdkError) as caught:
        call(caller(x), "kong.service.request.set_header", *args)
    assert text in caught.value.text
    assert x.headers == [HOST]


def test_none_of_several_headers_is_set_when_one_is_wrong() -> None:
    x = exchange()
    with pytest.raises(PdkError):
        call(caller(x), "kong.service.request.set_headers", ["x-a", "1", "x-b", None])
    assert x.headers == [HOST]


@pytest.mark.parametrize(
    ("args", "query"),
    [
        ({"b": "2", "a": 1}, b"a=1&b=2"),
        ({"a": "x y/é"}, b"a=x%20y%2F%C3%A9"),
        ({"a": True, "b": False}, b"&a"),
        ({"a": ""}, b"a="),
        ({"a": ["2", "1", True]}, b"a=2&a=1&a"),
        ({"a": "1", "a-b": "1"}, b"a-b=1&a=1"),
        ({"a": 1.0, "b": 2.5}, b"a=1&b=2.5"),
        ({}, b""),
    ],
)
def test_a_query_is_encoded_and_sorted_as_in_kong(args: dict[str, object], query: bytes) -> None:
    x = exchange(b"/a?old=1")
    call(caller(x), "kong.service.request.set_query", args)
    assert x.raw_query == query
    assert call(caller(x), "kong.request.get_raw_query") == query.decode()


def test_query_keys_are_strings_and_values_scalars() -> None:
    with pytest.raises(PdkError, match="arg keys must be strings"):
        call(caller(exchange()), "kong.service.request.set_query", {1: "a"})
    with pytest.raises(PdkError, match="attempt to use table as query arg value"):
        call(caller(exchange()), "kong.service.request.set_query", {"a": {"b": 1}})


def test_clearing_an_argument_keeps_the_order_of_the_others() -> None:
    x = exchange(b"/?b=1&a=2&b=3+4&%62=5&c=6+7&a")
    call(caller(x), "kong.service.request.clear_query_arg", "b")
    assert x.raw_query == b"a=2&c=6%207&a"


@pytest.mark.parametrize(
    ("name", "value", "slot", "expected"),
    [
        ("set_scheme", "https", "upstream_scheme", "https"),
        ("set_path", "/a b/é%2F?#\n", "upstream_path", b"/a%20b/%C3%A9%2F?#%0A"),
        ("set_path", b"/caf\xe9", "upstream_path", b"/caf%E9"),
        ("set_raw_query", "a=%20&b", "raw_query", b"a=%20&b"),
        ("set_method", "DELETE", "method", b"DELETE"),
        ("set_raw_body", "é", "body", b"\xc3\xa9"),
        ("set_raw_body", b"", "body", b""),
    ],
)
def test_single_values_of_the_request(name: str, value: object, slot: str, expected: object) -> None:
    x = exchange()
    call(caller(x), f"kong.service.request.{name}", value)
    assert getattr(x, slot) == expected


@pytest.mark.parametrize(
    ("name", "args", "text"),
    [
        ("request.set_scheme", ("ftp",), "invalid scheme: ftp"),
        ("request.set_method", ("CONNECT",), "invalid method: CONNECT"),
        ("request.set_path", ("a",), "path must start with /"),
        ("request.set_raw_query", ("a b",), "query must not contain a space or control byte (at byte 1)"),
        ("request.set_raw_query", ("a\r\n",), "query must not contain a space or control byte (at byte 1)"),
        ("request.set_raw_body", (5,), "body must be a string"),
        ("set_target", ("h", 65536), "port must be an integer between 0 and 65535: given 65536"),
        ("set_target", ("h\r\nx: y", 80), "host must be a name or an address"),
        ("set_retries", (40000,), "retries must be an integer between 0 and 32767: given 40000"),
        ("set_timeouts", (1, 0, 1), "write_timeout must be an integer between 1 and 2147483646: given 0"),
        ("set_tls_verify", ("on",), "on must be a boolean"),
    ],
)
def test_wrong_arguments_have_the_texts_of_the_reference(name: str, args: tuple[object, ...], text: str) -> None:
    with pytest.raises(PdkError) as caught:
        call(caller(exchange()), f"kong.service.{name}", *args)
    assert caught.value.code == "bad_args"
    assert text in caught.value.text


@pytest.mark.parametrize(
    ("mime", "args", "body", "content_type"),
    [
        ("application/x-www-form-urlencoded", {"b": "1 2", "a": ["x", "y"]}, b"a=x&a=y&b=1%202", None),
        ("application/json", {"a": [1, "é"]}, '{"a":[1,"é"]}'.encode(), None),
        (
            "multipart/form-data; boundary=xx",
            {"b": 1, 'a"\n': "v"},
            b'--xx\r\nContent-Disposition: form-data; name="a%22%0A"\r\n\r\nv\r\n'
            b'--xx\r\nContent-Disposition: form-data; name="b"\r\n\r\n1\r\n--xx--\r\n',
            None,
        ),
    ],
)
def test_a_body_is_encoded_by_its_type(mime: str, args: dict[str, Any], body: bytes, content_type: None) -> None:
    x = exchange(headers=[(b"content-type", b"text/plain"), (b"content-length", b"3")])
    assert call(caller(x), "kong.service.request.set_body", args, mime) is True
    assert x.body == body
    assert x.headers == [(b"content-type", mime.encode()), (b"content-length", str(len(body)).encode())]


def test_a_multipart_body_without_boundary_gets_one() -> None:
    x = exchange(headers=[])
    call(caller(x), "kong.service.request.set_body", {"a": "1"}, "multipart/form-data")
    (_, content_type), _ = x.headers
    boundary = content_type.removeprefix(b"multipart/form-data; boundary=")
    assert x.body is not None
    assert x.body.startswith(b"--" + boundary)


def test_a_body_without_type_or_of_another_is_an_error() -> None:
    c = caller(exchange())
    with pytest.raises(PdkError, match="content type was neither explicitly given as an argument or received"):
        call(c, "kong.service.request.set_body", {"a": "1"})
    with pytest.raises(PdkError, match="unsupported content type text/csv"):
        call(c, "kong.service.request.set_body", {"a": "1"}, "text/csv")


def test_a_target_takes_the_place_of_an_upstream_and_the_other_way_round() -> None:
    x = exchange(configuration=Configuration.of([Upstream(id=uid("u"), name="pool")]))
    c = caller(x)
    assert call(c, "kong.service.set_upstream", "pool") is True
    call(c, "kong.service.set_target", "10.0.0.1", 8080)
    assert (x.target, x.upstream_name, x.upstream_host) == (("10.0.0.1", 8080), None, b"10.0.0.1")
    call(c, "kong.service.set_upstream", "pool")
    assert (x.target, x.upstream_name) == (None, "pool")
    with pytest.raises(PdkError, match="could not find an Upstream named 'none'"):
        call(c, "kong.service.set_upstream", "none")


def test_time_outs_are_milliseconds_outside_and_seconds_inside() -> None:
    x = exchange()
    call(caller(x), "kong.service.set_timeouts", 100, 2000, 60000)
    assert x.timeouts == (0.1, 2.0, 60.0)


def test_the_upstreams_response_is_as_it_came() -> None:
    x = exchange()
    x.upstream_status, x.upstream_headers = 201, [(b"x-up", b"1"), (b"content-type", b"application/json")]
    x.response_body, x.response_headers = b'{"a":1}', [(b"x-up", b"changed")]
    c = caller(x, "response")
    assert call(c, "kong.service.response.get_status") == 201
    assert call(c, "kong.service.response.get_header", "X_Up") == "1"
    call(c, "kong.response.set_raw_body", "new")
    assert call(c, "kong.service.response.get_raw_body") == b'{"a":1}'
    assert call(c, "kong.service.response.get_body") == {"a": 1}
    assert call(c, "kong.response.get_raw_body") == b"new"


def test_there_is_no_upstreams_body_without_buffering_nor_a_status_without_proxying() -> None:
    c = caller(exchange(), "log")
    assert call(c, "kong.service.response.get_status") is None
    with pytest.raises(PdkError, match="service body is only available with buffered proxying"):
        call(c, "kong.service.response.get_raw_body")
