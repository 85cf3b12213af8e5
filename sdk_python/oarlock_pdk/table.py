"""The PDK's table made ready for use: each function of `pdk.FUNCTIONS`, its words turned into numbers at import."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from oarlock_pdk import pdk
from oarlock_pdk.arguments import check_arguments, check_of
from oarlock_pdk.errors import PdkError

FACT: Final = 0
CHANGE: Final = 1
CALL: Final = 2
OUTCOME: Final = 3
LOG: Final = 4
_KINDS: Final = {"fact": FACT, "change": CHANGE, "call": CALL, "outcome": OUTCOME, "log": LOG}


class Source(NamedTuple):
    """Where a change has names that make facts stale, and which."""

    argument: int | None  # place of the argument with the name, or with headers if `each`
    each: bool
    literal: str | None
    exact: tuple[int, ...]  # functions whose fact of that name goes stale
    whole: dict[str, tuple[int, ...]]  # folded name -> functions all of whose facts go stale with it


class Rule:
    """How one PDK function behaves at this end."""

    __slots__ = (
        "arguments",
        "available",
        "checks",
        "defaults",
        "folds",
        "function",
        "is_plain",
        "is_query",
        "is_text",
        "kind",
        "level",
        "lookup",
        "lookup_in",
        "makes_stale",
        "name",
        "number",
        "outcome",
        "phases",
        "replans",
        "stale_functions",
        "stale_sources",
        "write",
    )

    def __init__(self, function: pdk.Function) -> None:
        self.function = function
        self.number = function.number
        self.name = function.name
        self.kind = _KINDS[function.kind]
        self.phases = function.phases
        self.available = function.available
        self.arguments = function.args
        self.checks = tuple(map(check_of, function.args))
        self.defaults = tuple(argument.default for argument in function.args)
        self.is_text = function.result.removesuffix("?") in ("text", "query_value")
        self.is_query = function.result == "query"
        self.lookup_in = function.lookup[0] if function.lookup else 0
        self.lookup = function.lookup[1] if function.lookup else None
        self.folds = self.lookup == "header"  # its keys are header names: lower case; `_` is `-` to a change
        self.is_plain = self.lookup is None and not function.args and not self.is_query  # what was sent is the result
        self.stale_functions = frozenset(
            s.function for s in function.stales if s.argument is None and s.literal is None
        )
        self.stale_sources = _sources(function.stales)
        self.makes_stale = bool(function.stales)
        self.write = function.write  # (function, place of the key, place of the value)
        self.outcome = pdk.OUTCOMES[function.outcome] if function.outcome else 0
        self.level = pdk.LOG_LEVELS[function.log_level] if function.log_level else 0
        self.replans = function.replans

    def checked(self, args: tuple[Any, ...]) -> list[Any]:
        """Return the arguments as they go on the wire, without trailing ones that were left out.

        Raises:
            PdkError: bad_args, naming the argument, what was found and what is expected.
        """
        return check_arguments(self.name, self.checks, args)

    def check_usable(self, phase: int, highest: int) -> None:
        """Raise PdkError if it can't be used in `phase`, or by a gateway that knows numbers up to `highest` only."""
        if not self.available:
            raise PdkError("unsupported", f"{self.name}: {self.function.unavailable_reason}")
        if phase not in self.phases:
            names = ", ".join(pdk.PHASE_NAMES[number] for number in sorted(self.phases))
            here = pdk.PHASE_NAMES.get(phase, str(phase))
            raise PdkError("wrong_phase", f"{self.name}: function cannot be called in {here} phase (only in: {names})")
        if highest < self.number < pdk.HOST_FUNCTIONS:
            raise PdkError("unsupported", f"{self.name}: the gateway is older than this SDK and does not know it")


def _sources(stales: Sequence[pdk.Stale]) -> tuple[Source, ...]:
    sources: dict[tuple[int | None, bool, str | None], Source] = {}
    for stale in stales:
        if stale.argument is None and stale.literal is None:
            continue
        place = stale.argument, stale.each, stale.literal
        source = sources.get(place) or Source(*place, (), {})
        if stale.only:
            whole = {name: (*source.whole.get(name, ()), stale.function) for name in stale.only}
            sources[place] = source._replace(whole=source.whole | whole)
        else:
            sources[place] = source._replace(exact=(*source.exact, stale.function))
    return tuple(sources.values())


RULES: Final[dict[int, Rule]] = {number: Rule(function) for number, function in pdk.FUNCTIONS.items()}
HIGHEST: Final = max(RULES)  # the highest function number this SDK knows
