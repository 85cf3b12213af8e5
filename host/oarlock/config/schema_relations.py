"""Kong's `entity_checks`: what must hold between the fields of a record."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

Relation = Callable[[Mapping[str, Any]], str | None]  # returns what is wrong with a record, None when it holds
Condition = Callable[[object], bool]


def compile_relation(check: object, condition: Callable[[object], Condition]) -> Relation | None:
    """Compile one entry, `{kind: argument}`; `condition` compiles what stands under if_match.

    Returns None for a kind that is not known, or an argument that is not as Kong has it.
    """
    if not isinstance(check, Mapping) or len(check) != 1:
        return None
    ((kind, argument),) = check.items()
    if kind in _OF_NAMES:
        names = _names(argument)
        return _OF_NAMES[kind](names) if names else None
    if not isinstance(argument, Mapping):
        return None
    if kind == "mutually_exclusive_sets":
        first, second = _names(argument.get("set1")), _names(argument.get("set2"))
        return _mutually_exclusive_sets(first, second) if first and second else None
    when = _names([argument.get("if_field")])
    if not when:
        return None
    applies = condition(argument.get("if_match"))
    failed = str(argument.get("then_err") or f"failed conditional validation given value of field '{when[0]}'")[:200]
    if kind == "conditional":
        then = _names([argument.get("then_field")])
        return _conditional(when[0], applies, then[0], condition(argument.get("then_match")), failed) if then else None
    if kind == "conditional_at_least_one_of":
        names = _names(argument.get("then_at_least_one_of"))
        return _conditional_at_least_one_of(when[0], applies, names) if names else None
    return None


def _names(value: object) -> list[str]:
    if isinstance(value, Sequence) and not isinstance(value, str) and all(isinstance(name, str) for name in value):
        return list(value)
    return []


def _get(record: object, name: str) -> Any:
    """Return the value at a dotted name; None where there is none."""
    for part in name.split("."):
        record = record.get(part) if isinstance(record, Mapping) else None
    return record


def _is_set(record: Mapping[str, Any], name: str) -> bool:
    return _get(record, name) not in (None, "", [], {})


def _quoted(names: Sequence[str]) -> str:
    return ", ".join(f"'{name}'" for name in names)


def _at_least_one_of(names: Sequence[str]) -> Relation:
    message = f"at least one of these fields must be non-empty: {_quoted(names)}"
    return lambda record: None if any(_is_set(record, name) for name in names) else message


def _only_one_of(names: Sequence[str]) -> Relation:
    message = f"exactly one of these fields must be non-empty: {_quoted(names)}"
    return lambda record: None if sum(_is_set(record, name) for name in names) == 1 else message


def _mutually_exclusive(names: Sequence[str]) -> Relation:
    message = f"only one or none of these fields must be set: {_quoted(names)}"
    return lambda record: None if sum(_is_set(record, name) for name in names) <= 1 else message


def _mutually_required(names: Sequence[str]) -> Relation:
    message = f"all or none of these fields must be set: {_quoted(names)}"
    return lambda record: None if sum(_is_set(record, name) for name in names) in (0, len(names)) else message


def _distinct(names: Sequence[str]) -> Relation:
    def check(record: Mapping[str, Any]) -> str | None:
        values = [repr(_get(record, name)) for name in names if _is_set(record, name)]
        if len(values) == len(set(values)):
            return None
        return f"values of these fields must be distinct: {_quoted(names)}"

    return check


def _mutually_exclusive_sets(first: Sequence[str], second: Sequence[str]) -> Relation:
    def check(record: Mapping[str, Any]) -> str | None:
        if any(_is_set(record, name) for name in first) and any(_is_set(record, name) for name in second):
            return f"these sets are mutually exclusive: ({_quoted(first)}), ({_quoted(second)})"
        return None

    return check


def _conditional(when: str, applies: Condition, then: str, holds: Condition, message: str) -> Relation:
    def check(record: Mapping[str, Any]) -> str | None:
        if not applies(_get(record, when)) or holds(_get(record, then)):
            return None
        return message

    return check


def _conditional_at_least_one_of(when: str, applies: Condition, names: Sequence[str]) -> Relation:
    def check(record: Mapping[str, Any]) -> str | None:
        if not applies(_get(record, when)) or any(_is_set(record, name) for name in names):
            return None
        return f"at least one of these fields must be non-empty: {_quoted(names)}"

    return check


_OF_NAMES: Final[Mapping[str, Callable[[Sequence[str]], Relation]]] = {
    "at_least_one_of": _at_least_one_of,
    "only_one_of": _only_one_of,
    "mutually_exclusive": _mutually_exclusive,
    "mutually_required": _mutually_required,
    "distinct": _distinct,
}
