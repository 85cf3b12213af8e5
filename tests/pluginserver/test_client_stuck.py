"""Members that do not end, read or drain: what they cost is bounded, and the host is told to replace them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import trio
import trio.testing

from oarlock_pluginserver import in_flight
from oarlock_pluginserver.event import Outcome
from oarlock_pluginserver.protocol import messages as m
from oarlock_pluginserver.server import ClientOptions, PluginServer
from oarlock_pluginserver.transport import unix
from oarlock_pluginserver.transport.unix import UnixStream
from support.plugin_server import FakePluginServer, Recorder, hosted, instance_of, new_event


@contextmanager
def quick_to_blame(monkeypatch: pytest.MonkeyPatch, *, cancel: float, stuck: float) -> Iterator[None]:
    with monkeypatch.context() as patch:
        patch.setattr(in_flight, "_CANCEL_TIME", cancel)
        patch.setattr(in_flight.table, "STUCK_AFTER", stuck)
        yield


@pytest.mark.parametrize(
    ("cancel", "stuck", "credits", "reason"),
    [(0.01, 30.0, 2, "half of its credits"), (0.01, 0.03, 16, "did not end within")],
)
async def test_a_member_that_does_not_end_cancelled_events_is_to_be_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cancel: float, stuck: float, credits: int, reason: str
) -> None:
    fake = FakePluginServer(tmp_path / "s")
    told, faults = trio.Event(), []

    def on_fault(server: PluginServer, address: str, why: str) -> None:
        faults.append((address, why))
        told.set()

    with trio.fail_after(10), quick_to_blame(monkeypatch, cancel=cancel, stuck=stuck):
        async with hosted(fake, on_fault=on_fault) as server, trio.open_nursery() as nursery:
            nursery.start_soon(server.handle, new_event(Recorder(), instance_of(server), budget=0.01))
            peer = await fake.accept(limits={"max_events": credits})
            event = await peer.event()
            await peer.receive(m.Cancel)
            await told.wait()
            assert faults[0][0] == fake.address
            assert reason in faults[0][1]
            assert server.statistics()["members"][0]["cancelled"] == 1
            await peer.send(m.Done(event.event, m.FAILED, [], ["cancelled"]))
            while server.statistics()["members"][0]["cancelled"]:
                await trio.lowlevel.checkpoint()


async def test_a_server_that_does_not_read_is_closed_when_nothing_moves(tmp_path: Path) -> None:
    fake = FakePluginServer(tmp_path / "s")
    options = ClientOptions(stall_timeout=0.05, reconnect_initial=0.01)
    with trio.fail_after(10):
        async with hosted(fake, options=options) as server, trio.open_nursery() as nursery:
            outcomes: list[Outcome] = []

            async def ask() -> None:
                outcomes.append(await server.handle(new_event(Recorder({52: bytes(60_000)}), instance_of(server))))

            nursery.start_soon(ask)
            peer = await fake.accept()
            await peer.event()
            await peer.send(*(m.Call(number, 1, 52) for number in range(1, 60)))
            while not outcomes:
                await trio.lowlevel.checkpoint()
            assert outcomes[0].error is not None
            assert outcomes[0].error.code == "lost"
            assert "read nothing" in server.statistics()["members"][0]["reason"]


async def test_a_member_with_too_much_unsent_gets_no_more_events(tmp_path: Path) -> None:
    fake = FakePluginServer(tmp_path / "s")
    with trio.fail_after(10):
        async with hosted(fake) as server, trio.open_nursery() as nursery:
            instance = instance_of(server)
            nursery.start_soon(server.handle, new_event(Recorder({52: bytes(60_000)}), instance))
            peer = await fake.accept()
            await peer.event()
            await peer.send(*(m.Call(number, 1, 52) for number in range(1, 100)))
            while not server._open[0].is_congested:
                await trio.lowlevel.checkpoint()
            outcome = await server.handle(new_event(Recorder(), instance, budget=0.05))
            assert outcome.error is not None
            assert outcome.error.code == "overload"
            for _ in range(99):
                await peer.receive(m.Reply)
            nursery.start_soon(server.handle, new_event(Recorder(), instance))
            await peer.send(m.Done((await peer.event()).event, m.DONE), m.Done(1, m.DONE))


async def test_a_drain_that_does_not_end_is_cut_short(tmp_path: Path) -> None:
    fake = FakePluginServer(tmp_path / "s")
    options = ClientOptions(drain_grace=0.05, reconnect_initial=0.01)
    with trio.fail_after(10):
        async with hosted(fake, options=options) as server, trio.open_nursery() as nursery:
            outcomes: list[Outcome] = []

            async def ask() -> None:
                outcomes.append(await server.handle(new_event(Recorder(), instance_of(server))))

            nursery.start_soon(ask)
            peer = await fake.accept()
            await peer.event()
            await peer.send(m.Drain(""))
            assert await peer.closed() == []
            while not outcomes:
                await trio.lowlevel.checkpoint()
            assert outcomes[0].error is not None
            assert outcomes[0].error.code == "lost"


async def test_an_event_of_which_no_byte_was_sent_goes_to_another_member(tmp_path: Path) -> None:
    first, second = FakePluginServer(tmp_path / "a"), FakePluginServer(tmp_path / "b")
    blocked: list[bool] = []

    class Choked(UnixStream):
        """The first member's socket, full from some moment on."""

        def try_send(self, data: bytes | memoryview) -> int:
            return 0 if blocked else super().try_send(data)

        async def wait_writable(self) -> None:
            if blocked:
                await trio.sleep_forever()
            await super().wait_writable()

    async def connect(address: str) -> UnixStream:
        stream = await unix.connect(address)
        if address == first.address:
            stream.__class__ = Choked
        return stream

    options = ClientOptions(connect=connect, reconnect_initial=0.01)
    with trio.fail_after(10):
        async with hosted(first, second, options=options) as server, trio.open_nursery() as nursery:
            instance, recorder = instance_of(server), Recorder()
            one, two = await first.accept(), await second.accept()
            nursery.start_soon(server.handle, new_event(Recorder(), instance))
            warm = await one.event()  # the second has not started the instance yet
            await one.send(m.Done(warm.event, m.DONE))
            await trio.testing.wait_all_tasks_blocked()
            blocked.append(True)
            nursery.start_soon(server.handle, new_event(recorder, instance))
            await trio.testing.wait_all_tasks_blocked()
            await one.stream.aclose()
            event = await two.event()
            assert event.flags == 0  # no second run: it was never a first one
            await two.send(m.Done(event.event, m.DONE))
    assert recorder.done == [("commit", 0, [])]


async def test_a_worker_that_ends_leaves_nobody_waiting(tmp_path: Path) -> None:
    fake = FakePluginServer(tmp_path / "s")
    codes: list[str] = []
    with trio.fail_after(10):
        async with trio.open_nursery() as nursery, hosted(fake) as server:
            instance = instance_of(server)

            async def ask() -> None:
                outcome = await server.handle(new_event(Recorder(), instance))
                assert outcome.error is not None
                codes.append(outcome.error.code)

            nursery.start_soon(ask)
            peer = await fake.accept(limits={"max_events": 1})
            await peer.event()
            nursery.start_soon(ask)
            await trio.testing.wait_all_tasks_blocked()
    assert sorted(codes) == ["lost", "unavailable"]
