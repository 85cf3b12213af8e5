"""TLS towards upstreams: contexts, and a socket that speaks it over a ReactorSocket."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Final, NamedTuple

from oarlock.proxy.reactor import NEVER, ReactorSocket

_RECORD = 65536  # bytes encrypted at once: what waits to be sent stays bounded
_CONTEXTS_KEPT: Final = 64


class Verification(NamedTuple):
    """How a server's certificate is verified."""

    depth: int | None = None  # most authorities between the certificate and a trusted one; None: OpenSSL's limit
    authorities: tuple[str, ...] = ()  # trusted ones in PEM; none: those that all upstreams are checked against


class Contexts:
    """Client contexts, made once each.

    Where nothing else is said, a certificate is verified against `trusted_certificate` (a file of CA certificates in
    PEM), or the system's store where that is None.
    """

    def __init__(self, trusted_certificate: Path | None) -> None:
        self._trusted_certificate = trusted_certificate
        self._contexts: dict[tuple[str, ...] | None, ssl.SSLContext] = {}

    def get(self, verification: Verification | None) -> ssl.SSLContext:
        """Return the context for this verification, None for none at all.

        Raises:
            OSError, ssl.SSLError: the file of CA certificates can't be used.
        """
        authorities = None if verification is None else verification.authorities
        context = self._contexts.get(authorities)
        if context is None:
            context = self._make(authorities)
            if len(self._contexts) >= _CONTEXTS_KEPT:
                self._contexts.clear()  # of configurations that are long gone, most of them
            self._contexts[authorities] = context
        return context

    def _make(self, authorities: tuple[str, ...] | None) -> ssl.SSLContext:
        if authorities:
            context = ssl.create_default_context(cadata="\n".join(authorities))
        else:
            file = None if authorities is None else self._trusted_certificate
            context = ssl.create_default_context(cafile=None if file is None else str(file))
        if authorities is None:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        context.set_alpn_protocols(["http/1.1"])
        return context


class TlsSocket:
    """A TLS connection as client, with the interface of ReactorSocket. One reader and one writer at a time."""

    __slots__ = ("_incoming", "_outgoing", "_tls", "sock")

    def __init__(self, sock: ReactorSocket, context: ssl.SSLContext, server_name: str) -> None:
        """Raises ValueError when `server_name` can't be asked for: a label is empty or too long."""
        self.sock = sock
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname=server_name or None)

    async def handshake(self, timeout: float, depth: int | None = None) -> None:
        """Open the connection; reads wait until `deadline`, each write at most `timeout` seconds.

        `depth`: see `Verification`.

        Raises:
            ssl.SSLError: not TLS, or the certificate was not accepted.
            OSError, DeadlinePassed: as of ReactorSocket.
        """
        while True:
            try:
                self._tls.do_handshake()
            except ssl.SSLWantReadError:
                await self._flush(timeout)
                await self._receive()
            except ssl.SSLError:
                await self._flush(timeout)  # the alert that tells the peer why
                raise
            else:
                if depth is not None and self._authorities_between() > depth:
                    raise ssl.SSLCertVerificationError("certificate chain too long")
                return await self._flush(timeout)

    def _authorities_between(self) -> int:
        """How many authorities stand between the server's certificate and the trusted one."""
        # Public from Python 3.13 on; before, the same method of the object within.
        verified = getattr(self._tls, "get_verified_chain", None) or self._tls._sslobj.get_verified_chain  # type: ignore[attr-defined]
        return len(verified() or ()) - 2

    @property
    def deadline(self) -> float:
        return self.sock.deadline

    @deadline.setter
    def deadline(self, value: float) -> None:
        self.sock.deadline = value

    @property
    def on_hangup(self) -> Callable[[], None] | None:
        return self.sock.on_hangup

    @on_hangup.setter
    def on_hangup(self, hook: Callable[[], None] | None) -> None:
        self.sock.on_hangup = hook

    @property
    def on_expire(self) -> Callable[[], None] | None:
        return self.sock.on_expire

    @on_expire.setter
    def on_expire(self, hook: Callable[[], None] | None) -> None:
        self.sock.on_expire = hook

    def is_quiet(self) -> bool:
        return not self._incoming.pending and not self._tls.pending() and self.sock.is_quiet()

    async def receive_some(self, max_bytes: int = 65536) -> bytes:
        """As of ReactorSocket; an end that the peer did not announce (close_notify) raises ssl.SSLError: cut off."""
        while True:
            try:
                return self._tls.read(max_bytes)
            except ssl.SSLZeroReturnError:
                return b""
            except ssl.SSLWantReadError:
                await self._receive()  # what the reader has to say (a key update) goes out with the next write

    async def receive_into(self, buffer: bytearray | memoryview) -> int:
        data = await self.receive_some(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    async def send_all(self, data: bytes | memoryview, timeout: float = NEVER) -> None:
        view = memoryview(data)
        for at in range(0, len(view), _RECORD):
            self._tls.write(view[at : at + _RECORD])
            await self._flush(timeout)

    def abort(self, error: Exception) -> None:
        self.sock.abort(error)

    def close(self) -> None:
        self.sock.close()

    async def _receive(self) -> None:
        data = await self.sock.receive_some()
        if data:
            self._incoming.write(data)
        else:
            self._incoming.write_eof()

    async def _flush(self, timeout: float) -> None:
        while data := self._outgoing.read():
            await self.sock.send_all(data, timeout)
