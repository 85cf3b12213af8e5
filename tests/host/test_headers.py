"""Header fields on their way to the upstream and to the client."""

from __future__ import annotations

from typing import Any

import pytest

from oarlock import __version__
from oarlock.config.route import Route
from oarlock.config.service import Service
from oarlock.config.settings import Settings
from oarlock.proxy.exchange import Connection, Exchange, Headers
from oarlock.proxy.headers import (
    HeaderRules,
    answer_headers,
    client_response_headers,
    upstream_host,
    upstream_request_headers,
)
from oarlock.router.match import Match

OURS = b"oarlock/" + __version__.encode()
ID = "0123456789abcdef0123456789abcdef"


def rules(**settings: Any) -> HeaderRules:
    return HeaderRules(Settings(**settings))


def exchange(
    headers: Headers,
    target: bytes = b"/fv/x?q=1",
    peer: str = "192.0.2.7",
    scheme: str = "http",
    trusted: bool = False,
    version: str = "1.1",
) -> Exchange:
    connection = Connection(peer, 4711, "192.0.2.1", 8000, scheme, trusted)
    return Exchange(connection, ID, b"GET", target, version, headers, 100.0, 1_000_000)


def sent(headers: Headers, settings: dict[str, Any] | None = None, **fields: Any) -> Headers:
    return upstream_request_headers(exchange(headers, **fields), rules(**settings or {}), b"up.example")


def values(headers: Headers, name: bytes) -> list[bytes]:
    return [value for field, value in headers if field == name]


def value(headers: Headers, name: bytes) -> bytes | None:
    found = values(headers, name)
    assert len(found) < 2
    return found[0] if found else None


def test_what_an_upstream_gets_of_a_plain_request() -> None:
    got = sent([(b"host", b"Api.Example:8000"), (b"accept", b"*/*"), (b"user-agent", b"curl")])
    assert got == [
        (b"host", b"up.example"),
        (b"accept", b"*/*"),
        (b"user-agent", b"curl"),
        (b"connection", b"keep-alive"),
        (b"x-forwarded-for", b"192.0.2.7"),
        (b"x-forwarded-proto", b"http"),
        (b"x-forwarded-host", b"api.example"),
        (b"x-forwarded-port", b"8000"),
        (b"x-forwarded-path", b"/fv/x"),
        (b"x-real-ip", b"192.0.2.7"),
        (b"via", b"1.1 " + OURS),
        (b"x-kong-request-id", ID.encode()),
    ]


def test_fields_keep_their_order_and_repetitions() -> None:
    fields = [(b"b", b"1"), (b"a", b"2"), (b"cookie", b"x"), (b"b", b"3"), (b"cookie", b"y"), (b"a", b"")]
    assert sent(fields)[1 : 1 + len(fields)] == fields


@pytest.mark.parametrize(
    "field",
    [
        (b"connection", b"close"),
        (b"connection", b"keep-alive"),
        (b"keep-alive", b"timeout=5"),
        (b"proxy-connection", b"keep-alive"),
        (b"transfer-encoding", b"chunked"),
        (b"content-length", b"5"),
        (b"upgrade", b"h2c"),
        (b"te", b"gzip"),
        (b"trailer", b"x"),
        (b"expect", b"100-continue"),
        (b"proxy", b"http://evil"),
        (b"x-kong-request-debug", b"*"),
        (b"x-kong-request-debug-log", b"true"),
        (b"x-kong-request-debug-token", b"secret"),
    ],
)
def test_fields_of_one_connection_are_not_passed_on(field: tuple[bytes, bytes]) -> None:
    assert sent([(b"a", b"1"), field]) == sent([(b"a", b"1")])


def test_fields_that_connection_names_are_not_passed_on() -> None:
    named = [(b"connection", b"close, X-Secret"), (b"x-secret", b"1"), (b"connection", b"x-b"), (b"x-b", b"2")]
    got = sent([*named, (b"c", b"3")])
    assert values(got, b"x-secret") + values(got, b"x-b") == []
    assert value(got, b"c") == b"3"


