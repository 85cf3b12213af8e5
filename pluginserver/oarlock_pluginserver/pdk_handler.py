"""What this package needs from a host: one object per event that answers PDK calls and keeps or undoes changes."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping, Sequence
from typing import Protocol

from oarlock_pluginserver._generated.pdk_table import FUNCTIONS
from oarlock_pluginserver.errors import PdkError

Change = Sequence[object]  # [function number, argument, …]


class PdkHandler(Protocol):
    """The host's side of one event. Called on the loop, one call at a time; nothing here may block.

    `step` is the place in the event's steps that a call is about. For each step that a plugin server took up, the last
    thing that happens is `commit` or `roll_back`; changes of several `apply` and of `commit` are in program order.
    An exception other than PdkError is a bug of the host: it is logged and the step fails with `internal`.
    """

    def apply(self, step: int, changes: Sequence[Change]) -> None:
        """Apply changes that came with a PDK call, so that the call sees them. They may yet be rolled back.

        Raises:
            PdkError: `bad_change`; the step will fail.
        """
        ...

    def commit(self, step: int, changes: Sequence[Change], took_us: int, waited_us: int) -> None:
        """The step ended well: apply the last changes and keep all of them.

        `took_us` is the time that its handler ran, `waited_us` the time before that in the plugin server.

        Raises:
            PdkError: `bad_change`; `roll_back` follows.
        """
        ...

    def roll_back(self, step: int) -> None:
        """The step failed: leave the exchange as if it had not run."""
        ...

    def call(self, step: int, fn: int, args: Sequence[object]) -> object | Awaitable[object]:
        """Answer a PDK call: the result at once, or something to await, which is cancelled when the event ends.

        Raises:
            PdkError: what the plugin is told; so may the awaitable.
        """
        ...

    def log(self, step: int, level: int, text: str, fields: Mapping[str, object] | None) -> None:
        """Write a log line of the plugin, with what the host knows of the request."""
        ...

    def reads(self, step: int, keys: Sequence[object]) -> None:
        """The fact keys that the step read, where the event asked for a report."""
        ...


class SimplePdk:
    """A handler for programs that are no gateway: answers calls from a table and keeps the changes that counted.

    `answers` maps names of PDK functions to results, or to functions of the arguments, which may be async. One object
    serves one event.
    """

    def __init__(self, answers: Mapping[str, object] | None = None) -> None:
        self.changes: list[tuple[str, tuple[object, ...]]] = []  # (function, arguments), in order
        self.lines: list[tuple[int, str]] = []  # (level, text)
        self._answers = dict(answers or {})
        self._staged: list[tuple[str, tuple[object, ...]]] = []

    def apply(self, step: int, changes: Sequence[Change]) -> None:
        """See PdkHandler."""
        for number, *args in changes:
            function = FUNCTIONS.get(number) if isinstance(number, int) else None
            if function is None or function.kind != "change":
                raise PdkError("bad_change", f"{number!r} is not the number of a change")
            self._staged.append((function.name, tuple(args)))

    def commit(self, step: int, changes: Sequence[Change], took_us: int, waited_us: int) -> None:
        """See PdkHandler."""
        self.apply(step, changes)
        self.changes += self._staged
        self._staged = []

    def roll_back(self, step: int) -> None:
        """See PdkHandler."""
        self._staged = []

    def call(self, step: int, fn: int, args: Sequence[object]) -> object | Awaitable[object]:
        """See PdkHandler."""
        function = FUNCTIONS.get(fn)
        if function is None or function.name not in self._answers:
            raise PdkError("unsupported", f"this host does not answer {function.name if function else fn}")
        answer = self._answers[function.name]
        return answer(*args) if callable(answer) else answer

    def log(self, step: int, level: int, text: str, fields: Mapping[str, object] | None) -> None:
        """See PdkHandler."""
        self.lines.append((level, text))

    def reads(self, step: int, keys: Sequence[object]) -> None:
        """See PdkHandler."""
