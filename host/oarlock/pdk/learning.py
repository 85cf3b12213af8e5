"""What a plugin was seen to ask for in a phase: facts worth sending the next time (pure).

A key enters when calls asked for it in two of the last events: names can come from attackers, so once is not enough. It
leaves when several reports in a row did not show it. Keys and candidates are bounded.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from oarlock_pluginserver._generated.pdk_table import MAX_LEARNED_ARGUMENTS, MAX_LEARNED_KEYS, REPORT_READS_EVERY

FactKey = int | tuple[object, ...]  # function number, or (number, argument, …)

RECENT: Final = 64  # events within which a key must be asked for twice
MISSED: Final = 3  # reports in a row without a key, after which it is forgotten
_MAX_CANDIDATES: Final = 64


class Learned:
    """The keys learned for one plugin in one phase. `keys` is replaced when it changes, never mutated."""

    __slots__ = ("_candidates", "_events", "_missed", "keys")

    def __init__(self) -> None:
        self.keys: tuple[FactKey, ...] = ()
        self._events = 0
        self._candidates: dict[FactKey, int] = {}  # the event that last asked for it
        self._missed: dict[FactKey, int] = {}

    def begin(self) -> bool:
        """A new event begins. Returns whether it is to report what it reads."""
        self._events += 1
        return bool(self.keys) and self._events % REPORT_READS_EVERY == 0

    def asked(self, key: FactKey) -> None:
        """A call asked for this fact in the current event."""
        if key in self._missed or len(self.keys) >= MAX_LEARNED_KEYS or not _is_small(key):
            return
        before = self._candidates.pop(key, None)
        if before is not None and before < self._events <= before + RECENT:
            self._missed[key] = 0
            self.keys = (*self.keys, key)
            return
        if len(self._candidates) >= _MAX_CANDIDATES:
            self._candidates.pop(next(iter(self._candidates)))
        self._candidates[key] = self._events

    def reported(self, keys: Iterable[FactKey]) -> None:
        """An event reported the keys that it read."""
        read = set(keys)
        for key in self.keys:
            self._missed[key] = 0 if key in read else self._missed[key] + 1
        if any(count >= MISSED for count in self._missed.values()):
            self._missed = {key: count for key, count in self._missed.items() if count < MISSED}
            self.keys = tuple(self._missed)


def fact_key(key: object) -> FactKey | None:
    """Return a key as it came from the wire (`fn` or `[fn, arg, …]`), or None if it is none."""
    match key:
        case bool():
            return None
        case int():
            return key
        case [int() as function]:
            return function
        case [int(), *arguments] if all(isinstance(each, str | bytes | int | float | None) for each in arguments):
            return tuple(key)
        case _:
            return None


def call_key(function: int, arguments: Sequence[object]) -> FactKey | None:
    """Return the key of the fact that answers a call; arguments left out at the end make no difference."""
    end = len(arguments)
    while end and arguments[end - 1] is None:
        end -= 1
    return fact_key([function, *arguments[:end]])


def _is_small(key: FactKey) -> bool:
    if isinstance(key, int):
        return True
    return sum(len(each) if isinstance(each, str | bytes) else 8 for each in key[1:]) <= MAX_LEARNED_ARGUMENTS
