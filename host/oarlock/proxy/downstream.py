"""Client connections: accepting them, and one task per connection that reads requests and has them answered.

The task takes a head, makes it an Exchange and hands that to `walk.handle`; what is left of the connection afterwards
decides whether the next request is read. Requests of one connection are answered in order, one at a time: a pipelined
request waits in the socket, or in `buffer`.
"""

from __future__ import annotations

import contextlib
import errno
import itertools
import logging
import os
import socket
import time
from time import monotonic
from typing import TYPE_CHECKING

import trio

from oarlock.errors import ClientError
from oarlock.proxy import walk
from oarlock.proxy.bodies import ClientGone, RequestBody
from oarlock.proxy.exchange import Connection, Exchange
from oarlock.proxy.head import EMPTY_LINE, MalformedHead, check_prefix, parse_request
from oarlock.proxy.http1 import RequestHead, validate_request
from oarlock.proxy.reactor import NEVER, DeadlinePassed, ReactorSocket

if TYPE_CHECKING:
    from oarlock.gateway import Gateway

log = logging.getLogger("oarlock.proxy")

_ACCEPT_PAUSE = 0.5  # seconds, when there is no descriptor left for a connection
_NO_ROOM = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})
_BUSY = b"HTTP/1.1 503 Service Unavailable\r\nconnection: close\r\ncontent-length: 0\r\nretry-after: 1\r\n\r\n"

_LINGER_TOTAL = 30.0  # seconds a closed conversation goes on being read, so that the client sees our last words
_LINGER_PAUSE = 5.0  # seconds without a byte that end it earlier
_DRAIN_LIMIT = 65536  # bytes of an unread request body worth reading to keep the connection

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


class _RequestIds:
    """32 hexadecimal digits each: half of them random and the same for a process, half scrambled from a counter."""

    __slots__ = ("_count", "_pid", "_prefix")

    def __init__(self) -> None:
        self._pid = os.getpid()
        self._prefix = os.urandom(8).hex()
        self._count = itertools.count(int.from_bytes(os.urandom(8)))

    def next(self) -> str:
        # An odd factor modulo 2**64 maps different numbers to different numbers.
        return self._prefix + ((next(self._count) * 0x9E3779B97F4A7C15) & 0xFFFFFFFFFFFFFFFF).to_bytes(8).hex()


_request_ids = _RequestIds()


