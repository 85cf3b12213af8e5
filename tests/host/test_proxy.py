"""What passes through the proxy, and what it looks like on the other side."""

from __future__ import annotations

import socket

import pytest
import trio

from support.http import Message, Wire, answering, connect, until, upstream
from support.proxy import FakePhases, gateway, route, service


async def test_a_request_reaches_the_upstream_and_its_response_the_client() -> None:
    async with upstream() as up, gateway(service(up.port)) as g, connect(g.port) as client:
        response = await client.request(target="/a/b?c=d", headers="X-Test: 1\r\n")
        assert response.status == 200
        assert response.body == b"GET /a/b?c=d HTTP/1.1"
        assert up.last.get("x-test") == b"1"
        assert up.last.get("host") == b"127.0.0.1:%d" % up.port
        assert up.last.get("x-forwarded-for") == b"127.0.0.1"
        assert up.last.get("content-length") is None
        assert response.get("x-kong-request-id") == up.last.get("x-kong-request-id")
        assert response.get("x-kong-upstream-latency") is not None
        assert response.get("via") is not None


async def test_requests_of_one_connection_share_one_upstream_connection() -> None:
    async with upstream() as up, gateway(service(up.port)) as g, connect(g.port) as client:
        for number in range(40):  # more than the calls before a socket yields
            response = await client.request(target=f"/{number}")
            assert response.body == b"GET /%d HTTP/1.1" % number
        assert up.connections == 1


async def test_pipelined_requests_are_answered_in_order() -> None:
    async with upstream() as up, gateway(service(up.port)) as g, connect(g.port) as client:
        await client.send(b"".join(b"GET /%d HTTP/1.1\r\nHost: a\r\n\r\n" % number for number in range(10)))
        for number in range(10):
            assert (await client.read_response()).body == b"GET /%d HTTP/1.1" % number


async def test_a_pipelined_request_may_follow_a_body() -> None:
    async with upstream() as up, gateway(service(up.port)) as g, connect(g.port) as client:
        await client.send(
            b"POST /1 HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello"
            b"POST /2 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
            b"GET /3 HTTP/1.1\r\nHost: a\r\n\r\n"
        )
        assert [(await client.read_response()).body for _ in range(3)] == [b"hello", b"abc", b"GET /3 HTTP/1.1"]


async def test_a_request_may_come_byte_by_byte() -> None:
    async with upstream() as up, gateway(service(up.port)) as g, connect(g.port) as client:
        for byte in b"\r\nPOST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc":
            await client.send(bytes((byte,)))
            await trio.lowlevel.checkpoint()
        assert (await client.read_response()).body == b"abc"


