"""The host's side of one event: applies, keeps or undoes what the plugin changes, and answers its PDK calls.

A step's changes take effect all or none. The record of the exchange is taken before the first of them and put back when
the step fails; a step without changes and calls costs nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any, Final

from oarlock.log import ALERT, NOTICE
from oarlock.pdk.arguments import check
from oarlock.pdk.caller import Caller, Environment
from oarlock.pdk.facts import may_be_learned
from oarlock.pdk.functions import IMPLEMENTATIONS
from oarlock.pdk.learning import call_key, fact_key
from oarlock.phases.plan import Entry
from oarlock.proxy.exchange import Exchange
from oarlock_pluginserver._generated.pdk_table import FUNCTIONS, MAX_CHANGES, PHASE_NAMES, Function
from oarlock_pluginserver.errors import PdkError

log = logging.getLogger("oarlock.plugin")

# Of the log levels of proto/pdk.toml, which start at 1.
_SEVERITIES: Final = (
    logging.DEBUG, logging.DEBUG, logging.INFO, NOTICE, logging.WARNING, logging.ERROR, logging.CRITICAL, ALERT,
)  # fmt: skip

_ARRAYS: Final = (list, tuple)

# What a plugin may queue, by phase.
_CHANGES: Final = {
    phase: {
        number: function
        for number, function in FUNCTIONS.items()
        if function.kind == "change" and function.available and function.external and phase in function.phases
    }
    for phase in PHASE_NAMES
}


class EventHandler:
    """Answers for one event, over one exchange. An `oarlock_pluginserver.PdkHandler`."""

    __slots__ = (
        "_callers",
        "_changes",
        "_environment",
        "_error",
        "_has_omitted",
        "_kept",
        "_record",
        "entries",
        "phase",
        "replanned",
        "x",
    )

    def __init__(
        self, x: Exchange, phase: int, entries: Sequence[Entry], environment: Environment, has_omitted: bool = False
    ) -> None:
        """Make one for the event that runs `entries` in `phase`.

        `has_omitted`: a block of headers was too long to be sent with the event.
        """
        self.x = x
        self.phase = phase
        self.entries = entries
        self.replanned = False  # a step that was kept did what may change the plan
        self._environment = environment
        self._has_omitted = has_omitted
        self._callers: dict[int, Caller] = {}
        self._record: tuple[Any, ...] | None = None  # before the first change of the current step
        self._kept: tuple[Any, ...] | None = None  # before the step that was kept last
        self._changes = 0  # of the current step
        self._error: PdkError | None = None  # a change of the current step was invalid

    def apply(self, step: int, changes: Sequence[Sequence[object]]) -> None:
        """Apply changes that came with a call. Raises PdkError `bad_change`: the step will fail."""
        if self._error is not None:
            raise self._error
        if changes:
            self._change(step, changes)

    def commit(self, step: int, changes: Sequence[Sequence[object]], took_us: int, waited_us: int) -> None:
        """Apply the last changes of a step that ended well, and keep all. Raises PdkError `bad_change`."""
        if self._error is not None:
            raise self._error
        if changes:
            self._change(step, changes)
        self._kept, self._record = self._record, None
        self._changes = 0
        if self.x.phase_ms is not None:
            key = f"{PHASE_NAMES[self.phase]}.{self.entries[step].plugin.name}"
            self.x.phase_ms[key] = self.x.phase_ms.get(key, 0.0) + took_us / 1000

    def roll_back(self, step: int) -> None:
        """Leave the exchange as if the step had not run."""
        record, self._record = self._record, None
        self._changes = 0
        self._error = None
        if record is not None:
            self.x.restore(record)

    def undo(self) -> None:
        """Take back the step that was kept last: its outcome turned out to be invalid."""
        if self._kept is not None:
            self.x.restore(self._kept)

    def call(self, step: int, fn: int, args: Sequence[object]) -> object:
        """Answer a PDK call: a result, or something to await. Raises PdkError, as may the awaitable."""
        function = self._function(fn, ("fact", "call"))
        if self._record is None and function.kind == "call":
            self._record = self.x.record()
        converted = check(function, args)
        if function.prefetch:
            self._learn(step, function, args)
        return IMPLEMENTATIONS[fn](self._caller(step), *converted)

    def log(self, step: int, level: int, text: str, fields: Mapping[str, object] | None) -> None:
        """Write a log line of the plugin, with what is known of the request."""
        plugin = self.entries[step].plugin
        extra = "".join(f" {name}={value!r}" for name, value in (fields or {}).items())
        severity = _SEVERITIES[min(level, len(_SEVERITIES) - 1)]
        log.log(
            severity, "[%s] %s%s, request: %s, phase: %s", plugin.name, text, extra, self.x.id, PHASE_NAMES[self.phase]
        )

    def reads(self, step: int, keys: Sequence[object]) -> None:
        """Take the report of which facts the step read."""
        handler = self.entries[step].handlers[self.phase]
        handler.learned.reported(key for given in keys if (key := fact_key(given)) is not None)

    def _change(self, step: int, changes: Sequence[Sequence[object]]) -> None:
        if self._record is None:
            self._record = self.x.record()
        caller = self._caller(step)
        allowed = _CHANGES[self.phase]
        for change in changes:
            self._changes += 1
            name = "a change"
            try:
                if self._changes > MAX_CHANGES:
                    raise PdkError("bad_args", f"more than {MAX_CHANGES} changes")
                if not isinstance(change, _ARRAYS) or not change or type(change[0]) is not int:
                    raise PdkError("bad_args", "expected [function, argument, …]")
                function = allowed.get(change[0]) or self._function(change[0], ("change",))
                name = function.name
                IMPLEMENTATIONS[function.number](caller, *check(function, change[1:]))
            except PdkError as error:
                self._error = PdkError("bad_change", f"{name}, change {self._changes}: {error.text}")
                raise self._error from None
            if function.replans:
                self.replanned = True

    def _function(self, number: int, kinds: tuple[str, ...]) -> Function:
        """Return the function of that number if a plugin may use it so, here and now. Raises PdkError."""
        function = FUNCTIONS.get(number)
        if function is None or not function.external:
            raise PdkError("unsupported", f"there is no function {number}")
        if function.kind not in kinds:
            raise PdkError("unsupported", f"{function.name} is not used in this way")
        if self.phase not in function.phases:
            allowed = ", ".join(PHASE_NAMES[phase] for phase in sorted(function.phases))
            raise PdkError(
                "wrong_phase",
                f"{function.name}: function cannot be called in {PHASE_NAMES[self.phase]} phase (only in: {allowed})",
            )
        if not function.available:
            raise PdkError("unsupported", f"{function.name}: {function.unavailable_reason}")
        return function

    def _learn(self, step: int, function: Function, args: Sequence[object]) -> None:
        if may_be_learned(function, args, self.phase, self._has_omitted):
            key = call_key(function.number, args)
            if key is not None:
                self.entries[step].handlers[self.phase].learned.asked(key)

    def _caller(self, step: int) -> Caller:
        caller = self._callers.get(step)
        if caller is None:
            caller = self._callers[step] = Caller(self.x, self.phase, self.entries[step].plugin, self._environment)
        return caller