class ClientStream:
    """The client's end of the exchange: its socket, and what was received beyond what is dealt with.

    Attributes:
        buffer: bytes received and not yet used.
        exchange: the one being handled.
        body: its request body, None when it has none.
        keep_alive: another request may follow; what a response's head says about it must agree.
        head_sent: the response has begun, so an error can't be told any more.
        gone: the client has hung up.
        host: what the request names as its host, lower case, port included.
        is_head: the request's method is HEAD, whatever plugins make of it.
        sent: bytes sent for this request.
    """

    __slots__ = (
        "_io_timeout",
        "body",
        "buffer",
        "connection",
        "exchange",
        "gateway",
        "gone",
        "head_sent",
        "host",
        "is_head",
        "is_idle",
        "keep_alive",
        "sent",
        "sock",
    )

    def __init__(self, sock: ReactorSocket, connection: Connection, gateway: Gateway) -> None:
        self.sock = sock
        self.connection = connection
        self.gateway = gateway
        self.buffer = b""
        self.exchange: Exchange | None = None
        self.body: RequestBody | None = None
        self.keep_alive = True
        self.head_sent = False
        self.gone = False
        self.is_idle = False
        self.is_head = False
        self.host = b""
        self.sent = 0
        self._io_timeout = gateway.settings.limits.body_timeout
        if gateway.settings.client_half_close == "serve":
            sock.tolerate_half_close()
        sock.on_hangup = self._on_hangup

    def _on_hangup(self) -> None:
        self.gone = True
        if self.exchange is not None:
            self.exchange.abandon()

    def leave_if_idle(self) -> None:
        """End the connection if it waits between two requests."""
        if self.is_idle:
            self.sock.abort(ClientGone())

    async def send(self, data: bytes | memoryview) -> None:
        """Send to the client. Raises ClientGone, also when it takes nothing for too long."""
        try:
            await self.sock.send_all(data, self._io_timeout)
            self.sent += len(data)
        except (OSError, DeadlinePassed):
            self._on_hangup()
            raise ClientGone from None

    async def send_continue(self) -> None:
        """Ask for the body that the client holds back."""
        await self.send(CONTINUE)

    async def receive_body(self) -> bytes:
        """Return bytes of the request's body as they were sent. Raises ClientGone, or ClientError(408)."""
        self.sock.deadline = monotonic() + self._io_timeout
        try:
            data = await self.sock.receive_some()
        except DeadlinePassed:
            raise ClientError(408, "Request timeout") from None
        except OSError:
            data = b""
        if not data:
            self._on_hangup()
            raise ClientGone
        return data

    async def receive_body_into(self, buffer: memoryview) -> int:
        """As `receive_body`, into a buffer; returns the number of bytes."""
        self.sock.deadline = monotonic() + self._io_timeout
        try:
            size = await self.sock.receive_into(buffer)
        except DeadlinePassed:
            raise ClientError(408, "Request timeout") from None
        except OSError:
            size = 0
        if not size:
            self._on_hangup()
            raise ClientGone
        return size

    async def receive_head(self) -> bytes | None:
        """Return the next request's head without its empty line; None when the client wants no more.

        Raises:
            ClientError: it can't become a head, is too long, or did not come in time.
        """
        buffer = self.buffer
        if not buffer:
            buffer = await self._receive_first()
            if not buffer:
                return None
        if buffer[:2] == b"\r\n":  # some clients end a body with one too many (RFC 9112 §2.2)
            buffer = buffer[2:]
        limits = self.gateway.settings.limits
        head, found, rest = buffer.partition(EMPTY_LINE)
        if not found:
            self.buffer = buffer
            await self._receive_rest_of_head()
            buffer = self.buffer
            head, _, rest = buffer.partition(EMPTY_LINE)
        if len(head) + len(EMPTY_LINE) > limits.max_head_size:
            raise self._too_long(buffer)
        self.buffer = rest
        return head

    async def _receive_first(self) -> bytes:
        sock, counters = self.sock, self.gateway.counters
        self.is_idle = True
        counters.connections_waiting += 1
        try:
            return await sock.receive_some(16384)
        except (OSError, DeadlinePassed, ClientGone):
            return b""
        finally:
            self.is_idle = False
            counters.connections_waiting -= 1

    async def _receive_rest_of_head(self) -> None:
        counters = self.gateway.counters
        counters.connections_reading += 1
        try:
            await self._receive_until_empty_line()
        finally:
            counters.connections_reading -= 1

    async def _receive_until_empty_line(self) -> None:
        limits = self.gateway.settings.limits
        sock = self.sock
        sock.deadline = monotonic() + limits.head_timeout
        seen = 0
        while True:
            try:
                check_prefix(self.buffer, seen)
            except MalformedHead as error:
                raise ClientError(400, f"Bad request: {error}") from None
            if len(self.buffer) > limits.max_head_size:
                raise self._too_long(self.buffer)
            seen = len(self.buffer)
            try:
                data = await sock.receive_some(16384)
            except DeadlinePassed:
                raise ClientError(408, "Request timeout") from None
            except OSError:
                data = b""
            if not data:
                self._on_hangup()
                raise ClientGone
            self.buffer += data
            if self.buffer.startswith(b"\r\n") and seen < 2:
                self.buffer = self.buffer[2:]
                seen = 0
            if self.buffer.find(EMPTY_LINE, max(seen - 3, 0)) >= 0:
                return

    def _too_long(self, buffer: bytes) -> ClientError:
        line = buffer.find(b"\r\n")
        if line < 0 or line > self.gateway.settings.limits.max_uri_size:
            return ClientError(414, "URI too long")
        return ClientError(431, "Request header fields too large")

    async def refuse(self, error: ClientError, head: bytes) -> None:
        """Answer a request whose `head`, or what came of it, is not sound: only its first line is taken note of."""
        words = head[: self.gateway.settings.limits.max_uri_size].partition(b"\r\n")[0].split(b" ")
        method, target = words[:2] if len(words) in (2, 3) else (b"-", b"-")
        x = Exchange(
            self.connection,
            _request_ids.next(),
            method,
            target,
            "1.1",
            [],
            time.monotonic(),
            time.time_ns() // 1_000_000,
        )
        self.sent, self.head_sent, self.is_head, self.body = 0, False, method == b"HEAD", None
        await walk.refuse(x, self, self.gateway, error)

    def begin_exchange(self, head: RequestHead, head_size: int) -> Exchange:
        """Make the exchange of a request whose head is in."""
        x = Exchange(
            self.connection,
            _request_ids.next(),
            head.method,
            head.target,
            head.version,
            head.headers,
            time.monotonic(),
            time.time_ns() // 1_000_000,
        )
        x.request_size = head_size
        self.sent = 0
        self.head_sent = False
        self.host = head.host.lower()
        self.is_head = head.method == b"HEAD"
        if head.length != 0:
            max_size = self.gateway.settings.limits.max_body_size
            x.body_reader = self.body = RequestBody(self, head.length, max_size, head.expects_continue)
        else:
            self.body = None
        return x

    def can_finish_body(self) -> bool:
        """Whether the rest of the request's body is likely to come and worth reading: a response's head must know."""
        body = self.body
        if body is None or body.ended:
            return True
        return not body.expects_continue and (body.left <= _DRAIN_LIMIT or body.received > 0)

    async def finish_body(self) -> bool:
        """After the response: read what little may be left of the request's body. False: it can't be kept."""
        body = self.body
        if body is None or body.ended:
            return True
        if body.expects_continue or body.left > _DRAIN_LIMIT:
            return False
        drained = 0
        try:
            while piece := await body.read_some():
                drained += len(piece)
                if drained > _DRAIN_LIMIT:
                    return False
        except ClientError:
            return False
        return True

    async def linger(self) -> None:
        """Close so that the client can read all we sent: a close over unread bytes would be a reset."""
        sock = self.sock
        if self.gone:
            return
        sock.send_eof()
        until = monotonic() + _LINGER_TOTAL
        try:
            while (now := monotonic()) < until:
                sock.deadline = min(now + _LINGER_PAUSE, until)
                if not await sock.receive_some():
                    break
        except (OSError, DeadlinePassed, ClientError):
            pass


