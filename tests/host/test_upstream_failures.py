"""What becomes of a request when its upstream fails, and which requests go out again."""

from __future__ import annotations

import contextlib
import ssl
from pathlib import Path

import pytest
import trio
import trustme

from oarlock.config.certificate import CaCertificate
from oarlock.config.upstream import (
    Healthchecks,
    PassiveChecks,
    PassiveUnhealthy,
    Target,
)
from oarlock.config.upstream import Upstream as UpstreamEntity
from oarlock.proxy.exchange import Exchange
from support.http import Wire, answering, connect, until, upstream
from support.proxy import FakePhases, gateway, route, service

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

MALFORMED = {
    "no HTTP": b"hello\r\n\r\n",
    "no status": b"HTTP/1.1\r\n\r\n",
    "a status of letters": b"HTTP/1.1 abc OK\r\n\r\n",
    "a status of two digits": b"HTTP/1.1 20 OK\r\n\r\n",
    "a status of four digits": b"HTTP/1.1 2000 OK\r\n\r\n",
    "a status out of range": b"HTTP/1.1 600 OK\r\n\r\n",
    "status zero": b"HTTP/1.1 000 OK\r\n\r\n",
    "an unknown version": b"HTTP/3.0 200 OK\r\n\r\n",
    "a protocol switch": b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n",
    "a folded line": b"HTTP/1.1 200 OK\r\nX-A: 1\r\n 2\r\nContent-Length: 0\r\n\r\n",
    "a bare LF": b"HTTP/1.1 200 OK\r\nX-A: 1\nX-B: 2\r\nContent-Length: 0\r\n\r\n",
    "a bare CR": b"HTTP/1.1 200 OK\r\nX-A: 1\r2\r\nContent-Length: 0\r\n\r\n",
    "a NUL in a value": b"HTTP/1.1 200 OK\r\nX-A: \0\r\nContent-Length: 0\r\n\r\n",
    "a NUL in the reason": b"HTTP/1.1 200 O\0K\r\nContent-Length: 0\r\n\r\n",
    "a space before a colon": b"HTTP/1.1 200 OK\r\nContent-Length : 0\r\n\r\n",
    "no colon": b"HTTP/1.1 200 OK\r\nX\r\n\r\n",
    "contradicting lengths": b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
    "a length with a sign": b"HTTP/1.1 200 OK\r\nContent-Length: +2\r\n\r\nab",
    "a list of lengths": b"HTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\n\r\nab",
    "length and chunked": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "an unknown coding": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
    "chunked twice": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
    "chunked in HTTP/1.0": b"HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
    "a bad first chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
    "a long head": b"HTTP/1.1 200 OK\r\nX-A: " + b"a" * 40000 + b"\r\n\r\n",
    "too many fields": b"HTTP/1.1 200 OK\r\n" + b"X-A: 1\r\n" * 201 + b"\r\n",
    "half a head": b"HTTP/1.1 200 OK\r\nX-A",
    "endless interim responses": b"HTTP/1.1 103 Early Hints\r\n\r\n" * 100,
}


@pytest.mark.parametrize("sent", MALFORMED.values(), ids=MALFORMED)
async def test_a_malformed_response_is_502(sent: bytes) -> None:
    async with upstream(answering(sent, close=True)) as up, gateway(service(up.port)) as g, connect(g.port) as client:
        response = await client.request()
        assert response.status == 502
        assert up.connections == 1  # what it made of the request is not known: it does not go out again
        assert (await client.request("POST")).status == 502  # the client's connection goes on


async def test_bytes_after_a_response_are_not_taken_for_the_next_one() -> None:
    smuggled = OK + b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nnever"
    async with (
        upstream(answering(smuggled, smuggled)) as up,
        gateway(service(up.port)) as g,
        connect(g.port) as client,
    ):
        for _ in range(3):
            assert (await client.request()).body == b"ok"
        assert up.connections == 3


