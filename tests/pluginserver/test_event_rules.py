"""The pure parts: tables of states, deadlines, waiting, instances, the queue of what the socket did not take."""

from __future__ import annotations

import math
from typing import Any

import pytest

from oarlock_pluginserver.credit import Credits, WaitingRoom
from oarlock_pluginserver.deadlines import TICK, DeadlineBook
from oarlock_pluginserver.errors import IllegalMove, ProtocolError
from oarlock_pluginserver.event import EVENT_MOVES, REACTIONS, Event, EventState, Outcome, OutcomeKind, Step
from oarlock_pluginserver.instances import Instance, Instances, InstanceState
from oarlock_pluginserver.protocol import messages as m
from oarlock_pluginserver.transport.stream import OutQueue
from support.plugin_server import ACCESS, Recorder


def new_instance(name: str = "hello") -> Instance:
    return Instance(name, "key", {"x": 1}, None, lambda instance: None)


def new_event(deadline: float = 0.0) -> Event:
    event = Event(ACCESS, [Step(new_instance(), 1.0)], [], Recorder())
    event._deadline = deadline
    return event


# ---- events


def test_every_state_says_what_each_message_does() -> None:
    states = (None, EventState.RUNNING, EventState.CANCELLED, EventState.ENDED)
    assert set(REACTIONS) == {(state, kind) for state in states for kind in (m.Done, m.Call, m.Chunk, m.Window)}


def test_an_illegal_move_names_the_state_and_the_move() -> None:
    event = new_event()
    event._move("end")
    for what in {what for _, what in EVENT_MOVES}:
        with pytest.raises(IllegalMove, match=f"ENDED cannot {what}"):
            event._move(what)


def test_an_event_ends_once() -> None:
    woken: list[Event] = []
    event = new_event()
    event._wake = woken.append
    event._finish(Outcome(0, OutcomeKind.DONE))
    event._fail("deadline", "too late", "fake")
    assert woken == [event]
    assert event._outcome == Outcome(0, OutcomeKind.DONE)


def test_cutting_steps_off_gives_their_instances_back() -> None:
    idle: list[Instance] = []
    instances = [Instance("hello", str(number), None, None, idle.append) for number in range(3)]
    event = Event(ACCESS, [Step(instance, 1.0) for instance in instances], [], Recorder())
    event._retain()
    for instance in instances:
        instance.close()
    event._keep_first_step()
    assert idle == instances[1:]
    event._release()
    event._release()
    assert idle == [*instances[1:], instances[0]]


# ---- deadlines


def test_events_are_late_within_a_tick_of_their_deadline() -> None:
    book = DeadlineBook()
    early, late = new_event(1.0), new_event(2.0)
    assert book.add(late)
    assert book.add(early)
    assert book.earliest() == pytest.approx(1.0)
    assert book.take_late(0.99) == []
    assert book.take_late(1.0 + TICK) == [early]
    assert book.take_late(1.5) == []
    assert book.take_late(2.0 + TICK) == [late]
    assert book.earliest() == math.inf


def test_what_ended_in_time_is_never_late_and_wakes_nobody() -> None:
    book = DeadlineBook()
    first, second = new_event(1.0), new_event(3.0)
    book.add(first)
    book.add(second)
    book.discard(first)
    book.discard(first)
    assert book.take_late(0.5) == []
    assert book.earliest() == pytest.approx(3.0)


# ---- waiting


def test_the_waiting_room_is_first_in_first_out_and_bounded() -> None:
    room = WaitingRoom()
    events = [new_event() for _ in range(4)]
    assert [room.enter(event, 3) for event in events] == [True, True, True, False]
    room.leave(events[1])
    seated: list[Event] = []

    def place(event: Event) -> bool:
        seated.append(event)
        return True

    room.seat(place, lambda: len(seated) < 1)
    assert seated == [events[0]]
    assert room.events == (events[2],)
    assert room.clear() == (events[2],)


def test_one_that_can_go_nowhere_yet_lets_others_pass() -> None:
    room = WaitingRoom()
    stuck, other = new_event(), new_event()
    room.enter(stuck, 2)
    room.enter(other, 2)
    room.seat(lambda event: event is other, lambda: True)
    assert room.events == (stuck,)


