"""kong.response, and the answers that a plugin makes with exit and error, case by case."""

from __future__ import annotations

from typing import Any

import pytest

from oarlock.pdk.answers import error_answer, exit_answer
from oarlock.proxy.exchange import Answer
from oarlock_pluginserver.errors import PdkError
from support.phases import call, caller, exchange

JSON = (b"content-type", b"application/json; charset=utf-8")


@pytest.mark.parametrize(
    ("name", "args", "headers"),
    [
        ("set_header", ("X_A", "1"), [(b"x-old", b"1"), (b"x-a", b"1")]),
        ("set_header", ("x_old", "2"), [(b"x-old", b"2")]),
        ("set_header", ("transfer_encoding", "chunked"), [(b"x-old", b"1")]),
        ("add_header", ("x-old", ["2", "3"]), [(b"x-old", b"1"), (b"x-old", b"2"), (b"x-old", b"3")]),
        ("clear_header", ("x_old",), []),
        ("set_headers", (["x-old", [], "x-b", 1.0],), [(b"x-b", b"1")]),
        ("set_headers", (["content-length", "9", "x-b", "1"],), [(b"x-old", b"1"), (b"x-b", b"1")]),
    ],
)
def test_headers_of_the_response(name: str, args: tuple[object, ...], headers: list[tuple[bytes, bytes]]) -> None:
    x = exchange()
    x.response_headers = [(b"x-old", b"1")]
    call(caller(x, "response"), f"kong.response.{name}", *args)
    assert x.response_headers == headers


def test_a_status_is_from_100_to_599_and_ends_a_response() -> None:
    x = exchange()
    call(caller(x), "kong.response.set_status", 404.0)
    assert x.response_status == 404
    for status, text in ((600, "code must be a number between 100 and 599"), (101, "does not end a response")):
        with pytest.raises(PdkError, match=text):
            call(caller(x), "kong.response.set_status", status)


@pytest.mark.parametrize(
    ("proxied", "answer", "source"),
    [
        (True, None, "service"),
        (False, None, "error"),
        (False, Answer(403, [], b"", "exit"), "exit"),
        (True, Answer(504, [], b"", "error"), "error"),
    ],
)
def test_the_source_of_a_response(proxied: bool, answer: Answer | None, source: str) -> None:
    x = exchange()
    x.proxied, x.answer = proxied, answer
    assert call(caller(x, "log"), "kong.response.get_source") == source


def test_a_new_body_drops_what_described_the_old_one() -> None:
    x = exchange()
    x.response_body = b"old"
    x.response_headers = [(b"content-encoding", b"gzip"), (b"etag", b'"1"'), (b"content-length", b"3"), (b"x-a", b"1")]
    call(caller(x, "response"), "kong.response.set_raw_body", b"new")
    assert call(caller(x, "response"), "kong.response.get_raw_body") == b"new"
    assert x.response_headers == [(b"x-a", b"1")]


