"""A blocking client that sees every byte, for tests about what is on the wire."""

from __future__ import annotations

import socket
from dataclasses import dataclass


@dataclass(frozen=True)
class RawResponse:
    """A response as it was on the wire; names in lower case."""

    status: int
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes

    def all(self, name: str) -> list[bytes]:
        return [value for known, value in self.headers if known == name.encode()]


def get(target: str, headers: str = "", method: str = "GET") -> bytes:
    """A request without a body."""
    return f"{method} {target} HTTP/1.1\r\nHost: example.com\r\n{headers}\r\n".encode()


def talk(port: int, *requests: bytes) -> bytes:
    """Send all of it at once and return everything that comes until the other end closes."""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as sock:
        sock.sendall(b"".join(requests))
        pieces = []
        while data := sock.recv(65536):
            pieces.append(data)
    return b"".join(pieces)


def split(data: bytes, *methods: str) -> list[RawResponse]:
    """Cut what came into the responses to requests with these methods. What is left over is a smuggled response."""
    found = []
    for method in methods:
        head, mark, data = data.partition(b"\r\n\r\n")
        assert mark, f"no response to {method} in {head!r}"
        start, *lines = head.split(b"\r\n")
        version, status, _ = start.split(b" ", 2)
        assert version == b"HTTP/1.1", head
        pairs = [line.partition(b": ") for line in lines]
        assert all(colon for _, colon, _ in pairs), head
        response = RawResponse(int(status), tuple((name.lower(), value) for name, _, value in pairs), b"")
        body = b""
        if method != "HEAD" and response.status not in (204, 304):
            lengths = response.all("content-length")
            if response.all("transfer-encoding"):
                assert (lengths, response.all("transfer-encoding")) == ([], [b"chunked"]), head
                body, data = _dechunk(data)
            else:
                assert len(lengths) == 1, head
                size = int(lengths[0])
                body, data = data[:size], data[size:]
                assert len(body) == size, f"cut off: {head!r} {body!r}"
        found.append(RawResponse(response.status, response.headers, body))
    assert data == b"", f"left over behind the last response: {data[:200]!r}"
    return found


def _dechunk(data: bytes) -> tuple[bytes, bytes]:
    body = b""
    while True:
        line, _, data = data.partition(b"\r\n")
        size = int(line, 16)
        if not size:
            _, _, data = data.partition(b"\r\n")
            return body, data
        body, data = body + data[:size], data[size + 2 :]


def get_many(port: int, count: int, target: str = "/", *, status: int = 200, at_once: int = 25) -> None:
    """`count` requests on one connection, `at_once` pipelined, all of which must be answered with `status`."""
    mark = b"HTTP/1.1 %d " % status
    answered = 0
    with socket.create_connection(("127.0.0.1", port), timeout=60) as sock:
        for done in range(0, count, at_once):
            is_last = done + at_once >= count
            number = min(at_once, count - done)
            last = get(target, "Connection: close\r\n" if is_last else "")
            sock.sendall(get(target) * (number - 1) + last)
            data = bytearray()
            while (data.count(b"HTTP/1.1 ") < number or is_last) and (piece := sock.recv(65536)):
                data += piece
            answered += data.count(mark)
            assert data.count(mark) == number, bytes(data[:2000])
    assert answered == count
