"""Listening sockets: made by the master, one per worker slot, kept open for as long as it lives.

The kernel shares connections out over the sockets of a port (SO_REUSEPORT). A worker that is replaced hands its slot's
socket on with the connections that wait in it, because the master never closed it.
"""

from __future__ import annotations

import contextlib
import errno
import socket
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from oarlock.errors import OarlockError

if TYPE_CHECKING:
    from oarlock.config.settings import Listen

_BACKLOG: Final = 4096


class AddressTaken(OarlockError):
    """Another process listens there already."""

    def __init__(self, host: str, port: int) -> None:
        super().__init__(
            f"cannot listen on {host}:{port}: the address is in use; "
            f"stop what listens there, or choose another with `listen`, OARLOCK_PROXY_LISTEN or --listen"
        )


def open_slots(addresses: Sequence[Listen], slots: int) -> list[list[socket.socket]]:
    """Listening sockets for each of `slots` workers. A port of 0 is chosen by the kernel, the same for all slots.

    Raises:
        AddressTaken: somebody else listens there.
        OarlockError: the address can't be listened on.
    """
    with contextlib.ExitStack() as on_error:
        slot_sockets: list[list[socket.socket]] = [[] for _ in range(slots)]
        for address in addresses:
            _refuse_taken(address.host, address.port)
            port = address.port
            for sockets in slot_sockets:
                sock = _listen(address.host, port)
                on_error.callback(sock.close)
                port = sock.getsockname()[1]
                sockets.append(sock)
        on_error.pop_all()
    return slot_sockets


def _refuse_taken(host: str, port: int) -> None:
    """SO_REUSEPORT lets a second gateway of the same user join in silence: so ask first without it."""
    if port:
        with _bound(host, port, reuse_port=False):
            pass


def _listen(host: str, port: int) -> socket.socket:
    sock = _bound(host, port, reuse_port=True)
    sock.listen(_BACKLOG)
    sock.setblocking(False)
    return sock


def _bound(host: str, port: int, *, reuse_port: bool) -> socket.socket:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE | socket.AI_NUMERICHOST
        )[0]
    except socket.gaierror:
        raise OarlockError(f"cannot listen on {host}:{port}: {host!r} is not an IP address") from None
    sock = socket.socket(family, kind, protocol)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if reuse_port:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        if family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        sock.bind(address)
    except OSError as error:
        sock.close()
        if error.errno == errno.EADDRINUSE:
            raise AddressTaken(host, port) from None
        raise OarlockError(f"cannot listen on {host}:{port}: {error.strerror}") from None
    return sock