def test_connection_can_not_make_our_own_fields_vanish() -> None:
    got = sent([(b"host", b"a"), (b"connection", b"host, x-forwarded-for, x-real-ip, via, connection")])
    for name in (b"host", b"x-forwarded-for", b"x-real-ip", b"via", b"connection"):
        assert value(got, name)


def test_connection_can_not_make_a_field_vanish_that_a_plugin_set() -> None:
    x = exchange([(b"connection", b"x-consumer, x-other"), (b"x-consumer", b"forged"), (b"x-other", b"1")])
    x.headers = [*(field for field in x.headers if field[0] != b"x-consumer"), (b"x-consumer", b"ann")]
    got = upstream_request_headers(x, rules(), b"h")
    assert value(got, b"x-consumer") == b"ann"
    assert value(got, b"x-other") is None


def test_te_is_passed_on_for_trailers_alone() -> None:
    got = sent([(b"te", b"gzip;q=0.5, Trailers"), (b"connection", b"te")])
    assert value(got, b"te") == b"trailers"
    assert value(got, b"connection") == b"keep-alive, TE"


def test_trailer_is_passed_on_with_a_chunked_body_that_streams() -> None:
    x = exchange([(b"transfer-encoding", b"chunked"), (b"trailer", b"x-sum")])
    assert value(upstream_request_headers(x, rules(), b"h"), b"trailer") == b"x-sum"
    x.body = b"replaced"
    assert value(upstream_request_headers(x, rules(), b"h"), b"trailer") is None


FORGED = [
    (b"host", b"h"),
    (b"x-forwarded-for", b"1.1.1.1"),
    (b"x-forwarded-for", b"2.2.2.2, 3.3.3.3"),
    (b"x-forwarded-proto", b"https"),
    (b"x-forwarded-host", b"other:1"),
    (b"x-forwarded-port", b"444"),
    (b"x-forwarded-path", b"/p"),
    (b"x-forwarded-prefix", b"/pre"),
    (b"x-real-ip", b"9.9.9.9"),
]


def forwarded(headers: Headers) -> dict[bytes, bytes | None]:
    names = (b"for", b"proto", b"host", b"port", b"path", b"prefix")
    return {name: value(headers, b"x-forwarded-" + name) for name in names}


def test_what_an_untrusted_peer_says_of_itself_is_replaced_but_for_the_way_it_came() -> None:
    assert forwarded(sent(FORGED)) == {
        b"for": b"1.1.1.1, 2.2.2.2, 3.3.3.3, 192.0.2.7",
        b"proto": b"http",
        b"host": b"h",
        b"port": b"8000",
        b"path": b"/fv/x",
        b"prefix": None,
    }


def test_what_a_trusted_peer_says_is_passed_on() -> None:
    assert forwarded(sent(FORGED, trusted=True)) == {
        b"for": b"1.1.1.1, 2.2.2.2, 3.3.3.3, 192.0.2.7",
        b"proto": b"https",
        b"host": b"other:1",
        b"port": b"444",
        b"path": b"/p",
        b"prefix": b"/pre",
    }


def test_the_address_found_by_the_real_ip_rules_is_the_client() -> None:
    x = exchange([], trusted=True)
    x.forwarded_ip = "203.0.113.5"
    got = upstream_request_headers(x, rules(), b"h")
    assert value(got, b"x-real-ip") == value(got, b"x-forwarded-for") == b"203.0.113.5"


def test_the_port_is_the_public_one() -> None:
    assert value(sent([], {"port_maps": {8000: 80}}), b"x-forwarded-port") == b"80"


def test_the_host_forwarded_is_the_clients_although_a_plugin_set_another() -> None:
    x = exchange([(b"host", b"[::1]:8000")])
    x.headers = [(b"host", b"plugin")]
    assert value(upstream_request_headers(x, rules(), b"plugin"), b"x-forwarded-host") == b"[::1]"


