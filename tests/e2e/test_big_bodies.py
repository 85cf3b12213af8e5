"""A gibibyte up and a gibibyte down, through a worker whose memory stays as it was."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import psutil
import pytest

from support.gateway import Gateway
from support.streams import CHUNK, streaming_upstream

SIZE = 1 << 30  # bytes
MAX_GROWTH = 40 << 20  # bytes of the worker's resident memory

SERVICES = "services:\n  - name: s\n    url: {url}\n    routes: [{{name: all, paths: [/], strip_path: false}}]\n"


class Peak:
    """The largest resident memory of a process while the block runs, sampled."""

    def __init__(self, pid: int) -> None:
        self._process = psutil.Process(pid)
        self.before = self.peak = self._process.memory_info().rss

    @contextmanager
    def sampled(self) -> Iterator[None]:
        over = threading.Event()

        def sample() -> None:
            while not over.wait(0.05):
                self.peak = max(self.peak, self._process.memory_info().rss)

        thread = threading.Thread(target=sample)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()

    @property
    def growth(self) -> int:
        return self.peak - self.before

    def __str__(self) -> str:
        return f"worker {self.before / 2**20:.1f} MiB before, at most {self.peak / 2**20:.1f} MiB while it lasted"


def upload(sock: socket.socket, *, chunked: bool) -> None:
    framing = "Transfer-Encoding: chunked" if chunked else f"Content-Length: {SIZE}"
    sock.sendall(f"POST /count HTTP/1.1\r\nHost: a\r\n{framing}\r\n\r\n".encode())
    piece = b"%x\r\n%b\r\n" % (len(CHUNK), CHUNK) if chunked else CHUNK
    for _ in range(SIZE // len(CHUNK)):
        sock.sendall(piece)
    if chunked:
        sock.sendall(b"0\r\n\r\n")


def download(sock: socket.socket) -> int:
    """Read one response with a length and return the bytes of its body."""
    room = bytearray(1 << 20)
    head = b""
    while b"\r\n\r\n" not in head:
        piece = sock.recv(65536)
        assert piece, head
        head += piece
    head, _, body = head.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 "), head
    length = int(next(line for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:"))[15:])
    size = len(body)
    while size < length and (taken := sock.recv_into(room)):
        size += taken
    return size


def download_chunks(sock: socket.socket) -> int:
    """Read one response in chunks, until the connection ends, and return the bytes on the wire."""
    room = bytearray(1 << 20)
    size = 0
    while taken := sock.recv_into(room):
        size += taken
    return size


@pytest.fixture
def serving(gateway: Gateway) -> Iterator[Gateway]:
    with streaming_upstream() as url:
        gateway.write(SERVICES.format(url=url))
        yield gateway.start()


def worker_of(gateway: Gateway) -> int:
    """Its pid, after a first request has loaded what is loaded late."""
    gateway.request("/length/1000000")
    gateway.request("/count", "POST", body=bytes(1_000_000))
    return int(gateway.status()["workers"][0]["pid"])


@pytest.mark.parametrize("chunked", [False, True], ids=["length", "chunked"])
def test_a_gibibyte_up_in_constant_memory(serving: Gateway, chunked: bool) -> None:
    peak = Peak(worker_of(serving))
    with peak.sampled(), socket.create_connection(("127.0.0.1", serving.port), timeout=100) as sock:
        upload(sock, chunked=chunked)
        answer = sock.recv(65536)
    print(f"1 GiB up, {'chunked' if chunked else 'with its length'}: {peak}")
    assert answer.endswith(b"%d bytes, %b\n" % (SIZE, b"chunked" if chunked else b"content-length"))
    assert peak.growth < MAX_GROWTH


def test_a_gibibyte_down_in_constant_memory(serving: Gateway) -> None:
    peak = Peak(worker_of(serving))
    with peak.sampled(), socket.create_connection(("127.0.0.1", serving.port), timeout=100) as sock:
        sock.sendall(b"GET /length/%d HTTP/1.1\r\nHost: a\r\n\r\n" % SIZE)
        received = download(sock)
    print(f"1 GiB down, with its length: {peak}")
    assert received == SIZE
    assert peak.growth < MAX_GROWTH


def test_a_gibibyte_down_in_chunks_in_constant_memory(serving: Gateway) -> None:
    peak = Peak(worker_of(serving))
    with peak.sampled(), socket.create_connection(("127.0.0.1", serving.port), timeout=100) as sock:
        sock.sendall(b"GET /chunked/%d HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n" % SIZE)
        received = download_chunks(sock)
    print(f"1 GiB down, in chunks: {peak}")
    assert received > SIZE
    assert peak.growth < MAX_GROWTH


def test_a_client_that_reads_nothing_holds_back_the_upstream_and_not_the_memory(serving: Gateway) -> None:
    peak = Peak(worker_of(serving))
    with peak.sampled(), socket.socket() as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        sock.connect(("127.0.0.1", serving.port))
        sock.sendall(b"GET /length/%d HTTP/1.1\r\nHost: a\r\n\r\n" % SIZE)
        for _ in range(20):  # meanwhile others are served
            assert serving.request("/length/1000000").status == 200
    print(f"1 GiB for a client that reads nothing: {peak}")
    assert peak.growth < MAX_GROWTH
