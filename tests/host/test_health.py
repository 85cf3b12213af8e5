"""Passive health: how proxied requests take a peer out and bring it back."""

from __future__ import annotations

from typing import Any

import pytest

from oarlock.config.upstream import Healthchecks, PassiveChecks, PassiveHealthy, PassiveUnhealthy
from oarlock.proxy.balancer import Peer
from oarlock.proxy.health import PassiveHealth

A, B, C = (Peer(f"10.0.0.{number}", 80, "t", weight) for number, weight in ((1, 100), (2, 100), (3, 200)))


def health(successes: int = 0, threshold: float = 0.0, **unhealthy: Any) -> PassiveHealth:
    checks = PassiveChecks(healthy=PassiveHealthy(successes=successes), unhealthy=PassiveUnhealthy(**unhealthy))
    return PassiveHealth(Healthchecks(passive=checks, threshold=threshold), retry_after=10.0)


@pytest.mark.parametrize(
    ("limit", "fail"),
    [
        ({"tcp_failures": 2}, lambda h: h.refused(A, 0.0)),
        ({"timeouts": 2}, lambda h: h.timed_out(A, 0.0)),
        ({"http_failures": 2}, lambda h: h.answered(A, 503, 0.0)),
    ],
)
def test_a_peer_is_down_after_so_many_failures_of_a_kind(limit: dict[str, int], fail: Any) -> None:
    h = health(**limit)
    fail(h)
    assert A not in h.unfit([A, B], 0.0)
    fail(h)
    assert A in h.unfit([A, B], 0.0)
    assert B not in h.unfit([A, B], 0.0)


def test_kinds_are_counted_apart_and_a_limit_of_0_counts_nothing() -> None:
    h = health(tcp_failures=2, timeouts=2)
    h.refused(A, 0.0)
    h.timed_out(A, 0.0)
    for _ in range(100):
        h.answered(A, 500, 0.0)
    assert not h.unfit([A], 0.0)


def test_a_success_ends_a_run_of_failures_and_a_status_in_neither_list_does_not() -> None:
    h = health(http_failures=2)
    h.answered(A, 500, 0.0)
    h.answered(A, 200, 0.0)
    h.answered(A, 500, 0.0)
    assert not h.down
    h.answered(A, 404, 0.0)
    h.answered(A, 500, 0.0)
    assert h.down == {A}


def test_a_peer_that_is_down_is_offered_again_and_comes_back_with_a_success() -> None:
    h = health(tcp_failures=3)
    for _ in range(3):
        h.refused(A, 5.0)
    assert A in h.unfit([A], 14.9)
    assert A not in h.unfit([A], 15.0)
    h.answered(A, 200, 15.1)
    h.refused(A, 15.2)
    assert A not in h.unfit([A], 15.2)


def test_one_failure_takes_it_out_again_while_it_is_on_probation() -> None:
    h = health(tcp_failures=3, successes=2)
    for _ in range(3):
        h.refused(A, 0.0)
    assert not h.unfit([A], 10.0)
    h.answered(A, 200, 10.1)
    h.refused(A, 10.2)
    assert A in h.unfit([A], 20.1)
    assert not h.unfit([A], 20.2)
    h.answered(A, 200, 20.3)
    h.answered(A, 200, 20.4)
    h.refused(A, 20.5)
    assert not h.unfit([A], 20.5)


def test_late_responses_bring_a_peer_back_only_with_as_many_successes_as_are_asked_for() -> None:
    never, twice = health(tcp_failures=1), health(tcp_failures=1, successes=2)
    for h in (never, twice):
        h.refused(A, 0.0)
        h.answered(A, 200, 0.1)
        assert h.down == {A}
        h.answered(A, 200, 0.2)
    assert never.down == {A}
    assert not twice.down


def test_when_too_little_weight_is_left_the_upstream_as_a_whole_is_unfit() -> None:
    h = health(tcp_failures=1, threshold=50.0)
    h.refused(C, 0.0)
    assert list(h.unfit([A, B, C], 0.0)) == [C]
    h.refused(A, 0.0)
    assert list(h.unfit([A, B, C], 0.0)) == [A, B, C]


def test_peers_that_are_gone_are_forgotten() -> None:
    h = health(tcp_failures=1)
    h.refused(A, 0.0)
    h.refused(B, 0.0)
    h.keep_only([B])
    assert h.down == {B}
    h.keep_only([A, B])
    assert h.unfit([A, B], 1.0) == {B}
    assert not h.unfit([A, B], 10.0)
