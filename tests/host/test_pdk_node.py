"""kong.ctx, ip, node, nginx, log, plugin, telemetry and vault, case by case."""

from __future__ import annotations

import json
import os
from typing import Any

import pytest

from oarlock.pdk.after_response import MAX_BODIES, release
from oarlock_pluginserver.errors import PdkError
from support.phases import BOB, SERVICE, call, caller, environment, exchange, plugin, uid


def test_shared_values_are_seen_by_all_plugins_and_own_ones_by_one() -> None:
    x = exchange()
    one, other = caller(x, of=plugin("one")), caller(x, of=plugin("other"))
    call(one, "kong.ctx.shared.set", "k", {"a": [False]})
    call(one, "kong.ctx.plugin.set", "k", 1)
    assert call(other, "kong.ctx.shared.get", "k") == {"a": [False]}
    assert call(other, "kong.ctx.plugin.get", "k") is None
    assert call(caller(x, "log", of=plugin("one")), "kong.ctx.plugin.get", "k") == 1
    call(other, "kong.ctx.shared.set", "k", None)
    assert x.shared == {}


def test_trusted_addresses_are_those_of_the_settings() -> None:
    c = caller(exchange(), env=environment(trusted_ips=("10.0.0.0/8",)))
    assert call(c, "kong.ip.is_trusted", "10.1.2.3")
    assert not call(c, "kong.ip.is_trusted", "192.0.2.1")
    assert not call(caller(exchange()), "kong.ip.is_trusted", "10.1.2.3")


def test_the_node_says_who_it_is() -> None:
    c = caller(exchange())
    assert call(c, "kong.node.get_id") == uid("node")
    assert call(c, "kong.node.get_hostname") == "host-1"
    assert call(c, "kong.cluster.get_id") is None
    assert call(c, "kong.plugin.get_id") == plugin("asking").id
    assert call(c, "kong.nginx.get_subsystem") == "http"
    assert call(c, "kong.nginx.req_start_time") == 1_700_000_000.123
    assert call(c, "kong.nginx.get_tls1_version_str") is None
    statistics = call(c, "kong.nginx.get_statistics")
    assert (statistics["connections_active"], statistics["total_requests"]) == (3, 7)
    with pytest.raises(PdkError, match="no active OpenTelemetry plugin"):
        call(c, "kong.telemetry.log", "otel", {}, "t", "m")


def test_memory_is_a_number_of_bytes_or_text_in_a_unit() -> None:
    c = caller(exchange())
    (worker,) = call(c, "kong.node.get_memory_stats")["workers_lua_vms"]
    assert worker["pid"] == os.getpid()
    assert isinstance(worker["http_allocated_gc"], int)
    (worker,) = call(c, "kong.node.get_memory_stats", "M", 1)["workers_lua_vms"]
    number, unit = worker["http_allocated_gc"].split()
    assert unit == "MiB"
    assert len(number.partition(".")[2]) == 1
    with pytest.raises(PdkError, match="invalid unit 'q'"):
        call(c, "kong.node.get_memory_stats", "q")
    with pytest.raises(PdkError, match="scale must be equal or greater than 0"):
        call(c, "kong.node.get_memory_stats", "m", -1)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("remote_addr", "192.0.2.7"),
        ("remote_port", "40000"),
        ("server_port", "8000"),
        ("scheme", "http"),
        ("host", "a.b"),
        ("request_uri", "/a?x=1&y"),
        ("uri", "/a"),
        ("args", "x=1&y"),
        ("is_args", "?"),
        ("arg_x", "1"),
        ("arg_none", None),
        ("cookie_b", "2"),
        ("http_x_user", "bob"),
        ("http_none", None),
        ("request_id", "0123456789abcdef0123456789abcdef"),
        ("request_method", "GET"),
        ("request", "GET /a?x=1&y HTTP/1.1"),
        ("server_protocol", "HTTP/1.1"),
        ("hostname", "host-1"),
        ("status", "200"),
        ("sent_http_x_out", "1"),
        ("upstream_http_x_up", "2"),
        ("upstream_addr", "10.0.0.1:80, 10.0.0.2:80"),
        ("ssl_protocol", None),
        ("no_such_variable", None),
    ],
)
def test_variables_are_those_of_nginx(name: str, value: str | None) -> None:
    x = exchange(b"/a?x=1&y", [(b"host", b"a.b"), (b"x-user", b"bob"), (b"cookie", b"a=1; b=2")])
    x.response_status, x.response_headers, x.upstream_headers = 200, [(b"x-out", b"1")], [(b"x-up", b"2")]
    x.tries = [{"ip": "10.0.0.1", "port": 80}, {"ip": "10.0.0.2", "port": 80}]
    assert call(caller(x), "kong.nginx.get_var", name) == value


def test_the_raw_context_keeps_values_and_knows_the_start() -> None:
    c = caller(exchange())
    assert call(c, "kong.nginx.get_ctx", "KONG_PROCESSING_START") == 1_700_000_000_123
    call(c, "kong.nginx.set_ctx", "k", 1)
    assert call(c, "kong.nginx.get_ctx", "k") == 1
    call(c, "kong.nginx.set_ctx", "k", None)
    assert call(c, "kong.nginx.get_ctx", "k") is None


@pytest.mark.parametrize(
    ("reference", "parts"),
    [
        ("{vault://env/my-secret}", {"name": "env", "resource": "my-secret"}),
        (
            "{vault://env/cert/key?prefix=SSL_#1}",
            {"name": "env", "resource": "cert", "key": "key", "config": {"prefix": "SSL_"}, "version": 1},
        ),
    ],
)
def test_a_reference_has_parts(reference: str, parts: dict[str, Any]) -> None:
    c = caller(exchange())
    assert call(c, "kong.vault.is_reference", reference) is True
    assert call(c, "kong.vault.parse_reference", reference) == parts


