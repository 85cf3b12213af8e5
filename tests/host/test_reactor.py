"""Sockets on the edge-triggered epoll: waking, deadlines, hang-ups."""

from __future__ import annotations

import socket
from collections.abc import AsyncGenerator
from time import monotonic

import pytest
import trio
import trio.testing

from oarlock.proxy.reactor import NEVER, DeadlinePassed, Reactor, ReactorSocket
from support.http import until


@pytest.fixture
async def reactor(nursery: trio.Nursery) -> AsyncGenerator[Reactor, None]:
    made = Reactor()
    await nursery.start(made.run, 0.01)
    yield made
    nursery.cancel_scope.cancel()


def pair(reactor: Reactor) -> tuple[ReactorSocket, ReactorSocket]:
    one, two = socket.socketpair()
    return ReactorSocket(reactor, one), ReactorSocket(reactor, two)


async def test_bytes_arrive_in_order_though_they_exceed_the_kernels_buffers(reactor: Reactor) -> None:
    one, two = pair(reactor)
    data = bytes(range(256)) * 20_000
    received = bytearray()

    async def read() -> None:
        while len(received) < len(data):
            received.extend(await two.receive_some(10_000))

    async with trio.open_nursery() as nursery:
        nursery.start_soon(read)
        await one.send_all(data)
    assert received == data


async def test_receive_into_fills_a_buffer(reactor: Reactor) -> None:
    one, two = pair(reactor)
    await one.send_all(b"hello")
    buffer = bytearray(3)
    assert await two.receive_into(buffer) == 3
    assert buffer == b"hel"
    assert await two.receive_some() == b"lo"


async def test_a_read_past_its_deadline_fails(reactor: Reactor) -> None:
    one, _ = pair(reactor)
    one.deadline = monotonic()
    with pytest.raises(DeadlinePassed):
        await one.receive_some()
    one.deadline = NEVER


async def test_a_write_that_nobody_takes_fails_in_time(reactor: Reactor) -> None:
    one, _ = pair(reactor)
    with pytest.raises(DeadlinePassed):
        await one.send_all(bytes(10_000_000), 0.02)


async def test_the_sweep_sleeps_while_there_is_no_deadline_and_wakes_when_there_is(reactor: Reactor) -> None:
    one, two = pair(reactor)
    one.deadline = monotonic()
    with pytest.raises(DeadlinePassed):
        await one.receive_some()
    one.deadline = NEVER
    await until(lambda: reactor._sweep_sleeps)
    two.deadline = monotonic()
    with pytest.raises(DeadlinePassed):
        await two.receive_some()


async def test_an_idle_socket_past_its_deadline_calls_its_hook(reactor: Reactor) -> None:
    one, _ = pair(reactor)
    called = trio.Event()
    one.on_expire = called.set
    one.deadline = monotonic()
    reactor.watch_deadlines()
    await called.wait()


async def test_the_hang_up_hook_is_called_once(reactor: Reactor) -> None:
    one, two = pair(reactor)
    calls: list[int] = []
    called = trio.Event()

    def hook() -> None:
        calls.append(1)
        called.set()

    one.on_hangup = hook
    two.send_eof()
    await called.wait()
    two.close()
    assert await one.receive_some() == b""
    await trio.testing.wait_all_tasks_blocked()
    assert calls == [1]


async def test_half_a_close_can_be_tolerated(reactor: Reactor) -> None:
    one, two = pair(reactor)
    called = trio.Event()
    one.on_hangup = called.set
    one.tolerate_half_close()
    two.send_eof()
    assert await one.receive_some() == b""
    assert not called.is_set()
    two.close()
    await called.wait()


async def test_abort_wakes_who_waits_and_fails_later_waits(reactor: Reactor) -> None:
    one, _ = pair(reactor)

    class Gone(Exception): ...

    async with trio.open_nursery() as nursery:

        async def read() -> None:
            with pytest.raises(Gone):
                await one.receive_some()

        nursery.start_soon(read)
        await trio.testing.wait_all_tasks_blocked()
        one.abort(Gone())
    with pytest.raises(Gone):
        await one.receive_some()


async def test_a_second_reader_is_refused(reactor: Reactor) -> None:
    one, two = pair(reactor)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(one.receive_some)
        await trio.testing.wait_all_tasks_blocked()
        with pytest.raises(trio.BusyResourceError):
            await one.receive_some()
        await two.send_all(b"x")


async def test_a_cancelled_wait_leaves_the_socket_usable(reactor: Reactor) -> None:
    one, two = pair(reactor)
    with trio.move_on_after(0) as scope:
        await one.receive_some()
    assert scope.cancelled_caught
    await two.send_all(b"x")
    assert await one.receive_some() == b"x"


async def test_closing_wakes_who_waits(reactor: Reactor) -> None:
    one, _ = pair(reactor)
    async with trio.open_nursery() as nursery:

        async def read() -> None:
            with pytest.raises(OSError, match="Bad file descriptor"):
                await one.receive_some()

        nursery.start_soon(read)
        await trio.testing.wait_all_tasks_blocked()
        one.close()
        one.close()


async def test_a_quiet_socket_is_one_without_unread_bytes_and_with_a_peer(reactor: Reactor) -> None:
    one, two = pair(reactor)
    assert one.is_quiet()
    await two.send_all(b"x")
    await trio.testing.wait_all_tasks_blocked()
    assert not one.is_quiet()
    assert await one.receive_some() == b"x"
    assert one.is_quiet()
    two.close()
    await trio.testing.wait_all_tasks_blocked()
    assert not one.is_quiet()


async def test_connections_are_opened_or_refused(reactor: Reactor) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        sock = await reactor.connect(server.getsockname()[:2], 1)
        accepted, _ = server.accept()
        accepted.send(b"hi")
        assert await sock.receive_some() == b"hi"
        accepted.close()
        sock.close()
        address = server.getsockname()[:2]
    with pytest.raises(ConnectionRefusedError):
        await reactor.connect(address, 1)


async def test_a_sender_as_fast_as_we_are_does_not_keep_others_out(reactor: Reactor) -> None:
    one, two = pair(reactor)
    turns = 0
    done = False

    async def count() -> None:
        nonlocal turns
        while not done:
            turns += 1
            await trio.lowlevel.checkpoint()

    async with trio.open_nursery() as nursery:
        nursery.start_soon(count)
        for _ in range(640):
            await one.send_all(b"x")
            await two.receive_some(1)
        done = True
    assert turns >= 20
