"""Between the PDK's methods and the event they belong to: what is answered here, what is queued, what has to be asked.

There is one bridge per step. Rules only, no I/O: asking and logging go through the event's `Channel`.
"""

from __future__ import annotations

import pprint
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Generator
from typing import Any, Final, Protocol

from oarlock_pdk.codec import plain, text_of
from oarlock_pdk.errors import Ended, Gone, PdkError
from oarlock_pdk.facts import MISSING, Facts, parse_headers, parse_query
from oarlock_pdk.pdk import LOG_LEVELS, MAX_CHANGES
from oarlock_pdk.table import CALL, CHANGE, FACT, LOG, RULES, Rule

_DEPRECATION: Final = "kong.log.deprecation"
_INSPECT: Final = "kong.log.inspect"


class Channel(Protocol):
    """What an event does for its bridges."""

    @property
    def level(self) -> int:
        """Log lines below this level are dropped here."""

    def call_and_wait(self, call: PendingCall) -> Any:
        """Ask the gateway and wait in this thread. Raises PdkError or Gone."""

    def call(self, call: PendingCall) -> Awaitable[Any]:
        """Ask the gateway; the awaitable raises PdkError or Gone."""

    def log(self, level: int, text: str, fields: dict[str, Any] | None) -> None:
        """Send a log line."""


class PendingCall:
    """A question for the gateway, and how to read its answer."""

    __slots__ = ("_args", "_bridge", "_rule", "_version", "args", "changes", "number")

    def __init__(self, bridge: Bridge, rule: Rule, args: tuple[Any, ...], sent: list[Any]) -> None:
        self.number = rule.number
        self.args = sent
        self.changes = bridge.take_changes()
        self._bridge = bridge
        self._rule = rule
        self._args = args
        self._version = bridge.facts.version

    def result(self, value: Any) -> Any:
        """Return what the plugin gets for the value of a REPLY; a fact is kept for the next time."""
        rule, facts = self._rule, self._bridge.facts
        if rule.lookup == "headers":
            value = parse_headers(value or "")
        elif rule.is_query:
            value = parse_query(value or [])
        elif rule.is_text:
            value = text_of(value)
        if rule.kind == FACT and facts.version == self._version:
            facts.remember(rule, self._args, self._bridge.instance, value)
            return plain(value)
        return value


