"""Constant load on a gateway, and an upstream that checks every request it gets: did the plugin see it?

Both run in a thread of their own, so that a test reads like what a person would do meanwhile. The plugin is
`tests/chaos/plugins/witness.py`: it answers the serial number of a request with a mark that only it can make.
"""

from __future__ import annotations

import contextlib
import queue
import threading
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from typing import TypeVar

import trio

from support.gateway import eventually
from support.http import Message, Wire

T = TypeVar("T")
Main = Callable[[T, trio.abc.ReceiveChannel[None]], Awaitable[None]]

BODY = bytes(range(256)) * 256  # 64 KiB
_PAUSE = 0.004  # seconds between two requests of a client: constant load, not as much as fits


def mark_of(serial: str) -> str:
    """What the witness makes of a serial number."""
    return f"{int(serial) * 7919 + 1:x}"


@contextlib.contextmanager
def in_a_thread(main: Callable[[], Awaitable[None]], ready: threading.Event) -> Iterator[None]:
    """Run `main` in trio, in a thread, for the block. `main` sets `ready`, and is cancelled in the end."""
    failures: list[BaseException] = []
    scope: queue.SimpleQueue[tuple[trio.lowlevel.TrioToken, trio.CancelScope]] = queue.SimpleQueue()

    async def run() -> None:
        with trio.CancelScope() as cancelling:
            scope.put((trio.lowlevel.current_trio_token(), cancelling))
            await main()

    def target() -> None:
        try:
            trio.run(run)
        except BaseException as error:  # noqa: BLE001 - raised again where the thread is awaited
            failures.append(error)
        finally:
            ready.set()

    thread = threading.Thread(target=target)
    thread.start()
    token, cancelling = scope.get()
    ready.wait()
    try:
        yield
    finally:
        with contextlib.suppress(trio.RunFinishedError):
            token.run_sync_soon(cancelling.cancel)
        thread.join()
        if failures:
            raise failures[0]


@dataclass
class CheckingUpstream:
    """Answers with the serial number of each request, and keeps what was wrong with them."""

    port: int = 0
    served: int = 0
    unmarked: list[bytes] = field(default_factory=list)  # heads of requests that no plugin saw, or not whole
    generations: Counter[str] = field(default_factory=Counter)  # of the plugin server

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def check(self, request: Message) -> bytes:
        """Check a request and return its serial number."""
        self.served += 1
        headers = {name.decode(): value.decode() for name, value in request.headers}
        serial = headers.get("x-serial", "0")
        length = str(len(BODY)) if request.method == b"POST" else "0"
        if headers.get("x-mark") != mark_of(serial) or headers.get("x-mark-length") != length:
            self.unmarked.append(request.raw_head)
        if request.method == b"POST" and request.body != BODY:
            self.unmarked.append(request.raw_head + b" with another body")
        self.generations[headers.get("x-generation", "")] += 1
        return serial.encode()


@contextlib.contextmanager
def checking_upstream() -> Iterator[CheckingUpstream]:
    upstream = CheckingUpstream()
    ready = threading.Event()

    async def serve(stream: trio.SocketStream) -> None:
        wire = Wire(stream)
        with contextlib.suppress(EOFError, trio.BrokenResourceError):
            while True:
                serial = upstream.check(await wire.read_request())
                await wire.send(b"HTTP/1.1 200 OK\r\nx-serial: %b\r\ncontent-length: 3\r\n\r\nok\n" % serial)
        await stream.aclose()

    async def main() -> None:
        listeners = await trio.open_tcp_listeners(0, host="127.0.0.1", backlog=1024)
        upstream.port = listeners[0].socket.getsockname()[1]
        ready.set()
        await trio.serve_listeners(serve, listeners)

    with in_a_thread(main, ready):
        yield upstream


@dataclass
class Load:
    """What the clients got. A request either has an answer with a status, or is in `broken`."""

    statuses: Counter[int] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)  # connections that ended without an answer, answers to others
    refusals: Counter[str] = field(default_factory=Counter)  # what answers other than 200 said
    is_stopping: bool = False

    @property
    def passed(self) -> int:
        """Requests answered with 200."""
        return self.statuses[200]

    def let_pass(self, count: int = 60) -> None:
        """Wait until `count` more requests went well."""
        goal = self.passed + count
        eventually(lambda: self.passed >= goal, f"{count} more requests; so far {self.statuses}, {self.broken[-3:]}")


@contextlib.contextmanager
def load(port: int, clients: int = 9, target: str = "/") -> Iterator[Load]:
    """Send requests for the block: a third GETs and a third POSTs of 64 KiB on connections that stay, a third GETs on
    connections of their own. Every request that was begun is finished."""
    state = Load()
    ready = threading.Event()
    serials = iter(range(1, 1 << 40))

    async def send(wire: Wire, method: str) -> bool:
        """One request and its answer. Returns whether the connection stays."""
        serial = next(serials)
        body = BODY if method == "POST" else b""
        length = f"content-length: {len(body)}\r\n" if body else ""
        head = f"{method} {target} HTTP/1.1\r\nhost: load\r\nx-serial: {serial}\r\n{length}\r\n"
        answer = None
        try:
            await wire.send(head.encode() + body)
            answer = await wire.read_response(method)
        except (EOFError, trio.BrokenResourceError) as error:
            state.broken.append(f"{method} {serial}: {error!r}")
            return False
        state.statuses[answer.status] += 1
        if answer.status != 200:
            state.refusals[f"{answer.status} {answer.body.decode(errors='replace')[:60]!r}"] += 1
        elif answer.get("x-serial") != b"%d" % serial or answer.get("x-answer-mark") != mark_of(str(serial)).encode():
            state.broken.append(f"{method} {serial} got the answer {answer.raw_head!r}")
        return answer.get("connection") != b"close"

    async def pause() -> None:
        await trio.sleep(_PAUSE)

    async def client(number: int) -> None:
        method = "POST" if number % 3 == 1 else "GET"
        while not state.is_stopping:
            async with await trio.open_tcp_stream("127.0.0.1", port) as stream:
                wire = Wire(stream)
                while await send(wire, method) and number % 3 != 2 and not state.is_stopping:
                    await pause()
            await pause()

    async def main() -> None:
        ready.set()
        async with trio.open_nursery() as nursery:
            for number in range(clients):
                nursery.start_soon(client, number)

    ended = threading.Event()

    async def main_and_tell() -> None:
        try:
            await main()
        finally:
            ended.set()

    with in_a_thread(main_and_tell, ready):
        try:
            yield state
        finally:
            state.is_stopping = True
            ended.wait(60)