def test_a_credit_is_free_below_the_limit() -> None:
    credits = Credits(1)
    assert credits.has_free
    credits.used += 1
    assert not credits.has_free


# ---- instances on a connection


def start(instances: Instances, instance: Instance, now: float = 0.0) -> list[int]:
    return [message.fields["instance"] for message in instances.want(instance, now)]


def test_an_instance_is_started_once_and_closed_once() -> None:
    instances, instance = Instances(), new_instance()
    assert start(instances, instance) == [1]
    assert start(instances, instance) == []
    assert instances.state(instance) is InstanceState.STARTING
    assert instances.close(instance) is None
    assert instances.started(1, None, 0.0) is instance
    assert instances.running == {instance: 1}
    assert instances.with_id(1) is instance
    assert instances.close(instance) == m.Close(1)
    assert instances.close(instance) is None
    assert start(instances, instance) == [2]  # an id is never used again


def test_at_most_sixteen_starts_are_open() -> None:
    instances = Instances()
    numbers = [number for _ in range(20) for number in start(instances, new_instance())]
    assert numbers == list(range(1, 17))
    instances.started(3, None, 0.0)
    assert [message.fields["instance"] for message in instances.next_starts()] == [17]


def test_at_most_a_thousand_instances_live_on_a_connection() -> None:
    instances = Instances()
    for _ in range(1100):
        for number in start(instances, new_instance()):
            instances.started(number, None, 0.0)
    assert len(instances.running) == 1000


def test_a_start_that_failed_is_tried_again_ever_later() -> None:
    instances, instance = Instances(), new_instance()
    now, waits = 0.0, []
    for _ in range(8):
        (number,) = start(instances, instance, now)
        instances.started(number, ["start_failed", "no database"], now)
        failure = instances.failure(instance, now)
        assert failure is not None
        assert (failure.code, failure.text) == ("start_failed", "no database")
        assert start(instances, instance, failure.retry_at - 0.01) == []
        waits.append(failure.retry_at - now)
        now = failure.retry_at
    assert waits == pytest.approx([0.5, 1, 2, 4, 8, 16, 30, 30])


def test_a_bad_configuration_is_not_tried_again() -> None:
    instances, instance = Instances(), new_instance()
    instances.started(start(instances, instance)[0], ["bad_config"], 0.0)
    assert start(instances, instance, 1e9) == []


@pytest.mark.parametrize("number", [0, 1, 2, 7])
def test_started_for_what_does_not_start_is_an_error(number: int) -> None:
    instances, instance = Instances(), new_instance()
    start(instances, instance)
    instances.started(1, None, 0.0)
    with pytest.raises(ProtocolError, match=f"instance {number}"):
        instances.started(number, None, 0.0)


# ---- the queue of what the socket did not take


class Kernel:
    """A socket's send buffer with so much room."""

    def __init__(self, room: int) -> None:
        self.room = room
        self.taken = b""

    def send(self, data: Any) -> int:
        size = min(self.room, len(data))
        self.room -= size
        self.taken += bytes(data[:size])
        return size


def test_frames_go_at_once_and_in_order_whatever_the_kernel_takes() -> None:
    kernel = Kernel(5)
    out = OutQueue(kernel.send)
    assert out.write(b"abc")
    assert not out.write(b"defg")
    kernel.room = 1  # room for one byte: but what is half sent goes first
    assert not out.write(b"hi")
    assert kernel.taken == b"abcde"
    assert (out.position, out.sent, out.size) == (9, 5, 4)
    assert not out.flush()
    kernel.room = 100
    assert out.flush()
    assert kernel.taken == b"abcdefghi"
    assert out.size == 0


def test_a_broken_socket_leaves_the_frame_unsent() -> None:
    def broken(data: Any) -> int:
        raise BrokenPipeError

    out = OutQueue(broken)
    with pytest.raises(BrokenPipeError):
        out.write(b"abc")
    assert (out.position, out.sent) == (3, 0)
