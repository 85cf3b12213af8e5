"""Which peer a request goes to, and which next when that one failed."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple

import trio

from oarlock.errors import UpstreamError
from oarlock.proxy import balancer
from oarlock.proxy.exchange import Exchange
from oarlock.proxy.headers import upstream_host
from oarlock.proxy.names import Address
from oarlock.proxy.tls import Verification

if TYPE_CHECKING:
    from oarlock.config.service import Service
    from oarlock.config.upstream import Target, Upstream
    from oarlock.proxy.health import PassiveHealth
    from oarlock.proxy.resolve import Resolver

_NO_PEER = "failure to get a peer from the ring-balancer"

# For what is proxied without a service, to a target that a plugin named; as Kong's services have it.
_TIMEOUTS = (60.0, 60.0, 60.0)  # seconds
_RETRIES = 5


class Destination(NamedTuple):
    """What makes two upstream connections interchangeable."""

    ip: str
    port: int
    server_name: str | None  # TLS: the name asked for and verified; None: plain text
    verification: Verification | None  # of TLS; None: anybody will do


class Peer(NamedTuple):
    """One peer to try."""

    destination: Destination
    host: bytes  # for the Host field
    balanced: balancer.Peer | None  # the same as its balancer knows it


class Balanced(NamedTuple):
    """An Upstream entity at work."""

    upstream: Upstream
    targets: tuple[Target, ...]
    balancer: balancer.Balancer
    health: PassiveHealth


class Choice:
    """The tries of one request. `next` gives a peer; then `answered` or `failed` says how it went.

    Attributes:
        timeouts: connect, write, read in seconds.
    """

    __slots__ = ("_addresses", "_balanced", "_first", "_resolver", "_tried", "_turn", "_x", "timeouts")

    def __init__(
        self, x: Exchange, balanced: Balanced | None, resolver: Resolver, turn: int, only: Peer | None = None
    ) -> None:
        """`turn` spreads requests over the addresses of a name that has several; `only` is the one peer there is."""
        self._x = x
        self._balanced = balanced
        self._resolver = resolver
        self._turn = turn
        self._first = only
        self._addresses: list[Address] | None = None if only is None else []
        self._tried: list[balancer.Peer] = []
        self.timeouts = x.timeouts or (_TIMEOUTS if x.service is None else timeouts_of(x.service))

    async def next(self) -> Peer | None:
        """Return a peer that was not tried yet; None when there is none, or the tries are used up.

        Raises:
            UpstreamError: 503 when there is no peer to begin with; 500 or 503 when its name can't be resolved.
        """
        first = self._first
        if first is not None:
            self._first = None
            return first
        x = self._x
        service = x.service
        tries = len(x.tries)
        if tries > (x.retries if x.retries is not None else _RETRIES if service is None else service.retries):
            return None
        if self._balanced is not None:
            peer = await self._next_balanced(self._balanced)
            if peer is not None:
                self._tried.append(peer)
                return self.peer_at(peer.ip, peer.port, peer.name, peer)
            if tries:
                return None
            raise UpstreamError(503, _NO_PEER)
        if x.target is not None:
            host, port = x.target
        elif service is not None:
            host, port = service.host, service.port
        else:
            raise UpstreamError(503, "name resolution failed")  # a plugin named an upstream that does not exist
        addresses = self._addresses
        if addresses is None:
            found = self._resolver.cached(host) or await self._resolver.resolve(host)
            at = self._turn % len(found)
            addresses = self._addresses = [*found[at:], *found[:at]]
        if not addresses:
            return None
        address = addresses.pop(0)
        return self.peer_at(address.ip, address.port or port, host, None)

    def answered(self, peer: Peer, status: int) -> None:
        """A response came from `peer`."""
        note_try(self._x, peer)
        if peer.balanced is not None and self._balanced is not None:
            self._balanced.health.answered(peer.balanced, status, trio.current_time())

    def failed(self, peer: Peer, kind: str, status: int) -> None:
        """`peer` gave no response; `kind` is "timeout" or another word, `status` what the client would get for it."""
        note_try(self._x, peer, state="failed", code=status)
        if peer.balanced is not None and self._balanced is not None:
            report = self._balanced.health.timed_out if kind == "timeout" else self._balanced.health.refused
            report(peer.balanced, trio.current_time())

    async def _next_balanced(self, balanced: Balanced) -> balancer.Peer | None:
        peer = balanced.balancer.next(trio.current_time(), self._tried)
        if peer is None and balanced.balancer.unknown and not self._tried:
            for name in tuple(balanced.balancer.unknown):
                try:
                    await self._resolver.resolve(name)
                except UpstreamError:
                    continue  # another target may do
            peer = balanced.balancer.next(trio.current_time(), self._tried)
        return peer

    def peer_at(self, ip: str, port: int, name: str, balanced: balancer.Peer | None) -> Peer:
        """The peer at an address of the target or service called `name`."""
        x = self._x
        host_header = None if self._balanced is None else self._balanced.upstream.host_header
        scheme = x.upstream_scheme or (x.service.protocol if x.service is not None else "http")
        host = upstream_host(x, name, port, scheme, host_header)
        if scheme != "https":
            return Peer(Destination(ip, port, None, None), host, balanced)
        return Peer(Destination(ip, port, _server_name(host), _verification(x)), host, balanced)


def note_try(x: Exchange, peer: Peer, **outcome: object) -> None:
    """Add a try to the exchange's record of them; `outcome` is empty unless it failed."""
    x.tries.append(
        {
            "ip": peer.destination.ip,
            "port": peer.destination.port,
            "balancer_start": x.started_ms + int((time.monotonic() - x.started) * 1000),
            "balancer_latency": 0,
            **outcome,
        }
    )


def _verification(x: Exchange) -> Verification | None:
    """What a plugin, else the service, says of the upstream's certificate."""
    service = x.service
    verify = x.tls_verify
    if verify is None:
        verify = service is None or service.tls_verify is not False
    if not verify:
        return None
    if service is None:
        return Verification(x.tls_verify_depth)
    known = x.state.configuration.ca_certificates if service.ca_certificates else {}
    return Verification(
        service.tls_verify_depth if x.tls_verify_depth is None else x.tls_verify_depth,
        tuple(known[identifier].cert for identifier in service.ca_certificates),
    )


def timeouts_of(service: Service) -> tuple[float, float, float]:
    return service.connect_timeout, service.write_timeout, service.read_timeout


def _server_name(host: bytes) -> str:
    """The name in a Host field, without port and brackets."""
    text = host.decode("latin-1")
    name, colon, port = text.rpartition(":")
    if colon and port.isdigit():
        text = name
    return text.strip("[]")
