"""Error bodies: which format, and what is in it."""

from __future__ import annotations

import json
from xml.etree import ElementTree

import pytest

from oarlock.proxy import error_page
from oarlock.proxy.exchange import Connection, Exchange, Headers

EVIL = "<script>\"&'\x00\n{"


def exchange(headers: Headers) -> Exchange:
    connection = Connection("127.0.0.1", 1, "127.0.0.1", 2, "http", False)
    return Exchange(connection, "id", b"GET", b"/", "1.1", headers, 0.0, 0)


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        ("application/json", error_page.JSON),
        ("*/*", error_page.JSON),
        ("image/png", error_page.JSON),
        ("application/*", error_page.JSON),
        ("text/*", error_page.PLAIN),
        ("text/html", error_page.HTML),
        ("Text/HTML;q=0.9, application/xml", error_page.XML),
        ("text/plain;q=0.1, text/html;q=0.2", error_page.HTML),
        ("text/html;q=0", error_page.JSON),
        ("text/html;q=x", error_page.JSON),
        ("application/grpc", error_page.GRPC),
    ],
)
def test_accept_chooses_the_format(accept: str, content_type: bytes) -> None:
    found, _ = error_page.render(404, None, exchange([(b"accept", accept.encode())]), proxy_layer=True)
    assert found == content_type


@pytest.mark.parametrize(
    ("headers", "proxy_layer", "content_type"),
    [
        ([], False, error_page.JSON),
        ([], True, error_page.PLAIN),
        ([(b"content-type", b"text/html; charset=x")], True, error_page.HTML),
        ([(b"content-type", b"text/html")], False, error_page.JSON),
        ([(b"content-type", b"image/png")], True, error_page.PLAIN),
    ],
)
def test_without_accept_it_depends_on_who_speaks(headers: Headers, proxy_layer: bool, content_type: bytes) -> None:
    assert error_page.render(502, None, exchange(headers), proxy_layer=proxy_layer)[0] == content_type


def test_json_is_kongs_byte_for_byte() -> None:
    _, body = error_page.render(404, "no Route matched with those values", exchange([]))
    assert body == b'{\n  "message":"no Route matched with those values",\n  "request_id":"id"\n}'


def test_plain_text_is_kongs() -> None:
    _, body = error_page.render(502, None, exchange([]), proxy_layer=True)
    assert body == b"An invalid response was received from the upstream server\nrequest_id: id\n"


def test_messages_are_escaped_for_their_format() -> None:
    pages = {
        wanted: error_page.render(400, EVIL, exchange([(b"accept", wanted)]))[1]
        for wanted in (b"application/json", b"text/html", b"application/xml", b"text/plain")
    }
    assert json.loads(pages[b"application/json"])["message"] == EVIL
    assert b"<script>" not in pages[b"text/html"]
    assert ElementTree.fromstring(pages[b"application/xml"])[0].text == EVIL.replace("\x00", "")
    assert pages[b"text/plain"].count(b"\n") == 2


def test_grpc_messages_travel_in_headers() -> None:
    assert error_page.grpc_headers(503, "a%b\nc") == [(b"grpc-status", b"14"), (b"grpc-message", b"a%25b%0Ac")]
    assert [error_page.grpc_status(status) for status in (200, 204, 418, 599, 302)] == [0, 0, 3, 13, 2]


def test_a_status_without_message_says_what_came() -> None:
    assert error_page.default_message(599) == "The upstream server responded with 599"
