"""One event over one connection: what the host does with what a plugin server answers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import trio

from oarlock_pluginserver.errors import PdkError
from oarlock_pluginserver.event import Event, Outcome, OutcomeKind
from oarlock_pluginserver.protocol import messages as m
from support.plugin_server import FakePluginServer, Peer, Recorder, hosted, instance_of, new_event

Script = Callable[[Peer, m.Event], Any]


@pytest.fixture
def fake(tmp_path: Path) -> FakePluginServer:
    return FakePluginServer(tmp_path / "s")


async def run(
    fake: FakePluginServer, script: Script, *, handler: Any = None, steps: int = 1, budget: float = 5.0, **fields: Any
) -> tuple[Outcome, Recorder]:
    """Send one event and play `script` with its EVENT at the other end."""
    recorder = handler or Recorder()
    outcomes: list[Outcome] = []
    with trio.fail_after(10):
        async with hosted(fake) as server, trio.open_nursery() as nursery:
            instances = [instance_of(server) for _ in range(steps)]

            async def ask() -> None:
                outcomes.append(await server.handle(new_event(recorder, *instances, budget=budget)))

            nursery.start_soon(ask)
            peer = await fake.accept(**fields)
            await script(peer, await peer.event())
    return outcomes[0], recorder


async def test_an_event_that_ends_well_has_its_changes_committed(fake: FakePluginServer) -> None:
    async def script(peer: Peer, event: m.Event) -> None:
        assert event.phase == 3
        assert event.steps == [1, 5000]
        assert event.facts == [[40, "GET"]]
        await peer.send(m.Done(event.event, m.DONE, [[60, "x-seen", "1"]], None, 210, 5))

    outcome, recorder = await run(fake, script)
    assert outcome == Outcome(0, OutcomeKind.DONE)
    assert recorder.done == [("commit", 0, [[60, "x-seen", "1"]])]


async def test_exit_carries_status_body_and_headers(fake: FakePluginServer) -> None:
    async def script(peer: Peer, event: m.Event) -> None:
        await peer.send(m.Done(event.event, m.EXIT, [[60, "a", "b"]], [403, b"no", ["x-why", "demo"]]))

    outcome, recorder = await run(fake, script)
    assert (outcome.kind, outcome.detail) == (OutcomeKind.EXIT, (403, b"no", ["x-why", "demo"]))
    assert recorder.done == [("commit", 0, [[60, "a", "b"]])]


async def test_trailing_nils_of_an_exit_may_be_cut(fake: FakePluginServer) -> None:
    async def script(peer: Peer, event: m.Event) -> None:
        await peer.send(m.Done(event.event, m.ERROR_PAGE, [], [418]))

    outcome, _ = await run(fake, script)
    assert (outcome.kind, outcome.detail) == (OutcomeKind.ERROR_PAGE, (418, None, None))


async def test_a_failed_event_is_rolled_back_and_brings_its_trace(fake: FakePluginServer) -> None:
    async def script(peer: Peer, event: m.Event) -> None:
        await peer.send(m.Done(event.event, m.FAILED, [[60, "a", "b"]], ["failed", "boom", "line 1"]))

    outcome, recorder = await run(fake, script)
    assert outcome.error is not None
    assert (outcome.error.code, outcome.error.text, outcome.error.trace) == ("failed", "boom", "line 1")
    assert outcome.error.server == "fake"
    assert recorder.done == [("roll back", 0)]


@pytest.mark.parametrize(("code", "read_as"), [("tired", "internal"), ("lost", "failed"), ("deadline", "deadline")])
async def test_codes_that_a_server_cannot_know_are_read_as_the_general_one(
    fake: FakePluginServer, code: str, read_as: str
) -> None:
    async def script(peer: Peer, event: m.Event) -> None:
        await peer.send(m.Done(event.event, m.FAILED, [], [code]))

    outcome, _ = await run(fake, script)
    assert outcome.error is not None
    assert outcome.error.code == read_as


async def test_an_outcome_from_the_future_is_a_failure(fake: FakePluginServer) -> None:
    async def script(peer: Peer, event: m.Event) -> None:
        await peer.send(m.Done(event.event, 9))

    outcome, recorder = await run(fake, script)
    assert outcome.kind is OutcomeKind.FAILED
    assert recorder.done == [("roll back", 0)]


async def test_one_invalid_change_fails_the_event_and_undoes_all(fake: FakePluginServer) -> None:
    async def script(peer: Peer, event: m.Event) -> None:
        await peer.send(m.Done(event.event, m.DONE, [[60, "a", "b"], [61, "bad"]]))

    outcome, recorder = await run(fake, script, handler=Recorder(refuse=[61]))
    assert outcome.error is not None
    assert outcome.error.code == "bad_change"
    assert recorder.done[-1] == ("roll back", 0)


async def test_more_changes_than_a_step_may_have_are_invalid(fake: FakePluginServer) -> None:
    async def script(peer: Peer, event: m.Event) -> None:
        await peer.send(m.Done(event.event, m.DONE, [[60, "a", "b"]] * 1001))

    outcome, recorder = await run(fake, script)
    assert outcome.error is not None
    assert outcome.error.code == "bad_change"
    assert recorder.done == [("roll back", 0)]


async def test_a_call_sees_the_changes_before_it_and_gets_its_result(fake: FakePluginServer) -> None:
    async def script(peer: Peer, event: m.Event) -> None:
        await peer.send(m.Call(1, event.event, 24, ["bob", True], [[60, "a", "b"]]))
        assert await peer.receive(m.Reply) == m.Reply(1, {"id": "c-1"})
        await peer.send(m.Done(event.event, m.DONE))

    outcome, recorder = await run(fake, script, handler=Recorder({24: {"id": "c-1"}}))
    assert outcome.kind is OutcomeKind.DONE
    assert recorder.done == [("apply", 0, [[60, "a", "b"]]), ("call", 0, 24, ["bob", True]), ("commit", 0, [])]


async def test_replies_may_overtake_each_other(fake: FakePluginServer) -> None:
    release = trio.Event()

    async def slow() -> str:
        await release.wait()
        return "slow"

    async def script(peer: Peer, event: m.Event) -> None:
        await peer.send(m.Call(1, event.event, 24), m.Call(2, event.event, 25))
        assert await peer.receive(m.Reply) == m.Reply(2, "quick")
        release.set()
        assert await peer.receive(m.Reply) == m.Reply(1, "slow")
        await peer.send(m.Done(event.event, m.DONE))

    outcome, _ = await run(fake, script, handler=Recorder({24: slow, 25: "quick"}))
    assert outcome.kind is OutcomeKind.DONE


async def test_a_call_that_fails_tells_the_plugin_why(fake: FakePluginServer) -> None:
    async def fail() -> None:
        raise PdkError("pdk", "no such consumer")

    async def script(peer: Peer, event: m.Event) -> None:
        await peer.send(m.Call(1, event.event, 24), m.Call(2, event.event, 25))
        replies = [await peer.receive(m.Reply), await peer.receive(m.Reply)]
        assert sorted((reply.call, reply.error) for reply in replies) == [
            (1, ["pdk", "no such consumer"]),
            (2, ["wrong_phase", "not here"]),
        ]
        await peer.send(m.Done(event.event, m.DONE))

    outcome, _ = await run(fake, script, handler=Recorder({24: fail, 25: PdkError("wrong_phase", "not here")}))
    assert outcome.kind is OutcomeKind.DONE


async def test_a_bug_in_the_host_ends_one_call_and_not_the_connection(
    fake: FakePluginServer, caplog: pytest.LogCaptureFixture
) -> None:
    async def crash() -> None:
        raise ZeroDivisionError

    async def script(peer: Peer, event: m.Event) -> None:
        await peer.send(m.Call(1, event.event, 24), m.Call(2, event.event, 25), m.Call(3, event.event, 26))
        replies = [await peer.receive(m.Reply) for _ in range(3)]
        assert {reply.error[0] for reply in replies} == {"internal"}
        await peer.send(m.Done(event.event, m.DONE))

    handler = Recorder({24: crash, 25: KeyError("x"), 26: object()})  # the last can't be sent
    outcome, _ = await run(fake, script, handler=handler)
    assert outcome.kind is OutcomeKind.DONE
    assert "ZeroDivisionError" in caplog.text


async def test_an_invalid_change_in_a_call_fails_the_step_whatever_its_done_says(fake: FakePluginServer) -> None:
    async def script(peer: Peer, event: m.Event) -> None:
        await peer.send(m.Call(1, event.event, 24, [], [[61]]))
        assert (await peer.receive(m.Reply)).error[0] == "bad_change"
        await peer.send(m.Call(2, event.event, 24))
        assert (await peer.receive(m.Reply)).error[0] == "bad_change"
        await peer.send(m.Done(event.event, m.DONE))

    outcome, recorder = await run(fake, script, handler=Recorder({24: 1}, refuse=[61]))
    assert outcome.error is not None
    assert outcome.error.code == "bad_change"
    assert recorder.done == [("apply", 0, [[61]]), ("roll back", 0)]


async def test_the_deadline_cancels_and_gives_504s_code_at_once(fake: FakePluginServer) -> None:
    async def script(peer: Peer, event: m.Event) -> None:
        assert event.steps == [1, 50]
        assert await peer.receive(m.Cancel) == m.Cancel(event.event, "deadline")
        await peer.send(m.Call(1, event.event, 24), m.Call(2, event.event, 24))
        assert [await peer.receive(m.Reply) for _ in range(2)] == [
            m.Reply(1, None, ["gone"]),
            m.Reply(2, None, ["gone"]),
        ]
        await peer.send(m.Done(event.event, m.NEXT), m.Done(event.event, m.DONE, [[60, "a", "b"]]))

    outcome, recorder = await run(fake, script, budget=0.05)
    assert outcome.error is not None
    assert (outcome.error.code, outcome.started) == ("deadline", True)
    assert recorder.done == [("roll back", 0)]


async def test_cancelling_the_task_that_waits_cancels_the_event(fake: FakePluginServer) -> None:
    recorder = Recorder()
    with trio.fail_after(10):
        async with hosted(fake) as server, trio.open_nursery() as nursery:
            instance = instance_of(server)
            nursery.start_soon(server.handle, new_event(recorder, instance))
            peer = await fake.accept()
            event = await peer.event()
            nursery.cancel_scope.cancel()
            with trio.CancelScope(shield=True):
                assert await peer.receive(m.Cancel) == m.Cancel(event.event, "client_gone")
    assert recorder.done == [("roll back", 0)]


async def test_a_host_may_cancel_an_event_from_elsewhere(fake: FakePluginServer) -> None:
    with trio.fail_after(10):
        async with hosted(fake) as server, trio.open_nursery() as nursery:
            asked = new_event(Recorder(), instance_of(server))
            outcomes: list[Outcome] = []

            async def ask(event: Event) -> None:
                outcomes.append(await server.handle(event))

            nursery.start_soon(ask, asked)
            peer = await fake.accept()
            event = await peer.event()
            asked.cancel("client_gone")
            asked.cancel("client_gone")
            assert await peer.receive(m.Cancel) == m.Cancel(event.event, "client_gone")
            await peer.send(m.Done(event.event, m.FAILED, [], ["cancelled"]))
            asked.cancel("client_gone")
    assert outcomes[0].error is not None
    assert outcomes[0].error.code == "client_gone"


async def test_what_waits_for_a_result_is_cancelled_with_its_event(fake: FakePluginServer) -> None:
    cancelled = trio.Event()

    async def never() -> None:
        try:
            await trio.sleep_forever()
        finally:
            cancelled.set()

    async def script(peer: Peer, event: m.Event) -> None:
        await peer.send(m.Call(1, event.event, 24))
        messages = [await peer.receive(), await peer.receive()]
        assert {type(message) for message in messages} == {m.Cancel, m.Reply}
        await cancelled.wait()
        await peer.send(m.Done(event.event, m.FAILED, [], ["cancelled"]))

    outcome, _ = await run(fake, script, handler=Recorder({24: never}), budget=0.05)
    assert outcome.error is not None
    assert outcome.error.code == "deadline"


async def test_log_lines_reach_the_handler_with_their_step(fake: FakePluginServer) -> None:
    async def script(peer: Peer, event: m.Event) -> None:
        await peer.send(m.Log(event.event, 3, "hello", {"a": 1}), m.Log(event.event, 250, b"\xff!"))
        await peer.send(m.Done(event.event, m.DONE))

    _, recorder = await run(fake, script)
    assert recorder.done[:2] == [("log", 0, 3, "hello", {"a": 1}), ("log", 0, 7, "\\xff!", None)]


async def test_the_keys_read_are_reported_when_asked_for(fake: FakePluginServer) -> None:
    recorder = Recorder()
    with trio.fail_after(10):
        async with hosted(fake) as server, trio.open_nursery() as nursery:
            nursery.start_soon(server.handle, new_event(recorder, instance_of(server), report_reads=True, level=4))
            peer = await fake.accept()
            event = await peer.event()
            assert (event.flags, event.level) == (m.REPORT_READS, 4)
            await peer.send(m.Done(event.event, m.DONE, reads=[40, [50, "host"]]))
    assert recorder.done == [("commit", 0, []), ("reads", 0, [40, [50, "host"]])]


async def test_an_event_larger_than_the_server_takes_fails_at_home(fake: FakePluginServer) -> None:
    with trio.fail_after(10):
        async with hosted(fake) as server, trio.open_nursery() as nursery:
            instance = instance_of(server)
            nursery.start_soon(server.handle, new_event(Recorder(), instance))
            peer = await fake.accept(limits={"max_frame": 262144, "max_events": 4})
            event = await peer.event()
            large = new_event(Recorder(), instance)
            large.facts = [b"\x92\x28\xc6" + (300_000).to_bytes(4, "big") + bytes(300_000)]
            outcome = await server.handle(large)
            assert outcome.error is not None
            assert (outcome.error.code, outcome.started) == ("too_large", False)
            await peer.send(m.Done(event.event, m.DONE))
