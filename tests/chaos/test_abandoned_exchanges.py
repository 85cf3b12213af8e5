"""A client that leaves takes its own exchange with it, and nobody else's."""

from __future__ import annotations

import trio

from oarlock.proxy.upstream import UpstreamConnection
from support import proxy
from support.http import answering, connect, upstream


async def test_a_client_that_leaves_after_its_response_does_not_end_what_uses_the_connection_now() -> None:
    """The response of an upload ends, its upstream connection is pooled; then the client hangs up."""
    response = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
    async with upstream(answering(response, response)) as server, proxy.gateway(proxy.service(server.port)) as running:
        pooled: list[UpstreamConnection] = []
        happened = trio.Event()
        keep = running.gateway.upstreams.keep

        def keep_and_lose_the_client(connection: UpstreamConnection) -> None:
            keep(connection)
            pooled.append(connection)
            for client in tuple(running.gateway.clients):
                client._on_hangup()  # as the reactor does, in the turn in which the response was passed on
            happened.set()

        running.gateway.upstreams.keep = keep_and_lose_the_client  # type: ignore[method-assign]
        async with connect(running.port) as client:
            await client.send(b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n")
            await happened.wait()
        assert len(pooled) == 1
        assert pooled[0].sock.is_quiet(), "the connection in the pool was aborted"
