"""Which peers of an upstream are fit for requests, judged by how the last ones went. No I/O; the time is an argument.

Failures count in a row: a response with one of the healthy statuses ends the run. A peer that was taken out gets no
requests, so nothing could show that it has recovered. Therefore, after `retry_after` seconds, it is offered again, on
probation: its next failure takes it out at once, its first success (or `successes` of them) makes it whole.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from oarlock.config.upstream import Healthchecks
    from oarlock.proxy.balancer import Peer

_RETRY_AFTER: Final = 10.0  # seconds


class _Record:
    """How the last requests to one peer went."""

    __slots__ = ("failures", "on_probation", "retry_at", "successes")

    def __init__(self) -> None:
        self.failures = {"tcp": 0, "timeout": 0, "http": 0}
        self.successes = 0
        self.on_probation = False
        self.retry_at = 0.0  # while it is down


class PassiveHealth:
    """Health of the peers of one upstream. Outlives changes of the peers: what is not asked about is forgotten."""

    __slots__ = ("_checks", "_limits", "_next_retry", "_records", "_retry_after", "_threshold", "down")

    def __init__(self, checks: Healthchecks, retry_after: float = _RETRY_AFTER) -> None:
        unhealthy = checks.passive.unhealthy
        self._checks = checks.passive
        self._threshold = checks.threshold  # per cent of weight that must be fit
        self._limits = {"tcp": unhealthy.tcp_failures, "timeout": unhealthy.timeouts, "http": unhealthy.http_failures}
        self._retry_after = retry_after
        self._records: dict[Peer, _Record] = {}
        self._next_retry = float("inf")
        self.down: set[Peer] = set()  # peers that get no requests now

    def answered(self, peer: Peer, status: int, now: float) -> None:
        """A response came. A status in neither list says nothing."""
        if status in self._checks.healthy.http_statuses:
            self._succeeded(peer)
        elif status in self._checks.unhealthy.http_statuses:
            self._failed(peer, "http", now)

    def refused(self, peer: Peer, now: float) -> None:
        """No connection came about, or it broke before there was a response."""
        self._failed(peer, "tcp", now)

    def timed_out(self, peer: Peer, now: float) -> None:
        """Connecting, sending or waiting for the response took too long."""
        self._failed(peer, "timeout", now)

    def unfit(self, peers: Sequence[Peer], now: float) -> Collection[Peer]:
        """Return those of `peers` that get no requests: all of them when too little weight is left."""
        if not self.down:
            return ()
        if now >= self._next_retry:
            self._offer_again(now)
        if self._threshold and peers:
            total = sum(peer.weight for peer in peers)
            fit = sum(peer.weight for peer in peers if peer not in self.down)
            if fit * 100 < self._threshold * total:
                return peers
        return self.down

    def keep_only(self, peers: Collection[Peer]) -> None:
        """Forget all other peers: they are no longer part of the upstream."""
        known = set(peers)
        self._records = {peer: record for peer, record in self._records.items() if peer in known}
        self.down &= known

    def _failed(self, peer: Peer, kind: str, now: float) -> None:
        limit = self._limits[kind]
        if not limit:  # this kind is not watched
            return
        record = self._records.setdefault(peer, _Record())
        record.failures[kind] += 1
        record.successes = 0
        if record.on_probation or record.failures[kind] >= limit:
            record.retry_at = now + self._retry_after
            self._next_retry = min(self._next_retry, record.retry_at)
            self.down.add(peer)

    def _succeeded(self, peer: Peer) -> None:
        record = self._records.get(peer)
        if record is None:
            return
        record.successes += 1
        enough = self._checks.healthy.successes
        if peer in self.down:  # a response that was under way when it was taken out
            is_whole = bool(enough) and record.successes >= enough
        else:
            is_whole = not record.on_probation or record.successes >= enough
        if is_whole:
            del self._records[peer]
            self.down.discard(peer)

    def _offer_again(self, now: float) -> None:
        for peer in list(self.down):
            record = self._records[peer]
            if record.retry_at <= now:
                record.on_probation = True
                record.successes = 0
                self.down.discard(peer)
        self._next_retry = min((self._records[peer].retry_at for peer in self.down), default=float("inf"))
