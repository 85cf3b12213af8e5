"""From names to addresses, off the request path.

A request asks `cached`, which never waits; only a name that nobody asked for before makes it wait in `resolve`. An
answer that is past its time is served on while a new one is fetched. Queries run in the resolver's own nursery, one at
a time for each name, so a client that goes away cancels nothing that others wait for.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final, Protocol

import dns.asyncresolver
import dns.exception
import dns.nameserver
import dns.resolver
import trio

from oarlock.errors import UpstreamError
from oarlock.proxy.names import Address, Addresses, NameCache, literal, parse_hosts

if TYPE_CHECKING:
    from oarlock.config.settings import ResolverSettings

log = logging.getLogger("oarlock.resolve")

_NOT_FOUND_TTL: Final = 30.0  # seconds

Record = tuple[str, int, int, int]  # SRV: target, port, weight, priority; others: address, 0, 0, 0


class NoSuchName(Exception):
    """There is no such name, or it has no record of that type."""


class QueryFailed(Exception):
    """No usable answer came; the text says why."""


class Backend(Protocol):
    """Who asks the name servers."""

    async def query(self, name: str, kind: str) -> tuple[Sequence[Record], float]:
        """Return the records of a type ("A", "AAAA", "SRV") and their TTL in seconds.

        Raises: NoSuchName, QueryFailed.
        """


class DnsBackend:
    """Asks by DNS, as resolv.conf says (search list included) unless name servers are given."""

    def __init__(self, nameservers: Sequence[str], timeout: float) -> None:
        """`nameservers` are ADDRESS or ADDRESS:PORT; `timeout` is for a query with all its repetitions, in seconds."""
        self._timeout = timeout
        try:
            self._resolver = dns.asyncresolver.Resolver(configure=not nameservers)
        except dns.resolver.NoResolverConfiguration:
            self._resolver = dns.asyncresolver.Resolver(configure=False)
            self._resolver.nameservers = ["127.0.0.1"]
        if nameservers:
            self._resolver.nameservers = [_nameserver(text) for text in nameservers]

    async def query(self, name: str, kind: str) -> tuple[Sequence[Record], float]:
        try:
            answer = await self._resolver.resolve(name, kind, lifetime=self._timeout, search=True)
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer) as missing:
            raise NoSuchName(str(missing)) from None
        except (dns.exception.DNSException, OSError, UnicodeError) as error:
            raise QueryFailed(str(error) or type(error).__name__) from None
        assert answer.rrset is not None
        if kind == "SRV":
            return [(str(r.target).rstrip("."), r.port, r.weight, r.priority) for r in answer], answer.rrset.ttl
        return [(r.address, 0, 0, 0) for r in answer], answer.rrset.ttl


class Resolver:
    """Names to addresses, remembered. `run` must be running for `resolve` to find what is not remembered."""

    def __init__(self, settings: ResolverSettings, hosts: Mapping[str, Addresses], backend: Backend) -> None:
        self._family = settings.family
        self._cache = NameCache(hosts, settings.stale_ttl, settings.error_ttl, settings.valid_ttl)
        self._backend = backend
        self._lookups: dict[str, trio.Event] = {}  # under way
        self._nursery: trio.Nursery | None = None

    @classmethod
    def from_settings(cls, settings: ResolverSettings) -> Resolver:
        """Make one that reads the hosts file and asks by DNS."""
        try:
            hosts = parse_hosts(settings.hosts_file.read_text(encoding="utf-8", errors="replace").splitlines())
        except OSError as error:
            log.warning("hosts file %s is not used: %s", settings.hosts_file, error)
            hosts = parse_hosts([])
        return cls(settings, hosts, DnsBackend(settings.nameservers, settings.timeout))

    @property
    def generation(self) -> int:
        """Changes whenever a name leads elsewhere than before."""
        return self._cache.generation

    def cached(self, name: str) -> Addresses | None:
        """Return the addresses of a name without waiting; None when they are not known, or not to be had.

        What is not known is fetched, so that it will be. An old answer is returned while a new one is fetched.
        """
        if (addresses := literal(name)) is not None:
            return addresses
        name = name.lower()
        entry = self._cache.get(name)
        if entry is None:
            self._begin(name)
            return None
        now = trio.current_time()
        if now >= entry.expires:
            self._begin(name)
            if now >= entry.stale_until:
                return None
        return entry.addresses or None

    async def resolve(self, name: str) -> Addresses:
        """Return the addresses of a name, at least one; wait for them if they are not known.

        Raises:
            UpstreamError: 503 when the name does not exist or has no address, 500 when nobody can tell. Both are
                remembered for a while.
        """
        if (addresses := self.cached(name)) is not None:
            return addresses
        name = name.lower()
        entry = self._cache.get(name)
        if entry is None or trio.current_time() >= entry.expires:
            await self._begin(name).wait()
            entry = self._cache.get(name)
        if entry is None:
            raise UpstreamError(503, "name resolution failed")
        if isinstance(entry.error, UpstreamError):
            raise UpstreamError(entry.error.status, entry.error.message)
        return entry.addresses

    async def run(self, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """Fetch what is asked for, until cancelled."""
        try:
            async with trio.open_nursery() as self._nursery:
                task_status.started()
                await trio.sleep_forever()
        finally:
            self._nursery = None
            while self._lookups:
                self._lookups.popitem()[1].set()

    def _begin(self, name: str) -> trio.Event:
        """Look a name up, unless that is under way; the event is set when there is an outcome."""
        done = self._lookups.get(name)
        if done is None:
            done = trio.Event()
            if self._nursery is None:
                done.set()
            else:
                self._lookups[name] = done
                self._nursery.start_soon(self._look_up, name)
        return done

    async def _look_up(self, name: str) -> None:
        try:
            addresses, ttl = await self._ask(name)
        except NoSuchName as missing:
            log.warning("name %s: %s", name, missing)
            error = UpstreamError(503, "name resolution failed")
            self._cache.failed(name, error, trio.current_time(), _NOT_FOUND_TTL)
        except QueryFailed as failure:
            log.warning("name %s could not be looked up: %s", name, failure)
            self._cache.failed(name, UpstreamError(500, "name resolution failed"), trio.current_time())
        else:
            self._cache.found(name, addresses, ttl, trio.current_time())
        finally:
            if (done := self._lookups.pop(name, None)) is not None:
                done.set()

    async def _ask(self, name: str) -> tuple[Addresses, float]:
        """Ask for each type of the family until one has an answer. Raises NoSuchName, QueryFailed."""
        failure: QueryFailed | None = None
        for kind in self._family:
            try:
                records, ttl = await self._backend.query(name, kind)
                if kind == "SRV":
                    return await self._addresses_of(records, ttl)
                return tuple(Address(address) for address, *_ in records), ttl
            except NoSuchName:
                continue
            except QueryFailed as error:
                failure = error
        raise failure or NoSuchName(f"no record of type {', '.join(self._family)}")

    async def _addresses_of(self, records: Sequence[Record], ttl: float) -> tuple[Addresses, float]:
        """Follow SRV records to addresses: those of the smallest priority that lead anywhere (RFC 2782)."""
        kinds = [kind for kind in self._family if kind != "SRV"] or ["A"]
        for priority in sorted({record[3] for record in records}):
            found: list[Address] = []
            for target, port, weight, _ in (record for record in records if record[3] == priority):
                for kind in kinds:
                    try:
                        addresses, address_ttl = await self._backend.query(target, kind)
                    except NoSuchName:
                        continue
                    found += [Address(address, port, weight or 1) for address, *_ in addresses]
                    ttl = min(ttl, address_ttl)
                    break
            if found:
                return tuple(found), ttl
        raise NoSuchName("its SRV records lead nowhere")


def _nameserver(text: str) -> dns.nameserver.Nameserver:
    host, port = text, 53
    if literal(text) is None:
        host, _, digits = text.rpartition(":")
        port = int(digits)
    address = literal(host)
    if address is None:
        raise ValueError(f"not the address of a name server: {text}")
    return dns.nameserver.Do53Nameserver(address[0].ip, port)
