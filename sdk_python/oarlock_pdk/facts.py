"""What is known of an exchange without asking: the facts that came with the event, less what was changed since.

Nobody but the handler of the running event changes its exchange. So a fact goes stale only by a change that passes
through here, and what a call brought back may be kept until such a change.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from itertools import chain
from typing import Any, Final

from oarlock_pdk.codec import plain, text_of
from oarlock_pdk.pdk import DEFAULT_MAX_HEADERS
from oarlock_pdk.table import RULES, Rule

MISSING: Final = object()  # not known here: ask the gateway

Key = int | tuple[Any, ...]
Mark = tuple[dict[Key, Any], set[Key]]

_ASCII_LOWER: Final = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}
_PLUGIN_KEY: Final = "plugin_key"


class Facts:
    """The facts of one event, current for the step that runs."""

    __slots__ = ("_first_values", "_fresh", "_sent", "_stale", "reads", "version")

    def __init__(self, segments: Sequence[Sequence[Any]], report_reads: bool = False) -> None:
        pairs = chain.from_iterable(segments)
        try:
            sent: dict[Key, Any] = dict(zip(pairs, pairs, strict=True))
        except TypeError:  # a key with arguments came as a list
            pairs = chain.from_iterable(segments)
            sent = {tuple(key) if type(key) is list else key: value for key, value in zip(pairs, pairs, strict=True)}
        self._sent = sent
        self._fresh: dict[Key, Any] = {}  # written by a change or brought by a call; goes before what was sent
        self._stale: set[Key] = set()
        self._first_values: dict[int, dict[str, str]] = {}  # block of headers -> first value of each name
        self.reads: set[Key] | None = set() if report_reads else None
        self.version = 0  # counts changes; what a call brought is kept only if it is the same as when the call began

    def get(self, rule: Rule, args: tuple[Any, ...], instance: int) -> Any:
        """Return the value of a PDK function; MISSING if it is absent, stale, or the arguments are not plain ones."""
        if self.reads is None and not self._fresh and not self._stale:  # the first reads of most events
            text = self._at_once(rule, args)
            if text is not None:
                return text
        key = key_of(rule, args, instance)
        if key is None:
            return MISSING
        if self.reads is not None:
            self.reads.add(key)
        value = self._fresh.get(key, MISSING) if self._fresh else MISSING
        if value is MISSING:
            if self._stale and self._is_stale(rule, key):
                return MISSING
            if rule.lookup == "headers":
                return self._headers(rule, args)
            value = self._sent.get(key, MISSING)
            if value is MISSING:
                if rule.lookup is None:
                    return MISSING
                value = self._look_up(rule, args, instance)
        kind = type(value)
        if kind is bytes:
            return text_of(value) if rule.is_text else value
        if rule.is_query and isinstance(value, list):
            return parse_query(value)
        return plain(value) if kind is dict or kind is list else value

    def _at_once(self, rule: Rule, args: tuple[Any, ...]) -> str | None:
        """What needs no thought: a text that was sent, a header by its name in lower case. None: look properly."""
        if not args:
            value = self._sent.get(rule.number) if rule.is_plain else None
            return value if type(value) is str else None
        values = self._first_values.get(rule.lookup_in) if rule.folds and len(args) == 1 else None
        return values.get(args[0]) if values is not None and type(args[0]) is str else None

    def change(self, rule: Rule, args: Sequence[Any], instance: int) -> None:
        """Note what a change, or a call that changes something, does to the facts. `args` as they go on the wire."""
        self.version += 1
        if rule.stale_functions:
            self._stale |= rule.stale_functions
            if self._fresh:
                self._drop(rule.stale_functions)
        for argument, each, literal, exact, whole in rule.stale_sources:
            if argument is None:
                names: Sequence[Any] = (literal,)
            elif each:
                names = args[argument][::2]  # headers as they are written: name, value, name, value …
            else:
                names = (args[argument],)
            for name in names:
                folded = _fold(name)
                for function in exact:
                    self._forget(function, name, folded)
                if folded in whole:
                    self._stale.update(whole[folded])
                    self._drop(whole[folded])
        if rule.write is not None:
            function, key_place, value_place = rule.write
            key = key_of(RULES[function], (args[key_place],), instance)
            if key is not None:
                self._fresh[key] = args[value_place] if value_place < len(args) else None

    def mark(self) -> Mark:
        """Return what `go_back` needs to undo all changes from here on."""
        return dict(self._fresh), set(self._stale)

    def go_back(self, mark: Mark) -> None:
        self._fresh, self._stale = mark
        self.version += 1

    def remember(self, rule: Rule, args: tuple[Any, ...], instance: int, value: Any) -> None:
        """Keep what a call brought, until a change makes it stale."""
        key = key_of(rule, args, instance)
        if key is not None:
            self._fresh[key] = value

    def _drop(self, functions: Collection[int]) -> None:
        for key in [key for key in self._fresh if _function(key) in functions]:
            del self._fresh[key]

    def _forget(self, function: int, name: Any, folded: Any) -> None:
        folds = RULES[function].folds
        wanted = (function, folded if folds else name)
        self._stale.add(wanted)
        if self._fresh:
            for key in list(self._fresh):
                if isinstance(key, tuple) and (key[0], _fold(key[1]) if folds else key[1]) == wanted:
                    del self._fresh[key]

    def _is_stale(self, rule: Rule, key: Key) -> bool:
        if rule.number in self._stale:
            return True
        if isinstance(key, int):
            return False
        return (key[0], _fold(key[1]) if rule.folds else key[1]) in self._stale

    def _look_up(self, rule: Rule, args: tuple[Any, ...], instance: int) -> Any:
        sent, name = self._sent, text_of(args[0])
        if rule.lookup == "header":
            values = self._first_values.get(rule.lookup_in)
            if values is None:
                block = sent.get(rule.lookup_in, MISSING)
                if block is MISSING:
                    return MISSING
                values = self._first_values[rule.lookup_in] = _first_values(block)
            name = lower(name)
            value = values.get(name)
            return values.get(name.replace("_", "-")) if value is None and "_" in name else value
        block = sent.get((rule.lookup_in, instance) if rule.lookup == _PLUGIN_KEY else rule.lookup_in, MISSING)
        if rule.lookup == "query_arg":
            return MISSING if block is MISSING else _first_of(block, name)
        if type(block) is not dict:
            return MISSING
        return block.get(name)

    def _headers(self, rule: Rule, args: tuple[Any, ...]) -> Any:
        block = self._sent.get(rule.lookup_in, MISSING)
        if block is MISSING:
            return MISSING
        return parse_headers(block, args[0] if args and args[0] is not None else DEFAULT_MAX_HEADERS)


def key_of(rule: Rule, args: tuple[Any, ...], instance: int) -> Key | None:
    """Return the key of a fact, or None if the arguments are not what the table says: the gateway refuses them."""
    if not args:
        return rule.number if not rule.arguments or rule.arguments[0].optional else None
    declared = rule.arguments
    if len(args) > len(declared):
        return None
    if len(args) == 1 and type(args[0]) is str and declared[0].type in ("text", "string"):
        if rule.folds:
            return rule.number, lower(args[0])
        return (rule.number, instance, args[0]) if rule.lookup == _PLUGIN_KEY else (rule.number, args[0])
    values = [text_of(arg) if place.type == "text" else arg for arg, place in zip(args, declared, strict=False)]
    while values and (values[-1] is None or values[-1] == rule.defaults[len(values) - 1]):
        values.pop()
    for value, argument in zip(values, declared, strict=False):
        if type(value) is not _PYTHON_TYPES.get(argument.type) and value is not None:
            return None
        if argument.minimum is not None and value is not None and not argument.minimum <= value <= argument.maximum:
            return None
    if not values and not declared[0].optional:
        return None
    if rule.folds:
        values[0] = lower(values[0])
    return (rule.number, *values) if values else rule.number


_PYTHON_TYPES: Final[dict[str, type[Any]]] = {"integer": int, "boolean": bool, "text": str, "string": str}


def parse_headers(block: str | bytes, limit: int = 1000) -> dict[str, str | list[str]]:
    """Return the first `limit` lines of a block by name; a name that occurs again has a list."""
    headers: dict[str, str | list[str]] = {}
    lines = text_of(block).split("\n")
    for name, value in zip(lines[0 : 2 * limit : 2], lines[1 : 2 * limit : 2], strict=False):
        before = headers.get(name)
        if before is None:
            headers[name] = value
        elif isinstance(before, list):
            before.append(value)
        else:
            headers[name] = [before, value]
    return headers


def parse_query(pairs: list[Any]) -> dict[str, Any]:
    """Return the arguments of a query by name; a name that occurs again has a list."""
    query: dict[str, Any] = {}
    for place in range(0, len(pairs), 2):
        name, value = text_of(pairs[place]), text_of(pairs[place + 1])
        if name not in query:
            query[name] = value
        elif isinstance(query[name], list):
            query[name].append(value)
        else:
            query[name] = [query[name], value]
    return query


def keys_on_wire(keys: Iterable[Key]) -> list[Any]:
    """Return keys as `reads` of DONE has them; those of kong.ctx.plugin, of one instance alone, are left out."""
    return [list(key) if type(key) is tuple else key for key in keys if RULES[_function(key)].lookup != _PLUGIN_KEY]


def lower(name: str) -> str:
    """Lower-case the ASCII letters of a header name; others are bytes of an unknown charset."""
    return name.lower() if name.isascii() else name.translate(_ASCII_LOWER)


def _function(key: Key) -> int:
    return key if isinstance(key, int) else key[0]


def _fold(name: Any) -> Any:
    return lower(name).replace("_", "-") if type(name) is str else name


def _first_of(pairs: list[Any], name: str) -> Any:
    for place in range(0, len(pairs), 2):
        if text_of(pairs[place]) == name:
            return text_of(pairs[place + 1])
    return None


def _first_values(block: str | bytes) -> dict[str, str]:
    lines = text_of(block).split("\n")
    lines.reverse()  # value, name, value, name …: of equal names the first line comes last and stays
    return dict(zip(lines[1::2], lines[::2], strict=False))
