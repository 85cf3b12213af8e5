"""The client's response: relayed from the upstream as it arrives, buffered for plugins, or the gateway's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from oarlock.errors import UpstreamError
from oarlock.proxy.bodies import ClientGone, IncomingBody, give_buffer, take_buffer
from oarlock.proxy.chunked import encode_chunk, encode_end
from oarlock.proxy.exchange import Exchange, Headers
from oarlock.proxy.head import encode_response
from oarlock.proxy.headers import answer_headers, client_response_headers
from oarlock.proxy.http1 import ResponseHead

if TYPE_CHECKING:
    from oarlock.gateway import Gateway
    from oarlock.proxy.downstream import ClientStream
    from oarlock.proxy.upstream import UpstreamConnection

_LARGE = 131072  # bytes still to come from which on a body goes through a buffer of its own
_FRAMING = frozenset({b"content-length", b"transfer-encoding", b"connection", b"keep-alive"})
_NOT_OF_A_WHOLE = _FRAMING | {b"trailer"}  # a body of known length has no trailers


async def relay(
    x: Exchange, client: ClientStream, gateway: Gateway, connection: UpstreamConnection, response: ResponseHead
) -> None:
    """Send the upstream's response on, and let go of the upstream connection as soon as it has ended.

    With plugins in `response`, it is read whole first, and what they leave in the exchange is sent; `x.answer` set by
    one of them is left to the caller.

    Raises:
        ClientGone: the client does not take it.
        UpstreamError: the body is malformed, cut off, late; too large or endless where it is buffered.
    """
    status = x.response_status = x.upstream_status = response.status
    x.upstream_headers = response.headers
    x.upstream_http_version = response.version
    body = IncomingBody(response.length)
    if x.plan.buffers_response or x.buffering:
        x.response_body = await _read_whole(connection, response, body, gateway.settings.limits.max_buffered_body)
        x.response_headers = client_response_headers(x, gateway.header_rules)
        await x.state.phases.response(x)
        if x.client_gone:
            raise ClientGone
        if x.answer is None:
            x.source = "service"
            headers = [field for field in x.response_headers if field[0] not in _NOT_OF_A_WHOLE]
            await send_whole(x, client, x.response_status, headers, x.response_body or b"")
        return None

    x.source = "service"
    data = b""
    if not body.ended and connection.buffer:
        data = await connection.receive_body(body)
    if body.ended:
        connection.finish(response.keep_alive)
    headers = client_response_headers(x, gateway.header_rules)
    has_body = status != 204 and status != 304 and not client.is_head
    is_chunked = False
    if not has_body:
        _keep_length(status, headers, response.headers)
    elif response.length >= 0:
        headers.append((b"content-length", b"%d" % response.length))
    elif x.http_version == "1.1":
        headers.append((b"transfer-encoding", b"chunked"))
        is_chunked = True
    else:
        client.keep_alive = False  # HTTP/1.0: the end of the connection is the end of the body
    _say_whether_it_stays(x, client, headers)
    x.response_headers = headers
    head = encode_response(status, headers)
    client.head_sent = True
    if not has_body:
        return await client.send(head)
    if is_chunked:
        if data:
            data = encode_chunk(data)
        if body.ended:
            data += encode_end(body.trailers)
    await client.send(head + data)
    if body.ended:
        return None
    if is_chunked:
        await _relay_chunks(client, connection, body)
    elif body.left > _LARGE:
        await _relay_through_buffer(client, connection, body)
    else:
        while data := await connection.receive_body(body):
            await client.send(data)
    connection.finish(response.keep_alive)
    return None


async def send_answer(x: Exchange, client: ClientStream, gateway: Gateway) -> None:
    """Send `x.answer`, with the headers that the gateway adds."""
    answer = x.answer
    assert answer is not None
    x.source = answer.source
    x.response_status = answer.status
    x.response_headers = answer.headers
    x.response_body = answer.body
    await send_whole(x, client, answer.status, answer_headers(x, gateway.header_rules), answer.body)


async def send_whole(x: Exchange, client: ClientStream, status: int, headers: Headers, body: bytes) -> None:
    """Send a response whose body is known, in one piece. Raises ClientGone."""
    headers = headers.copy()
    has_body = status != 204 and status != 304 and not client.is_head
    if status != 204 and status != 304:
        length = _length_for_head(x) if client.is_head and not body else b"%d" % len(body)
        if length:
            headers.append((b"content-length", length))
    _say_whether_it_stays(x, client, headers)
    x.response_headers = headers
    head = encode_response(status, headers)
    client.head_sent = True
    await client.send(head + body if has_body else head)


async def send_interim(x: Exchange, client: ClientStream, response: ResponseHead) -> None:
    """Pass a 1xx on. A client of HTTP/1.0 does not know them; 100 goes to those who wait for it."""
    if x.http_version != "1.1":
        return
    if response.status != 100:
        headers = [field for field in response.headers if field[0] not in _FRAMING]
        await client.send(encode_response(response.status, headers))
    elif client.body is not None and client.body.expects_continue:
        client.body.expects_continue = False
        await client.send_continue()


async def _read_whole(connection: UpstreamConnection, response: ResponseHead, body: IncomingBody, limit: int) -> bytes:
    for name, value in response.headers:
        if name == b"content-type" and value.lower().startswith(b"text/event-stream"):
            raise UpstreamError(502, "An event stream can't be buffered for the plugins of this route")
    pieces: list[bytes] = []
    size = max(response.length, 0)
    if size <= limit:
        size = 0
        while piece := await connection.receive_body(body):
            pieces.append(piece)
            size += len(piece)
            if size > limit:
                break
    if size > limit:
        raise UpstreamError(502, "The upstream's response is too large to be buffered for the plugins of this route")
    connection.finish(response.keep_alive)
    return b"".join(pieces)


async def _relay_chunks(client: ClientStream, connection: UpstreamConnection, body: IncomingBody) -> None:
    while data := await connection.receive_body(body):
        data = encode_chunk(data)
        if body.ended:
            data += encode_end(body.trailers)
        await client.send(data)
        if body.ended:
            return
    await client.send(encode_end(body.trailers))


async def _relay_through_buffer(client: ClientStream, connection: UpstreamConnection, body: IncomingBody) -> None:
    """For large bodies: one buffer, no copy in between."""
    buffer = take_buffer()
    view = memoryview(buffer)
    try:
        while body.left:
            size = await connection.receive_body_into(view[: body.left])
            body.left -= size
            await client.send(view[:size])
        body.ended = True
    finally:
        view.release()
        give_buffer(buffer)


def _keep_length(status: int, headers: Headers, received: Headers) -> None:
    """A response to HEAD, and a 304, says how long the body would be."""
    if status != 204:
        for field in received:
            if field[0] == b"content-length":
                headers.append(field)
                return


def _length_for_head(x: Exchange) -> bytes:
    """What a response to HEAD says of a body that was not sent here; nothing if the upstream said nothing."""
    if x.source != "service":
        return b"0"
    for name, value in x.upstream_headers:
        if name == b"content-length":
            return value
    return b""


def _say_whether_it_stays(x: Exchange, client: ClientStream, headers: Headers) -> None:
    if client.keep_alive and client.body is not None:
        client.keep_alive = client.can_finish_body()
    if not client.keep_alive:
        headers.append((b"connection", b"close"))
    elif x.http_version == "1.0":
        headers.append((b"connection", b"keep-alive"))
