"""TLS towards upstreams: contexts, and a socket that speaks it over a ReactorSocket."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from pathlib import Path

from oarlock.proxy.reactor import NEVER, ReactorSocket

_RECORD = 65536  # bytes encrypted at once: what waits to be sent stays bounded


class Contexts:
    """Client contexts, made once each.

    A server's certificate is verified unless the caller says otherwise: against `trusted_certificate` (a file of CA
    certificates in PEM), or the system's store where that is None.
    """

    def __init__(self, trusted_certificate: Path | None) -> None:
        self._trusted_certificate = trusted_certificate
        self._contexts: dict[bool, ssl.SSLContext] = {}

    def get(self, verify: bool) -> ssl.SSLContext:
        """Raises OSError or ssl.SSLError when the file of CA certificates can't be used."""
        context = self._contexts.get(verify)
        if context is None:
            context = ssl.create_default_context(
                cafile=str(self._trusted_certificate) if verify and self._trusted_certificate else None
            )
            if not verify:
                context.check_hostname = False
                context.verify_mode = ssl.CERT_NONE
            context.set_alpn_protocols(["http/1.1"])
            self._contexts[verify] = context
        return context


class TlsSocket:
    """A TLS connection as client, with the interface of ReactorSocket. One reader and one writer at a time."""

    __slots__ = ("_incoming", "_outgoing", "_tls", "sock")

    def __init__(self, sock: ReactorSocket, context: ssl.SSLContext, server_name: str) -> None:
        self.sock = sock
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname=server_name or None)

    async def handshake(self, timeout: float) -> None:
        """Open the connection; reads wait until `deadline`, each write at most `timeout` seconds.

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
                return await self._flush(timeout)

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
