"""kong.request, kong.client and kong.router: what they say of a request, case by case."""

from __future__ import annotations

from typing import Any

import pytest

from oarlock.config.configuration import Configuration
from oarlock.config.route import Route
from oarlock.router.match import Match
from oarlock_pluginserver.errors import PdkError
from support.phases import BOB, ROUTE, SERVICE, call, caller, environment, exchange, uid

TRUSTED = {"is_trusted": True}
HOST = (b"host", b"Api.Example:8443")


def header(*lines: tuple[bytes, bytes]) -> dict[str, Any]:
    return {"headers": [HOST, *lines]}


CASES = [
    ("get_scheme", (), {}, "http"),
    ("get_port", (), {}, 8000),
    ("get_method", (), {"method": b"PATCH"}, "PATCH"),
    ("get_host", (), header(), "api.example"),
    ("get_host", (), {"headers": [(b"host", b"[2001:DB8::1]:80")]}, "[2001:db8::1]"),
    ("get_host", (), {"headers": []}, ""),
    ("get_path", (), {"target": b"/a%20b?x"}, "/a%20b"),
    ("get_path", (), {"target": b"/caf\xe9"}, b"/caf\xe9"),
    ("get_raw_path", (), {"target": b"/a/../b?x=1"}, "/a/../b"),
    ("get_path_with_query", (), {"target": b"/a?x=1"}, "/a?x=1"),
    ("get_raw_query", (), {"target": b"/a?x=1&y"}, "x=1&y"),
    ("get_raw_query", (), {"target": b"/a"}, ""),
    ("get_query_arg", ("x",), {"target": b"/?x=1&x=2"}, "1"),
    ("get_query_arg", ("x",), {"target": b"/?x&x=2"}, True),
    ("get_query_arg", ("x",), {"target": b"/?x="}, ""),
    ("get_query_arg", ("y",), {"target": b"/?x=1"}, None),
    ("get_query_arg", ("a b",), {"target": b"/?a+b=c%20d"}, "c d"),
    ("get_query_arg", ("last",), {"target": b"/?" + b"a&" * 100 + b"last=1"}, None),
    (
        "get_query",
        (),
        {"target": b"/?a=1&b&c=&a=2&=x&&%ff=%fe"},
        ["a", "1", "b", True, "c", "", "a", "2", b"\xff", b"\xfe"],
    ),
    ("get_query", (1,), {"target": b"/?a=1&b=2"}, ["a", "1"]),
    ("get_query", (), {"target": b"/"}, []),
    ("get_header", ("X_Custom",), header((b"x-custom", b"1"), (b"x-custom", b"2")), "1"),
    ("get_header", ("x-list",), header((b"x-list", b"a, b")), "a, b"),
    ("get_header", ("none",), header(), None),
    ("get_headers", (), header((b"x-a", b"1"), (b"x-a", b"2")), "host\nApi.Example:8443\nx-a\n1\nx-a\n2"),
    ("get_headers", (1,), header((b"x-a", b"1")), "host\nApi.Example:8443"),
    ("get_headers", (), header((b"x-a", b"\xe9")), b"host\nApi.Example:8443\nx-a\n\xe9"),
    ("get_http_version", (), {}, 1.1),
    ("get_start_time", (), {}, 1_700_000_000_123),
    ("get_forwarded_scheme", (), header((b"x-forwarded-proto", b"HTTPS")), "http"),
    ("get_forwarded_scheme", (), TRUSTED | header((b"x-forwarded-proto", b"HTTPS")), "https"),
    ("get_forwarded_host", (), TRUSTED | header((b"x-forwarded-host", b"u@Front.Test:99")), "front.test"),
    ("get_forwarded_host", (), header((b"x-forwarded-host", b"front.test")), "api.example"),
    ("get_forwarded_port", (), TRUSTED | header((b"x-forwarded-port", b"444")), 444),
    ("get_forwarded_port", (), TRUSTED | header((b"x-forwarded-port", b"0")), 8000),
    ("get_forwarded_port", (), TRUSTED | header((b"x-forwarded-host", b"front.test:99")), 99),
    ("get_forwarded_port", (), header((b"x-forwarded-port", b"444")), 8000),
    ("get_forwarded_path", (), TRUSTED | header((b"x-forwarded-path", b"/front")), "/front"),
    ("get_forwarded_path", (), header((b"x-forwarded-path", b"/front")), "/a"),
    ("get_forwarded_prefix", (), TRUSTED | header((b"x-forwarded-prefix", b"/p")), "/p"),
    ("get_forwarded_prefix", (), header(), None),
    ("get_uri_captures", (), {}, {"unnamed": [], "named": {}}),
]


