"""Which peer of an upstream gets the next request. No I/O; the time is an argument."""

from __future__ import annotations

import random
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from math import gcd
from typing import TYPE_CHECKING, Final, Protocol

from oarlock.proxy.names import Addresses

if TYPE_CHECKING:
    from oarlock.config.upstream import Target
    from oarlock.proxy.health import PassiveHealth

_LOOK_AGAIN: Final = 1.0  # seconds between looks at the names of targets: asking keeps them fresh
_LONGEST_WHEEL: Final = 10_000  # places; weights without a common divisor are rounded to fit


@dataclass(frozen=True, slots=True)
class Peer:
    """One address that requests may go to."""

    ip: str  # without brackets
    port: int
    name: str  # of the target as configured, without port: for Host and SNI
    weight: int = 100


def peers_of(
    targets: Iterable[Target], addresses_of: Callable[[str], Addresses | None]
) -> tuple[list[Peer], list[str]]:
    """Expand targets to the addresses of their names. Also returns the names whose addresses are not known (None).

    A target's weight holds for each of its addresses; SRV answers bring ports and weights of their own. Targets of
    weight 0 are left out.
    """
    peers: list[Peer] = []
    unknown: list[str] = []
    for target in targets:
        if target.weight == 0:
            continue
        addresses = addresses_of(target.host)
        if addresses is None:
            unknown.append(target.host)
            continue
        peers += [
            Peer(address.ip, address.port or target.port, target.host, address.weight or target.weight)
            for address in addresses
        ]
    return peers, unknown


class Names(Protocol):
    """What a balancer needs of a resolver."""

    @property
    def generation(self) -> int:
        """Changes whenever a name leads elsewhere than before."""

    def cached(self, name: str) -> Addresses | None:
        """The addresses of a name as far as known; asking has them looked up."""


class Balancer:
    """The peers of one Upstream entity, in step with what the names of its targets resolve to.

    Attributes:
        unknown: names of targets whose addresses are not known (yet). When `next` finds no peer and this is not empty,
            it is worth while to await `Resolver.resolve` for them and to ask once more.
    """

    __slots__ = ("_generation", "_health", "_look_again_at", "_names", "_targets", "_wheel", "unknown")

    def __init__(self, targets: Sequence[Target], names: Names, health: PassiveHealth) -> None:
        self._targets = targets
        self._names = names
        self._health = health
        self._generation = -1
        self._look_again_at = 0.0
        self._wheel = RoundRobin([])
        self.unknown: list[str] = []

    def next(self, now: float, tried: Collection[Peer] = ()) -> Peer | None:
        """Return the peer whose turn it is; None when none is left that is fit and not in `tried`."""
        if now >= self._look_again_at or self._generation != self._names.generation:
            self._look_up(now)
        return self._wheel.next(tried, self._health.unfit(self._wheel.peers, now))

    def _look_up(self, now: float) -> None:
        self._look_again_at = now + _LOOK_AGAIN
        self._generation = self._names.generation
        peers, self.unknown = peers_of(self._targets, self._names.cached)
        if peers != self._wheel.peers:
            self._wheel = RoundRobin(peers)
            self._health.keep_only(peers)


class RoundRobin:
    """A shuffled wheel on which each peer has places in proportion to its weight."""

    __slots__ = ("_at", "_wheel", "peers")

    def __init__(self, peers: Iterable[Peer], seed: int | None = None) -> None:
        """Peers of weight 0 are left out. `seed` makes the order of the wheel repeatable."""
        self.peers = [peer for peer in peers if peer.weight > 0]
        self._wheel = _wheel(self.peers)
        random.Random(seed).shuffle(self._wheel)
        self._at = 0

    def next(self, tried: Collection[Peer] = (), down: Collection[Peer] = ()) -> Peer | None:
        """Return the peer whose turn it is, but none in `tried` or `down`; None when no other is left."""
        if not self._wheel:
            return None
        peer = self._turn()
        if not tried and not down:
            return peer
        usable = {candidate for candidate in self.peers if candidate not in tried and candidate not in down}
        if not usable:
            return None
        while peer not in usable:
            peer = self._turn()
        return peer

    def _turn(self) -> Peer:
        at = self._at
        self._at = at + 1 if at + 1 < len(self._wheel) else 0
        return self._wheel[at]


def _wheel(peers: Sequence[Peer]) -> list[Peer]:
    divisor = gcd(*(peer.weight for peer in peers)) or 1
    places = [peer.weight // divisor for peer in peers]
    total = sum(places)
    if total > _LONGEST_WHEEL:
        places = [max(1, round(count * _LONGEST_WHEEL / total)) for count in places]
    return [peer for peer, count in zip(peers, places, strict=True) for _ in range(count)]
