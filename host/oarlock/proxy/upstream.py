"""The way to upstreams: which address, by which connection, and what became of it.

`Upstreams` outlives a reload: connections stay pooled, and a target that was found unhealthy stays so. One try of a
request takes a `Peer` from `Choice.next`, a connection from `Upstreams.connection`, and reports how it ended.
"""

from __future__ import annotations

import errno
import logging
import ssl
from time import monotonic
from typing import TYPE_CHECKING, Final

from oarlock.errors import UpstreamError
from oarlock.proxy.balancer import Balancer
from oarlock.proxy.bodies import ClientGone, IncomingBody
from oarlock.proxy.choice import Balanced, Choice, Destination, Peer
from oarlock.proxy.chunked import MalformedBody
from oarlock.proxy.exchange import Exchange
from oarlock.proxy.head import EMPTY_LINE, MalformedHead, parse_response
from oarlock.proxy.health import PassiveHealth
from oarlock.proxy.http1 import ResponseHead, validate_response
from oarlock.proxy.names import literal
from oarlock.proxy.pool import Pool
from oarlock.proxy.reactor import NEVER, DeadlinePassed, Reactor, ReactorSocket
from oarlock.proxy.resolve import Resolver
from oarlock.proxy.tls import Contexts, TlsSocket

if TYPE_CHECKING:
    from oarlock.config.configuration import Configuration
    from oarlock.config.service import Service
    from oarlock.config.settings import Settings
    from oarlock.config.upstream import Target, Upstream

log = logging.getLogger("oarlock.proxy")

INVALID_RESPONSE: Final = "An invalid response was received from the upstream server"
UNAVAILABLE: Final = "The upstream server is currently unavailable"
TIMING_OUT: Final = "The upstream server is timing out"

_OURS = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM, errno.EADDRNOTAVAIL})


_AS_CONFIGURED = (None, None, None, None, None)  # no plugin has another idea of where to go


class ConnectionLost(Exception):
    """The upstream closed the connection, or it broke, before a response had begun."""