@pytest.mark.parametrize(("name", "args", "request_", "result"), CASES)
def test_kong_request(name: str, args: tuple[object, ...], request_: dict[str, Any], result: object) -> None:
    assert call(caller(exchange(**request_)), f"kong.request.{name}", *args) == result


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("get_headers", 0, "max_headers must be >= 1"),
        ("get_headers", 1001, "max_headers must be <= 1000"),
        ("get_headers", "1", "max_headers must be a number"),
        ("get_query", 0, "max_args must be >= 1"),
        ("get_header", 1, "name must be a string"),
        ("get_query_arg", None, "name must be a string"),
    ],
)
def test_limits_have_the_error_texts_of_the_reference(name: str, value: object, text: str) -> None:
    with pytest.raises(PdkError) as caught:
        call(caller(exchange()), f"kong.request.{name}", value)
    assert (caught.value.code, caught.value.text) == ("bad_args", text)


def test_a_port_map_gives_the_public_port() -> None:
    c = caller(exchange(), env=environment(port_maps={8000: 80}))
    assert call(c, "kong.request.get_forwarded_port") == 80


def test_captures_of_the_route_begin_with_the_whole_match() -> None:
    x = exchange()
    x.match = Match(ROUTE, SERVICE, b"/a/1", ((b"/a/1", b"1", None), {"id": b"\xff"}), strips_path=True)
    found = call(caller(x), "kong.request.get_uri_captures")
    assert found == {"unnamed": ["/a/1", "1", None], "named": {"id": b"\xff"}}
    assert call(caller(x), "kong.request.get_forwarded_prefix") == "/a/1"


FORM = b"application/x-www-form-urlencoded"
MULTIPART = (
    b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n'
    b'--b\r\ncontent-disposition: form-data; name="f"; filename="x"\r\nContent-Type: text/plain\r\n\r\n\xff\r\n\r\n'
    b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n2\r\n--b--\r\n'
)


@pytest.mark.parametrize(
    ("mime", "args", "body", "result"),
    [
        (FORM, (), b"a=1&b&a=2", {"a": ["1", "2"], "b": True}),
        (FORM + b"; charset=utf-8", (None, 1), b"a=1&b=2", {"a": "1"}),
        (b"Application/JSON", (), b'{"a": [1, 2.5, null]}', {"a": [1, 2.5, None]}),
        (b"text/plain", ("application/json",), b"[]", []),
        (b"multipart/form-data; boundary=b", (), MULTIPART, {"a": ["1", "2"], "f": b"\xff\r\n"}),
    ],
)
async def test_a_body_is_parsed_by_its_type(mime: bytes, args: Any, body: bytes, result: object) -> None:
    x = exchange(headers=[(b"content-type", mime)], body=[body])
    assert await call(caller(x), "kong.request.get_body", *args) == result


@pytest.mark.parametrize(
    ("mime", "body", "text"),
    [
        (None, b"", "missing content type"),
        (b"text/csv", b"", "unsupported content type 'text/csv'"),
        (b"application/json", b"5", "invalid json body"),
        (b"application/json", b"{", "invalid json body"),
        (b"application/json", b"\xff", "invalid json body"),
        (b"multipart/form-data", b"", "missing boundary in the content type"),
        (b"application/json", b"[" * 40 + b"]" * 40, "json body nested too deep, or with a number that is too large"),
        (b"application/json", b"[NaN]", "json body nested too deep, or with a number that is too large"),
        (
            b"application/json",
            b"[1" + b"0" * 30 + b"]",
            "json body nested too deep, or with a number that is too large",
        ),
    ],
)
async def test_a_body_that_can_not_be_parsed_says_why(mime: bytes | None, body: bytes, text: str) -> None:
    x = exchange(headers=[] if mime is None else [(b"content-type", mime)], body=[body])
    with pytest.raises(PdkError) as caught:
        await call(caller(x), "kong.request.get_body")
    assert caught.value.text == text