@pytest.mark.parametrize(
    ("reference", "text"),
    [
        ("secret", "not a reference"),
        ("{vault:///x}", "missing host"),
        ("{vault://env}", "missing path"),
        ("{vault://env/}", "empty path"),
        ("{vault://env/x#one}", "version"),
    ],
)
def test_what_is_no_reference_says_why(reference: str, text: str) -> None:
    with pytest.raises(PdkError, match=text) as caught:
        call(caller(exchange()), "kong.vault.parse_reference", reference)
    assert caught.value.code == "pdk"


def test_secrets_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_SECRET", "s3")
    monkeypatch.setenv("APP_DB", '{"user": "u", "port": 5}')
    c = caller(exchange())
    assert call(c, "kong.vault.get", "{vault://env/my-secret}") == "s3"
    assert call(c, "kong.vault.get", "{vault://env/db/user?prefix=app_}") == "u"
    assert call(c, "kong.vault.get", "{vault://env/db/port?prefix=app_}") == "5"
    for reference in ("{vault://env/none}", "{vault://env/db/none?prefix=app_}", "{vault://aws/x}"):
        with pytest.raises(PdkError):
            call(c, "kong.vault.get", reference)
    options = {"$refs": {"a": "{vault://env/my-secret}", "b": "{vault://env/none}"}, "a": "old", "c": 1}
    updated = call(c, "kong.vault.update", options)
    assert updated == {"$refs": options["$refs"], "a": "s3", "b": "", "c": 1}
    assert options["a"] == "old"
    assert call(c, "kong.vault.flush") is None


def serialized(x: Any) -> Any:
    return json.loads(call(caller(x, "log"), "kong.log.serialize"))


def test_the_record_of_a_request() -> None:
    x = exchange(b"/a?x=1&x&y=", [(b"host", b"A.b"), (b"authorization", b"secret"), (b"x-a", b"1"), (b"x-a", b"\xff")])
    x.consumer, x.credential = BOB, {"id": "k"}
    x.proxied, x.sent_status, x.upstream_status, x.upstream_uri = True, 200, 201, b"/up"
    x.response_headers, x.tries = [(b"x-up", b"1")], [{"ip": "10.0.0.1", "port": 80}]
    record = serialized(x)
    assert record["request"] == {
        "id": x.id,
        "uri": "/a?x=1&x&y=",
        "url": "http://a.b:8000/a?x=1&x&y=",
        "querystring": {"x": ["1", True], "y": ""},
        "method": "GET",
        "headers": {"host": "A.b", "authorization": "REDACTED", "x-a": ["1", "\ufffd"]},
        "size": 0,
    }
    assert record["response"] == {"status": 200, "headers": {"x-up": "1"}, "size": 0}
    assert record["latencies"]["proxy"] == -1
    assert record["authenticated_entity"] == {"id": "k", "consumer_id": BOB.id}
    assert record["service"]["id"] == SERVICE.id
    assert record["consumer"]["username"] == "bob"
    told = ("upstream_uri", "upstream_status", "client_ip", "started_at", "source", "tries", "workspace_name")
    assert [record[key] for key in told] == [
        "/up", "201", "192.0.2.7", 1_700_000_000_123, "upstream", [{"ip": "10.0.0.1", "port": 80}], "default",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("edits", "path", "expected"),
    [
        ([("a.b", 1, "set")], ("a", "b"), 1),
        ([(r"a\.b", 1, "set")], ("a.b",), 1),
        ([("client_ip", None, "set")], ("client_ip",), None),
        ([("client_ip", "x", "add")], ("client_ip",), "192.0.2.7"),
        ([("new", "x", "add")], ("new",), "x"),
        ([("client_ip", "x", "replace")], ("client_ip",), "x"),
        ([("new", "x", "replace")], ("new",), None),
        ([("a", 1, "set"), ("a", {"b": 2}, "set"), ("a.b", 3, "replace")], ("a", "b"), 3),
        ([("a.b.c", "x", "replace")], ("a",), None),
    ],
)
def test_edits_of_the_record(edits: list[tuple[str, Any, str]], path: tuple[str, ...], expected: object) -> None:
    x = exchange()
    for edit in edits:
        call(caller(x), "kong.log.set_serialize_value", *edit)
    found = serialized(x)
    for key in path:
        found = None if found is None else found.get(key)
    assert found == expected


def test_an_edit_through_what_is_no_table_fails_when_the_record_is_made() -> None:
    x = exchange()
    call(caller(x), "kong.log.set_serialize_value", "client_ip.x", 1)
    with pytest.raises(PdkError, match="'client_ip' is not a table"):
        call(caller(x, "log"), "kong.log.serialize")
    with pytest.raises(PdkError, match="mode must be 'set', 'add' or 'replace'"):
        call(caller(x), "kong.log.set_serialize_value", "a", 1, "put")


def test_bodies_wait_for_the_log_phase_only_while_there_is_room() -> None:
    def proxied(size: int) -> Any:
        x = exchange()
        x.proxied, x.upstream_status, x.response_body = True, 200, bytes(size)
        release(x)
        return x

    first = proxied(MAX_BODIES - 10)
    second = proxied(11)
    assert len(call(caller(first, "log"), "kong.service.response.get_raw_body")) == MAX_BODIES - 10
    with pytest.raises(PdkError, match="too many responses wait"):
        call(caller(second, "log"), "kong.service.response.get_raw_body")
    del first
    assert call(caller(proxied(11), "log"), "kong.service.response.get_raw_body") == bytes(11)
