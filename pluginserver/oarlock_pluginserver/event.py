"""One event on its way through a plugin server: what is asked, in which state it is, how it ended. No I/O.

An event is one run of one instance, or of several in a row (steps), in one phase of one request. Whoever asked waits
for its `Outcome`; the credit that it holds comes back later if it was cancelled, with the server's last DONE.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import Enum, IntEnum
from typing import TYPE_CHECKING, Any, Final, Protocol

from msgspec import Struct

from oarlock_pluginserver.errors import IllegalMove
from oarlock_pluginserver.pdk_handler import PdkHandler
from oarlock_pluginserver.protocol import messages as m

if TYPE_CHECKING:
    from oarlock_pluginserver.calls import StepCalls
    from oarlock_pluginserver.instances import Instance


class Step(Struct):
    """One instance of an event, and the time it has (seconds, from the moment it may run)."""

    instance: Instance
    budget: float


class OutcomeKind(IntEnum):
    """How an event ended."""

    DONE = 1
    EXIT = 2
    ERROR_PAGE = 3
    FAILED = 4


class EventError(Struct, frozen=True):
    """Why an event failed: a code of the protocol, a text for people, where the plugin raised, which server it was."""

    code: str
    text: str = ""
    trace: str = ""
    server: str = ""


class Outcome(Struct, frozen=True):
    """The end of an event. Steps before `step` were committed; those behind it were not asked for an outcome.

    With DONE at an earlier step than the last, the run ended early and goes on with the next step as a new event.
    """

    step: int
    kind: OutcomeKind
    detail: tuple[Any, ...] = ()  # EXIT: (status, body, headers); ERROR_PAGE: (status, message, headers)
    error: EventError | None = None  # with FAILED
    started: bool = True  # False: no plugin saw anything of the step
    may_rerun: bool = False  # after a loss: the rules allow to run `step` once more, as a new event with `rerun`
    unsure: bool = False  # steps behind may have begun: run them alone, where their phase allows a second run


class EventState(IntEnum):  # numbers: they hash four times as fast as other members, and each event is looked up twice
    """Where an event is."""

    NEW = 0
    QUEUED = 1  # waits for a credit
    RUNNING = 2
    CANCELLED = 3  # nobody waits, the plugin may still run: it keeps its credit
    ENDED = 4


EVENT_MOVES: Final = {
    (EventState.NEW, "queue"): EventState.QUEUED,
    (EventState.NEW, "send"): EventState.RUNNING,
    (EventState.NEW, "end"): EventState.ENDED,  # no credit and no place to wait
    (EventState.QUEUED, "send"): EventState.RUNNING,
    (EventState.QUEUED, "end"): EventState.ENDED,
    (EventState.RUNNING, "return"): EventState.NEW,  # not started there: it goes elsewhere
    (EventState.RUNNING, "cancel"): EventState.CANCELLED,
    (EventState.RUNNING, "end"): EventState.ENDED,
    (EventState.CANCELLED, "end"): EventState.ENDED,
}


class Reaction(Enum):
    """What to do with a message about an event."""

    USE = "use"
    FINAL = "final"  # it ends the event, and counts for nothing else
    IGNORE = "ignore"
    GONE = "answer `gone`"
    ERROR = "protocol error"


_NEVER: Final = None  # an id that was not used yet

REACTIONS: Final[dict[tuple[EventState | None, type], Reaction]] = {
    (EventState.RUNNING, m.Done): Reaction.USE,
    (EventState.RUNNING, m.Call): Reaction.USE,
    (EventState.RUNNING, m.Chunk): Reaction.USE,
    (EventState.RUNNING, m.Window): Reaction.USE,
    (EventState.CANCELLED, m.Done): Reaction.FINAL,  # outcome `next` is ignored
    (EventState.CANCELLED, m.Call): Reaction.GONE,
    (EventState.CANCELLED, m.Chunk): Reaction.IGNORE,
    (EventState.CANCELLED, m.Window): Reaction.IGNORE,
    (EventState.ENDED, m.Done): Reaction.ERROR,
    (EventState.ENDED, m.Call): Reaction.GONE,
    (EventState.ENDED, m.Chunk): Reaction.IGNORE,
    (EventState.ENDED, m.Window): Reaction.IGNORE,
    (_NEVER, m.Done): Reaction.ERROR,
    (_NEVER, m.Call): Reaction.ERROR,
    (_NEVER, m.Chunk): Reaction.ERROR,
    (_NEVER, m.Window): Reaction.ERROR,
}


class Carrier(Protocol):
    """What holds an event that has not ended: a queue, or a connection."""

    def cancel(self, event: Event, reason: str) -> None:
        """End it with `reason`; see `Event.cancel`."""
        ...


class Event:
    """What is asked of a plugin server. Use one object once.

    `facts` are encoded MessagePack arrays `[key, value, …]`, later ones win. `level` is the threshold of log lines.
    `rerun` tells the plugin that the phase ran before for this request. Everything with an underscore belongs to this
    package.
    """

    __slots__ = (
        "_attempts",
        "_calls",
        "_cancelled_at",
        "_carrier",
        "_deadline",
        "_id",
        "_is_log",
        "_outcome",
        "_position",
        "_retained",
        "_state",
        "_step",
        "_task",
        "_unsure",
        "_wake",
        "facts",
        "handler",
        "level",
        "phase",
        "report_reads",
        "rerun",
        "steps",
    )

    def __init__(
        self,
        phase: int,
        steps: Sequence[Step],
        facts: Sequence[bytes],
        handler: PdkHandler,
        level: int = 0,
        report_reads: bool = False,
        rerun: bool = False,
    ) -> None:
        self.phase = phase
        self.steps = steps
        self.facts = facts
        self.handler = handler
        self.level = level
        self.report_reads = report_reads
        self.rerun = rerun
        self._state = EventState.NEW
        self._step = 0  # the one that runs
        self._id = 0  # on the connection that carries it
        self._attempts = 0  # times that it was handed to a connection
        self._carrier: Carrier | None = None
        self._deadline = 0.0  # seconds: of the current step, of the wait in the queue, or of the end after CANCEL
        self._cancelled_at = 0.0  # seconds
        self._position = 0  # in the bytes written to the connection, of its first byte
        self._calls: StepCalls | None = None  # what PDK calls left behind; most events make none
        self._outcome: Outcome | None = None
        self._wake: Callable[[Event], None] | None = None  # called once, when there is an outcome
        self._task: Any = None  # who waits
        self._is_log = False
        self._retained = False  # counted as a user of its instances
        self._unsure = False  # steps were cut off that may have begun elsewhere

    def cancel(self, reason: str) -> None:
        """Nobody needs the outcome: it is FAILED with `reason` at once, the plugin is told. No effect after the end.

        `reason` is a code of the protocol, `client_gone` as a rule. Changes of the current step are rolled back.
        """
        if self._carrier is not None:
            self._carrier.cancel(self, reason)

    def _move(self, what: str) -> None:
        state = EVENT_MOVES.get((self._state, what))
        if state is None:
            raise IllegalMove(f"event {self._id}", self._state.name, what)
        self._state = state

    def _finish(self, outcome: Outcome) -> None:
        """Hand over the outcome; the first one counts."""
        if self._outcome is None:
            self._outcome = outcome
            if self._wake is not None:
                self._wake(self)

    def _fail(self, code: str, text: str, server: str, *, started: bool = True, trace: str = "") -> None:
        self._finish(
            Outcome(
                self._step,
                OutcomeKind.FAILED,
                error=EventError(code, text, trace, server),
                started=started,
                unsure=self._unsure,
            )
        )

    def _retain(self) -> None:
        """Count the event as a user of its instances, until `_release`."""
        self._retained = True
        for step in self.steps:
            step.instance._retain()

    def _release(self) -> None:
        if self._retained:
            self._retained = False
            for step in self.steps:
                step.instance._release()

    def _keep_first_step(self) -> None:
        """Drop the steps behind the first one: they will be another event."""
        if self._retained:
            for step in self.steps[1:]:
                step.instance._release()
        self.steps = self.steps[:1]

    @property
    def _has_more_steps(self) -> bool:
        return self._step + 1 < len(self.steps)
