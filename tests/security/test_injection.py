"""Plugins that try to split, smuggle or inject: framing is the gateway's, whatever a plugin says."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

import pytest

from oarlock_pluginserver._generated.pdk_table import BY_NAME
from oarlock_pluginserver.protocol import messages as m
from support.gateway import eventually
from support.hostile import Script, done, leaving, sending
from support.raw import RawResponse, get, split, talk

if TYPE_CHECKING:
    from security.conftest import Siege

SPLIT = "ok\r\nx-injected: yes\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 8\r\n\r\nsmuggled"
INSIDE = "HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nsmuggled"
HTML = '<script>alert("x")</script>&\'\r\n]]>\x00'


def does(function: str, *arguments: Any, phase: str = "access") -> Script:
    return Script(sending(done([BY_NAME[f"kong.{function}"].number, *arguments])), phase=phase)


def exits(*detail: Any, outcome: int = m.EXIT) -> Script:
    return Script(sending(leaving(*detail, outcome=outcome)))


# What can't be said in HTTP without becoming something else: refused, the request with it.
REFUSED: dict[str, Script] = {
    "request-header-value": does("service.request.set_header", "x-a", SPLIT),
    "request-header-lf": does("service.request.set_header", "x-a", "a\nx-injected: yes"),
    "request-header-cr": does("service.request.set_header", "x-a", "a\rx-injected: yes"),
    "request-header-nul": does("service.request.set_header", "x-a", "a\0b"),
    "request-header-name": does("service.request.set_header", "x-a: b\r\nx-injected", "yes"),
    "request-header-name-space": does("service.request.set_header", "x-injected ", "yes"),
    "request-header-name-colon": does("service.request.add_header", "x-injected:", "yes"),
    "request-header-name-empty": does("service.request.add_header", "", "yes"),
    "request-header-in-array": does("service.request.set_header", "x-a", ["fine", SPLIT]),
    "request-headers": does("service.request.set_headers", ["x-a", "fine", "x-b", SPLIT]),
    "request-host": does("service.request.set_header", "host", "good\r\nx-injected: yes"),
    "request-two-hosts": does("service.request.set_header", "host", ["one", "two"]),
    "request-header-bytes": does("service.request.set_header", b"x-a", b"\xff\r\nx-injected: yes"),
    "request-query": does("service.request.set_raw_query", "a=b HTTP/1.1\r\nx-injected: yes\r\n\r\n"),
    "request-query-space": does("service.request.set_raw_query", "a=b c"),
    "request-method": does("service.request.set_method", "GET /evil HTTP/1.1\r\nx-injected: yes\r\n\r\nGET"),
    "request-method-connect": does("service.request.set_method", "CONNECT"),
    "request-path-relative": does("service.request.set_path", "http://elsewhere/"),
    "request-target": does("service.set_target", "127.0.0.1\r\nx-injected: yes", 80),
    "request-target-port": does("service.set_target", "127.0.0.1", 99999),
    "request-scheme": does("service.request.set_scheme", "gopher\r\n"),
    "response-header-value": does("response.set_header", "x-a", SPLIT),
    "response-header-name": does("response.add_header", "x-a\r\nx-injected", "yes"),
    "response-headers": does("response.set_headers", ["x-a", SPLIT]),
    "exit-header-value": exits(200, "x", ["x-a", SPLIT]),
    "exit-header-name": exits(200, "x", ["x-a\r\nx-injected", "yes"]),
    "exit-location": exits(302, None, ["location", "/\r\nset-cookie: stolen=1"]),
    "error-header-value": exits(500, "x", ["x-a", SPLIT], outcome=m.ERROR_PAGE),
    "error-content-type": exits(500, "x", ["content-type", "text/html\r\nx-injected: yes"], outcome=m.ERROR_PAGE),
}

_FRAMING: list[Any] = [
    *("content-length", "3", "transfer-encoding", "chunked", "connection", "close", "keep-alive", "timeout=9"),
    *("te", "trailers", "trailer", "x-a", "upgrade", "websocket"),
]
_LENGTH_AS_HEADER = [
    *("Content_Length", "3", "CONTENT-LENGTH", ["3", "4"], "Transfer_Encoding", "chunked", "x-own", "kept"),
]

# Framing headers set by a plugin: ignored with a warning; everything else is as if it had not set them.
FRAMING: dict[str, Script] = {
    "framing-of-request": does("service.request.set_headers", _FRAMING),
    "framing-of-response": does("response.set_headers", [*_FRAMING, "x-own", "kept"]),
    "framing-of-response-odd": does("response.set_headers", _LENGTH_AS_HEADER),
    "framing-in-response-phase": does("response.set_headers", [*_FRAMING, "x-own", "kept"], phase="response"),
    "clears-framing": does("response.clear_header", "content-length", phase="response"),
    "framing-of-exit": exits(200, INSIDE, [*_FRAMING, "x-own", "kept"]),
    "framing-of-exit-odd": exits(200, INSIDE, _LENGTH_AS_HEADER),
}

# Answers whose status or method leaves no room for a body, or changes who reads how much.
EXITS: dict[str, tuple[Script, int, bytes]] = {
    "exit-200": (exits(200, INSIDE, []), 200, INSIDE.encode()),
    "exit-204": (exits(204, INSIDE, []), 204, b""),
    "exit-304": (exits(304, INSIDE, ["content-length", "8"]), 304, b""),
    "exit-empty": (exits(200, None, []), 200, b""),
    "exit-table": (exits(200, {"a": SPLIT}, []), 200, json.dumps({"a": SPLIT}, separators=(",", ":")).encode()),
    "exit-599": (exits(599, INSIDE, []), 599, INSIDE.encode()),
}

PAGES: dict[str, Script] = {"page": exits(500, HTML, [], outcome=m.ERROR_PAGE)}

METHODS: dict[str, Script] = {
    "method-to-head": does("service.request.set_method", "HEAD"),
    "method-to-post": does("service.request.set_method", "POST"),
    "path-with-crlf": does("service.request.set_path", "/a b\r\nx-injected: yes\r\n\r\n/c"),
    "query-args": does("service.request.set_query", {"a b\r\n": "c\r\nx-injected: yes", "d": ["&", "="]}),
    "status-204-in-response": does("response.set_status", 204, phase="response"),
    "body-in-response": does("response.set_raw_body", INSIDE, phase="response"),
}

SCRIPTS = {**REFUSED, **FRAMING, **{name: script for name, (script, _, _) in EXITS.items()}, **PAGES, **METHODS}


def twice(siege: Siege, name: str, method: str = "GET", headers: str = "") -> RawResponse:
    """Two requests in one go, the first to the plugin's route: whatever it does, the second has its own answer."""
    first = get(f"/{name}", headers, method)
    data = talk(siege.port, first, get("/plain", "x-second: yes\r\nconnection: close\r\n"))
    answer, second = split(data, method, "GET")
    assert second.status == 200
    assert json.loads(second.body)["headers"]["x-second"] == "yes"
    assert not answer.all("x-injected")
    assert not second.all("x-injected")
    return answer


