"""Trusted addresses, and the client that a trusted peer names."""

from __future__ import annotations

import pytest

from oarlock.proxy.exchange import Connection, Headers
from oarlock.proxy.headers import TrustedAddresses, real_ip

TRUSTED = TrustedAddresses(["10.0.0.0/8", "192.0.2.7", "2001:db8::/32"])


@pytest.mark.parametrize(
    ("ip", "is_trusted"),
    [
        ("10.1.2.3", True),
        ("192.0.2.7", True),
        ("192.0.2.8", False),
        ("2001:db8::5", True),
        ("2001:db9::5", False),
        ("::ffff:10.0.0.1", True),
        ("no address", False),
        ("", False),
    ],
)
def test_addresses_and_blocks(ip: str, is_trusted: bool) -> None:
    for _ in range(2):  # the second time from the cache
        assert TRUSTED.contains(ip) is is_trusted


def test_nobody_is_trusted_by_default_and_both_whole_families_trust_even_what_is_no_address() -> None:
    assert not TrustedAddresses([]).contains("127.0.0.1")
    assert not TrustedAddresses(["unix:"]).contains("127.0.0.1")
    assert not TrustedAddresses(["0.0.0.0/0"]).contains("garbage")
    assert TrustedAddresses(["0.0.0.0/0", "::/0"]).contains("garbage")


def client(value: bytes | Headers, recursive: bool = False, trusted: bool = True) -> tuple[str, int | None]:
    connection = Connection("10.0.0.1", 999, "10.0.0.2", 8000, "http", trusted)
    headers = [(b"x-real-ip", value)] if isinstance(value, bytes) else value
    return real_ip(connection, headers, b"x-real-ip", TRUSTED, recursive)


PEER = ("10.0.0.1", 999)


@pytest.mark.parametrize(
    ("value", "last", "last_untrusted"),
    [
        (b"203.0.113.5", ("203.0.113.5", None), ("203.0.113.5", None)),
        (b"203.0.113.5:1234", ("203.0.113.5", 1234), ("203.0.113.5", 1234)),
        (b"[2001:db9::1]:1234", ("2001:db9::1", 1234), ("2001:db9::1", 1234)),
        (b"[2001:db9::1]", ("2001:db9::1", None), ("2001:db9::1", None)),
        (b"2001:db9:0::1", ("2001:db9::1", None), ("2001:db9::1", None)),
        (b"1.1.1.1, 2.2.2.2, 10.0.0.9", ("10.0.0.9", None), ("2.2.2.2", None)),
        (b"10.0.0.8, 10.0.0.9", ("10.0.0.9", None), ("10.0.0.8", None)),
        (b"1.1.1.1, nonsense, 10.0.0.9", ("10.0.0.9", None), ("10.0.0.9", None)),
        (b"nonsense", PEER, PEER),
        (b"", PEER, PEER),
        (b"203.0.113.5:0", PEER, PEER),
        (b"203.0.113.5:x", PEER, PEER),
        (b"[2001:db9::1", PEER, PEER),
        (b"\xd9\xa1.1.1.1", PEER, PEER),
    ],
)
def test_the_address_named_by_a_trusted_peer(
    value: bytes, last: tuple[str, int | None], last_untrusted: tuple[str, int | None]
) -> None:
    assert client(value) == last
    assert client(value, recursive=True) == last_untrusted


def test_several_lines_count_as_one_list() -> None:
    lines = [(b"x-real-ip", b"1.1.1.1"), (b"other", b"3.3.3.3"), (b"x-real-ip", b"10.0.0.9")]
    assert client(lines) == ("10.0.0.9", None)
    assert client(lines, recursive=True) == ("1.1.1.1", None)


def test_without_the_header_or_without_trust_the_peer_is_the_client() -> None:
    assert client([]) == PEER
    assert client(b"203.0.113.5", trusted=False) == PEER