class UpstreamConnection:
    """One connection to an upstream, for one exchange at a time.

    Attributes:
        holder: the exchange that uses it. It lets go when the response has ended, which is before the client has all
            of it, and by then another one may hold the connection.
        read_timeout, write_timeout: seconds between two pieces; of the exchange that has it.
        is_sending: a request body is still on its way: the response is read without a deadline meanwhile.
        buffer: bytes received and not yet used.
    """

    __slots__ = (
        "_upstreams",
        "buffer",
        "destination",
        "holder",
        "is_sending",
        "read_timeout",
        "requests",
        "sock",
        "write_timeout",
    )

    def __init__(self, upstreams: Upstreams, destination: Destination, sock: ReactorSocket | TlsSocket) -> None:
        self._upstreams = upstreams
        self.destination = destination
        self.sock = sock
        self.buffer = b""
        self.requests = 0
        self.read_timeout = self.write_timeout = NEVER
        self.holder: Exchange | None = None
        self.is_sending = False

    def abandon(self) -> None:
        """The client is gone: wake whoever waits for the upstream."""
        self.sock.abort(ClientGone())

    def close(self) -> None:
        self.sock.close()

    def drop(self) -> None:
        """It lies in the pool, and the upstream closed it or its time is over."""
        self._upstreams.pool.remove(self.destination, self)
        self.sock.close()

    def finish(self, keep_alive: bool) -> None:
        """The response has ended: pool the connection if another exchange can use it, or close it."""
        if self.holder is not None:
            self.holder.on_abandon = None  # a client that leaves now must not end what is another exchange's
            self.holder = None
        if keep_alive and not self.is_sending:
            self._upstreams.keep(self)
        else:
            self.sock.close()

    def await_response(self) -> None:
        """The request is out: the response has `read_timeout` from now, also if its reader already waits."""
        self.sock.deadline = monotonic() + self.read_timeout
        self._upstreams.reactor.watch_deadlines()

    async def receive_head(self, method: bytes, max_size: int, max_headers: int) -> ResponseHead:
        """Return the head of the next response, interim ones (1xx) included.

        Raises:
            ConnectionLost: the connection ended before the first byte.
            MalformedHead: this is no response, or it is cut off.
            DeadlinePassed: nothing came for `read_timeout` seconds.
            OSError, ssl.SSLError: the connection broke within the head.
        """
        buffer = self.buffer
        sock = self.sock
        while True:
            if buffer:
                head, found, rest = buffer.partition(EMPTY_LINE)
                if found:
                    break
            if len(buffer) > max_size:
                raise MalformedHead("response head too long")
            sock.deadline = NEVER if self.is_sending else monotonic() + self.read_timeout
            try:
                data = await sock.receive_some(65536)
            except (ConnectionError, ssl.SSLError) as error:
                if buffer:
                    raise
                raise ConnectionLost(str(error)) from None
            if not data:
                if not buffer:
                    raise ConnectionLost("closed by the upstream")
                raise MalformedHead("response head is cut off")
            buffer = buffer + data if buffer else data
        if len(head) > max_size:
            raise MalformedHead("response head too long")
        self.buffer = rest
        return validate_response(parse_response(head), method, max_headers)

    async def receive_body(self, body: IncomingBody) -> bytes:
        """Return the next piece of a response's body; b"" at its end.

        Raises:
            UpstreamError: it is malformed, cut off, or nothing came for `read_timeout` seconds.
        """
        while not body.has_ended():
            data = self.buffer
            if data:
                self.buffer = b""
            else:
                self.sock.deadline = NEVER if self.is_sending else monotonic() + self.read_timeout
                try:
                    data = await self.sock.receive_some(65536)
                except DeadlinePassed:
                    raise UpstreamError(504, TIMING_OUT) from None
                except (OSError, ssl.SSLError) as error:
                    raise UpstreamError(502, f"the upstream's response is cut off: {error}") from None
            try:
                if data:
                    data = body.feed(data)
                else:
                    body.feed_end()
            except MalformedBody as error:
                raise UpstreamError(502, f"the upstream's response is malformed: {error}") from None
            if body.ended:
                self.buffer = body.rest
            if data:
                return data
        return b""

    async def receive_body_into(self, buffer: memoryview) -> int:
        """Fill `buffer` with bytes of a body of known length; returns how many, never 0. Raises UpstreamError."""
        self.sock.deadline = NEVER if self.is_sending else monotonic() + self.read_timeout
        try:
            size = await self.sock.receive_into(buffer)
        except DeadlinePassed:
            raise UpstreamError(504, TIMING_OUT) from None
        except (OSError, ssl.SSLError) as error:
            raise UpstreamError(502, f"the upstream's response is cut off: {error}") from None
        if not size:
            raise UpstreamError(502, "the upstream's response is cut off")
        return size


