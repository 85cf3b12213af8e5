"""Round robin over the peers of an upstream."""

from __future__ import annotations

from collections import Counter

import pytest

from oarlock.config.upstream import Healthchecks, PassiveChecks, PassiveUnhealthy, Target
from oarlock.proxy.balancer import Balancer, Peer, RoundRobin, peers_of
from oarlock.proxy.health import PassiveHealth
from oarlock.proxy.names import Address, Addresses, literal


def peer(number: int, weight: int = 100) -> Peer:
    return Peer(f"10.0.0.{number}", 80, f"t{number}", weight)


def target(text: str, weight: int = 100) -> Target:
    return Target(id=text, target=text, weight=weight, upstream="u")


@pytest.mark.parametrize(
    ("weights", "turns"),
    [
        ([100, 100], [1, 1]),
        ([100, 300], [1, 3]),
        ([5, 0, 10], [1, 0, 2]),
        ([7], [1]),
        ([1, 65535], [1, 10000]),
    ],
)
def test_in_one_turn_of_the_wheel_each_peer_comes_as_often_as_its_weight_says(
    weights: list[int], turns: list[int]
) -> None:
    peers = [peer(number, weight) for number, weight in enumerate(weights)]
    wheel = RoundRobin(peers)
    for _ in range(2):
        counts = Counter(wheel.next() for _ in range(sum(turns)))
        assert [counts[each] for each in peers] == turns


def test_the_wheel_is_shuffled() -> None:
    peers = [peer(number) for number in range(20)]
    orders = {tuple(wheel.next() for _ in range(20)) for wheel in (RoundRobin(peers, seed) for seed in range(5))}
    assert len(orders) == 5


def test_peers_that_were_tried_or_are_down_are_passed_over() -> None:
    peers = [peer(1), peer(2, 1000), peer(3)]
    wheel = RoundRobin(peers)
    for _ in range(30):
        assert wheel.next(tried={peers[1]}, down={peers[0]}) == peers[2]
    assert wheel.next(tried=peers[:2], down=peers[2:]) is None


def test_without_peers_there_is_none() -> None:
    assert RoundRobin([]).next() is None
    assert RoundRobin([peer(1, 0)]).next() is None


def test_a_target_stands_for_all_addresses_of_its_name() -> None:
    known: dict[str, Addresses] = {
        "two.example": (Address("10.0.0.1"), Address("10.0.0.2")),
        "srv.example": (Address("10.0.0.3", 8001, 5), Address("10.0.0.4", 8002, 1)),
        "gone.example": (),
    }
    targets = [
        target("two.example:81", 7),
        target("srv.example", 7),
        target("192.0.2.1"),
        target("[::1]:82"),
        target("late.example"),
        target("gone.example"),
        target("off.example", 0),
    ]
    peers, unknown = peers_of(targets, lambda name: literal(name) or known.get(name))
    assert peers == [
        Peer("10.0.0.1", 81, "two.example", 7),
        Peer("10.0.0.2", 81, "two.example", 7),
        Peer("10.0.0.3", 8001, "srv.example", 5),
        Peer("10.0.0.4", 8002, "srv.example", 1),
        Peer("192.0.2.1", 8000, "192.0.2.1", 100),
        Peer("::1", 82, "::1", 100),
    ]
    assert unknown == ["late.example"]


class FakeNames:
    def __init__(self) -> None:
        self.generation = 0
        self.known: dict[str, Addresses] = {}
        self.asked = 0

    def cached(self, name: str) -> Addresses | None:
        self.asked += 1
        return self.known.get(name)

    def learn(self, name: str, *ips: str) -> None:
        self.known[name] = tuple(Address(ip) for ip in ips)
        self.generation += 1


def test_a_balancer_follows_what_its_names_resolve_to() -> None:
    names = FakeNames()
    balancer = Balancer([target("a.example:80")], names, PassiveHealth(Healthchecks()))
    assert balancer.next(now=0.0) is None
    assert balancer.unknown == ["a.example"]
    names.learn("a.example", "10.0.0.1")
    first = balancer.next(now=0.1)
    assert first is not None
    assert (first.ip, balancer.unknown) == ("10.0.0.1", [])
    names.learn("a.example", "10.0.0.2")
    second = balancer.next(now=0.2)
    assert second is not None
    assert second.ip == "10.0.0.2"
    assert balancer.next(now=0.3, tried=[second]) is None


def test_a_balancer_asks_for_its_names_now_and_then_and_not_with_each_request() -> None:
    names = FakeNames()
    names.learn("a.example", "10.0.0.1")
    balancer = Balancer([target("a.example:80")], names, PassiveHealth(Healthchecks()))
    for step in range(100):
        balancer.next(now=step / 10)
    assert names.asked == 10


def test_a_balancer_passes_over_what_is_unhealthy() -> None:
    names = FakeNames()
    names.learn("a.example", "10.0.0.1", "10.0.0.2")
    checks = Healthchecks(passive=PassiveChecks(unhealthy=PassiveUnhealthy(tcp_failures=1)))
    health = PassiveHealth(checks)
    balancer = Balancer([target("a.example:80")], names, health)
    broken = balancer.next(now=0.0)
    assert broken is not None
    health.refused(broken, now=0.0)
    assert broken not in {balancer.next(now=0.1) for _ in range(10)}
    names.learn("a.example", "10.0.0.3")
    balancer.next(now=0.2)
    assert not health.down