@pytest.mark.parametrize(
    ("matched", "strips", "prefix"),
    [
        (b"/fv", True, b"/fv"),
        (b"/fv", False, None),
        (b"/", True, None),
        (b"", True, None),
        (b"/a\r\nX: 1 \xff", True, b"/a%0D%0AX:%201%20%FF"),
    ],
)
def test_the_stripped_prefix_is_told_and_can_not_break_the_head(
    matched: bytes, strips: bool, prefix: bytes | None
) -> None:
    x = exchange([])
    x.match = Match(Route(id="r", paths=("/fv",)), None, matched_path=matched, strips_path=strips)
    assert value(upstream_request_headers(x, rules(), b"h"), b"x-forwarded-prefix") == prefix


def test_via_goes_on_from_what_came() -> None:
    got = sent([(b"via", b"1.0 a"), (b"via", b"1.1 b")], {"kong_compat": True}, version="1.0")
    assert value(got, b"via") == b"1.0 a, 1.1 b, 1.0 kong/3.9.3"


def test_the_request_id_is_ours_or_passed_on_as_the_setting_says() -> None:
    assert value(sent([(b"x-kong-request-id", b"theirs")]), b"x-kong-request-id") == ID.encode()
    off = {"headers_upstream": frozenset({"off"})}
    assert value(sent([(b"x-kong-request-id", b"theirs")], off), b"x-kong-request-id") == b"theirs"
    assert value(sent([], off), b"x-kong-request-id") is None


@pytest.mark.parametrize(
    ("name", "port", "scheme", "host"),
    [
        ("up.example", 80, "http", b"up.example"),
        ("up.example", 443, "https", b"up.example"),
        ("up.example", 443, "http", b"up.example:443"),
        ("up.example", 8000, "http", b"up.example:8000"),
        ("::1", 80, "http", b"[::1]"),
        ("[::1]", 81, "http", b"[::1]:81"),
    ],
)
def test_host_is_that_of_the_target_without_the_default_port(name: str, port: int, scheme: str, host: bytes) -> None:
    assert upstream_host(exchange([]), name, port, scheme) == host


def test_host_comes_from_a_plugin_then_the_client_then_the_upstream_entity() -> None:
    x = exchange([(b"host", b"Client:8000")])
    assert upstream_host(x, "t", 80, "http", "entity") == b"entity"
    x.route = Route(id="r", paths=("/",), preserve_host=True)
    assert upstream_host(x, "t", 80, "http", "entity") == b"Client:8000"
    x.upstream_host = b"plugin"
    assert upstream_host(x, "t", 80, "http", "entity") == b"plugin"


def responded(upstream: Headers, set_before: Headers | None = None, **settings: Any) -> Headers:
    x = exchange([(b"kong-debug", b"1")])
    x.upstream_headers = upstream
    x.response_headers = set_before or []
    x.upstream_status = 200
    x.upstream_started, x.first_byte_at = 100.0125, 100.0513
    x.route = Route(id="r1", name="route", paths=("/",))
    x.service = Service(id="s1", host="h")
    return client_response_headers(x, rules(**settings))


def test_what_a_client_gets_of_a_plain_response() -> None:
    assert responded([(b"content-type", b"text/plain"), (b"content-length", b"5"), (b"x", b"1"), (b"x", b"2")]) == [
        (b"content-type", b"text/plain"),
        (b"x", b"1"),
        (b"x", b"2"),
        (b"via", b"1.1 " + OURS),
        (b"server", OURS),
        (b"x-kong-upstream-latency", b"38"),
        (b"x-kong-proxy-latency", b"12"),
        (b"x-kong-request-id", ID.encode()),
    ]


def test_the_upstreams_server_stays_and_its_via_goes_on() -> None:
    got = responded([(b"server", b"nginx"), (b"via", b"1.0 a"), (b"via", b"1.1 b")], kong_compat=True)
    assert value(got, b"server") == b"nginx"
    assert value(got, b"via") == b"1.0 a, 1.1 b, 1.1 kong/3.9.3"