@pytest.mark.parametrize(
    ("detail", "status", "headers", "body"),
    [
        ([204], 204, [], b""),
        ([200, "text"], 200, [], b"text"),
        ([200, b"\xff"], 200, [], b"\xff"),
        ([200, ""], 200, [], b""),
        ([403, {"message": "nö"}], 403, [JSON], '{"message":"nö"}'.encode()),
        ([200, [1, 2.5, None, True]], 200, [JSON], b"[1,2.5,null,true]"),
        (
            [200, {}, ["Content_Type", "application/vnd.a+json"]],
            200,
            [(b"content-type", b"application/vnd.a+json")],
            b"{}",
        ),
        ([200, None, ["x-a", ["1", "2"], "x-b", 3.0]], 200, [(b"x-a", b"1"), (b"x-a", b"2"), (b"x-b", b"3")], b""),
        ([200, "a", ["content-length", "99", "transfer-encoding", "chunked"]], 200, [], b"a"),
    ],
)
def test_exit(detail: list[Any], status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
    answer = exit_answer(exchange(), detail)
    assert (answer.status, answer.headers, answer.body, answer.source) == (status, headers, body, "exit")


def test_headers_of_an_exit_replace_those_that_were_set_before() -> None:
    x = exchange()
    x.response_headers = [(b"x-a", b"old"), (b"x-kept", b"1")]
    assert exit_answer(x, [200, None, ["X-A", "new"]]).headers == [(b"x-kept", b"1"), (b"x-a", b"new")]


@pytest.mark.parametrize(
    ("detail", "text"),
    [
        ([1000], "code must be a number between 100 and 599"),
        (["200"], "code must be a number between 100 and 599"),
        ([100], "does not end a response"),
        ([200, 5], "body must be a nil, string or table"),
        ([200, None, "x"], "headers must be a table"),
        ([200, None, ["x", None]], "got nil, expected"),
        ([200, None, ["x\r\n", "1"]], "invalid header name"),
        ([200, {"a": float("inf")}], "body encoding failed while flushing response"),
        ([200, {"a": b"\xff"}], "body encoding failed while flushing response"),
    ],
)
def test_an_exit_that_is_not_valid(detail: list[Any], text: str) -> None:
    with pytest.raises(PdkError, match=text):
        exit_answer(exchange(), detail)


@pytest.mark.parametrize(
    ("body", "grpc_status", "message"),
    [
        ("no", b"7", b"no"),
        ({"message": "50%"}, b"7", b"50%25"),
        ({"other": 1}, b"7", b"PermissionDenied"),
        (None, b"7", b"PermissionDenied"),
    ],
)
def test_an_exit_that_speaks_grpc_has_its_message_in_the_headers(
    body: object, grpc_status: bytes, message: bytes
) -> None:
    x = exchange()
    x.response_headers = [(b"content-type", b"application/grpc")]
    answer = exit_answer(x, [403, body])
    assert answer.body == b""
    assert (b"grpc-status", grpc_status) in answer.headers
    assert (b"grpc-message", message) in answer.headers


def test_an_exit_to_a_grpc_type_that_the_plugin_gave_sends_its_body() -> None:
    given = ["content-type", "application/grpc", "grpc-status", "5"]
    answer = exit_answer(exchange(), [404, b"\x00\x00", given])
    assert answer.body == b"\x00\x00"
    assert (b"grpc-status", b"5") in answer.headers
    with pytest.raises(PdkError, match="table body encoding with gRPC is not supported"):
        exit_answer(exchange(), [404, {}, given])


@pytest.mark.parametrize(
    ("accept", "content_type", "body"),
    [
        (None, JSON[1], b'{\n  "message":"slow",\n  "request_id":"0123456789abcdef0123456789abcdef"\n}'),
        (b"text/*", b"text/plain; charset=utf-8", b"slow\nrequest_id: 0123456789abcdef0123456789abcdef\n"),
        (b"text/html;q=0.1, application/xml", b"application/xml; charset=utf-8", b"<message>slow</message>"),
        (b"image/png", JSON[1], b'"message":"slow"'),
    ],
)
def test_an_error_page_is_in_the_format_that_the_client_prefers(
    accept: bytes | None, content_type: bytes, body: bytes
) -> None:
    x = exchange(headers=[(b"host", b"a"), *([] if accept is None else [(b"accept", accept)])])
    answer = error_answer(x, [429, "slow", ["x-a", "1"]])
    assert body in answer.body
    assert answer.headers == [(b"x-a", b"1"), (b"content-type", content_type)]
    assert answer.source == "exit"


@pytest.mark.parametrize(
    ("status", "message"),
    [(404, b"Not found"), (418, b"I'm a teapot"), (599, b"The upstream server responded with 599")],
)
def test_an_error_page_without_message_has_that_of_its_status(status: int, message: bytes) -> None:
    assert message in error_answer(exchange(), [status]).body


def test_a_table_as_message_is_json_within_the_page() -> None:
    assert b'"message":"{\\"a\\":1}"' in error_answer(exchange(), [400, {"a": 1}]).body


def test_an_error_page_of_a_type_that_the_plugin_asked_for() -> None:
    answer = error_answer(exchange(), [400, "m", ["Content-Type", "text/plain"]])
    assert answer.body.startswith(b"m\n")
    with pytest.raises(PdkError, match="there is no error page of type image/png"):
        error_answer(exchange(), [400, "m", ["content-type", "image/png"]])
    with pytest.raises(PdkError, match="code must be a number between 400 and 599"):
        error_answer(exchange(), [200])