@pytest.mark.parametrize(
    "sent",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nshort\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nshort\r\n0\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n" + b"a" * 200_000,
    ],
)
async def test_a_response_that_is_cut_off_is_cut_off_for_the_client(sent: bytes) -> None:
    async with upstream(answering(sent, close=True)) as up, gateway(service(up.port)) as g, connect(g.port) as client:
        with pytest.raises((EOFError, trio.BrokenResourceError)):
            await client.request()
        assert (await g.log.wait_for(1))[0].note_error


async def test_a_refused_connection_is_502(unused_port: int) -> None:
    async with gateway(service(unused_port)) as g, connect(g.port) as client:
        response = await client.request(headers="Accept: text/plain\r\n")
        assert response.status == 502
        assert response.body.startswith(b"An invalid response was received from the upstream server\nrequest_id: ")
        assert response.get("x-kong-upstream-latency") is None


@pytest.fixture
def unused_port() -> int:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


async def test_an_upstream_that_does_not_answer_in_time_is_504() -> None:
    async def wait(wire: Wire) -> None:
        await wire.read_request()
        await wire.read_some()

    async with upstream(wait) as up, gateway(service(up.port, read_timeout=0.05)) as g, connect(g.port) as client:
        response = await client.request("POST", body=b"x")
        assert response.status == 504
        assert b"The upstream server is timing out" in response.body