class Bridge(ABC):
    """One step's changes and its outcome, over the facts of its event."""

    __slots__ = (
        "_channel",
        "_highest",
        "_phase",
        "changes",
        "facts",
        "instance",
        "is_over",
        "outcome",
        "queued",
        "replans",
    )

    def __init__(self, channel: Channel, facts: Facts, phase: int, instance: int, highest: int) -> None:
        self._channel = channel
        self._phase = phase
        self._highest = highest  # function number that the gateway knows
        self.facts = facts
        self.instance = instance
        self.changes: list[list[Any]] = []  # queued since the last call
        self.queued = 0  # changes of this step in all
        self.replans = False  # one of them may change the plan
        self.outcome: tuple[int, list[Any]] | None = None  # of kong.response.exit or error
        self.is_over = False  # the step ended or was cancelled: whoever still uses it gets Gone

    @abstractmethod
    def invoke(self, number: int, args: tuple[Any, ...]) -> Any:
        """Do what a method of the PDK stands for."""

    def take_changes(self) -> list[list[Any]]:
        """Return the changes that were not sent yet; they are no longer in the queue."""
        changes, self.changes = self.changes, []
        return changes

    def attempt(self, number: int, args: tuple[Any, ...]) -> Any:
        """Do what needs no answer from the gateway; MISSING if it has to be asked.

        Raises:
            PdkError: the arguments or the phase are wrong.
            Gone: the step is over.
            Ended: the function ends the handler.
        """
        if self.is_over:
            raise Gone("the event is over")
        rule = RULES[number]
        if self._phase not in rule.phases or number > self._highest or not rule.available:
            rule.check_usable(self._phase, self._highest)
        kind = rule.kind
        if kind == FACT:
            return self.facts.get(rule, args, self.instance)
        if kind == CHANGE:
            return self._change(rule, args)
        if kind == LOG:
            return self._log(rule, args)
        return MISSING if kind == CALL else self._end(rule, args)

    def pending(self, number: int, args: tuple[Any, ...]) -> PendingCall:
        """Return the question that `attempt` found no answer for; it carries the queue."""
        rule = RULES[number]
        if rule.kind == FACT:  # wrong arguments of getters are the gateway's to refuse: one rule, one text
            sent = [plain(text_of(value) if rule.folds else value) for value in args]
            while sent and sent[-1] is None:
                sent.pop()
            return PendingCall(self, rule, args, sent)
        sent = rule.checked(args)
        call = PendingCall(self, rule, args, sent)
        self.replans = self.replans or rule.replans
        if rule.makes_stale:
            self.facts.change(rule, sent, self.instance)
        return call

    def _change(self, rule: Rule, args: tuple[Any, ...]) -> None:
        sent = rule.checked(args)
        if self.queued >= MAX_CHANGES:
            raise PdkError("too_large", f"{rule.name}: more than {MAX_CHANGES} changes in one step")
        self.queued += 1
        self.replans = self.replans or rule.replans
        if rule.makes_stale or rule.write is not None:
            self.facts.change(rule, sent, self.instance)
        self.changes.append([rule.number, *sent])

    def _end(self, rule: Rule, args: tuple[Any, ...]) -> None:
        status, body, headers, *_ = [*rule.checked(args), None, None]
        if type(body) is str:  # a body is bytes on the wire; an error page's message stays text
            body = body.encode("utf-8", "surrogateescape") if rule.name == "kong.response.exit" else body
        self.outcome = (rule.outcome, [status, body, headers])
        self.is_over = True
        raise Ended(rule.name)

    def _log(self, rule: Rule, args: tuple[Any, ...]) -> None:
        if rule.level < self._channel.level:
            return
        fields = None
        if rule.name == _INSPECT:
            text = " ".join(pprint.pformat(value) for value in args)
        else:
            if rule.name == _DEPRECATION and args and isinstance(args[-1], dict):
                args, fields = args[:-1], plain(args[-1])
            text = args[0] if len(args) == 1 and type(args[0]) is str else "".join(map(_as_text, args))
        self._channel.log(rule.level, text, fields)


class SyncBridge(Bridge):
    """For a plain handler in a thread of its own: what has to be asked is waited for."""

    __slots__ = ()

    def invoke(self, number: int, args: tuple[Any, ...]) -> Any:
        value = self.attempt(number, args)
        return self._channel.call_and_wait(self.pending(number, args)) if value is MISSING else value


class NeedsThread(BaseException):
    """A handler on the loop asked for something that is not here: it begins again in a thread."""


class LoopBridge(Bridge):
    """For a plain handler that runs on the event loop: it can't wait there."""

    __slots__ = ()

    def invoke(self, number: int, args: tuple[Any, ...]) -> Any:
        value = self.attempt(number, args)
        if value is MISSING:
            self.is_over = True
            raise NeedsThread
        return value


class AsyncBridge(Bridge):
    """For an async handler: everything is an awaitable, mostly one that is there already."""

    __slots__ = ()

    def invoke(self, number: int, args: tuple[Any, ...]) -> Awaitable[Any]:
        value = self.attempt(number, args)
        if value is None:
            return _NOTHING
        return self._channel.call(self.pending(number, args)) if value is MISSING else Ready(value)


class Ready:
    """An awaitable whose value is there; awaiting it does not give way to others."""

    __slots__ = ("_value",)

    def __init__(self, value: Any) -> None:
        self._value = value

    def __await__(self) -> Generator[None, None, Any]:
        yield from ()
        return self._value


_NOTHING: Final = Ready(None)


def level_number(name: str) -> int:
    """Return the number of a log level; unknown ones count as info."""
    return LOG_LEVELS.get(name, LOG_LEVELS["info"])


def _as_text(value: Any) -> str:
    if value is None:
        return "nil"
    if isinstance(value, bool):
        return "true" if value else "false"
    return text_of(value) if isinstance(value, bytes) else str(value)
