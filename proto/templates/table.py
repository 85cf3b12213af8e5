"""`pdk.toml`, read and checked: what every template writes from."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from templates.model import Arg, Error, Function, Limit, Message, Stale, Table

ARGUMENT_TYPES = frozenset(
    {"string", "text", "integer", "number", "boolean", "any", "map", "headers", "header_value", "array", "body"}
    | {"content"}
)
RESULT_TYPES = ARGUMENT_TYPES - {"header_value", "content"} | {"nothing", "never", "query", "query_value"}
LOOKUP_RULES = frozenset({"header", "headers", "query_arg", "shared_key", "plugin_key"})
KINDS = frozenset({"fact", "change", "call", "outcome", "log"})

_KEYED = re.compile(r'(?P<function>[a-z0-9_.]+)(\[((?P<argument>[a-z_]+)(?P<each>\.\*)?|"(?P<literal>[^"]+)")\])?')


class TableInvalid(Exception):
    """`pdk.toml` contradicts itself; the message names the entry."""


def load(path: Path) -> Table:
    """Read and check `pdk.toml`. Raises TableInvalid."""
    raw = tomllib.loads(path.read_text(encoding="utf-8"))
    entries: list[dict[str, Any]] = sorted(raw["function"], key=lambda entry: entry["number"])
    numbers = {entry["name"]: entry["number"] for entry in entries}
    _check_unique("number", [entry["number"] for entry in entries])
    _check_unique("name", [entry["name"] for entry in entries])
    reader = _Reader(raw, entries, numbers)
    functions = tuple(reader.function(entry) for entry in entries)
    for function in functions:
        _check(function, raw["namespaces"], raw["log_levels"], raw["outcomes"])
    return Table(
        versions=(raw["protocol"]["version_min"], raw["protocol"]["version_max"]),
        features=tuple(raw["features"]),
        since=raw["since"],
        phases=raw["phases"],
        default_facts={number: reader.default_facts(name) for name, number in raw["phases"].items()},
        log_levels=raw["log_levels"],
        outcomes=raw["outcomes"],
        messages={name: Message(m["number"], m["from"], m.get("feature", "")) for name, m in raw["messages"].items()},
        limits={name: Limit(**limit) for name, limit in raw["limits"].items()},
        errors={code: Error(**error) for code, error in raw["errors"].items()},
        namespaces=raw["namespaces"],
        not_offered=raw["not_offered"],
        functions=functions,
    )


class _Reader:
    """Turns entries into Functions: names into numbers, phase sets into phases."""

    def __init__(self, raw: dict[str, Any], entries: list[dict[str, Any]], numbers: dict[str, int]) -> None:
        self._raw = raw
        self._numbers = numbers
        self._dependents = [(e["number"], tuple(e["headers"])) for e in entries if "headers" in e]

    def function(self, entry: dict[str, Any]) -> Function:
        entry = dict(entry)
        name = entry["name"]
        args = tuple(_arg(**arg) for arg in entry.pop("args", ()))
        lookup = entry.pop("lookup", None)
        invalidates = tuple(entry.pop("invalidates", ()))
        writes = entry.pop("writes", None)
        try:
            return Function(
                args=args,
                phases=(phases := frozenset(self._phases(entry.pop("phases")))),
                where=self._where(phases),
                lookup=(self._number(lookup["in"]), lookup["rule"]) if lookup else None,
                headers=tuple(entry.pop("headers", ())),
                invalidates=invalidates,
                stales=tuple(stale for key in invalidates for stale in self._stales(key, args)),
                writes=writes,
                write=self._write(writes, args) if writes else None,
                outcome=entry.pop("outcome", None),
                log_level=entry.pop("log_level", None),
                replans=entry.pop("replans", False),
                effect=entry.pop("effect", False),
                prefetch=entry.pop("prefetch", entry["kind"] == "fact"),
                kong=entry.pop("kong", True),
                available=entry.pop("available", True),
                unavailable_reason=entry.pop("reason", ""),
                external=entry.pop("external", True),
                since=entry.pop("since", self._raw["since"]),
                deprecated=entry.pop("deprecated", ""),
                **entry,
            )
        except (KeyError, TypeError, ValueError) as exc:
            raise TableInvalid(f"{name}: {exc}") from exc

    def default_facts(self, phase: str) -> tuple[int, ...]:
        found: list[int] = []
        for key in self._raw["default_facts"].get(phase, ()):
            found += self.default_facts(key[1:]) if key.startswith("*") else [self._number(key)]
        return tuple(found)

    def _phases(self, names: Iterable[str]) -> Iterable[int]:
        for name in names:
            if name in self._raw["phase_sets"]:
                yield from self._phases(self._raw["phase_sets"][name])
            else:
                yield self._raw["phases"][name]

    def _where(self, phases: frozenset[int]) -> str:
        inside = [name for name, number in self._raw["phases"].items() if number in phases]
        outside = [name for name, number in self._raw["phases"].items() if number not in phases]
        if len(inside) <= len(outside):
            return ", ".join(inside)
        return f"all but {', '.join(outside)}" if outside else ""

    def _number(self, short: str) -> int:
        return self._numbers[f"kong.{short}"]

    def _stales(self, key: str, args: tuple[Arg, ...]) -> Iterable[Stale]:
        match = _KEYED.fullmatch(key)
        if match is None:
            raise ValueError(f"{key!r} is not a key")
        function, each, literal = self._number(match["function"]), match["each"] is not None, match["literal"]
        if match["argument"] is None and literal is None:
            yield Stale(function)
            return
        argument = None if literal else _index(args, match["argument"])
        yield Stale(function, argument, each, literal)
        if match["function"] == "request.get_header":  # and what is computed from request headers
            for dependent, names in self._dependents:
                if literal is None or literal in names:
                    yield Stale(dependent, argument, each, literal, names)

    def _write(self, key: str, args: tuple[Arg, ...]) -> tuple[int, int, int]:
        match = _KEYED.fullmatch(key)
        if match is None or match["argument"] is None:
            raise ValueError(f"{key!r} is not a key with an argument")
        return self._number(match["function"]), _index(args, match["argument"]), _index(args, "value")


def _arg(one_of: list[str] | None = None, **rest: Any) -> Arg:
    return Arg(one_of=None if one_of is None else tuple(one_of), **rest)


def _index(args: tuple[Arg, ...], name: str) -> int:
    for index, arg in enumerate(args):
        if arg.name == name:
            return index
    raise ValueError(f"no argument {name!r}")


def _check_unique(what: str, values: list[Any]) -> None:
    twice = {value for value in values if values.count(value) > 1}
    if twice:
        raise TableInvalid(f"{what} used twice: {sorted(twice)}")


def _check(function: Function, namespaces: dict[str, str], levels: dict[str, int], outcomes: dict[str, int]) -> None:
    """Hold one function to what the header of `pdk.toml` says. Raises TableInvalid."""
    changes = function.kind in ("change", "call")
    rules = {
        "number must be 1 to 9999": 0 < function.number < 10000,
        "unknown kind": function.kind in KINDS,
        "unknown result type": function.result.removesuffix("?") in RESULT_TYPES,
        "unknown argument type": all(arg.type in ARGUMENT_TYPES for arg in function.args),
        "a required argument after an optional one": _optional_last(function.args),
        "unknown lookup rule": function.lookup is None or function.lookup[1] in LOOKUP_RULES,
        "only a fact has a lookup or headers": function.kind == "fact" or not (function.lookup or function.headers),
        "only a change or call invalidates or writes": changes or not (function.invalidates or function.writes),
        "a change has no result": function.kind != "change" or function.result == "nothing",
        "kind and outcome differ": (function.kind == "outcome") == (function.outcome in outcomes),
        "kind and log_level differ": (function.kind == "log") == (function.log_level in levels),
        "only a change or call replans": changes or not function.replans,
        "only a call has an effect": function.kind == "call" or not function.effect,
        "only a fact is prefetched": function.kind == "fact" or not function.prefetch,
        "not available without a reason": function.available != bool(function.unavailable_reason),
        "namespace without a sentence": function.namespace == "kong" or function.namespace in namespaces,
        "doc must be one sentence": function.doc.endswith(".") and "\n" not in function.doc,
        "no phase": bool(function.phases),
    }
    for problem, holds in rules.items():
        if not holds:
            raise TableInvalid(f"{function.name}: {problem}")


def _optional_last(args: tuple[Arg, ...]) -> bool:
    optional = [arg.optional or arg.variadic for arg in args]
    return optional == sorted(optional)
