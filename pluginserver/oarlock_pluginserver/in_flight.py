"""The events that one connection carries: sent, advanced step by step, ended, cancelled, lost. No I/O.

What a message does to an event stands in `event.REACTIONS`. A credit is taken by `begin` and comes back with the last
DONE alone, so what a cancelled plugin still does is counted where it happens.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from oarlock_pluginserver._generated import pdk_table as table
from oarlock_pluginserver.calls import Calls, check_changes, replans
from oarlock_pluginserver.credit import Credits
from oarlock_pluginserver.errors import PdkError, ProtocolError
from oarlock_pluginserver.event import REACTIONS, Event, EventState, Outcome, OutcomeKind, Reaction
from oarlock_pluginserver.outcomes import detail_of, failure_of
from oarlock_pluginserver.ports import Owner, Shell
from oarlock_pluginserver.protocol import messages as m
from oarlock_pluginserver.protocol import oarlock_v1 as codec

if TYPE_CHECKING:
    from oarlock_pluginserver.info import Welcome
    from oarlock_pluginserver.instances import Instances
    from oarlock_pluginserver.session import Session

log = logging.getLogger("oarlock_pluginserver.in_flight")

_CANCEL_TIME: Final = 1.0  # seconds that a handler gets to end before it counts as stuck
_TEXTS: Final = {"deadline": "the time for it is up", "client_gone": "nobody waits for it any more"}
_DONE: Final = tuple(Outcome(step, OutcomeKind.DONE) for step in range(16))  # by far the most frequent, made once
_RUNNING, _CANCELLED = EventState.RUNNING, EventState.CANCELLED  # looking them up in the class costs 0.15 µs each time


class InFlight:
    """Events of one connection that hold a credit. `clock` gives seconds and never goes back."""

    def __init__(
        self,
        session: Session,
        welcome: Welcome,
        owner: Owner,
        shell: Shell,
        instances: Instances,
        calls: Calls,
        clock: Callable[[], float],
        max_events: int,
    ) -> None:
        self.credits = Credits(min(welcome.limits.max_events, max_events))
        self.log_credits = Credits(min(welcome.limits.max_log_events, max_events))
        self.cancelled = 0  # events that hold a credit though nobody waits for them
        self._session = session
        self._owner = owner
        self._shell = shell
        self._instances = instances
        self._calls = calls
        self._clock = clock
        self._max_frame = welcome.limits.max_frame
        self._can_fuse = "fusion" in welcome.features
        self._can_report = "reads" in welcome.features
        self._by_id: dict[int, Event] = {}
        self._highest = 0
        self._is_stuck = False  # and the owner was told

    def __len__(self) -> int:
        return len(self._by_id)

    def get(self, number: int) -> Event | None:
        """The event of this id, if it holds a credit."""
        return self._by_id.get(number)

    def find(self, number: int, message: type) -> tuple[Event | None, Reaction]:
        """What to do with a message about this event, and the event if it holds a credit.

        Raises:
            ProtocolError: such a message may not come.
        """
        event = self._by_id.get(number)
        if event is not None:
            return event, REACTIONS[event._state, message]
        has_ended = 0 < number <= self._highest
        reaction = REACTIONS[EventState.ENDED if has_ended else None, message]
        if reaction is Reaction.ERROR:
            what = "has ended" if has_ended else "never existed"
            raise ProtocolError(f"{message.__name__.upper()} for event {number}, which {what}")
        return None, reaction

    # ---- towards the server

    def begin(self, event: Event, position: int) -> bytes | None:
        """Take `event` on and return its frame, whose first byte will be number `position`.

        None: it is larger than the server takes, and has failed. The caller saw that there is a credit and that the
        instances run here.
        """
        if len(event.steps) > 1 and not self._can_fuse:
            event._keep_first_step()  # the outcome will be that of a run that ended early
        running = self._instances.running
        steps: list[int] = []
        for step in event.steps:
            steps.append(running[step.instance])
            budget = int(step.budget * 1000)
            steps.append(budget if 0 < budget <= table.MAX_BUDGET_MS else 1 if budget <= 0 else table.MAX_BUDGET_MS)
        flags = (m.REPORT_READS if event.report_reads and self._can_report else 0) | (m.RERUN if event.rerun else 0)
        number = self._highest + 1
        frame = codec.encode_event(number, event.phase, steps, event.facts, event.level, flags)
        if len(frame) - 4 > self._max_frame:
            self._owner.cannot_send(event, "too_large", f"an event of {len(frame)} bytes")
            return None
        self._highest = event._id = number
        event._move("send")
        event._attempts += 1
        event._carrier = self
        event._position = position
        event._deadline = self._clock() + event.steps[0].budget
        (self.log_credits if event._is_log else self.credits).used += 1
        self._by_id[number] = event
        self._owner.watch(event)
        return frame

    def send(self, event: Event) -> None:
        """Hand `event` to the server."""
        frame = self.begin(event, self._shell.position)
        if frame is not None:
            self._shell.write(frame)

    def cancel(self, event: Event, reason: str) -> None:
        """End `event` with `reason` now; its credit comes back when the server has ended it too."""
        if event._state is _RUNNING:
            self._give_up(event, reason)
            event._fail(reason, _TEXTS.get(reason, "cancelled"), self._owner.name)

    def close(self, sent: int) -> None:
        """The connection is gone; `sent` bytes were handed to the kernel. The events go to the owner."""
        events, self._by_id = tuple(self._by_id.values()), {}
        for event in events:
            (self.log_credits if event._is_log else self.credits).used -= 1
            self._calls.abandon(event)
            self._owner.unwatch(event)
            event._carrier = None
            if event._state is _CANCELLED:
                event._move("end")
                self._owner.event_ended(event, self._session)
                continue
            event._move("return")
            if event._position >= sent:
                self._owner.not_started(event, self._session, "lost", "the connection ended before it was sent")
            else:
                self._roll_back(event)
                self._owner.was_lost(event, self._session)

    def look_for_stuck(self, event: Event) -> None:
        """The deadline of a cancelled event passed. Once a second later, and half a minute later: is this a trouble?"""
        if self._clock() - event._cancelled_at >= table.STUCK_AFTER:
            self._owner.stuck(self._session, f"an event did not end within {table.STUCK_AFTER:g} s of CANCEL")
            return
        limit = (self.log_credits if event._is_log else self.credits).limit
        if 2 * self.cancelled >= limit and not self._is_stuck:
            self._is_stuck = True
            self._owner.stuck(self._session, "cancelled events hold half of its credits")
        event._deadline = event._cancelled_at + table.STUCK_AFTER
        self._owner.watch(event)

    # ---- from the server

    def done(self, done: m.Done, has_blobs: bool) -> None:
        """The current step of an event ended. Raises ProtocolError."""
        event = self._by_id.get(done.event)
        if event is None or event._state is not _RUNNING:
            event, _ = self.find(done.event, m.Done)  # cancelled, if it does not raise
            if event is not None and done.outcome != m.NEXT:
                self._end(event)
            return
        check_changes(done.changes)
        if done.outcome > m.ERROR_PAGE:
            self._failed(event, done)
            return
        if done.outcome == m.NEXT and (not event._has_more_steps or self._has_replanned(event, done)):
            raise ProtocolError(f"DONE `next` of event {event._id}, whose run ends with this step")
        detail = detail_of(done) if done.outcome > m.DONE else []
        error = self._commit(event, done, detail, has_blobs)
        if error is not None:
            self._end_badly(event, done.outcome == m.NEXT, error)
        elif done.outcome == m.NEXT:
            self._next_step(event)
        else:
            self._end(event)
            if done.outcome == m.DONE and event._step < len(_DONE) and not event._unsure:
                event._finish(_DONE[event._step])
            else:
                event._finish(Outcome(event._step, OutcomeKind(done.outcome), tuple(detail), unsure=event._unsure))

    def _commit(self, event: Event, done: m.Done, detail: list[Any], has_blobs: bool) -> PdkError | None:
        """Apply and keep the changes of the current step; the error if one is invalid."""
        changes, calls = done.changes, event._calls
        try:
            if calls is not None:
                self._calls.abandon(event)
                if calls.error is not None:
                    return calls.error
            if has_blobs:
                changes = self._calls.put_back(event, changes)
                detail[:] = self._calls.put_back(event, detail)
            if len(changes) + (calls.changes if calls is not None else 0) > table.MAX_CHANGES:
                return PdkError("bad_change", f"more than {table.MAX_CHANGES} changes in one step")
            self._owner.handler_us += done.took_us
            event.handler.commit(event._step, changes, done.took_us, done.waited_us)
            if done.reads is not None:
                event.handler.reads(event._step, done.reads)
        except PdkError as error:
            return PdkError("bad_change", error.text)
        except ProtocolError:
            raise
        except Exception:  # a bug in the host must end this event, not the connection
            log.exception("the host failed to commit what a plugin of %s did", self._owner.name)
            return PdkError("internal", "the gateway failed to apply the changes")
        return None

    def _end_badly(self, event: Event, has_more: bool, error: PdkError) -> None:
        """A step that ended well for the server did not for us; the steps behind it must not run on."""
        if has_more:
            self._give_up(event, error.code)
        else:
            self._roll_back(event)
            self._end(event)
        event._fail(error.code, error.text, self._owner.name)

    def _next_step(self, event: Event) -> None:
        self._owner.unwatch(event)
        event._step += 1
        event._deadline = self._clock() + event.steps[event._step].budget
        if event._calls is not None:
            event._calls.start_step()
        self._owner.watch(event)

    def _failed(self, event: Event, done: m.Done) -> None:
        code, text, trace = failure_of(done)
        self._calls.abandon(event)
        started = code not in ("refused", "no_instance") or event._calls is not None
        if code == "no_instance":
            self._instances.gone(event.steps[event._step].instance)
        if not started and event._step == 0:
            self._owner.unwatch(event)
            self._forget(event)
            event._move("return")
            self._owner.not_started(event, self._session, code, text)
            self._session.look_for_end()
        else:
            self._roll_back(event)
            self._end(event)
            event._fail(code, text, self._owner.name, started=started, trace=trace)

    # ---- ends of events

    def _give_up(self, event: Event, reason: str) -> None:
        """Nobody waits any more: tell the server, undo the current step, keep the credit until its last DONE."""
        self._owner.unwatch(event)
        event._move("cancel")
        event._cancelled_at = self._clock()
        event._deadline = event._cancelled_at + _CANCEL_TIME
        self._owner.watch(event)
        event._unsure = event._unsure or event._has_more_steps
        self.cancelled += 1
        self._shell.write(codec.encode(m.Cancel(event._id, reason)))
        self._calls.abandon(event)
        self._roll_back(event)

    def _end(self, event: Event) -> None:
        """The last DONE came."""
        self._owner.unwatch(event)
        if event._state is _CANCELLED:
            self.cancelled -= 1
            self._is_stuck = self._is_stuck and self.cancelled > 0
        event._move("end")
        self._forget(event)
        self._owner.event_ended(event, self._session)
        if not self._by_id:
            self._session.look_for_end()

    def _forget(self, event: Event) -> None:
        del self._by_id[event._id]
        event._carrier = None
        (self.log_credits if event._is_log else self.credits).used -= 1
        self._calls.forget(event)

    def _roll_back(self, event: Event) -> None:
        try:
            event.handler.roll_back(event._step)
        except Exception:  # as above
            log.exception("the host failed to undo what a plugin of %s did", self._owner.name)

    @staticmethod
    def _has_replanned(event: Event, done: m.Done) -> bool:
        return replans(done.changes) or (event._calls is not None and event._calls.replanned)