async def test_the_raw_body_can_be_asked_for_again_and_is_empty_if_there_is_none() -> None:
    c = caller(exchange(body=[b"ab", b"c"]))
    assert [await call(c, "kong.request.get_raw_body") for _ in range(2)] == [b"abc", b"abc"]
    assert await call(caller(exchange()), "kong.request.get_raw_body") == b""


async def test_a_body_longer_than_the_plugin_allows_is_an_error() -> None:
    c = caller(exchange(body=[b"abc"]))
    with pytest.raises(PdkError, match="request body file too big: 3 > 2"):
        await call(c, "kong.request.get_raw_body", 2)
    assert await call(c, "kong.request.get_raw_body", 0) == b"abc"


async def test_a_body_that_is_known_to_be_too_long_is_not_read_at_all() -> None:
    x = exchange(body=[b"a"])
    assert x.body_reader is not None
    x.body_reader.length = 2**40
    with pytest.raises(PdkError, match="did not fit into client body buffer"):
        await call(caller(x), "kong.request.get_raw_body")
    assert x.received_body is None


async def test_a_body_that_was_streamed_upstream_is_an_error_that_says_what_to_do() -> None:
    x = exchange(body=[b"a"])
    x.proxied = True
    with pytest.raises(PdkError, match="declares that need"):
        await call(caller(x, "response"), "kong.request.get_raw_body")


def test_the_client_has_two_addresses_where_a_trusted_peer_says_so() -> None:
    x = exchange()
    x.forwarded_ip, x.forwarded_port = "203.0.113.9", None
    c = caller(x)
    found = [call(c, f"kong.client.get_{what}") for what in ("ip", "port", "forwarded_ip", "forwarded_port")]
    assert found == ["192.0.2.7", 40000, "203.0.113.9", None]


def test_consumers_are_loaded_by_id_and_if_asked_by_name() -> None:
    c = caller(exchange(configuration=Configuration.of([BOB])))
    assert call(c, "kong.client.load_consumer", BOB.id)["username"] == "bob"
    assert call(c, "kong.client.load_consumer", "bob", True)["id"] == BOB.id
    assert call(c, "kong.client.load_consumer", uid("nobody")) is None
    assert call(c, "kong.client.load_consumer", "nobody", True) is None
    with pytest.raises(PdkError, match="cannot load a consumer with an id that is not a uuid"):
        call(c, "kong.client.load_consumer", "bob")


def test_authenticate_sets_both_and_nil_clears() -> None:
    c = caller(exchange())
    call(c, "kong.client.authenticate", {"id": "c"}, {"id": "k"})
    assert call(c, "kong.client.get_consumer") == {"id": "c"}
    assert call(c, "kong.client.get_credential") == {"id": "k"}
    assert call(c, "kong.exchange.get_consumer_id") == "c"
    assert call(c, "kong.exchange.get_credential_id") == "k"
    call(c, "kong.client.authenticate", None, {"id": "l"})
    assert call(c, "kong.client.get_consumer") is None
    with pytest.raises(PdkError, match="either credential or consumer must be provided"):
        call(c, "kong.client.authenticate", None, None)


@pytest.mark.parametrize(
    ("protocols", "allow_terminated", "proto", "result"),
    [
        (("https",), False, None, "https"),
        (("http", "https"), False, b"https", "http"),
        (("http", "https"), True, b"https", "https"),
        (("http", "https"), True, None, "http"),
    ],
)
def test_the_protocol_of_a_request(
    protocols: tuple[str, ...], allow_terminated: bool, proto: bytes | None, result: str
) -> None:
    x = exchange(is_trusted=True, headers=[] if proto is None else [(b"x-forwarded-proto", proto)])
    x.route = Route(id=uid("r"), paths=("/",), protocols=protocols)
    assert call(caller(x), "kong.client.get_protocol", allow_terminated) == result


def test_there_is_no_protocol_without_a_route() -> None:
    with pytest.raises(PdkError, match="No active route found"):
        call(caller(exchange(routed=False)), "kong.client.get_protocol")


def test_route_and_service_are_entities_in_kongs_form() -> None:
    c = caller(exchange())
    assert call(c, "kong.router.get_route")["service"] == {"id": SERVICE.id}
    assert call(c, "kong.router.get_service")["connect_timeout"] == 60000
    assert call(caller(exchange(routed=False)), "kong.router.get_route") is None
