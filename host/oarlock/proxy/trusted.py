"""Who may say on whose behalf a request comes, and whom they name."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from typing import Final

from oarlock.proxy.exchange import Connection, Headers
from oarlock.router.cache import TwoGenerations

_CACHED_ADDRESSES: Final = 4096  # per generation
_EVERYBODY: Final = frozenset({"0.0.0.0/0", "::/0"})


class TrustedAddresses:
    """Addresses and CIDR blocks: the setting `trusted_ips`."""

    __slots__ = ("_cache", "_networks", "_trusts_all")

    def __init__(self, networks: Iterable[str]) -> None:
        """`networks` were checked when the settings were; `unix:` among them stands for no address."""
        texts = [text for text in networks if text != "unix:"]
        self._networks = [ipaddress.ip_network(text, strict=False) for text in texts]
        self._trusts_all = frozenset(texts) >= _EVERYBODY
        self._cache: TwoGenerations[str, bool] = TwoGenerations(_CACHED_ADDRESSES)

    def contains(self, ip: str) -> bool:
        """Whether `ip` is one of them. Text that is no address is not, unless all are trusted (as in Kong)."""
        if not self._networks:
            return False
        if self._trusts_all:
            return True
        trusted = self._cache.get(ip)
        if trusted is None:
            trusted = self._look_up(ip)
            if len(ip) <= 64:
                self._cache.put(ip, trusted)
        return trusted

    def _look_up(self, ip: str) -> bool:
        try:
            address = ipaddress.ip_address(ip)
        except ValueError:
            return False
        if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
            address = address.ipv4_mapped
        return any(address in network for network in self._networks)


def real_ip(
    connection: Connection, headers: Headers, header: bytes, trusted: TrustedAddresses, is_recursive: bool
) -> tuple[str, int | None]:
    """Return address and port of the client that a trusted peer names in `header` (lower case); else the peer's.

    The header's last address counts; with `is_recursive`, the last one that is not trusted itself, or the first if all
    are. An address that can't be read ends the search. The port is None when the header gives none.
    """
    client: tuple[str, int | None] = (connection.peer_ip, connection.peer_port)
    if not connection.is_trusted:
        return client
    named = b",".join([value for name, value in headers if name == header])
    for text in reversed(named.split(b",")):
        address = _read_address(text.strip(b" \t"))
        if address is None:
            break
        client = address
        if not is_recursive or not trusted.contains(address[0]):
            break
    return client


def _read_address(text: bytes) -> tuple[str, int | None] | None:
    """Read `ip`, `ipv4:port`, `[ipv6]` or `[ipv6]:port`."""
    if len(text) > 64 or not text.isascii():
        return None
    host, port = text.decode(), ""
    if host.startswith("["):
        host, bracket, port = host[1:].partition("]")
        if not bracket or (port and not port.startswith(":")):
            return None
        port = port[1:]
    elif host.count(":") == 1:
        host, _, port = host.partition(":")
    if port and not (port.isdigit() and 0 < int(port) < 65536):
        return None
    try:
        return str(ipaddress.ip_address(host)), int(port) if port else None
    except ValueError:
        return None
