"""Send an exchange to its upstream, try after try, and have the response relayed.

A request goes out again only if nobody can have acted on it, or if its method says that once more does no harm
(RFC 9110 §9.2.2); never when part of a streamed body is gone. A pooled connection that turns out to be stale costs an
idempotent request nothing: it goes out once more on a fresh connection to the same peer.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

import trio

from oarlock.errors import ClientError, OarlockError, UpstreamError
from oarlock.proxy import respond
from oarlock.proxy.bodies import ClientGone, RequestBody
from oarlock.proxy.choice import Choice, Peer
from oarlock.proxy.chunked import encode_chunk, encode_end
from oarlock.proxy.exchange import Exchange
from oarlock.proxy.head import MalformedHead, encode_request
from oarlock.proxy.headers import upstream_request_headers
from oarlock.proxy.http1 import ResponseHead
from oarlock.proxy.reactor import DeadlinePassed
from oarlock.proxy.upstream import INVALID_RESPONSE, TIMING_OUT, UNAVAILABLE, ConnectionLost, UpstreamConnection

if TYPE_CHECKING:
    from oarlock.gateway import Gateway
    from oarlock.proxy.downstream import ClientStream

_IDEMPOTENT: Final = frozenset({b"GET", b"HEAD", b"PUT", b"DELETE", b"OPTIONS", b"PROPFIND", b"REPORT", b"SEARCH"})
_SMALL_BODY = 65536  # bytes: read whole before it is sent, in one piece with the head
_INTERIM_RESPONSES = 64  # 1xx before the response; more is no conversation


class _TryFailed(Exception):
    """One try came to nothing before a response had begun.

    `kind` is "connect", "lost", "timeout" or "malformed"; `error` is for the client if there is no other try;
    `was_sent` is false if nobody can have seen anything of the request.
    """

    def __init__(self, kind: str, status: int, reason: object, *, was_sent: bool = True) -> None:
        super().__init__(f"{kind}: {reason}")
        self.kind = kind
        self.was_sent = was_sent
        self.error = UpstreamError(status, TIMING_OUT if status == 504 else INVALID_RESPONSE)


async def forward(x: Exchange, client: ClientStream, gateway: Gateway) -> None:
    """Proxy `x` and answer its client, or leave `x.answer` for the caller to send.

    Raises:
        UpstreamError: no upstream gave a response that can be passed on.
        ClientError: the request's body is at fault. ClientGone: nobody waits for the response any more.
    """
    body = await _body_in_hand(x, client)
    x.proxied = True
    choice = gateway.upstreams.choose(x)
    last: _TryFailed | None = None
    while (peer := await choice.next()) is not None:
        if x.client_gone:
            raise ClientGone
        try:
            return await _try_peer(x, client, gateway, choice, peer, body)
        except _TryFailed as failure:
            last = failure
            x.note_error = str(failure)
            choice.failed(peer, failure.kind, failure.error.status)
            if failure.kind == "malformed":
                break
            if failure.was_sent and not _may_be_repeated(x, client, body):
                break
    raise last.error if last is not None else UpstreamError(503, UNAVAILABLE)


async def _body_in_hand(x: Exchange, client: ClientStream) -> bytes | None:
    """The whole body when it is there or small; None: it has to stream."""
    if x.body is not None:
        return x.body
    body = client.body
    if body is None:
        return b""
    if body.whole is not None:
        return body.whole
    if body.length is not None and body.length <= _SMALL_BODY and not body.expects_continue:
        return await body.read_all(_SMALL_BODY)
    return None


def _may_be_repeated(x: Exchange, client: ClientStream, body: bytes | None) -> bool:
    return x.method in _IDEMPOTENT and (body is not None or (client.body is not None and client.body.received == 0))


async def _try_peer(
    x: Exchange, client: ClientStream, gateway: Gateway, choice: Choice, peer: Peer, body: bytes | None
) -> None:
    connection = gateway.upstreams.pooled(peer.destination)
    if connection is not None:
        try:
            return await _use(x, client, gateway, choice, peer, connection, body)
        except _TryFailed as failure:
            if failure.kind != "lost" or not _may_be_repeated(x, client, body):
                raise
    try:
        sock = gateway.upstreams.open(peer.destination)
        x.on_abandon = lambda: sock.abort(ClientGone())
        connection = await gateway.upstreams.connect(peer.destination, sock, choice.timeouts[0])
    except DeadlinePassed:
        raise _TryFailed("timeout", 504, "no connection in time", was_sent=False) from None
    except OSError as error:
        raise _TryFailed("connect", 502, error, was_sent=False) from None
    finally:
        x.on_abandon = None
    return await _use(x, client, gateway, choice, peer, connection, body)


async def _use(
    x: Exchange,
    client: ClientStream,
    gateway: Gateway,
    choice: Choice,
    peer: Peer,
    connection: UpstreamConnection,
    body: bytes | None,
) -> None:
    """One try on one connection, which is pooled or closed afterwards."""
    connection.holder = x
    _, connection.write_timeout, connection.read_timeout = choice.timeouts
    x.on_abandon = connection.abandon
    x.upstream_started = time.monotonic()
    headers = upstream_request_headers(x, gateway.header_rules, peer.host)
    try:
        if body is None:
            return await _stream(x, client, gateway, choice, peer, connection, headers)
        if body or client.body is not None or x.body is not None:
            headers.append((b"content-length", b"%d" % len(body)))
        try:
            await connection.sock.send_all(
                encode_request(x.method, x.upstream_uri, headers) + body, connection.write_timeout
            )
        except OSError:
            pass  # it may have answered before it closed; if not, the reader finds out
        except DeadlinePassed:
            raise _TryFailed("timeout", 504, "the request was not taken in time") from None
        response = await _receive_head(x, client, gateway, connection)
        choice.answered(peer, response.status)
        await respond.relay(x, client, gateway, connection, response)
    finally:
        x.on_abandon = None
        if connection.holder is x:
            connection.close()


async def _stream(
    x: Exchange,
    client: ClientStream,
    gateway: Gateway,
    choice: Choice,
    peer: Peer,
    connection: UpstreamConnection,
    headers: list[tuple[bytes, bytes]],
) -> None:
    """Send the body as it comes, and read the response meanwhile: it may come early."""
    body = client.body
    assert body is not None
    if body.length is None:
        headers.append((b"transfer-encoding", b"chunked"))
    else:
        headers.append((b"content-length", b"%d" % body.length))
    if body.expects_continue:
        body.leaves_continue = True
        headers.append((b"expect", b"100-continue"))
    head = encode_request(x.method, x.upstream_uri, headers)
    connection.is_sending = True
    failure: Exception | None = None
    async with trio.open_nursery() as nursery:
        nursery.start_soon(_pump, body, connection, head)
        try:
            response = await _receive_head(x, client, gateway, connection)
            choice.answered(peer, response.status)
            await respond.relay(x, client, gateway, connection, response)
        except (OarlockError, _TryFailed) as error:
            failure = error
        nursery.cancel_scope.cancel()
    if failure is not None:
        raise failure


async def _pump(body: RequestBody, connection: UpstreamConnection, head: bytes) -> None:
    """Carry the client's body to the upstream. What goes wrong reaches the task that reads the response."""
    sock, timeout = connection.sock, connection.write_timeout

    async def send(data: bytes | memoryview) -> None:
        await sock.send_all(data, timeout)

    async def send_chunk(data: bytes | memoryview) -> None:
        await sock.send_all(encode_chunk(data), timeout)

    try:
        await send(head)
        if body.length is None:
            await body.pour(send_chunk)
            await send(encode_end(body.trailers))
        else:
            await body.pour(send)
        connection.is_sending = False
    except ClientError as error:
        return sock.abort(error)
    except DeadlinePassed:
        return sock.abort(UpstreamError(504, TIMING_OUT))
    except OSError:
        pass  # it may have answered before it closed; if not, the reader finds out
    connection.await_response()
    return None


async def _receive_head(
    x: Exchange, client: ClientStream, gateway: Gateway, connection: UpstreamConnection
) -> ResponseHead:
    """Return the head of the response; interim ones go to the client. Raises _TryFailed."""
    limits = gateway.settings.limits
    try:
        for _ in range(_INTERIM_RESPONSES):
            response = await connection.receive_head(x.method, limits.max_head_size, limits.max_headers)
            if response.status >= 200:
                x.first_byte_at = time.monotonic()
                return response
            await respond.send_interim(x, client, response)
        raise MalformedHead("too many interim responses")
    except ConnectionLost as error:
        raise _TryFailed("lost", 502, error) from None
    except MalformedHead as error:
        raise _TryFailed("malformed", 502, error) from None
    except DeadlinePassed:
        raise _TryFailed("timeout", 504, "no response in time") from None
    except OSError as error:
        raise _TryFailed("malformed", 502, error) from None
