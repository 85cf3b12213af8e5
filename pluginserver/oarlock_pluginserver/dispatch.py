"""Which member gets an event, who waits, and what becomes of events that a member did not start, or lost. No I/O.

Nothing in here awaits: an event is placed in the call that brings it, or in the one that frees a place.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Final, Protocol

from oarlock_pluginserver._generated import pdk_table as table
from oarlock_pluginserver.credit import WaitingRoom
from oarlock_pluginserver.event import Event, EventError, Outcome, OutcomeKind, Step

if TYPE_CHECKING:
    from oarlock_pluginserver.info import PluginInfo
    from oarlock_pluginserver.session import Session

log = logging.getLogger("oarlock_pluginserver.dispatch")

_ATTEMPTS: Final = 3  # times that an event is handed to a member before it counts as refused
_SMALLEST_QUEUE: Final = 16


class Place(Protocol):
    """A connection that takes events."""

    session: Session
    is_congested: bool  # it must drain before it gets more


class Clockwork(Protocol):
    """The deadlines: see `deadlines.Deadlines`."""

    def add(self, event: Event) -> None:
        """Watch the event's deadline."""

    def discard(self, event: Event) -> None:
        """No more of that."""


class Dispatcher:
    """The events of one plugin server that are on no connection, and the way there.

    The owner keeps `places` (connections that take events) and `plugins` up to date, and says when something changed:
    `seat` when a credit came back, `look_again` when places or instances came or went.
    """

    def __init__(
        self,
        name: str,
        deadlines: Clockwork,
        clock: Callable[[], float],
        why_no_place: Callable[[], str | None],
        queue_size: int | None,
        queue_time: float,
    ) -> None:
        """`why_no_place()`: with no connection, the reason; None if one is expected within a second or so.

        `queue_size`: events that may wait, None: as many as there are credits. `queue_time`: seconds, at most half the
        event's budget.
        """
        self.places: list[Place] = []
        self.plugins: Mapping[str, PluginInfo] = {}
        self.closed = ""
        self.room = WaitingRoom()
        self.lost = self.reruns = self.overloads = 0
        self._name = name
        self._deadlines = deadlines
        self._clock = clock
        self._why_no_place = why_no_place
        self._queue_size = queue_size
        self._queue_time = queue_time

    def offer(self, event: Event, avoid: Session | None = None) -> None:
        """Send `event`, or let it wait, or fail it if waiting is no use. `avoid`: not there, it just came back."""
        session = None if self.closed else self._choose(event.steps, avoid)
        if session is not None:
            session.in_flight.send(event)
        else:
            self._queue(event)

    def seat(self) -> None:
        """There may be a place: send those that wait."""
        self.room.seat(self._seat, self._has_free)

    def look_again(self) -> None:
        """There may be a place, or one less to hope for: send those that wait, fail those that wait for nothing."""
        self.seat()
        for event in self.room.events:
            reason = self.why_hopeless(event)
            if reason is not None:
                self._leave(event)
                self.fail(event, *reason)

    def close(self, reason: str) -> None:
        """Take nothing any more."""
        self.closed = reason
        for event in self.room.clear():
            self._deadlines.discard(event)
            self.fail(event, "unavailable", reason)

    def cancel(self, event: Event, reason: str) -> None:
        """Carrier of the events that wait: this one is not needed any more."""
        self._leave(event)
        self.fail(event, reason, "it was waiting for its turn")

    def waited_too_long(self, event: Event) -> None:
        """The time to wait for a place is over."""
        self.room.leave(event)
        if self.want(event):
            self.fail(event, "unavailable", "no member started the plugin in time")
        else:
            self.overloads += 1
            self.fail(event, "overload", "no credit came free in time")

    def fail(self, event: Event, code: str, text: str) -> None:
        """End an event that is on no connection."""
        event._move("end")
        event._carrier = None
        event._release()
        event._fail(code, text, self._name, started=False)

    def come_back(self, event: Event, session: Session, code: str, text: str) -> None:
        """A member did not start the event: it goes to another one, or later to the same."""
        if event._attempts >= _ATTEMPTS:
            self.fail(event, code, text)
        else:
            self.offer(event, session)

    def was_lost(self, event: Event, session: Session) -> None:
        """The event was running when its connection ended: once more where that is allowed, else it has failed."""
        self.lost += 1
        step = event.steps[event._step]
        left = event._deadline - self._clock()
        may_rerun = self._may_rerun(event) and left > 0
        event._unsure = event._unsure or event._has_more_steps
        if may_rerun and event._step == 0:
            self.reruns += 1
            event._keep_first_step()
            event.steps = (Step(step.instance, left),)
            event.rerun, event._calls = True, None
            self.offer(event, session)
            return
        if event.rerun:
            plugin = step.instance.plugin
            log.error("plugin server %s: two connections were lost while plugin %s ran one event", self._name, plugin)
        event._move("end")
        event._release()
        error = EventError("lost", "the connection to the plugin server ended while the plugin ran", "", self._name)
        event._finish(Outcome(event._step, OutcomeKind.FAILED, error=error, may_rerun=may_rerun, unsure=event._unsure))

    def want(self, event: Event) -> bool:
        """Have the instances of `event` started wherever they are not; whether they run together nowhere yet."""
        is_starting = bool(self.places)
        for step in event.steps:
            step.instance._is_wanted = True
        for place in tuple(self.places):
            session = place.session
            missing = [step.instance for step in event.steps if step.instance not in session.instances.running]
            for instance in missing:
                session.want(instance)
            is_starting = is_starting and bool(missing)
        return is_starting

    def why_hopeless(self, event: Event) -> tuple[str, str] | None:
        """Code and text if waiting will not help `event`."""
        if self.closed:
            return "unavailable", self.closed
        if not self.places:
            reason = self._why_no_place()
            return None if reason is None or event.rerun else ("unavailable", reason)
        now = self._clock()
        for step in event.steps:
            if step.instance.plugin not in self.plugins:
                return "unavailable", f"it does not offer plugin {step.instance.plugin}"
            failures = [place.session.instances.failure(step.instance, now) for place in self.places]
            if failures[0] is not None and all(failures):
                return failures[0].code, failures[0].text
        return None

    def _choose(self, steps: Sequence[Step], avoid: Session | None) -> Session | None:
        """The member with the fewest events in flight that can take these steps now."""
        best, fewest = None, 1 << 62
        for place in self.places:
            session = place.session
            credits = session.in_flight.credits
            used = credits.used
            if used < fewest and used < credits.limit and session is not avoid and not place.is_congested:
                running = session.instances.running
                for step in steps:
                    if step.instance not in running:
                        break
                else:
                    best, fewest = session, used
        return best

    def _queue(self, event: Event) -> None:
        is_starting = self.want(event)
        reason = self.why_hopeless(event)
        if reason is None and not self.room.enter(event, self._limit()):
            self.overloads += 1
            reason = ("overload", f"{len(self.room)} events wait already")
        if reason is not None:
            self.fail(event, *reason)
            return
        event._move("queue")
        event._carrier = self
        budget = event.steps[0].budget
        event._deadline = self._clock() + (budget if is_starting else min(budget / 2, self._queue_time))
        self._deadlines.add(event)

    def _limit(self) -> int:
        if self._queue_size is not None:
            return self._queue_size
        return max(_SMALLEST_QUEUE, sum(place.session.in_flight.credits.limit for place in self.places))

    def _seat(self, event: Event) -> bool:
        session = self._choose(event.steps, None)
        if session is None:
            return False
        self._leave(event)
        session.in_flight.send(event)
        return True

    def _leave(self, event: Event) -> None:
        self.room.leave(event)
        self._deadlines.discard(event)

    def _has_free(self) -> bool:
        return any(place.session.in_flight.credits.has_free for place in self.places)

    def _may_rerun(self, event: Event) -> bool:
        """What PROTOCOL.md, "Loss", demands, but for the client, who would have cancelled the event."""
        plugin = self.plugins.get(event.steps[event._step].instance.plugin)
        phase = plugin.phases.get(table.PHASE_NAMES.get(event.phase, "")) if plugin is not None else None
        has_effect = event._calls is not None and event._calls.effect
        return phase is not None and phase.rerun and not has_effect and not event.rerun
