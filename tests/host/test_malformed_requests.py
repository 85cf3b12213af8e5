"""Requests that are refused, byte by byte: what goes in, the status that comes out, and whether the connection ends."""

from __future__ import annotations

import pytest

from support.http import connect, upstream
from support.proxy import gateway, service

HOST = b"Host: a\r\n"
GET = b"GET / HTTP/1.1\r\n"
POST = b"POST / HTTP/1.1\r\nHost: a\r\n"
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"

REFUSED = {
    # request line
    "two spaces after the method": (b"GET  / HTTP/1.1\r\n" + HOST, 400),
    "two spaces before the version": (b"GET /  HTTP/1.1\r\n" + HOST, 400),
    "a space in the target": (b"GET /a b HTTP/1.1\r\n" + HOST, 400),
    "a space before the method": (b" GET / HTTP/1.1\r\n" + HOST, 400),
    "a space after the version": (b"GET / HTTP/1.1 \r\n" + HOST, 400),
    "tabs instead of spaces": (b"GET\t/\tHTTP/1.1\r\n" + HOST, 400),
    "no version": (b"GET /\r\n" + HOST, 400),
    "no target": (b"GET HTTP/1.1\r\n" + HOST, 400),
    "an empty target": (b"GET  HTTP/1.1\r\n" + HOST, 400),
    "a method that is no token": (b"G(T / HTTP/1.1\r\n" + HOST, 400),
    "an empty method": (b" / HTTP/1.1\r\n" + HOST, 400),
    "a target without slash": (b"GET a HTTP/1.1\r\n" + HOST, 400),
    "a target of another scheme": (b"GET ftp://a/ HTTP/1.1\r\n" + HOST, 400),
    "an absolute target without host": (b"GET http:///x HTTP/1.1\r\n" + HOST, 400),
    "an absolute target with a user": (b"GET http://u:p@a/ HTTP/1.1\r\n" + HOST, 400),
    "an asterisk with another method": (b"GET * HTTP/1.1\r\n" + HOST, 400),
    "a fragment": (b"GET /#x HTTP/1.1\r\n" + HOST, 400),
    "a NUL in the target": (b"GET /\0 HTTP/1.1\r\n" + HOST, 400),
    "a DEL in the target": (b"GET /\x7f HTTP/1.1\r\n" + HOST, 400),
    "an escape in the target": (b"GET /\x1b[0m HTTP/1.1\r\n" + HOST, 400),
    "a bare CR in the target": (b"GET /\rx HTTP/1.1\r\n" + HOST, 400),
    "a lower-case protocol": (b"GET / http/1.1\r\n" + HOST, 400),
    "another protocol": (b"GET / ICY/1.1\r\n" + HOST, 400),
    "a version of one digit": (b"GET / HTTP/1\r\n" + HOST, 400),
    "a version of three digits": (b"GET / HTTP/1.10\r\n" + HOST, 400),
    "HTTP/2.0": (b"GET / HTTP/2.0\r\n" + HOST, 505),
    "the preface of HTTP/2": (b"PRI * HTTP/2.0\r\n", 505),
    "HTTP/1.2": (b"GET / HTTP/1.2\r\n" + HOST, 505),
    "HTTP/0.9": (b"GET / HTTP/0.9\r\n" + HOST, 505),
    "CONNECT": (b"CONNECT a:443 HTTP/1.1\r\n" + HOST, 405),
    "TRACE": (b"TRACE / HTTP/1.1\r\n" + HOST, 405),
    "a long target": (b"GET /" + b"a" * 2000 + b" HTTP/1.1\r\n" + HOST, 414),
    "a target longer than any head": (b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\n" + HOST, 414),
    # Host
    "no Host": (GET, 400),
    "two Hosts": (GET + HOST + b"Host: b\r\n", 400),
    "two equal Hosts": (GET + HOST + HOST, 400),
    "a Host with a path": (GET + b"Host: a/b\r\n", 400),
    "a Host with a space": (GET + b"Host: a b\r\n", 400),
    "a Host with a user": (GET + b"Host: u@a\r\n", 400),
    "a list of Hosts": (GET + b"Host: a, b\r\n", 400),
    "a Host with a bad port": (GET + b"Host: a:b\r\n", 400),
    "two Hosts in HTTP/1.0": (b"GET / HTTP/1.0\r\n" + HOST + HOST, 400),
    # fields
    "a space before the colon": (GET + HOST + b"X-A : 1\r\n", 400),
    "a tab before the colon": (GET + HOST + b"X-A\t: 1\r\n", 400),
    "no colon": (GET + HOST + b"X-A\r\n", 400),
    "an empty name": (GET + HOST + b": 1\r\n", 400),
    "a name that is no token": (GET + HOST + b"X(A): 1\r\n", 400),
    "a name with a NUL": (GET + HOST + b"X\0A: 1\r\n", 400),
    "a name beyond ASCII": (GET + HOST + "X-Ä: 1\r\n".encode(), 400),
    "a folded line": (GET + HOST + b"X-A: 1\r\n 2\r\n", 400),
    "a line folded with a tab": (GET + HOST + b"X-A: 1\r\n\t2\r\n", 400),
    "a folded first line": (GET + b" X-A: 1\r\n" + HOST, 400),
    "a bare CR in a value": (GET + HOST + b"X-A: 1\r2\r\n", 400),
    "a bare LF in a value": (GET + HOST + b"X-A: 1\nX-B: 2\r\n", 400),
    "a NUL in a value": (GET + HOST + b"X-A: 1\x002\r\n", 400),
    "a bell in a value": (GET + HOST + b"X-A: \a\r\n", 400),
    "lines that end with LF": (b"GET / HTTP/1.1\nHost: a\n\n", 400),
    "one line that ends with LF": (b"GET / HTTP/1.1\r\nHost: a\nX-A: 1\r\n", 400),
    "CR CR LF": (b"GET / HTTP/1.1\r\r\nHost: a\r\n", 400),
    "too many fields": (GET + HOST + b"X-A: 1\r\n" * 50, 431),
    "a long head": (GET + HOST + b"X-A: " + b"a" * 9000 + b"\r\n", 431),
    "TLS": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400),
    # framing
    "a Content-Length with a sign": (POST + b"Content-Length: +3\r\n", 400),
    "a negative Content-Length": (POST + b"Content-Length: -3\r\n", 400),
    "a hexadecimal Content-Length": (POST + b"Content-Length: 0x3\r\n", 400),
    "a Content-Length with underscores": (POST + b"Content-Length: 1_0\r\n", 400),
    "an empty Content-Length": (POST + b"Content-Length:\r\n", 400),
    "a Content-Length of letters": (POST + b"Content-Length: abc\r\n", 400),
    "a list of Content-Lengths": (POST + b"Content-Length: 3, 3\r\n", 400),
    "contradicting Content-Lengths": (POST + b"Content-Length: 3\r\nContent-Length: 4\r\n", 400),
    "an endless Content-Length": (POST + b"Content-Length: " + b"9" * 40 + b"\r\n", 400),
    "Content-Length and Transfer-Encoding": (POST + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n", 400),
    "Transfer-Encoding and Content-Length": (POST + b"Transfer-Encoding: chunked\r\nContent-Length: 3\r\n", 400),
    "Transfer-Encoding in HTTP/1.0": (b"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n", 400),
    "chunked twice": (POST + b"Transfer-Encoding: chunked, chunked\r\n", 400),
    "chunked in two fields": (POST + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", 400),
    "an empty Transfer-Encoding": (POST + b"Transfer-Encoding:\r\n", 400),
    "a quoted coding": (POST + b'Transfer-Encoding: "chunked"\r\n', 400),
    "a vertical tab before chunked": (POST + b"Transfer-Encoding: \x0bchunked\r\n", 400),
    "an unknown coding": (POST + b"Transfer-Encoding: gzip, chunked\r\n", 501),
    "identity": (POST + b"Transfer-Encoding: identity\r\n", 501),
    "a coding that looks like chunked": (POST + b"Transfer-Encoding: xchunked\r\n", 501),
    "a hidden Transfer-Encoding": (POST + b"Transfer-Encoding : chunked\r\n", 400),
    "an expectation nobody knows": (POST + b"Content-Length: 3\r\nExpect: 200-ok\r\n", 417),
    "an upgrade": (GET + HOST + b"Connection: Upgrade\r\nUpgrade: websocket\r\n", 501),
    "a body too large": (POST + b"Content-Length: 1001\r\n", 413),
}

BAD_BODIES = {
    "no chunk size": (b"\r\nabc\r\n", 400),
    "a chunk size of letters": (b"xyz\r\nabc\r\n", 400),
    "a chunk size with a sign": (b"+3\r\nabc\r\n", 400),
    "a chunk size with 0x": (b"0x3\r\nabc\r\n", 400),
    "a chunk size with a space": (b"3 \r\nabc\r\n", 400),
    "a chunk size with underscores": (b"0_3\r\nabc\r\n", 400),
    "an endless chunk size": (b"1" * 30 + b"\r\nabc\r\n", 400),
    "a size line that ends with LF": (b"3\nabc\r\n", 400),
    "data longer than its size": (b"3\r\nabcd\r\n0\r\n\r\n", 400),
    "no CRLF after the data": (b"3\r\nabcX\r\n0\r\n\r\n", 400),
    "LF after the data": (b"3\r\nabc\n0\r\n\r\n", 400),
    "a bare LF in an extension": (b"3;a\nb\r\nabc\r\n0\r\n\r\n", 400),
    "a bare CR in an extension": (b"3;a\rb\r\nabc\r\n0\r\n\r\n", 400),
    "a long extension": (b"3;" + b"a" * 5000 + b"\r\nabc\r\n0\r\n\r\n", 400),
    "a trailer without colon": (b"3\r\nabc\r\n0\r\nX\r\n\r\n", 400),
    "a folded trailer": (b"3\r\nabc\r\n0\r\nX: 1\r\n 2\r\n\r\n", 400),
    "too many trailers": (b"0\r\n" + b"X: 1\r\n" * 200 + b"\r\n", 400),
    "long trailers": (b"0\r\nX: " + b"a" * 20000 + b"\r\n\r\n", 400),
    "chunks that add up to too much": (b"1f4\r\n" + b"a" * 500 + b"\r\n" + b"1f5\r\n" + b"a" * 501 + b"\r\n", 413),
}

LIMITS = {"max_head_size": 8192, "max_uri_size": 1024, "max_headers": 40, "max_body_size": 1000}


@pytest.mark.parametrize(("sent", "status"), REFUSED.values(), ids=REFUSED)
async def test_a_head_is_refused_and_the_connection_ends(sent: bytes, status: int) -> None:
    async with upstream() as up, gateway(service(up.port), limits=LIMITS) as g, connect(g.port) as client:
        end = b"\r\nGET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n" if sent.endswith(b"\r\n") else b""
        await client.send(sent + end)
        response = await client.read_response()
        assert response.status == status
        assert response.get("connection") == b"close"
        assert response.get("x-kong-request-id") is not None
        assert await client.is_closed()
        assert up.connections == 0
        assert [x.sent_status for x in await g.log.wait_for(1)] == [status]


@pytest.mark.parametrize(("sent", "status"), BAD_BODIES.values(), ids=BAD_BODIES)
async def test_a_bad_body_is_refused_and_the_connection_ends(sent: bytes, status: int) -> None:
    async with upstream() as up, gateway(service(up.port), limits=LIMITS) as g, connect(g.port) as client:
        await client.send(CHUNKED + sent)
        response = await client.read_response()
        assert response.status == status
        assert response.get("connection") == b"close"
        assert await client.is_closed()
        assert up.requests == []  # it never saw the end of a request


ACCEPTED = {
    "an empty line before the request": b"\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
    "an unknown method": b"PURGE / HTTP/1.1\r\nHost: a\r\n\r\n",
    "a lower-case method": b"get / HTTP/1.1\r\nHost: a\r\n\r\n",
    "no space after the colon": b"GET / HTTP/1.1\r\nHost:a\r\n\r\n",
    "white space around a value": b"GET / HTTP/1.1\r\nHost: \t a \t\r\n\r\n",
    "an empty value": b"GET / HTTP/1.1\r\nHost: a\r\nX-A:\r\n\r\n",
    "bytes beyond ASCII in a value": b"GET / HTTP/1.1\r\nHost: a\r\nX-A: \xc3\xa4\xff\r\n\r\n",
    "an IPv6 host": b"GET / HTTP/1.1\r\nHost: [::1]:8000\r\n\r\n",
    "an empty host": b"GET / HTTP/1.1\r\nHost:\r\n\r\n",
    "Content-Length twice, equal": b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabc",
    "Chunked in capitals": b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n0\r\n\r\n",
    "a chunk size with zeros": CHUNKED + b"003\r\nabc\r\n0\r\n\r\n",
    "chunk extensions": CHUNKED + b'3;a="b"\r\nabc\r\n0;x\r\n\r\n',
    "a GET with a body": b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc",
    "an offer of h2c": b"GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n\r\n",
    "HTTP/1.0 without Host": b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
}


@pytest.mark.parametrize("sent", ACCEPTED.values(), ids=ACCEPTED)
async def test_what_is_unusual_but_sound_is_served(sent: bytes) -> None:
    async with upstream() as up, gateway(service(up.port), limits=LIMITS) as g, connect(g.port) as client:
        for _ in range(2):
            await client.send(sent)
            assert (await client.read_response()).status == 200


async def test_a_head_that_does_not_come_in_time_is_408() -> None:
    async with gateway(limits={"head_timeout": 0.05}) as g, connect(g.port) as client:
        await client.send(b"GET / HTTP/1.1\r\nHost:")
        response = await client.read_response()
        assert response.status == 408
        assert await client.is_closed()


async def test_a_body_that_stops_coming_is_408() -> None:
    async with upstream() as up, gateway(service(up.port), limits={"body_timeout": 0.05}) as g:
        for framing in (b"Content-Length: 100000\r\n", b"Content-Length: 10\r\n", b"Transfer-Encoding: chunked\r\n"):
            async with connect(g.port) as client:
                await client.send(POST + framing + b"\r\n5\r\n")
                assert (await client.read_response()).status == 408
                assert await client.is_closed()


async def test_an_idle_connection_is_closed_without_a_word() -> None:
    async with (
        upstream() as up,
        gateway(service(up.port), limits={"idle_timeout": 0.05}) as g,
        connect(g.port) as client,
    ):
        assert (await client.request()).status == 200
        assert await client.is_closed()


async def test_a_connection_that_says_nothing_is_closed_without_a_word() -> None:
    async with gateway(limits={"head_timeout": 0.05}) as g, connect(g.port) as client:
        assert await client.is_closed()


async def test_a_client_still_sending_sees_the_refusal() -> None:
    async with (
        upstream() as up,
        gateway(service(up.port), limits={"max_body_size": 1000}) as g,
        connect(g.port) as client,
    ):
        await client.send(POST + b"Content-Length: 3000000\r\n\r\n" + bytes(3_000_000))
        response = await client.read_response()
        assert response.status == 413
        assert b"Payload too large" in response.body


async def test_the_last_of_max_requests_says_so() -> None:
    async with (
        upstream() as up,
        gateway(service(up.port), limits={"max_requests_per_connection": 2}) as g,
        connect(g.port) as client,
    ):
        assert (await client.request()).get("connection") is None
        assert (await client.request()).get("connection") == b"close"
        assert await client.is_closed()


async def test_error_bodies_escape_what_they_quote() -> None:
    async with gateway() as g, connect(g.port) as client:
        await client.send(b"GET / HTTP/1.1\r\nHost: <script>\r\nAccept: text/html\r\n\r\n")
        response = await client.read_response()
        assert response.status == 400
        assert b"<script>" not in response.body


@pytest.mark.parametrize(
    ("sent", "method", "target"),
    [
        (b"CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n", b"CONNECT", b"a:1"),
        (b"GET /x HTTP/9.9\r\nHost: a\r\n\r\n", b"GET", b"/x"),
        (b"GET /y HTTP/1.1\r\nHost: a\nb\r\n\r\n", b"GET", b"/y"),
        (b"POST /z HTTP/1.1\r\nHost: a\r\nContent-Length: 2000\r\n\r\n", b"POST", b"/z"),
        (b"\x16\x03\x01\r\n\r\n", b"-", b"-"),
    ],
)
async def test_the_log_names_what_was_refused(sent: bytes, method: bytes, target: bytes) -> None:
    async with gateway(limits={"max_body_size": 1000}) as g, connect(g.port) as client:
        await client.send(sent)
        await client.read_response()
        (x,) = await g.log.wait_for(1)
        assert (x.method, x.raw_target) == (method, target)


async def test_a_refused_head_has_no_body_in_its_answer() -> None:
    async with gateway() as g, connect(g.port) as client:
        await client.send(b"HEAD / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n")
        assert (await client.read_response("HEAD")).status == 400
        assert await client.is_closed()