@pytest.mark.parametrize("framing", ["length", "chunked"])
async def test_a_large_body_streams_both_ways(framing: str) -> None:
    size = 8 * 2**20
    async with upstream() as up, gateway(service(up.port)) as g, connect(g.port) as client:
        body = bytes(range(256)) * (size // 256)

        async def send() -> None:
            if framing == "length":
                await client.send(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % size)
                await client.send(body)
            else:
                await client.send(b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
                for at in range(0, size, 100_000):
                    piece = body[at : at + 100_000]
                    await client.send(b"%x\r\n%b\r\n" % (len(piece), piece))
                await client.send(b"0\r\n\r\n")

        async with trio.open_nursery() as nursery:
            nursery.start_soon(send)
            response = await client.read_response()
        assert response.body == body
        assert up.last.get("content-length") == (b"%d" % size if framing == "length" else None)
        assert (await client.request()).status == 200  # and the connection goes on
        assert up.connections == 1


async def test_chunked_responses_stay_chunked_and_keep_their_trailers() -> None:
    chunked = (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        b"3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nX-Sum: 1\r\nHost: no\r\n\r\n"
    )
    async with upstream(answering(chunked, chunked)) as up, gateway(service(up.port)) as g, connect(g.port) as client:
        for _ in range(2):
            response = await client.request()
            assert response.body == b"abcde"
            assert response.trailers == [(b"x-sum", b"1")]
            assert response.get("content-length") is None
        assert up.connections == 1


async def test_request_trailers_reach_the_upstream_as_trailers() -> None:
    async with upstream() as up, gateway(service(up.port)) as g, connect(g.port) as client:
        await client.send(
            b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
            b"3\r\nabc\r\n0\r\nX-Sum: 1\r\nContent-Length: 7\r\n\r\n"
        )
        assert (await client.read_response()).status == 200
        assert up.last.trailers == [(b"x-sum", b"1")]
        assert up.last.get("x-sum") is None


async def test_a_response_until_close_is_chunked_for_a_client_that_keeps_its_connection() -> None:
    async def until_close(wire: Wire) -> None:
        await wire.read_request()
        await wire.send(b"HTTP/1.1 200 OK\r\n\r\nsome")
        await wire.send(b"thing")

    async with upstream(until_close) as up, gateway(service(up.port)) as g, connect(g.port) as client:
        for _ in range(2):
            response = await client.request()
            assert response.get("transfer-encoding") == b"chunked"
            assert response.body == b"something"
        assert up.connections == 2


async def test_a_client_of_http_1_0_gets_no_chunks_and_its_connection_closed() -> None:
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX-Sum: 1\r\n\r\n"
    async with upstream(answering(chunked)) as up, gateway(service(up.port)) as g, connect(g.port) as client:
        await client.send(b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
        raw = await client.read_to_end()
        assert raw.startswith(b"HTTP/1.1 200 OK\r\n")
        assert b"transfer-encoding" not in raw
        assert b"\r\nconnection: close\r\n" in raw
        assert raw.endswith(b"\r\n\r\nabc")


async def test_a_client_of_http_1_0_keeps_its_connection_if_it_asks_to() -> None:
    async with upstream() as up, gateway(service(up.port)) as g, connect(g.port) as client:
        for _ in range(2):
            await client.send(b"GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n")
            response = await client.read_response()
            assert response.get("connection") == b"keep-alive"
        await client.send(b"GET / HTTP/1.0\r\n\r\n")
        assert (await client.read_response()).get("connection") == b"close"
        assert await client.is_closed()


async def test_connection_close_is_kept_to() -> None:
    async with upstream() as up, gateway(service(up.port)) as g, connect(g.port) as client:
        response = await client.request(headers="Connection: foo, Close\r\n")
        assert response.get("connection") == b"close"
        assert await client.is_closed()


@pytest.mark.parametrize("status", [200, 204, 304])
async def test_responses_without_body_end_at_their_head(status: int) -> None:
    head = b"HTTP/1.1 %d X\r\nContent-Length: 5\r\nETag: a\r\n\r\n" % status
    async with upstream(answering(head, head)) as up, gateway(service(up.port)) as g, connect(g.port) as client:
        for _ in range(2):
            response = await client.request("HEAD")
            assert response.status == status
            assert response.get("content-length") == (None if status == 204 else b"5")
            assert response.get("transfer-encoding") is None
        assert up.connections == 1


async def test_100_continue_comes_from_the_upstream_before_the_body_is_sent() -> None:
    async def handler(wire: Wire) -> None:
        head = await wire.read_head()
        assert head.get("expect") == b"100-continue"
        await wire.send(b"HTTP/1.1 100 Continue\r\n\r\n")
        body = await wire.read_exactly(3)
        await wire.send(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n" + body)

    async with upstream(handler) as up, gateway(service(up.port)) as g, connect(g.port) as client:
        await client.send(b"PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n")
        assert (await client.read_head()).status == 100
        await client.send(b"abc")
        assert (await client.read_response()).body == b"abc"


async def test_a_final_response_instead_of_100_ends_the_request() -> None:
    refusal = b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\n\r\nno"

    async def handler(wire: Wire) -> None:
        await wire.read_head()
        await wire.send(refusal)
        await wire.read_some()

    async with upstream(handler) as up, gateway(service(up.port)) as g, connect(g.port) as client:
        await client.send(b"PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n")
        response = await client.read_response()
        assert response.status == 401
        assert response.get("connection") == b"close"  # nobody knows whether the body follows
        assert await client.is_closed()


async def test_100_is_sent_by_the_gateway_when_a_plugin_reads_the_body() -> None:
    async def access(x) -> None:
        x.body = await x.body_reader.read_all(100)

    phases = FakePhases(on_access=access)
    async with upstream() as up, gateway(service(up.port), phases=phases) as g, connect(g.port) as client:
        await client.send(b"PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n")
        assert (await client.read_head()).status == 100
        await client.send(b"abc")
        assert (await client.read_response()).body == b"abc"
        assert up.last.get("expect") is None


async def test_early_hints_are_passed_on() -> None:
    hints = b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n"
    final = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
    async with upstream(answering(hints + final)) as up, gateway(service(up.port)) as g, connect(g.port) as client:
        response = await client.request()
        assert [interim.status for interim in response.interim] == [103, 102]
        assert response.interim[0].get("link") == b"</a.css>"
        assert response.body == b"ok"


async def test_a_response_before_the_end_of_the_request_is_passed_on_at_once() -> None:
    async def refuse(wire: Wire) -> None:
        await wire.read_head()
        await wire.send(b"HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno")
        await wire.read_some()

    async with upstream(refuse) as up, gateway(service(up.port)) as g, connect(g.port) as client:
        await client.send(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n" + bytes(100_000))
        response = await client.read_response()
        assert (response.status, response.body) == (413, b"no")


async def test_upload_and_download_run_at_the_same_time() -> None:
    async def echo_pieces(wire: Wire) -> None:
        await wire.read_head()
        await wire.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while size := int(await wire.read_until(b"\r\n"), 16):
            piece = await wire.read_exactly(size)
            await wire.read_exactly(2)
            await wire.send(b"%x\r\n%b\r\n" % (size, piece))
        await wire.read_until(b"\r\n")
        await wire.send(b"0\r\n\r\n")

    async with upstream(echo_pieces) as up, gateway(service(up.port)) as g, connect(g.port) as client:
        await client.send(b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
        await client.read_head()
        for word in (b"one", b"three"):
            await client.send(b"%x\r\n%b\r\n" % (len(word), word))
            assert await client.read_until(b"\r\n") == b"%x" % len(word)
            assert await client.read_exactly(len(word) + 2) == word + b"\r\n"
        await client.send(b"0\r\n\r\n")
        assert await client.read_exactly(5) == b"0\r\n\r\n"
        assert (await g.log.wait_for(1))[0].sent_status == 200


async def test_no_route_is_404_in_the_format_asked_for() -> None:
    async with gateway() as g, connect(g.port) as client:
        response = await client.request()
        assert response.status == 404
        request_id = response.get("x-kong-request-id")
        assert request_id is not None
        assert response.get("content-type") == b"application/json; charset=utf-8"
        assert response.body == (
            b'{\n  "message":"no Route matched with those values",\n  "request_id":"%b"\n}' % request_id
        )
        assert response.get("x-kong-response-latency") is not None
        html = await client.request(headers="Accept: text/html\r\n")
        assert html.get("content-type") == b"text/html; charset=utf-8"


async def test_a_route_without_service_is_503() -> None:
    async with gateway(route(service=None)) as g, connect(g.port) as client:
        response = await client.request()
        assert response.status == 503
        assert b"no Service found with those values" in response.body


async def test_an_https_route_answers_426_over_http() -> None:
    async with gateway(service(1), route(protocols=("https",))) as g, connect(g.port) as client:
        response = await client.request()
        assert response.status == 426
        assert b"Please use HTTPS protocol" in response.body
        assert response.get("upgrade") == b"TLS/1.2, HTTP/1.1"
        assert b"Upgrade" in response.all("connection")


async def test_an_https_route_redirects_when_told_to() -> None:
    redirecting = route(protocols=("https",), https_redirect_status_code=301)
    async with gateway(service(1), redirecting) as g, connect(g.port) as client:
        response = await client.request(target="/a?b", host="example.com:8000")
        assert response.status == 301
        assert response.get("location") == b"https://example.com/a?b"


async def test_an_https_route_serves_what_a_trusted_proxy_calls_https() -> None:
    async with (
        upstream() as up,
        gateway(service(up.port), route(protocols=("https",)), trusted_ips=("127.0.0.0/8",)) as g,
        connect(g.port) as client,
    ):
        response = await client.request(headers="X-Forwarded-Proto: https\r\nX-Real-IP: 10.1.1.1\r\n")
        assert response.status == 200
        assert (await g.log.wait_for(1))[0].forwarded_ip == "10.1.1.1"


async def test_a_redirect_goes_to_the_host_that_a_trusted_proxy_names() -> None:
    redirecting = route(protocols=("https",), https_redirect_status_code=308)
    async with gateway(service(1), redirecting, trusted_ips=("127.0.0.0/8",)) as g, connect(g.port) as client:
        named = await client.request(target="/a", headers="X-Forwarded-Host: Public.example:8443\r\n")
        assert named.get("location") == b"https://public.example/a"
        unfit = await client.request(target="/a", headers="X-Forwarded-Host: evil.example/x?\r\n")
        assert unfit.get("location") == b"https://example.com/a"


async def test_without_a_host_there_is_nowhere_to_redirect_to() -> None:
    redirecting = route(protocols=("https",), https_redirect_status_code=301)
    async with gateway(service(1), redirecting) as g, connect(g.port) as client:
        await client.send(b"GET /a HTTP/1.0\r\n\r\n")
        response = await client.read_response()
        assert (response.status, response.get("location")) == (426, None)


@pytest.mark.parametrize("scheme", ["ht tp", "wss", "https,http", "", "\x80"])
async def test_a_forwarded_scheme_that_is_not_https_counts_as_http(scheme: str) -> None:
    async with (
        upstream() as up,
        gateway(service(up.port), trusted_ips=("127.0.0.0/8",)) as g,
        connect(g.port) as client,
    ):
        await client.send(b"GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-Proto: " + scheme.encode("latin-1") + b"\r\n\r\n")
        assert (await client.read_response()).status == 200


async def test_an_absolute_target_wins_over_host() -> None:
    async with (
        upstream() as up,
        gateway(service(up.port), route(hosts=("b.com",), preserve_host=True)) as g,
        connect(g.port) as client,
    ):
        response = await client.request(target="http://b.com/x?y", host="a.com")
        assert response.body == b"GET /x?y HTTP/1.1"
        assert up.last.get("host") == b"b.com"


async def test_a_lone_question_mark_is_kept() -> None:
    async with upstream() as up, gateway(service(up.port)) as g, connect(g.port) as client:
        assert (await client.request(target="/a?")).body == b"GET /a? HTTP/1.1"


async def test_hop_by_hop_headers_stay_on_their_hop() -> None:
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: X-Up\r\nX-Up: 1\r\nKeep-Alive: 1\r\n\r\n"
    async with upstream() as up, gateway(service(up.port)) as g, connect(g.port) as client:

        async def handler(wire: Wire) -> None:
            await up.read(wire)
            await wire.send(answer)

        up.handler = handler
        response = await client.request(headers="Connection: X-Mine\r\nX-Mine: 1\r\nProxy-Connection: a\r\n")
        assert [up.last.get(name) for name in ("x-mine", "proxy-connection")] == [None, None]
        assert [response.get(name) for name in ("x-up", "keep-alive", "connection")] == [None, None, None]


async def test_a_plugins_answer_ends_the_request_and_the_body_is_read_away() -> None:
    from oarlock.proxy.exchange import Answer

    async def access(x) -> None:
        x.answer = Answer(403, [(b"x-mine", b"1"), (b"content-type", b"text/plain")], b"no", "exit")

    async with upstream() as up, gateway(service(up.port), phases=FakePhases(on_access=access)) as g:
        async with connect(g.port) as client:
            for _ in range(2):
                response = await client.request("POST", body=b"x" * 1000)
                assert (response.status, response.body, response.get("x-mine")) == (403, b"no", b"1")
        assert up.connections == 0
        assert [x.source for x in g.log.exchanges] == ["exit", "exit"]
        assert len(g.phases.logged) == 2


async def test_a_plugin_replaces_request_and_response() -> None:
    async def access(x) -> None:
        x.method, x.body, x.raw_query = b"PUT", b"new body", b"q=1"
        x.headers = [*x.headers, (b"x-new", b"1")]

    async def response(x) -> None:
        assert x.response_body == b"new body"
        x.response_status, x.response_body = 201, b"newer"
        x.response_headers = [*x.response_headers, (b"x-after", b"1")]

    phases = FakePhases(on_access=access, on_response=response)
    async with upstream() as up, gateway(service(up.port), phases=phases) as g, connect(g.port) as client:
        received = await client.request("POST", body=b"old")
        assert (up.last.method, up.last.target, up.last.body) == (b"PUT", b"/?q=1", b"new body")
        assert (received.status, received.body, received.get("x-after")) == (201, b"newer", b"1")
        assert received.get("content-length") == b"5"


async def test_headers_of_plugins_stay_on_error_pages_and_those_of_another_body_do_not() -> None:
    async def access(x) -> None:
        x.response_headers = [(b"access-control-allow-origin", b"*"), (b"content-encoding", b"gzip"), (b"etag", b'"a"')]

    phases = FakePhases(on_access=access)
    hangs_up = answering(b"", close=True)
    async with (
        upstream(hangs_up) as up,
        gateway(service(up.port), route(), phases=phases) as g,
        connect(g.port) as client,
    ):
        response = await client.request()
        assert response.status == 502
        assert response.get("access-control-allow-origin") == b"*"
        assert response.all("content-type") == [b"text/plain; charset=utf-8"]
        assert response.get("content-encoding") is None
        assert response.get("etag") is None


async def test_a_buffered_response_to_head_says_no_length_that_the_upstream_did_not_say() -> None:
    async def response(x) -> None: ...

    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n"
    phases = FakePhases(on_response=response)
    async with (
        upstream(answering(chunked, close=True)) as up,
        gateway(service(up.port), phases=phases) as g,
        connect(g.port) as client,
    ):
        received = await client.request("HEAD")
        assert (received.status, received.get("content-length"), received.get("trailer")) == (200, None, None)


async def test_an_event_stream_is_not_buffered() -> None:
    async def response(x) -> None: ...

    stream = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n"
    phases = FakePhases(on_response=response)
    async with (
        upstream(answering(stream)) as up,
        gateway(service(up.port), phases=phases) as g,
        connect(g.port) as client,
    ):
        assert (await client.request()).status == 502


async def test_a_response_too_large_to_buffer_is_502() -> None:
    async def response(x) -> None: ...

    phases = FakePhases(on_response=response)
    async with (
        upstream() as up,
        gateway(service(up.port), phases=phases, limits={"max_buffered_body": 1024}) as g,
        connect(g.port) as client,
    ):
        assert (await client.request("POST", body=b"x" * 1024)).status == 200
        assert (await client.request("POST", body=b"x" * 1025)).status == 502


async def test_a_defect_in_a_phase_is_500_and_the_worker_goes_on(caplog: pytest.LogCaptureFixture) -> None:
    async def access(x) -> None:
        raise RuntimeError("oops")

    phases = FakePhases(on_access=access)
    async with upstream() as up, gateway(service(up.port), phases=phases) as g, connect(g.port) as client:
        assert (await client.request()).status == 500
        assert "oops" in caplog.text
        phases.on_access = None
        assert (await client.request()).status == 200


async def test_a_client_that_leaves_ends_the_upstream_call() -> None:
    upstream_left = trio.Event()

    async def wait(wire: Wire) -> None:
        await wire.read_request()
        assert await wire.is_closed()
        upstream_left.set()

    async with upstream(wait) as up, gateway(service(up.port)) as g:
        async with connect(g.port) as client:
            up.request_read = trio.Event()
            await client.send(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            await until(lambda: up.connections > 0)
        await upstream_left.wait()
        x = (await g.log.wait_for(1))[0]
        assert x.client_gone
        assert x.sent_status == 499


async def test_a_client_that_was_gone_before_it_was_noticed_ends_its_request() -> None:
    async def wait(wire: Wire) -> None:
        await wire.is_closed()

    async with upstream(wait) as up, gateway(service(up.port)) as g:
        with socket.create_connection(("127.0.0.1", g.port)) as client:  # the gateway does not run meanwhile
            client.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            client.shutdown(socket.SHUT_WR)
            assert (await g.log.wait_for(1))[0].sent_status == 499


async def test_a_client_that_half_closes_is_served_where_the_settings_say_so() -> None:
    async with upstream() as up, gateway(service(up.port), client_half_close="serve") as g, connect(g.port) as client:
        await client.send(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        await client.send_eof()
        assert (await client.read_response()).status == 200


async def test_draining_ends_idle_connections_and_lets_others_finish() -> None:
    from oarlock.proxy.downstream import drain

    go_on = trio.Event()

    async def slow(wire: Wire) -> None:
        await up.read(wire)
        await go_on.wait()
        await wire.send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

    async with (
        upstream(slow) as up,
        gateway(service(up.port)) as g,
        connect(g.port) as idle,
        connect(g.port) as busy,
    ):
        await busy.send(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        await up.request_read.wait()
        await until(lambda: len(g.gateway.clients) == 2)
        g.listener.stop_accepting()
        drain(g.gateway)
        assert await idle.is_closed()
        go_on.set()
        assert (await busy.read_response()).body == b"ok"
        assert await busy.is_closed()


async def test_connections_that_come_all_at_once_are_counted_one_by_one() -> None:
    async with gateway(limits={"max_connections": 2}) as g:
        clients = [
            socket.create_connection(("127.0.0.1", g.port)) for _ in range(5)
        ]  # the gateway does not run meanwhile
        refused = [Wire(trio.SocketStream(trio.socket.from_stdlib_socket(client))) for client in clients[2:]]
        for wire in refused:
            assert (await wire.read_response()).status == 503
        assert len(g.gateway.clients) == 2
        for client in clients:
            client.close()


async def test_too_many_connections_are_told_so() -> None:
    async with upstream() as up, gateway(service(up.port), limits={"max_connections": 1}) as g:
        async with connect(g.port) as first:
            assert (await first.request()).status == 200
            async with connect(g.port) as second:
                assert (await second.read_response()).status == 503
        assert isinstance(up.last, Message)
