"""A plugin server of several members, or of none: who gets an event, who waits, what happens when members change."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import trio
import trio.testing

from oarlock_pluginserver._generated.pdk_table import FUNCTIONS
from oarlock_pluginserver.event import Outcome, OutcomeKind, Step
from oarlock_pluginserver.info import HostInfo
from oarlock_pluginserver.protocol import messages as m
from oarlock_pluginserver.server import ClientOptions, PluginServer
from support.plugin_server import FakePluginServer, Recorder, hosted, instance_of, new_event

RERUN = [{"name": "hello", "phases": {"access": {"rerun": True}}}]


def fakes(directory: Path, count: int) -> list[FakePluginServer]:
    return [FakePluginServer(directory / f"s{number}") for number in range(count)]


def done(event: m.Event) -> Sequence[Any]:
    return [m.Done(event.event, m.DONE)]


class Asked:
    """Events that a test sent, and how they ended."""

    def __init__(self, nursery: trio.Nursery, server: PluginServer) -> None:
        self.outcomes: list[Outcome] = []
        self.ended = trio.Event()
        self._nursery = nursery
        self._server = server

    def ask(self, event: Any) -> None:
        self._nursery.start_soon(self._ask, event)

    async def _ask(self, event: Any) -> None:
        self.outcomes.append(await self._server.handle(event))
        self.ended.set()

    async def one(self) -> Outcome:
        await self.ended.wait()
        self.ended = trio.Event()
        return self.outcomes[-1]

    @property
    def codes(self) -> list[str]:
        return [outcome.error.code for outcome in self.outcomes if outcome.error is not None]


async def test_an_event_goes_to_the_member_with_the_fewest_in_flight(tmp_path: Path) -> None:
    first, second = fakes(tmp_path, 2)
    with trio.fail_after(10):
        async with hosted(first, second) as server, trio.open_nursery() as nursery:
            asked, instance = Asked(nursery, server), instance_of(server)
            one, two = await first.accept(), await second.accept()
            asked.ask(new_event(Recorder(), instance))
            busy = await one.event()
            await two.start()
            for _ in range(3):
                asked.ask(new_event(Recorder(), instance))
                event = await two.event()
                await two.send(*done(event))
                await asked.one()
            await one.send(*done(busy))


async def test_events_wait_for_a_credit_first_in_first_out(tmp_path: Path) -> None:
    (fake,) = fakes(tmp_path, 1)
    with trio.fail_after(10):
        async with hosted(fake) as server, trio.open_nursery() as nursery:
            asked, instance = Asked(nursery, server), instance_of(server)
            asked.ask(new_event(Recorder(), instance, phase=1))
            peer = await fake.accept(limits={"max_events": 1})
            event = await peer.event()
            for phase in (2, 3, 4):
                asked.ask(new_event(Recorder(), instance, phase=phase))
                await trio.testing.wait_all_tasks_blocked()
            assert server.statistics()["queued"] == 3
            phases = [event.phase]
            for _ in range(3):
                await peer.send(*done(event))
                event = await peer.event()
                phases.append(event.phase)
            await peer.send(*done(event))
            assert phases == [1, 2, 3, 4]


async def test_who_waits_too_long_for_a_credit_is_told_overload(tmp_path: Path) -> None:
    (fake,) = fakes(tmp_path, 1)
    with trio.fail_after(10):
        async with hosted(fake) as server, trio.open_nursery() as nursery:
            asked, instance = Asked(nursery, server), instance_of(server)
            asked.ask(new_event(Recorder(), instance))
            peer = await fake.accept(limits={"max_events": 1})
            event = await peer.event()
            recorder = Recorder()
            outcome = await server.handle(new_event(recorder, instance, budget=0.1))
            assert outcome.error is not None
            assert (outcome.error.code, outcome.started) == ("overload", False)
            assert recorder.done == []
            await peer.send(*done(event))


async def test_the_queue_is_bounded(tmp_path: Path) -> None:
    (fake,) = fakes(tmp_path, 1)
    options = ClientOptions(queue_size=1)
    with trio.fail_after(10):
        async with hosted(fake, options=options) as server, trio.open_nursery() as nursery:
            asked, instance = Asked(nursery, server), instance_of(server)
            asked.ask(new_event(Recorder(), instance))
            peer = await fake.accept(limits={"max_events": 1})
            event = await peer.event()
            asked.ask(new_event(Recorder(), instance))
            await trio.testing.wait_all_tasks_blocked()
            outcome = await server.handle(new_event(Recorder(), instance))
            assert outcome.error is not None
            assert outcome.error.code == "overload"
            await peer.send(*done(event))
            await peer.send(*done(await peer.event()))


async def test_a_cancelled_event_keeps_its_credit_until_the_plugin_has_ended(tmp_path: Path) -> None:
    (fake,) = fakes(tmp_path, 1)
    with trio.fail_after(10):
        async with hosted(fake) as server, trio.open_nursery() as nursery:
            asked, instance = Asked(nursery, server), instance_of(server)
            asked.ask(new_event(Recorder(), instance, budget=0.03))
            peer = await fake.accept(limits={"max_events": 1})
            event = await peer.event()
            await peer.receive(m.Cancel)
            await asked.one()
            asked.ask(new_event(Recorder(), instance))
            await trio.testing.wait_all_tasks_blocked()
            assert server.statistics()["queued"] == 1
            await peer.send(*done(event))
            await peer.send(*done(await peer.event()))
            assert (await asked.one()).kind is OutcomeKind.DONE


@pytest.mark.parametrize("code", ["refused", "no_instance"])
async def test_what_a_member_did_not_start_goes_to_another(tmp_path: Path, code: str) -> None:
    first, second = fakes(tmp_path, 2)
    with trio.fail_after(10):
        async with hosted(first, second) as server, trio.open_nursery() as nursery:
            instance = instance_of(server)
            one, two = await first.accept(), await second.accept()
            asked = Asked(nursery, server)
            recorder = Recorder()
            asked.ask(new_event(recorder, instance))
            await two.start()
            event = await two.event()  # only the second one has started the instance
            nursery.start_soon(one.start)
            await trio.testing.wait_all_tasks_blocked()
            await two.send(m.Done(event.event, m.FAILED, [], [code]))
            await one.send(*done(await one.event()))
            assert (await asked.one()).kind is OutcomeKind.DONE
            assert recorder.done == [("commit", 0, [])]


async def test_an_instance_that_the_member_lost_is_started_again(tmp_path: Path) -> None:
    (fake,) = fakes(tmp_path, 1)
    with trio.fail_after(10):
        async with hosted(fake) as server, trio.open_nursery() as nursery:
            asked = Asked(nursery, server)
            asked.ask(new_event(Recorder(), instance_of(server)))
            peer = await fake.accept()
            assert await peer.start() == 1
            event = await peer.event()
            await peer.send(m.Done(event.event, m.FAILED, [], ["no_instance"]))
            assert await peer.start() == 2
            event = await peer.event()
            assert event.steps[0] == 2
            await peer.send(*done(event))
            assert (await asked.one()).kind is OutcomeKind.DONE


async def test_a_member_that_refuses_all_is_not_asked_for_ever(tmp_path: Path) -> None:
    (fake,) = fakes(tmp_path, 1)
    with trio.fail_after(10):
        async with hosted(fake) as server, trio.open_nursery() as nursery:
            nursery.start_soon(fake.serve, lambda event: [m.Done(event.event, m.FAILED, [], ["no_instance"])])
            outcome = await server.handle(new_event(Recorder(), instance_of(server)))
            assert outcome.error is not None
            assert (outcome.error.code, outcome.started) == ("no_instance", False)
            nursery.cancel_scope.cancel()


async def test_without_a_member_events_fail_at_once_with_the_reason(tmp_path: Path) -> None:
    server = PluginServer("fake", HostInfo())
    server.set_members([f"unix:{tmp_path}/nobody"])
    async with trio.open_nursery() as nursery:
        await nursery.start(server.run)
        outcome = await server.handle(new_event(Recorder(), instance_of(server)))
        assert outcome.error is not None
        assert outcome.error.code == "unavailable"
        assert "nobody" in outcome.error.text
        assert server.state == "down"
        nursery.cancel_scope.cancel()


async def test_a_plugin_that_the_server_does_not_have_is_unavailable(tmp_path: Path) -> None:
    (fake,) = fakes(tmp_path, 1)
    with trio.fail_after(10):
        async with hosted(fake) as server:
            await fake.accept()
            outcome = await server.handle(new_event(Recorder(), instance_of(server, "other")))
            assert outcome.error is not None
            assert outcome.error.code == "unavailable"
            assert "other" in outcome.error.text


async def test_a_plugin_that_is_not_this_servers_to_offer_is_ignored(tmp_path: Path) -> None:
    (fake,) = fakes(tmp_path, 1)
    options = ClientOptions(plugins=frozenset({"mine"}))
    with trio.fail_after(10):
        async with hosted(fake, options=options) as server:
            await fake.accept()
            outcome = await server.handle(new_event(Recorder(), instance_of(server)))
            assert outcome.error is not None
            assert outcome.error.code == "unavailable"
            assert server.plugins == {}


@pytest.mark.parametrize("code", ["bad_config", "start_failed"])
async def test_events_of_an_instance_that_cannot_be_started_fail_with_its_error(tmp_path: Path, code: str) -> None:
    (fake,) = fakes(tmp_path, 1)
    with trio.fail_after(10):
        async with hosted(fake) as server, trio.open_nursery() as nursery:
            asked, instance = Asked(nursery, server), instance_of(server)
            asked.ask(new_event(Recorder(), instance))
            peer = await fake.accept()
            start = await peer.receive(m.Start)
            await peer.send(m.Started(start.fields["instance"], [code, "limit: not a number"]))
            outcome = await asked.one()
            assert outcome.error is not None
            assert (outcome.error.code, outcome.error.text) == (code, "limit: not a number")
            again = await server.handle(new_event(Recorder(), instance))  # at once: no START for every request
            assert again.error == outcome.error


async def test_an_event_of_a_lost_member_has_failed_and_the_next_one_is_served(tmp_path: Path) -> None:
    (fake,) = fakes(tmp_path, 1)
    with trio.fail_after(10):
        async with hosted(fake) as server, trio.open_nursery() as nursery:
            asked, instance, recorder = Asked(nursery, server), instance_of(server), Recorder()
            asked.ask(new_event(recorder, instance))
            peer = await fake.accept()
            await peer.event()
            await peer.stream.aclose()
            outcome = await asked.one()
            assert asked.codes == ["lost"]
            assert not outcome.may_rerun
            assert recorder.done == [("roll back", 0)]
            peer = await fake.accept()
            asked.ask(new_event(Recorder(), instance))
            await peer.send(*done(await peer.event()))
            assert (await asked.one()).kind is OutcomeKind.DONE


async def test_a_lost_event_is_run_again_once_where_its_phase_allows_it(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (fake,) = fakes(tmp_path, 1)
    with trio.fail_after(10):
        async with hosted(fake) as server, trio.open_nursery() as nursery:
            asked, instance, recorder = Asked(nursery, server), instance_of(server), Recorder({24: 1})
            asked.ask(new_event(recorder, instance))
            peer = await fake.accept(plugins=RERUN)
            event = await peer.event()
            await peer.send(m.Call(1, event.event, 24, [], [[60, "a", "b"]]))
            await peer.receive(m.Reply)
            await peer.stream.aclose()
            peer = await fake.accept(plugins=RERUN)
            event = await peer.event()
            assert event.flags == m.RERUN
            assert event.steps[1] <= 5000
            await peer.stream.aclose()
            await asked.one()
            assert asked.codes == ["lost"]
            assert recorder.done == [
                ("apply", 0, [[60, "a", "b"]]),
                ("call", 0, 24, []),
                ("roll back", 0),
                ("roll back", 0),
            ]
            assert "two connections were lost" in caplog.text


async def test_after_an_effect_was_begun_nothing_is_run_again(tmp_path: Path) -> None:
    effect = next(number for number, function in FUNCTIONS.items() if function.effect)
    (fake,) = fakes(tmp_path, 1)
    with trio.fail_after(10):
        async with hosted(fake) as server, trio.open_nursery() as nursery:
            asked = Asked(nursery, server)
            asked.ask(new_event(Recorder({effect: 1}), instance_of(server)))
            peer = await fake.accept(plugins=RERUN)
            event = await peer.event()
            await peer.send(m.Call(1, event.event, effect))
            await peer.receive(m.Reply)
            await peer.stream.aclose()
            assert (await asked.one()).may_rerun is False
            assert asked.codes == ["lost"]


async def test_members_that_are_taken_away_end_their_events_first(tmp_path: Path) -> None:
    old, new = fakes(tmp_path, 2)
    with trio.fail_after(10):
        async with hosted(old) as server, trio.open_nursery() as nursery:
            asked, instance = Asked(nursery, server), instance_of(server)
            asked.ask(new_event(Recorder(), instance))
            first = await old.accept()
            event = await first.event()
            server.set_members([new.address])
            assert await first.receive() == m.Drain("")
            second = await new.accept()
            asked.ask(new_event(Recorder(), instance))
            await second.send(*done(await second.event()))
            await asked.one()
            await first.send(*done(event))
            assert await first.closed() == []
            assert [outcome.kind for outcome in (*asked.outcomes, await asked.one())] == [OutcomeKind.DONE] * 3
            await new.close()


async def test_a_server_that_drains_itself_loses_no_event(tmp_path: Path) -> None:
    (fake,) = fakes(tmp_path, 1)
    with trio.fail_after(10):
        async with hosted(fake) as server, trio.open_nursery() as nursery:
            asked, instance = Asked(nursery, server), instance_of(server)
            asked.ask(new_event(Recorder(), instance))
            peer = await fake.accept()
            event = await peer.event()
            await peer.send(m.Drain(""))
            while server.statistics()["members"][0]["state"] != "draining":
                await trio.lowlevel.checkpoint()
            asked.ask(new_event(Recorder(), instance))  # waits for the next connection
            await trio.testing.wait_all_tasks_blocked()
            await peer.send(*done(event))
            assert await peer.closed() == []
            peer = await fake.accept()
            await peer.send(*done(await peer.event()))
            while len(asked.outcomes) < 2:
                await asked.one()
            assert asked.codes == []


async def test_a_closed_instance_is_freed_after_its_last_event(tmp_path: Path) -> None:
    (fake,) = fakes(tmp_path, 1)
    with trio.fail_after(10):
        async with hosted(fake) as server, trio.open_nursery() as nursery:
            asked = Asked(nursery, server)
            instance = server.instance("hello", "a:1", {"x": 1}, "mine")
            assert server.instance("hello", "a:1", {"x": 1}, "mine") is instance
            instance.close()
            asked.ask(new_event(Recorder(), instance))
            peer = await fake.accept()
            start = await peer.receive(m.Start)
            assert start.fields == {"instance": 1, "plugin": "hello", "key": "a:1", "config": {"x": 1}, "name": "mine"}
            await peer.send(m.Started(1))
            event = await peer.event()
            instance.close()
            await peer.send(*done(event))
            assert await peer.receive() == m.Close(1)
            assert server.statistics()["instances"] == 0


async def test_a_new_build_is_told_to_the_host(tmp_path: Path) -> None:
    (fake,) = fakes(tmp_path, 1)
    told: list[list[str]] = []
    with trio.fail_after(10):
        async with hosted(fake, on_plugins=lambda server: told.append(sorted(server.plugins))) as server:
            for build in ("1", "1", "2"):
                peer = await fake.accept(server={"build": build})
                while server.state != "up":
                    await trio.lowlevel.checkpoint()
                await peer.stream.aclose()
                while server.state == "up":
                    await trio.lowlevel.checkpoint()
    assert told == [["hello"], ["hello"]]


async def test_a_fused_run_commits_each_step_by_itself(tmp_path: Path) -> None:
    (fake,) = fakes(tmp_path, 1)
    with trio.fail_after(10):
        async with hosted(fake) as server, trio.open_nursery() as nursery:
            asked, recorder = Asked(nursery, server), Recorder()
            asked.ask(new_event(recorder, *(instance_of(server) for _ in range(3))))
            peer = await fake.accept()
            event = await peer.event()
            assert event.steps == [1, 5000, 2, 5000, 3, 5000]
            await peer.send(
                m.Done(event.event, m.NEXT, [[60, "a", "1"]]), m.Done(event.event, m.NEXT, [[60, "a", "2"]])
            )
            await peer.send(m.Done(event.event, m.FAILED, [[60, "a", "3"]], ["failed", "boom"]))
            outcome = await asked.one()
            assert (outcome.step, outcome.kind) == (2, OutcomeKind.FAILED)
            assert recorder.done == [("commit", 0, [[60, "a", "1"]]), ("commit", 1, [[60, "a", "2"]]), ("roll back", 2)]


async def test_each_step_of_a_fused_run_has_a_budget_of_its_own(tmp_path: Path) -> None:
    (fake,) = fakes(tmp_path, 1)
    with trio.fail_after(10):
        async with hosted(fake) as server, trio.open_nursery() as nursery:
            asked, recorder = Asked(nursery, server), Recorder()
            event = new_event(recorder, instance_of(server), instance_of(server), instance_of(server))
            event.steps = [event.steps[0], Step(event.steps[1].instance, 0.03), event.steps[2]]
            asked.ask(event)
            peer = await fake.accept()
            sent = await peer.event()
            await peer.send(m.Done(sent.event, m.NEXT))
            assert await peer.receive() == m.Cancel(sent.event, "deadline")
            outcome = await asked.one()
            assert (outcome.step, outcome.unsure) == (1, True)
            assert recorder.done == [("commit", 0, []), ("roll back", 1)]
            await peer.send(m.Done(sent.event, m.FAILED, [], ["cancelled"]))


async def test_a_bad_change_in_mid_run_stops_the_steps_behind_it(tmp_path: Path) -> None:
    (fake,) = fakes(tmp_path, 1)
    with trio.fail_after(10):
        async with hosted(fake) as server, trio.open_nursery() as nursery:
            asked, recorder = Asked(nursery, server), Recorder(refuse=[61])
            asked.ask(new_event(recorder, instance_of(server), instance_of(server)))
            peer = await fake.accept()
            event = await peer.event()
            await peer.send(m.Done(event.event, m.NEXT, [[61]]))
            assert await peer.receive() == m.Cancel(event.event, "bad_change")
            assert (await asked.one()).step == 0
            await peer.send(m.Done(event.event, m.DONE, [[60, "too", "late"]]))
            assert recorder.done == [("commit", 0, [[61]]), ("roll back", 0)]


async def test_a_server_without_fusion_gets_one_step_at_a_time(tmp_path: Path) -> None:
    (fake,) = fakes(tmp_path, 1)
    with trio.fail_after(10):
        async with hosted(fake) as server, trio.open_nursery() as nursery:
            asked = Asked(nursery, server)
            asked.ask(new_event(Recorder(), instance_of(server), instance_of(server)))
            peer = await fake.accept(features=[])
            event = await peer.event()
            assert len(event.steps) == 2
            assert not server.can_fuse
            await peer.send(*done(event))
            assert await asked.one() == Outcome(0, OutcomeKind.DONE)  # ended early: the host goes on with the next


async def test_a_step_behind_those_that_count_is_the_one_that_is_lost(tmp_path: Path) -> None:
    (fake,) = fakes(tmp_path, 1)
    with trio.fail_after(10):
        async with hosted(fake) as server, trio.open_nursery() as nursery:
            asked, recorder = Asked(nursery, server), Recorder()
            asked.ask(new_event(recorder, *(instance_of(server) for _ in range(3))))
            peer = await fake.accept(plugins=RERUN)
            event = await peer.event()
            await peer.send(m.Done(event.event, m.NEXT, [[60, "a", "1"]]))
            await peer.stream.aclose()
            outcome = await asked.one()
            assert (outcome.step, outcome.may_rerun, outcome.unsure) == (1, True, True)
            assert recorder.done == [("commit", 0, [[60, "a", "1"]]), ("roll back", 1)]
            nursery.cancel_scope.cancel()