def test_fields_of_the_upstream_connection_are_not_passed_on() -> None:
    plain = responded([(b"x", b"1")])
    assert plain == responded(
        [
            (b"connection", b"close, x-secret"),
            (b"keep-alive", b"timeout=5"),
            (b"transfer-encoding", b"chunked"),
            (b"upgrade", b"h2c"),
            (b"x", b"1"),
            (b"x-secret", b"1"),
        ]
    )


def test_the_trailer_field_of_a_chunked_response_is_passed_on() -> None:
    assert value(responded([(b"transfer-encoding", b"chunked"), (b"trailer", b"x-sum")]), b"trailer") == b"x-sum"
    assert value(responded([(b"trailer", b"x-sum")]), b"trailer") is None


def test_our_own_fields_from_a_gateway_behind_us_are_replaced() -> None:
    theirs = [b"x-kong-request-id", b"x-kong-upstream-latency", b"x-kong-response-latency"]
    got = responded([(name, b"1") for name in theirs])
    assert value(got, b"x-kong-request-id") == ID.encode()
    assert value(got, b"x-kong-upstream-latency") == b"38"
    assert value(got, b"x-kong-response-latency") is None


def test_what_a_plugin_set_before_stays_and_the_upstreams_is_a_further_line() -> None:
    got = responded([(b"x", b"upstream"), (b"cache-control", b"b")], [(b"x", b"plugin"), (b"cache-control", b"a")])
    assert values(got, b"x") == [b"plugin", b"upstream"]
    assert values(got, b"cache-control") == [b"a", b"b"]


def test_a_field_that_a_response_has_once_is_the_upstreams() -> None:
    before = [(b"content-type", b"a/b"), (b"server", b"plugin"), (b"etag", b"1")]
    got = responded([(b"content-type", b"c/d"), (b"etag", b"2")], before)
    assert (value(got, b"content-type"), value(got, b"etag"), value(got, b"server")) == (b"c/d", b"2", b"plugin")


def test_a_plugin_can_not_frame_the_response() -> None:
    assert responded([], [(b"content-length", b"9"), (b"transfer-encoding", b"x"), (b"connection", b"close")]) == (
        responded([])
    )


@pytest.mark.parametrize(
    ("setting", "names"),
    [
        (
            {"server_tokens", "latency_tokens", "X-Kong-Request-Id"},
            {b"server", b"via", b"x-kong-upstream-latency", b"x-kong-proxy-latency", b"x-kong-request-id"},
        ),
        ({"off"}, set()),
        ({"Via", "X-Kong-Upstream-Status"}, {b"via", b"x-kong-upstream-status"}),
        ({"Server", "X-Kong-Proxy-Latency"}, {b"server", b"x-kong-proxy-latency"}),
    ],
)
def test_the_setting_says_which_headers_are_added(setting: set[str], names: set[bytes]) -> None:
    assert {name for name, _ in responded([], headers=frozenset(setting))} == names


def test_kong_debug_reveals_route_and_service_where_it_is_allowed() -> None:
    assert not [name for name, _ in responded([]) if name.startswith(b"kong-")]
    assert [field for field in responded([], allow_debug_header=True) if field[0].startswith(b"kong-")] == [
        (b"kong-route-id", b"r1"),
        (b"kong-route-name", b"route"),
        (b"kong-service-id", b"s1"),
    ]


def test_what_a_client_gets_when_the_gateway_answers_itself() -> None:
    x = exchange([])
    x.response_headers = [
        (b"content-type", b"text/plain"),
        (b"upgrade", b"TLS/1.2, HTTP/1.1"),
        (b"connection", b"Upgrade"),
        (b"content-length", b"3"),
        (b"via", b"1.1 x"),
        (b"x-kong-upstream-latency", b"3"),
    ]
    assert answer_headers(x, rules(), now=100.0075) == [
        (b"content-type", b"text/plain"),
        (b"upgrade", b"TLS/1.2, HTTP/1.1"),
        (b"connection", b"Upgrade"),
        (b"server", OURS),
        (b"x-kong-response-latency", b"7"),
        (b"x-kong-request-id", ID.encode()),
    ]
