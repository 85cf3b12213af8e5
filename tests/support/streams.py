"""An upstream for large and unusual bodies: raw sockets, a thread for each connection, constant memory."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator

CHUNK = bytes(range(256)) * 4096  # 1 MiB


class _Reader:
    """Reads requests from a socket."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self.buffer = b""
        self.room = bytearray(1 << 20)

    def line(self) -> bytes:
        while b"\r\n" not in self.buffer:
            data = self.sock.recv(65536)
            if not data:
                raise EOFError
            self.buffer += data
        found, _, self.buffer = self.buffer.partition(b"\r\n")
        return found

    def skip(self, size: int) -> None:
        """Read and forget `size` bytes."""
        there = len(self.buffer[:size])
        self.buffer = self.buffer[there:]
        size -= there
        while size:
            taken = self.sock.recv_into(self.room, min(size, len(self.room)))
            if not taken:
                raise EOFError
            size -= taken


def _answer(reader: _Reader) -> None:
    """Take one request and answer it."""
    method, target, _ = reader.line().decode().split(" ")
    headers = {}
    while line := reader.line():
        name, _, value = line.decode().partition(": ")
        headers[name.lower()] = value
    send = reader.sock.sendall
    if target.startswith("/refuse"):
        return send(b"HTTP/1.1 403 No\r\ncontent-length: 3\r\n\r\nno\n")
    if "expect" in headers:
        send(b"HTTP/1.1 100 Continue\r\n\r\n")
    received = _skip_body(reader, headers)
    kind, _, size = target[1:].partition("/")
    if kind == "count":
        how = "chunked" if "transfer-encoding" in headers else "content-length"
        text = b"%d bytes, %b\n" % (received, how.encode())
        return send(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%b" % (len(text), text))
    if kind == "trailers":
        head = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ntrailer: x-checksum\r\n\r\n"
        return send(head + b"5\r\nhello\r\n0\r\nx-checksum: 5d41\r\n\r\n")
    left = int(size or 0)
    is_chunked = kind == "chunked"
    framing = b"transfer-encoding: chunked" if is_chunked else b"content-length: %d" % left
    send(b"HTTP/1.1 200 OK\r\n%b\r\n\r\n" % framing)
    if method == "HEAD":
        return None
    while left:
        piece = memoryview(CHUNK)[: min(left, len(CHUNK))]
        left -= len(piece)
        if is_chunked:
            send(b"%x\r\n" % len(piece))
        send(piece)
        if is_chunked:
            send(b"\r\n")
    if is_chunked:
        send(b"0\r\n\r\n")
    return None


def _skip_body(reader: _Reader, headers: dict[str, str]) -> int:
    if "transfer-encoding" not in headers:
        size = int(headers.get("content-length", 0))
        reader.skip(size)
        return size
    received = 0
    while size := int(reader.line().partition(b";")[0], 16):
        reader.skip(size + 2)
        received += size
    while reader.line():
        pass  # trailers
    return received


@contextlib.contextmanager
def streaming_upstream() -> Iterator[str]:
    """Its URL. `/count` says how much was uploaded, `/length/N` and `/chunked/N` send N bytes, `/trailers` a trailer,
    `/refuse` answers 403 before the body has come."""
    with socket.create_server(("127.0.0.1", 0), backlog=128) as listening:
        connections: list[socket.socket] = []

        def serve(sock: socket.socket) -> None:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            reader = _Reader(sock)
            with sock, contextlib.suppress(EOFError, OSError):
                while True:
                    _answer(reader)

        def accept() -> None:
            with contextlib.suppress(OSError):
                while True:
                    sock, _ = listening.accept()
                    connections.append(sock)
                    threading.Thread(target=serve, args=(sock,), daemon=True).start()

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            with contextlib.suppress(OSError):
                listening.shutdown(socket.SHUT_RDWR)
            thread.join(5)
            for sock in connections:
                with contextlib.suppress(OSError):
                    sock.shutdown(socket.SHUT_RDWR)
