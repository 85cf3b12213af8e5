"""What is known about names: addresses with the time they are good for. No I/O; the time is an argument."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Final, NamedTuple

_SMALLEST_TTL: Final = 1.0  # seconds: below, each request would ask anew
_SIZE: Final = 10_000  # names


class Address(NamedTuple):
    """Where a name leads. Only SRV answers bring a port and a weight."""

    ip: str
    port: int | None = None
    weight: int | None = None


Addresses = tuple[Address, ...]


class Entry:
    """What a look-up brought: `addresses`, or none because of `error`."""

    __slots__ = ("addresses", "error", "expires", "stale_until")

    def __init__(self, addresses: Addresses, error: Exception | None, expires: float, stale_until: float) -> None:
        self.addresses = addresses
        self.error = error
        self.expires = expires  # after this, ask again
        self.stale_until = stale_until  # after this, do not use


class NameCache:
    """Names looked up lately, at most 10,000; those of the hosts file for ever.

    `generation` changes whenever a name leads elsewhere than before.
    """

    __slots__ = ("_entries", "_error_ttl", "_hosts", "_stale_ttl", "_valid_ttl", "generation")

    def __init__(
        self, hosts: Mapping[str, Addresses], stale_ttl: float, error_ttl: float, valid_ttl: float | None
    ) -> None:
        self._hosts = {name: Entry(addresses, None, float("inf"), float("inf")) for name, addresses in hosts.items()}
        self._entries: dict[str, Entry] = {}
        self._stale_ttl = stale_ttl
        self._error_ttl = error_ttl
        self._valid_ttl = valid_ttl  # instead of the answer's
        self.generation = 0

    def get(self, name: str) -> Entry | None:
        """Return what is known of a name in lower case, however old."""
        return self._hosts.get(name) or self._entries.get(name)

    def found(self, name: str, addresses: Addresses, ttl: float, now: float) -> None:
        """A look-up brought addresses, good for `ttl` seconds."""
        expires = now + max(_SMALLEST_TTL, ttl if self._valid_ttl is None else self._valid_ttl)
        before = self._entries.pop(name, None)
        if before is None or before.addresses != addresses:
            self.generation += 1
        self._put(name, Entry(addresses, None, expires, expires + self._stale_ttl))

    def failed(self, name: str, error: Exception, now: float, ttl: float | None = None) -> None:
        """A look-up brought nothing: what was known before serves on while it may; else the error does for `ttl`."""
        retry_at = now + max(_SMALLEST_TTL, self._error_ttl if ttl is None else ttl)
        before = self._entries.pop(name, None)
        if before is not None and before.addresses and now < before.stale_until:
            before.expires = min(retry_at, before.stale_until)
            self._put(name, before)
        else:
            self.generation += before is not None and before.error is None
            self._put(name, Entry((), error, retry_at, retry_at))

    def _put(self, name: str, entry: Entry) -> None:
        if len(self._entries) >= _SIZE:
            del self._entries[next(iter(self._entries))]
        self._entries[name] = entry


@lru_cache(4096)
def literal(host: str) -> Addresses | None:
    """The address that `host` is itself, brackets of IPv6 taken off; None for a name."""
    try:
        return (Address(str(ipaddress.ip_address(host.removeprefix("[").removesuffix("]")))),)
    except ValueError:
        return None


def parse_hosts(lines: Iterable[str]) -> dict[str, Addresses]:
    """Read a hosts file: names in lower case to addresses. A name that has IPv4 addresses keeps only those."""
    found: dict[str, list[Address]] = {"localhost": []}
    for line in lines:
        words = line.partition("#")[0].split()
        if len(words) > 1 and (address := literal(words[0])) is not None:
            for name in words[1:]:
                found.setdefault(name.lower(), []).extend(address)
    if not found["localhost"]:
        found["localhost"].append(Address("127.0.0.1"))  # RFC 6761 §6.3
    return {
        name: tuple(address for address in all_of_it if ":" not in address.ip) or tuple(all_of_it)
        for name, all_of_it in found.items()
    }