async def test_an_upstream_that_stops_within_its_body_ends_the_clients_connection() -> None:
    async def stop(wire: Wire) -> None:
        await wire.read_request()
        await wire.send(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort")
        await wire.read_some()

    async with upstream(stop) as up, gateway(service(up.port, read_timeout=0.05)) as g, connect(g.port) as client:
        with pytest.raises(EOFError):
            await client.request()


async def test_an_upstream_that_does_not_take_the_body_is_504() -> None:
    stop = trio.Event()

    async def sleep(wire: Wire) -> None:
        await stop.wait()

    async with (
        upstream(sleep) as up,
        gateway(service(up.port, write_timeout=0.1)) as g,
        connect(g.port) as client,
        trio.open_nursery() as nursery,
    ):

        async def send() -> None:
            with contextlib.suppress(trio.BrokenResourceError):
                await client.send(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 90000000\r\n\r\n" + bytes(90_000_000))

        nursery.start_soon(send)
        response = await client.read_response()
        assert response.status == 504
        stop.set()
        nursery.cancel_scope.cancel()


async def test_an_idempotent_request_goes_out_again_when_its_pooled_connection_was_stale() -> None:
    async def once(wire: Wire) -> None:
        await up.read(wire)
        await wire.send(OK)
        await up.read(wire)  # the second request is read, and gets no answer

    async with upstream(once) as up, gateway(service(up.port)) as g, connect(g.port) as client:
        assert (await client.request()).status == 200
        assert (await client.request()).status == 200
        assert up.connections == 2
        assert len(up.requests) == 3


async def test_a_post_does_not_go_out_again() -> None:
    async def once(wire: Wire) -> None:
        await up.read(wire)
        await wire.send(OK)
        await up.read(wire)

    async with upstream(once) as up, gateway(service(up.port)) as g, connect(g.port) as client:
        assert (await client.request()).status == 200
        assert (await client.request("POST", body=b"x")).status == 502
        assert len(up.requests) == 2


async def test_a_pooled_connection_that_the_upstream_closes_is_dropped_at_once() -> None:
    async def once(wire: Wire) -> None:
        await wire.read_request()
        await wire.send(OK)

    async with upstream(once) as up, gateway(service(up.port)) as g, connect(g.port) as client:
        for _ in range(3):
            assert (await client.request("POST", body=b"x")).status == 200
            await until(lambda: len(g.gateway.upstreams.pool) == 0)
        assert up.connections == 3


async def test_a_pooled_connection_grows_old() -> None:
    async with (
        upstream() as up,
        gateway(service(up.port), upstream_keepalive_idle_timeout=0.03) as g,
        connect(g.port) as client,
    ):
        assert (await client.request()).status == 200
        await until(lambda: len(g.gateway.upstreams.pool) == 0)


async def test_a_pooled_connection_serves_so_many_requests_and_no_more() -> None:
    async with upstream() as up, gateway(service(up.port), upstream_keepalive_max_requests=2) as g:
        async with connect(g.port) as client:
            for _ in range(5):
                assert (await client.request()).status == 200
        assert up.connections == 3


def balanced(*ports: int, **unhealthy: int) -> tuple[UpstreamEntity, ...]:
    checks = Healthchecks(passive=PassiveChecks(unhealthy=PassiveUnhealthy(**unhealthy)))
    entity = UpstreamEntity(id="00000000-0000-0000-0000-00000000000a", name="pool", healthchecks=checks)
    targets = [
        Target(id=f"00000000-0000-0000-0000-0000000000{number:02d}", target=f"127.0.0.1:{port}", upstream=entity.id)
        for number, port in enumerate(ports)
    ]
    return (entity, *targets)  # type: ignore[arg-type]


async def test_requests_take_turns_among_the_targets_of_an_upstream() -> None:
    async with (
        upstream() as one,
        upstream() as two,
        gateway(service(80, host="pool"), *balanced(one.port, two.port)) as g,
        connect(g.port) as client,
    ):
        for _ in range(10):
            assert (await client.request()).status == 200
        assert (len(one.requests), len(two.requests)) == (5, 5)


async def test_a_target_that_is_down_costs_a_try_not_the_request(unused_port: int) -> None:
    async with (
        upstream() as up,
        gateway(service(80, host="pool"), *balanced(unused_port, up.port, tcp_failures=1)) as g,
        connect(g.port) as client,
    ):
        for _ in range(6):
            assert (await client.request("POST", body=b"x")).status == 200
        tried = [attempt.get("state") for x in await g.log.wait_for(6) for attempt in x.tries]
        assert tried.count("failed") == 1  # then it is out


async def test_no_target_left_is_503(unused_port: int) -> None:
    async with (
        gateway(service(80, host="pool"), *balanced(unused_port, tcp_failures=1)) as g,
        connect(g.port) as client,
    ):
        assert (await client.request()).status == 502
        response = await client.request()
        assert response.status == 503
        assert b"failure to get a peer from the ring-balancer" in response.body


async def test_retries_zero_means_one_try(unused_port: int) -> None:
    async with (
        upstream() as up,
        gateway(service(80, host="pool", retries=0), *balanced(unused_port, up.port)) as g,
        connect(g.port) as client,
    ):
        statuses = {(await client.request()).status for _ in range(4)}
        assert statuses == {200, 502}


async def test_a_plugin_chooses_target_and_host() -> None:
    async def access(x: Exchange) -> None:
        x.target = ("127.0.0.1", up.port)
        x.upstream_host = b"else.where"
        x.upstream_path = b"/mine"

    async with (
        upstream() as up,
        gateway(service(1), phases=FakePhases(on_access=access)) as g,
        connect(g.port) as client,
    ):
        assert (await client.request(target="/x?y=1")).body == b"GET /mine?y=1 HTTP/1.1"
        assert up.last.get("host") == b"else.where"


@pytest.fixture
def authority() -> trustme.CA:
    return trustme.CA()


def context_for(authority: trustme.CA, name: str) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert(name).configure_cert(context)
    return context


async def test_tls_to_the_upstream_is_verified(authority: trustme.CA, tmp_path: Path) -> None:
    bundle = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(bundle)
    names: list[str | None] = []
    context = context_for(authority, "127.0.0.1")
    context.sni_callback = lambda _, name, __: names.append(name)
    async with (
        upstream(context=context) as up,
        gateway(service(up.port, protocol="https"), trusted_certificate=bundle) as g,
        connect(g.port) as client,
    ):
        for size in (1, 300_000):
            body = b"x" * size
            assert (await client.request("POST", body=body)).body == body
        assert up.connections == 1


@pytest.mark.parametrize("trusted", [False, True], ids=["unknown authority", "another name"])
async def test_a_certificate_that_is_not_trusted_is_502(authority: trustme.CA, tmp_path: Path, trusted: bool) -> None:
    bundle = tmp_path / "ca.pem"
    (authority if trusted else trustme.CA()).cert_pem.write_to_path(bundle)
    async with (
        upstream(context=context_for(authority, "other.example" if trusted else "127.0.0.1")) as up,
        gateway(service(up.port, protocol="https"), trusted_certificate=bundle) as g,
        connect(g.port) as client,
    ):
        assert (await client.request()).status == 502
        assert up.requests == []


async def test_a_service_may_do_without_verification(authority: trustme.CA) -> None:
    async with (
        upstream(context=context_for(authority, "other.example")) as up,
        gateway(service(up.port, protocol="https", tls_verify=False)) as g,
        connect(g.port) as client,
    ):
        assert (await client.request()).status == 200


async def test_plain_http_where_tls_is_expected_is_502() -> None:
    async def speak_first(wire: Wire) -> None:
        await wire.send(OK)
        await wire.read_some()

    async with upstream(speak_first) as up, gateway(service(up.port, protocol="https")) as g, connect(g.port) as client:
        assert (await client.request()).status == 502


def chain_of(authority: trustme.CA, between: int) -> ssl.SSLContext:
    """For 127.0.0.1, with so many authorities between the certificate and `authority`."""
    for _ in range(between):
        authority = authority.create_child_ca()
    return context_for(authority, "127.0.0.1")


@pytest.mark.parametrize(("depth", "status"), [(0, 502), (1, 502), (2, 200), (None, 200)])
async def test_tls_verify_depth_bounds_the_authorities_between(
    authority: trustme.CA, tmp_path: Path, depth: int | None, status: int
) -> None:
    bundle = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(bundle)
    async with (
        upstream(context=chain_of(authority, 2)) as up,
        gateway(service(up.port, protocol="https", tls_verify_depth=depth), trusted_certificate=bundle) as g,
        connect(g.port) as client,
    ):
        assert (await client.request()).status == status
        assert len(up.requests) == (status == 200)


@pytest.mark.parametrize("trusts", [True, False])
async def test_the_authorities_of_a_service_are_trusted_instead_of_those_for_all(
    authority: trustme.CA, tmp_path: Path, trusts: bool
) -> None:
    """Also when the one for all upstreams would have done."""
    bundle = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(bundle)
    other = trustme.CA()
    named = CaCertificate(id="00000000-0000-0000-0000-00000000000a", cert=other.cert_pem.bytes().decode())
    signer = other if trusts else authority
    trusting = {"protocol": "https", "ca_certificates": (named.id,)}
    async with (
        upstream(context=context_for(signer, "127.0.0.1")) as up,
        gateway(service(up.port, **trusting), named, trusted_certificate=bundle) as g,
        connect(g.port) as client,
    ):
        assert (await client.request()).status == (200 if trusts else 502)


@pytest.mark.parametrize("host", [b"a..b", b".x", b"x" * 64 + b".example"])
async def test_a_host_that_is_no_name_for_tls_is_502(
    authority: trustme.CA, host: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    async with (
        upstream(context=context_for(authority, "127.0.0.1")) as up,
        gateway(service(up.port, protocol="https"), route(preserve_host=True)) as g,
        connect(g.port) as client,
    ):
        await client.send(b"GET / HTTP/1.1\r\nHost: " + host + b"\r\n\r\n")
        assert (await client.read_response()).status == 502
        assert "defect" not in caplog.text
