"""Names to addresses: what is remembered, for how long, and who asks."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from oarlock.config.settings import ResolverSettings
from oarlock.errors import UpstreamError
from oarlock.proxy.names import Address, Addresses, NameCache, literal, parse_hosts
from oarlock.proxy.resolve import DnsBackend, NoSuchName, QueryFailed, Record, Resolver


class FakeBackend:
    """Answers from a table of (name, type): addresses, SRV records or an exception, and a TTL."""

    def __init__(self) -> None:
        self.table: dict[tuple[str, str], tuple[Any, float]] = {}
        self.asked: list[tuple[str, str]] = []
        self.delay = 0.0  # seconds

    def set(self, name: str, *ips: str, ttl: float = 10.0, kind: str = "A") -> None:
        self.table[name, kind] = ([(ip, 0, 0, 0) for ip in ips], ttl)

    async def query(self, name: str, kind: str) -> tuple[Sequence[Record], float]:
        self.asked.append((name, kind))
        await trio.sleep(self.delay)
        records, ttl = self.table.get((name, kind), (NoSuchName(name), 0.0))
        if isinstance(records, Exception):
            raise records
        return records, ttl


@asynccontextmanager
async def running(backend: Any, hosts: dict[str, Addresses] | None = None, **settings: Any) -> AsyncIterator[Resolver]:
    async with trio.open_nursery() as nursery:
        resolver = Resolver(ResolverSettings(**settings), hosts or {}, backend)
        await nursery.start(resolver.run)
        yield resolver
        nursery.cancel_scope.cancel()


def ips(addresses: Addresses | None) -> list[str] | None:
    return None if addresses is None else [address.ip for address in addresses]


async def test_a_name_is_asked_for_once_and_then_remembered_for_its_ttl(autojump_clock: MockClock) -> None:
    backend = FakeBackend()
    backend.set("a.example", "10.0.0.1", "10.0.0.2", ttl=10)
    async with running(backend) as resolver:
        assert ips(await resolver.resolve("A.Example")) == ["10.0.0.1", "10.0.0.2"]
        await trio.sleep(9)
        assert ips(resolver.cached("a.example")) == ["10.0.0.1", "10.0.0.2"]
        assert backend.asked == [("a.example", "A")]


async def test_an_address_needs_no_look_up() -> None:
    backend = FakeBackend()
    async with running(backend) as resolver:
        assert resolver.cached("10.0.0.1") == (Address("10.0.0.1"),)
        assert resolver.cached("[::1]") == resolver.cached("::1") == (Address("::1"),)
        assert await resolver.resolve("10.0.0.1") == (Address("10.0.0.1"),)
        assert backend.asked == []


async def test_the_hosts_file_goes_first(autojump_clock: MockClock) -> None:
    async with running(FakeBackend(), {"up": (Address("10.0.0.9"),)}) as resolver:
        await trio.sleep(10**9)
        assert ips(resolver.cached("UP")) == ["10.0.0.9"]


async def test_an_old_answer_serves_while_a_new_one_is_fetched(autojump_clock: MockClock) -> None:
    backend = FakeBackend()
    backend.set("a.example", "10.0.0.1")
    async with running(backend) as resolver:
        await resolver.resolve("a.example")
        before = resolver.generation
        backend.set("a.example", "10.0.0.2")
        backend.delay = 1.0
        await trio.sleep(11)
        for _ in range(3):
            assert ips(resolver.cached("a.example")) == ["10.0.0.1"]
        assert resolver.generation == before
        await trio.sleep(2)
        assert ips(resolver.cached("a.example")) == ["10.0.0.2"]
        assert resolver.generation != before
        assert len(backend.asked) == 2


async def test_an_old_answer_serves_while_the_name_server_is_away_but_not_for_ever(
    autojump_clock: MockClock,
) -> None:
    backend = FakeBackend()
    backend.set("a.example", "10.0.0.1")
    async with running(backend, stale_ttl=100.0, error_ttl=5.0) as resolver:
        await resolver.resolve("a.example")
        backend.table["a.example", "A"] = (QueryFailed("away"), 0)
        await trio.sleep(50)
        for _ in range(3):
            assert ips(resolver.cached("a.example")) == ["10.0.0.1"]
            await trio.sleep(1)
        assert backend.asked.count(("a.example", "A")) == 2  # the failure counts for 5 s
        await trio.sleep(100)
        assert resolver.cached("a.example") is None
        with pytest.raises(UpstreamError) as caught:
            await resolver.resolve("a.example")
        assert caught.value.status == 500


@pytest.mark.parametrize(
    ("failure", "status", "remembered"), [(NoSuchName("x"), 503, 30.0), (QueryFailed("x"), 500, 2.0)]
)
async def test_a_failure_is_remembered(
    failure: Exception, status: int, remembered: float, autojump_clock: MockClock
) -> None:
    backend = FakeBackend()
    backend.table["a.example", "A"] = (failure, 0)
    async with running(backend, family=("A",), error_ttl=2.0) as resolver:
        for _ in range(3):
            with pytest.raises(UpstreamError, match="name resolution failed") as caught:
                await resolver.resolve("a.example")
            assert caught.value.status == status
            assert resolver.cached("a.example") is None
        assert len(backend.asked) == 1
        await trio.sleep(remembered)
        backend.set("a.example", "10.0.0.1")
        assert ips(await resolver.resolve("a.example")) == ["10.0.0.1"]


async def test_those_who_ask_at_the_same_time_share_a_query_and_one_that_leaves_takes_nothing_away(
    autojump_clock: MockClock,
) -> None:
    backend = FakeBackend()
    backend.set("a.example", "10.0.0.1")
    backend.delay = 5.0
    got: list[Any] = []

    async with running(backend) as resolver, trio.open_nursery() as nursery:

        async def ask(patience: float) -> None:
            with trio.move_on_after(patience):
                got.append(ips(await resolver.resolve("a.example")))

        for patience in (1.0, 10.0, 10.0):
            nursery.start_soon(ask, patience)
    assert got == [["10.0.0.1"]] * 2
    assert len(backend.asked) == 1


async def test_asking_without_waiting_has_the_name_looked_up() -> None:
    backend = FakeBackend()
    backend.set("a.example", "10.0.0.1")
    async with running(backend) as resolver:
        assert resolver.cached("a.example") is None
        await wait_all_tasks_blocked()
        assert ips(resolver.cached("a.example")) == ["10.0.0.1"]


async def test_srv_records_bring_ports_and_weights_of_the_smallest_priority_that_leads_anywhere(
    autojump_clock: MockClock,
) -> None:
    backend = FakeBackend()
    records = [
        ("gone.example", 1, 1, 1),
        ("x.example", 8001, 5, 2),
        ("y.example", 8002, 0, 2),
        ("z.example", 8003, 1, 3),
    ]
    backend.table["s.example", "SRV"] = (records, 100.0)
    backend.set("x.example", "10.0.0.1", "10.0.0.2", ttl=50)
    backend.set("y.example", "10.0.0.3", ttl=20)
    async with running(backend) as resolver:
        expected = (Address("10.0.0.1", 8001, 5), Address("10.0.0.2", 8001, 5), Address("10.0.0.3", 8002, 1))
        assert await resolver.resolve("s.example") == expected
        asked = len(backend.asked)
        await trio.sleep(21)  # the shortest TTL is past
        resolver.cached("s.example")
        await wait_all_tasks_blocked()
        assert len(backend.asked) > asked


async def test_the_types_of_the_family_are_asked_for_in_order() -> None:
    backend = FakeBackend()
    backend.set("a.example", "2001:db8::1", kind="AAAA")
    async with running(backend, family=("SRV", "A", "AAAA")) as resolver:
        assert ips(await resolver.resolve("a.example")) == ["2001:db8::1"]
    assert [kind for _, kind in backend.asked] == ["SRV", "A", "AAAA"]


async def test_whoever_waits_when_the_resolver_ends_is_told() -> None:
    backend = FakeBackend()
    backend.delay = float("inf")
    async with trio.open_nursery() as nursery:
        resolver = Resolver(ResolverSettings(), {}, backend)
        run = trio.CancelScope()

        async def run_it(*, task_status: trio.TaskStatus[None]) -> None:
            with run:
                await resolver.run(task_status=task_status)

        async def ask() -> None:
            with pytest.raises(UpstreamError):
                await resolver.resolve("a.example")

        await nursery.start(run_it)
        nursery.start_soon(ask)
        await wait_all_tasks_blocked()
        run.cancel()


def test_a_short_ttl_counts_a_second_and_the_setting_replaces_that_of_answers() -> None:
    cache = NameCache({}, stale_ttl=0.0, error_ttl=1.0, valid_ttl=None)
    cache.found("a", (Address("10.0.0.1"),), ttl=0.0, now=5.0)
    assert cache.get("a").expires == 6.0  # type: ignore[union-attr]
    cache = NameCache({}, stale_ttl=0.0, error_ttl=1.0, valid_ttl=60.0)
    cache.found("a", (Address("10.0.0.1"),), ttl=5.0, now=5.0)
    assert cache.get("a").expires == 65.0  # type: ignore[union-attr]


def test_names_that_are_made_up_without_end_do_not_fill_the_memory() -> None:
    cache = NameCache({}, stale_ttl=0.0, error_ttl=1.0, valid_ttl=None)
    for number in range(20_000):
        cache.failed(f"n{number}", NoSuchName(), now=0.0)
    assert cache.get("n9999") is None
    assert cache.get("n10000") is not None


def test_reading_a_hosts_file() -> None:
    lines = [
        "# comment",
        "127.0.0.1 localhost lo # x",
        "::1 localhost v6",
        "10.0.0.1\tUp up2",
        "nonsense x",
        "10.0.0.2 up",
    ]
    assert parse_hosts(lines) == {
        "localhost": (Address("127.0.0.1"),),
        "lo": (Address("127.0.0.1"),),
        "v6": (Address("::1"),),
        "up": (Address("10.0.0.1"), Address("10.0.0.2")),
        "up2": (Address("10.0.0.1"),),
    }
    assert parse_hosts([]) == {"localhost": (Address("127.0.0.1"),)}


@pytest.mark.parametrize(("text", "ip"), [("::1", "::1"), ("[::1]", "::1"), ("10.1.1.1", "10.1.1.1"), ("a.b", None)])
def test_a_literal_address(text: str, ip: str | None) -> None:
    assert literal(text) == (None if ip is None else (Address(ip),))


ZONE = {
    ("a.example.", "A"): ["10.0.0.1", "10.0.0.2"],
    ("six.example.", "AAAA"): ["2001:db8::1"],
    ("s.example.", "SRV"): ["1 5 8001 a.example."],
}


async def serve_dns(sock: trio.socket.SocketType) -> None:
    """A name server for ZONE: SERVFAIL for what begins with `broken`, NXDOMAIN for other names."""
    while True:
        data, client = await sock.recvfrom(4096)
        query = dns.message.from_wire(data)
        question = query.question[0]
        kind = dns.rdatatype.to_text(question.rdtype)
        response = dns.message.make_response(query)
        response.flags |= dns.flags.RA
        name = question.name.to_text()
        if name.startswith("broken"):
            response.set_rcode(dns.rcode.SERVFAIL)
        elif (name, kind) in ZONE:
            response.answer.append(dns.rrset.from_text(name, 60, "IN", kind, *ZONE[name, kind]))
        elif name not in {known for known, _ in ZONE}:
            response.set_rcode(dns.rcode.NXDOMAIN)
        await sock.sendto(response.to_wire(), client)


async def test_asking_a_name_server(nursery: trio.Nursery) -> None:
    with trio.socket.socket(trio.socket.AF_INET, trio.socket.SOCK_DGRAM) as sock:
        await sock.bind(("127.0.0.1", 0))
        nursery.start_soon(serve_dns, sock)
        settings = ResolverSettings(nameservers=(f"127.0.0.1:{sock.getsockname()[1]}",), family=("A", "AAAA", "SRV"))
        resolver = Resolver.from_settings(settings)
        await nursery.start(resolver.run)
        assert sorted(await resolver.resolve("a.example")) == [Address("10.0.0.1"), Address("10.0.0.2")]
        assert await resolver.resolve("six.example") == (Address("2001:db8::1"),)
        assert sorted(await resolver.resolve("s.example")) == [
            Address("10.0.0.1", 8001, 5),
            Address("10.0.0.2", 8001, 5),
        ]
        for name, status in (("none.example", 503), ("broken.example", 500), ("x" * 70 + ".example", 500)):
            with pytest.raises(UpstreamError) as caught:
                await resolver.resolve(name)
            assert caught.value.status == status
        nursery.cancel_scope.cancel()


async def test_a_name_server_that_does_not_answer_is_given_up_after_the_timeout() -> None:
    with trio.socket.socket(trio.socket.AF_INET, trio.socket.SOCK_DGRAM) as sock:
        await sock.bind(("127.0.0.1", 0))
        backend = DnsBackend([f"127.0.0.1:{sock.getsockname()[1]}"], timeout=0.05)
        with pytest.raises(QueryFailed):
            await backend.query("a.example", "A")
