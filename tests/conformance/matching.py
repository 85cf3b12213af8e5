"""Compares what came with what a case expects, and fills in what is known only when the case runs."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Mapping
from typing import Any, Final

Known = Mapping[str, Any]

_TYPES: Final[dict[str, Callable[[Any], bool]]] = {
    "integer": lambda value: _is_number(value) and float(value).is_integer(),
    "number": lambda value: _is_number(value),
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "map": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "bytes": lambda value: isinstance(value, dict) and value.keys() == {"$bin"},
}


def filled(value: Any, known: Known, *, is_sent: bool = False) -> Any:
    """Return a value of a case with what is known now: `{"$is": name}`, and `$f:…{name}…` within a text.

    What `is_sent` in a script stays short: the plugin makes the long text of `{"$times": [piece, times]}` itself.
    """
    if isinstance(value, str):
        return value[3:].format_map(known) if value.startswith("$f:") else value
    if isinstance(value, dict):
        if value.keys() == {"$is"}:
            return known[value["$is"]]
        if value.keys() == {"$body"}:
            return {"$bin": filled(value["$body"], known).encode().hex()}
        if value.keys() == {"$repeat"}:
            piece, times = value["$repeat"]
            return {"$bin": (piece * times).encode().hex()}
        if value.keys() == {"$times"} and not is_sent:
            piece, times = value["$times"]
            return piece * times
        return {name: filled(member, known, is_sent=is_sent) for name, member in value.items()}
    return [filled(member, known, is_sent=is_sent) for member in value] if isinstance(value, list) else value


def difference(expected: Any, got: Any, where: str = "") -> str:
    """Return what is different, or an empty text. Numbers are equal if their values are; true is no number."""
    if isinstance(expected, dict) and len(expected) == 1:
        name, argument = next(iter(expected.items()))
        if (matcher := _MATCHERS.get(name)) is not None:
            return matcher(argument, got, where)
    if isinstance(expected, dict) and isinstance(got, dict):
        if expected.keys() != got.keys():
            return f"{where}: keys {sorted(expected)} are expected, not {sorted(got)}"
        return _first(difference(expected[name], got[name], f"{where}.{name}") for name in expected)
    if isinstance(expected, list) and isinstance(got, list):
        if len(expected) != len(got):
            return f"{where}: {expected!r} is expected, not {got!r}"
        return _first(difference(*pair, f"{where}[{place}]") for place, pair in enumerate(zip(expected, got)))  # noqa: B905
    same = expected == got and isinstance(expected, bool) == isinstance(got, bool)
    return "" if same else f"{where}: {expected!r} is expected, not {got!r}"


def _has(expected: Any, got: Any, where: str) -> str:
    if not isinstance(got, dict):
        return f"{where}: a map is expected, not {got!r}"
    return _first(
        (f"{where}.{name}: nothing is expected, not {got[name]!r}" if name in got else "")
        if member == {"$absent": True}
        else (
            difference(member, got[name], f"{where}.{name}") if name in got else f"{where}.{name} is missing in {got!r}"
        )
        for name, member in expected.items()
    )


def _json(expected: Any, got: Any, where: str) -> str:
    try:
        value = json.loads(got)
    except (ValueError, TypeError):
        return f"{where}: JSON is expected, not {got!r}"
    return difference(expected, value, where)


def _now(unit: str, got: Any, where: str) -> str:
    seconds = got / {"s": 1, "ms": 1000}[unit] if _is_number(got) else 0
    return "" if abs(time.time() - seconds) < 60 else f"{where}: the time is expected in {unit}, not {got!r}"


def _match(pattern: str, got: Any, where: str) -> str:
    fits = isinstance(got, str) and re.fullmatch(pattern, got, re.DOTALL)
    return "" if fits else f"{where}: {pattern!r} is expected, not {got!r}"


def _type(name: str, got: Any, where: str) -> str:
    return "" if _TYPES[name](got) else f"{where}: {name} is expected, not {got!r}"


def _at_least(least: float, got: Any, where: str) -> str:
    return "" if _is_number(got) and got >= least else f"{where}: at least {least} is expected, not {got!r}"


_MATCHERS: Final[dict[str, Callable[[Any, Any, str], str]]] = {
    "$has": _has,
    "$json": _json,
    "$now": _now,
    "$match": _match,
    "$type": _type,
    "$atLeast": _at_least,
}


def _first(differences: Any) -> str:
    return next((found for found in differences if found), "")


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
