"""Events of the log phase: gathered, bounded, counted when they go; and log lines outside of events."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import trio

from oarlock_pluginserver.event import Event, Step
from oarlock_pluginserver.instances import Instance
from oarlock_pluginserver.log_window import LogRing
from oarlock_pluginserver.protocol import messages as m
from support.plugin_server import LOG_PHASE, FakePluginServer, Peer, Recorder, hosted, instance_of, new_event


async def events(peer: Peer, count: int) -> list[m.Event]:
    return [await peer.event() for _ in range(count)]


async def test_log_events_arrive_in_order_and_have_credits_of_their_own(tmp_path: Path) -> None:
    fake = FakePluginServer(tmp_path / "s")
    with trio.fail_after(10):
        async with hosted(fake) as server:
            instance, recorders = instance_of(server), [Recorder() for _ in range(5)]
            for number, recorder in enumerate(recorders):
                server.post_log(new_event(recorder, instance, phase=LOG_PHASE, level=number))
            peer = await fake.accept(limits={"max_events": 1, "max_log_events": 2})
            first = await events(peer, 2)
            assert [event.level for event in first] == [0, 1]
            await peer.send(*(m.Done(event.event, m.DONE, [[60, "a", "b"]]) for event in first))
            rest = await events(peer, 2)
            await peer.send(m.Done(rest[1].event, m.DONE), m.Done(rest[0].event, m.FAILED, [], ["failed", "boom"]))
            (last,) = await events(peer, 1)
            assert [event.level for event in (*rest, last)] == [2, 3, 4]
            async with trio.open_nursery() as nursery:
                nursery.start_soon(server.drain, 5.0)
                await peer.send(m.Done(last.event, m.DONE))
                await peer.closed()
            assert recorders[0].done == [("commit", 0, [[60, "a", "b"]])]
            assert server.statistics()["log_dropped"] == {"hello:failed": 1}


async def test_log_events_wait_for_a_server_that_is_away(tmp_path: Path) -> None:
    fake = FakePluginServer(tmp_path / "s")
    with trio.fail_after(10):
        async with hosted(fake) as server:
            instance = instance_of(server)
            peer = await fake.accept()
            await peer.stream.aclose()
            while server.state == "up":
                await trio.lowlevel.checkpoint()
            server.post_log(new_event(Recorder(), instance, phase=LOG_PHASE))
            peer = await fake.accept()
            (event,) = await events(peer, 1)
            await peer.send(m.Done(event.event, m.DONE))


async def test_log_events_in_flight_at_a_loss_are_counted_and_not_run_again(tmp_path: Path) -> None:
    fake = FakePluginServer(tmp_path / "s")
    with trio.fail_after(10):
        async with hosted(fake) as server:
            instance, recorder = instance_of(server), Recorder()
            server.post_log(new_event(recorder, instance, phase=LOG_PHASE))
            peer = await fake.accept(plugins=[{"name": "hello", "phases": {"log": {"rerun": True}}}])
            await events(peer, 1)
            await peer.stream.aclose()
            while not recorder.done:
                await trio.lowlevel.checkpoint()
            assert recorder.done == [("roll back", 0)]
            while not server.statistics()["log_dropped"]:
                await trio.lowlevel.checkpoint()
            assert server.statistics()["log_dropped"] == {"hello:lost": 1}


async def test_log_events_that_were_refused_go_again(tmp_path: Path) -> None:
    fake = FakePluginServer(tmp_path / "s")
    with trio.fail_after(10):
        async with hosted(fake) as server:
            server.post_log(new_event(Recorder(), instance_of(server), phase=LOG_PHASE))
            peer = await fake.accept()
            (event,) = await events(peer, 1)
            await peer.send(m.Done(event.event, m.FAILED, [], ["refused"]))
            (event,) = await events(peer, 1)
            await peer.send(m.Done(event.event, m.DONE))


async def test_what_is_left_at_the_end_is_counted(tmp_path: Path) -> None:
    fake = FakePluginServer(tmp_path / "s")
    with trio.fail_after(10):
        async with hosted(fake) as server:
            instance = instance_of(server)
            for _ in range(3):
                server.post_log(new_event(Recorder(), instance, phase=LOG_PHASE))
            await server.drain(0.05)
            assert server.statistics()["log_dropped"] == {"hello:shutdown": 3}
            assert server.state == "draining"
            outcome = await server.handle(new_event(Recorder(), instance))
            assert outcome.error is not None
            assert outcome.error.code == "unavailable"


async def test_lines_outside_of_events_reach_the_hosts_log(tmp_path: Path) -> None:
    fake = FakePluginServer(tmp_path / "s")
    lines: list[Any] = []
    with trio.fail_after(10):
        async with hosted(fake, on_log=lambda server, *line: lines.append(line)) as server:
            peer = await fake.accept()
            async with trio.open_nursery() as nursery:
                nursery.start_soon(server.handle, new_event(Recorder(), instance_of(server)))
                event = await peer.event()
                await peer.send(
                    m.Log(0, 3, "up\n\x1b[2J"), m.Log(0, 4, "mine", {"a": 1}, 7, 1), m.Done(event.event, m.DONE)
                )
                await peer.send(m.Log(event.event, 5, "late"))
            while len(lines) < 4:
                await trio.lowlevel.checkpoint()
    assert lines == [
        (3, "up\\n\\x1b[2J", None, None),
        (4, "7 log lines were lost, there were too many", None, None),
        (4, "mine", {"a": 1}, "hello"),
        (5, "late", None, None),
    ]


async def test_more_lines_than_a_second_may_have_are_dropped_and_counted(tmp_path: Path) -> None:
    fake = FakePluginServer(tmp_path / "s")
    lines: list[Any] = []
    with trio.fail_after(10):
        async with hosted(fake, on_log=lambda server, *line: lines.append(line[1])) as server:
            peer = await fake.accept()
            await peer.send(*(m.Log(0, 3, str(number)) for number in range(3000)), m.Pong(1, 5))
            while server.statistics()["members"][0]["running_there"] != 5:
                await trio.lowlevel.checkpoint()
    assert 1000 <= len(lines) < 2500
    assert lines[:1000] == [str(number) for number in range(1000)]


def test_when_the_ring_is_full_the_oldest_goes() -> None:
    instance = Instance("hello", "k", None, None, lambda instance: None)

    def event(size: int) -> Event:
        return Event(LOG_PHASE, [Step(instance, 1.0)], [bytes(size)], Recorder())

    ring = LogRing(max_events=3, max_bytes=100)
    events = [event(10) for _ in range(4)]
    assert [ring.push(one) for one in events] == [[], [], [], [events[0]]]
    large = event(95)
    assert ring.push(large) == events[1:]
    assert (ring.pop(), len(ring)) == (large, 0)
    ring.put_back(events[:2])
    assert [ring.pop(), ring.pop()] == events[:2]