async def serve(client: ClientStream, gateway: Gateway) -> None:
    """Answer the requests of one client until the connection ends; the socket is closed then."""
    try:
        await _serve(client, gateway)
    except ClientGone:
        pass
    except (OSError, trio.BrokenResourceError) as error:
        log.debug("connection of %s: %s", client.connection.peer_ip, error)
    except Exception:
        log.exception("request of %s failed in the gateway; this is a defect", client.connection.peer_ip)
    finally:
        gateway.clients.discard(client)
        gateway.counters.connections_active -= 1
        client.sock.close()


async def _serve(client: ClientStream, gateway: Gateway) -> None:
    settings = gateway.settings
    limits = settings.limits
    counters = gateway.counters
    sock = client.sock
    sock.deadline = monotonic() + limits.head_timeout
    requests, max_requests = 0, limits.max_requests_per_connection  # 0: never reached
    while True:
        raw: bytes | None = None
        try:
            raw = await client.receive_head()
            if raw is None:
                return None
            sock.deadline = NEVER
            try:
                head = validate_request(parse_request(raw), limits.max_uri_size, limits.max_headers)
            except MalformedHead as error:
                raise ClientError(400, f"Bad request: {error}") from None
            if 0 < limits.max_body_size < head.length:
                raise ClientError(413, "Payload too large")
        except ClientGone:
            return None
        except ClientError as error:
            await client.refuse(error, client.buffer if raw is None else raw)
            return await client.linger()
        requests += 1
        counters.total_requests += 1
        client.keep_alive = head.keep_alive and not gateway.draining and requests != max_requests
        x = client.begin_exchange(head, len(raw) + 4)
        client.exchange = x
        if client.gone:
            x.client_gone = True
        await walk.handle(x, client, gateway)
        client.exchange = None
        if not client.keep_alive or gateway.draining or not await client.finish_body():
            return await client.linger()
        client.body = None
        sock.deadline = monotonic() + limits.idle_timeout


class Listener:
    """One listening socket and the connections that came in by it."""

    def __init__(self, listening: socket.socket, gateway: Gateway, scheme: str = "http") -> None:
        listening.setblocking(False)
        self._listening = listening
        self._gateway = gateway
        self._scheme = scheme

    async def run(self, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """Accept and serve until `stop_accepting` was called and the last client left, or until cancelled."""
        async with trio.open_nursery() as nursery:
            self._accepting = trio.CancelScope()
            task_status.started()
            with self._accepting:
                await self._accept(nursery)

    def stop_accepting(self) -> None:
        """Take no new connections. Those that are open go on; see `drain`."""
        self._accepting.cancel()

    async def _accept(self, nursery: trio.Nursery) -> None:
        listening, gateway = self._listening, self._gateway
        while True:
            await trio.lowlevel.wait_readable(listening)
            for _ in range(64):  # then the others get their turn
                try:
                    raw, peer = listening.accept()
                except BlockingIOError:
                    break
                except OSError as error:
                    if error.errno in _NO_ROOM:
                        log.warning("no descriptor left for a new connection: %s; accepting pauses", error)
                        await trio.sleep(_ACCEPT_PAUSE)
                    break
                self._admit(raw, peer, nursery, gateway)

    def _admit(self, raw: socket.socket, peer: tuple[str, int], nursery: trio.Nursery, gateway: Gateway) -> None:
        counters = gateway.counters
        counters.connections_accepted += 1
        raw.setblocking(False)
        if len(gateway.clients) >= gateway.settings.limits.max_connections:
            with contextlib.suppress(OSError):
                raw.send(_BUSY)
            raw.close()
            return
        try:
            raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            local = raw.getsockname()
            sock = ReactorSocket(gateway.reactor, raw)
        except OSError:  # it was closed meanwhile, or the epoll is full
            raw.close()
            return
        counters.connections_handled += 1
        peer_ip = peer[0].removeprefix("::ffff:")
        connection = Connection(peer_ip, peer[1], local[0], local[1], self._scheme, gateway.trusted.contains(peer_ip))
        client = ClientStream(sock, connection, gateway)  # at once: it must not miss that its peer hangs up
        gateway.clients.add(client)
        counters.connections_active += 1
        nursery.start_soon(serve, client, gateway)


def drain(gateway: Gateway) -> None:
    """Begin to end: connections between two requests end now, the others after the response they wait for."""
    gateway.draining = True
    for client in tuple(gateway.clients):
        client.leave_if_idle()