@pytest.mark.parametrize("name", list(REFUSED))
def test_what_would_inject_is_refused_and_nothing_is_sent_upstream(siege: Siege, name: str) -> None:
    siege.upstream.seen.clear()
    answer = twice(siege, name)
    assert answer.status == 500
    assert [seen.target for seen in siege.upstream.seen] == ["/"]
    eventually(lambda: f"plugin {name} failed in access: bad_change" in siege.gateway.log, "the line of the log")


@pytest.mark.parametrize("name", list(FRAMING))
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
def test_framing_headers_of_a_plugin_are_ignored_with_a_warning(siege: Siege, name: str, method: str) -> None:
    siege.upstream.seen.clear()
    answer = twice(siege, name, method, "content-length: 0\r\n" if method == "POST" else "")
    assert answer.status == 200
    assert not answer.all("transfer-encoding")
    assert not answer.all("connection")
    assert not answer.all("upgrade")
    if "request" not in name and "clears" not in name:
        assert answer.all("x-own") == [b"kept"]
    for seen in siege.upstream.seen:
        assert not {"transfer-encoding", "te", "trailer", "upgrade"} & set(seen.headers)
        assert seen.headers.get("content-length", "0") == "0"
    eventually(lambda: "content-length is the gateway's to set; ignored" in siege.gateway.log, "the warning")


@pytest.mark.parametrize("name", list(EXITS))
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_the_body_of_an_exit_stays_in_its_frame(siege: Siege, name: str, method: str) -> None:
    _, status, body = EXITS[name]
    answer = twice(siege, name, method)
    assert (answer.status, answer.body) == (status, b"" if method == "HEAD" else body)
    if status == 204:
        assert not answer.all("content-length")


def test_the_message_of_an_error_page_is_escaped_for_each_format(siege: Siege) -> None:
    page = twice(siege, "page", headers="accept: text/html\r\n")
    assert page.all("content-type") == [b"text/html; charset=utf-8"]
    assert b"<script>" not in page.body
    assert b"&lt;script&gt;" in page.body
    page = twice(siege, "page", headers="accept: application/json\r\n")
    assert json.loads(page.body)["message"] == HTML
    page = twice(siege, "page", headers="accept: application/xml\r\n")
    message = ElementTree.fromstring(page.body).findtext("message")
    assert message is not None
    assert message.startswith("<script>")
    page = twice(siege, "page", headers="accept: text/plain\r\n")
    assert b"\r" not in page.body
    assert page.body.count(b"\n") == 2


def test_what_a_request_says_can_not_break_out_of_an_error_page(siege: Siege) -> None:
    data = talk(siege.port, get("/<script>alert(1)</script>", "accept: text/html\r\nconnection: close\r\n"))
    [answer] = split(data, "GET")
    assert answer.status in (400, 404, 200)
    assert b"<script>" not in answer.body


@pytest.mark.parametrize("name", list(METHODS))
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_changed_method_path_or_body_does_not_shift_what_follows(siege: Siege, name: str, method: str) -> None:
    siege.upstream.seen.clear()
    answer = twice(siege, name, method)
    assert answer.status in (200, 204)
    first, second = siege.upstream.seen
    assert second.headers["x-second"] == "yes"
    for seen in (first, second):
        assert "x-injected" not in seen.headers
        assert not set(seen.target) & set(" \r\n")