class Upstreams:
    """Connections to upstreams of one worker."""

    def __init__(self, reactor: Reactor, settings: Settings, resolver: Resolver | None = None) -> None:
        self.pool: Pool[UpstreamConnection] = Pool(settings.upstream_keepalive_pool_size)
        self.reactor = reactor
        self._resolver = resolver if resolver is not None else Resolver.from_settings(settings.resolver)
        self._balanced: dict[str, Balanced] = {}  # by the name of the Upstream entity
        self._only_peers: dict[str, tuple[Service, Peer | None]] = {}  # by id of the service
        self._turn = 0
        self._contexts = Contexts(settings.trusted_certificate)
        self._max_requests = settings.upstream_keepalive_max_requests
        self._idle_timeout = settings.upstream_keepalive_idle_timeout or NEVER

    async def run(self) -> None:
        """Look up names that requests need, until cancelled."""
        await self._resolver.run()

    def configure(self, configuration: Configuration) -> None:
        """Take over the Upstream entities of a configuration. What has not changed keeps its state."""
        before = self._balanced
        self._only_peers.clear()
        self._balanced = {
            upstream.name: self._balance(before.get(upstream.name), upstream, configuration.targets_of(upstream.id))
            for upstream in configuration.upstreams.values()
        }

    def _balance(self, before: Balanced | None, upstream: Upstream, targets: tuple[Target, ...]) -> Balanced:
        if before is not None and before.upstream.healthchecks == upstream.healthchecks:
            if before.targets == targets:
                return before._replace(upstream=upstream)
            health = before.health
        else:
            health = PassiveHealth(upstream.healthchecks)
        return Balanced(upstream, targets, Balancer(targets, self._resolver, health), health)

    def choose(self, x: Exchange) -> Choice:
        """The peers to try for `x`: what a plugin named, or its service's."""
        service = x.service
        if x.target is not None:
            balanced = None
        else:
            balanced = self._balanced.get(x.upstream_name or (service.host if service is not None else ""))
        self._turn += 1
        if (
            service is not None
            and balanced is None
            and (x.target, x.upstream_scheme, x.upstream_host, x.tls_verify, x.tls_verify_depth) == _AS_CONFIGURED
            and (x.route is None or not x.route.preserve_host)
        ):
            return Choice(x, None, self._resolver, self._turn, self._only_peer(x, service))
        return Choice(x, balanced, self._resolver, self._turn)

    def _only_peer(self, x: Exchange, service: Service) -> Peer | None:
        """The peer of a service whose host is an address; made once, it is the same for all requests."""
        known = self._only_peers.get(service.id)
        if known is None or known[0] is not service:
            addresses = literal(service.host)
            peer = None
            if addresses is not None:
                choice = Choice(x, None, self._resolver, 0)
                peer = choice.peer_at(addresses[0].ip, service.port, service.host, None)
            known = self._only_peers[service.id] = (service, peer)
        return known[1]

    def pooled(self, destination: Destination) -> UpstreamConnection | None:
        """Take a connection to `destination` out of the pool, None when there is none that is alive."""
        while (connection := self.pool.take(destination)) is not None:
            connection.sock.on_hangup = connection.sock.on_expire = None
            connection.sock.deadline = NEVER
            if connection.sock.is_quiet():
                return connection
            connection.close()
        return None

    def keep(self, connection: UpstreamConnection) -> None:
        """Put a clean connection into the pool, or close it."""
        sock = connection.sock
        connection.requests += 1
        if connection.requests == self._max_requests or connection.buffer or not sock.is_quiet():
            return sock.close()
        if self._idle_timeout != NEVER:
            sock.deadline = monotonic() + self._idle_timeout
            sock.on_expire = connection.drop
            self.reactor.watch_deadlines()
        else:
            sock.deadline = NEVER
        sock.on_hangup = connection.drop
        surplus = self.pool.give(connection.destination, connection)
        if surplus is not None:
            surplus.close()
        return None

    def open(self, destination: Destination) -> ReactorSocket:
        """Begin to connect; `connect` waits for it. Raises UpstreamError(503) when this machine has no room for it."""
        try:
            return self.reactor.open((destination.ip, destination.port))
        except OSError as error:
            if error.errno in _OURS:
                raise UpstreamError(503, UNAVAILABLE) from error
            raise

    async def connect(self, destination: Destination, sock: ReactorSocket, timeout: float) -> UpstreamConnection:
        """Make `sock`, from `open`, a connection within `timeout` seconds; on failure it is closed.

        Raises:
            OSError: refused, unreachable. ssl.SSLError (an OSError too): no TLS, or a certificate that is not trusted.
            DeadlinePassed: nobody answered.
            UpstreamError: 502, its name can't be asked for in TLS; the target is not to blame.
        """
        try:
            await sock.finish_connect(timeout)
            if destination.server_name is None:
                return UpstreamConnection(self, destination, sock)
            verification = destination.verification
            try:
                tls = TlsSocket(sock, self._contexts.get(verification), destination.server_name)
            except ValueError as error:
                raise UpstreamError(502, "The upstream's name is none that TLS can ask for") from error
            tls.deadline = monotonic() + timeout
            await tls.handshake(timeout, None if verification is None else verification.depth)
            return UpstreamConnection(self, destination, tls)
        except BaseException:
            sock.close()
            raise

    def close(self) -> None:
        """Close all idle connections."""
        for connection in self.pool.clear():
            connection.close()
