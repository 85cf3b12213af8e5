"""The attributes of Kong's schema language that restrict a value, with Kong's words for what does not fit."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Mapping, Sequence, Sized
from typing import Any, Final

from oarlock.config.patterns import compile_re2, refused_by_re2

Attribute = Callable[[Any], str | None]  # returns what is wrong with a value, None when it fits

_MAX_PATTERN: Final = 1000  # characters
_LUA_CLASS: Final = re.compile(r"%[%\w.^$*+?()\[\]-]")

# Known, and without effect on what a value may be.
IGNORED: Final = frozenset(
    {
        "auto", "abstract", "deprecation", "description", "encrypted", "immutable", "indexed", "json_schema", "legacy",
        "nilable", "on_delete", "reference", "referenceable", "unique",
    }
)  # fmt: skip


class AttributeInvalid(Exception):
    """An attribute has a value it can't have. With `may_skip`, the schema can be used without it."""

    def __init__(self, message: str, *, may_skip: bool = False) -> None:
        super().__init__(message)
        self.may_skip = may_skip


def _show(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:g}" if isinstance(value, float) else str(value)


def _number(value: object) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    raise AttributeInvalid("must be a number")


def _values(value: object) -> Sequence[Any]:
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return value
    raise AttributeInvalid("must be a list")


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    raise AttributeInvalid("must be text")


def _pattern(value: object) -> Any:
    pattern = _text(value)
    if len(pattern) > _MAX_PATTERN:
        raise AttributeInvalid(f"a pattern longer than {_MAX_PATTERN} characters")
    if _LUA_CLASS.search(pattern):
        raise AttributeInvalid("a Lua pattern: values are not checked with it", may_skip=True)
    if reason := refused_by_re2(pattern):
        raise AttributeInvalid(f"a pattern that does not compile: {reason}", may_skip=True)
    return compile_re2(pattern)


def _between(bounds: object) -> Attribute:
    low, high = (_number(bound) for bound in _pair(bounds))
    message = f"value should be between {_show(low)} and {_show(high)}"
    return lambda value: None if _is_number(value) and low <= value <= high else message


def _pair(value: object) -> Sequence[Any]:
    pair = _values(value)
    if len(pair) != 2:
        raise AttributeInvalid("must be a list of two")
    return pair


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _same(value: object, other: object) -> bool:
    return value == other and isinstance(value, bool) == isinstance(other, bool)


def _eq(other: object) -> Attribute:
    return lambda value: None if _same(value, other) else f"value must be {_show(other)}"


def _ne(other: object) -> Attribute:
    return lambda value: f"value must not be {_show(other)}" if _same(value, other) else None


def _gt(bound: object) -> Attribute:
    low = _number(bound)
    return lambda value: None if _is_number(value) and value > low else f"value must be greater than {_show(low)}"


def _length(value: object) -> int:
    if isinstance(value, str):
        return len(value.encode())  # bytes, as Lua counts
    return len(value) if isinstance(value, Sized) else 0


def _len_eq(number: object) -> Attribute:
    length = _number(number)
    return lambda value: None if _length(value) == length else f"length must be {_show(length)}"


def _len_min(number: object) -> Attribute:
    length = _number(number)
    return lambda value: None if _length(value) >= length else f"length must be at least {_show(length)}"


def _len_max(number: object) -> Attribute:
    length = _number(number)
    return lambda value: None if _length(value) <= length else f"length must be at most {_show(length)}"


def _matches(pattern: Any, value: object) -> bool:
    return isinstance(value, str) and pattern.search(value) is not None


def _match(text: object) -> Attribute:
    pattern = _pattern(text)
    return lambda value: None if _matches(pattern, value) else f"invalid value: {value}"


def _not_match(text: object) -> Attribute:
    pattern = _pattern(text)
    return lambda value: f"invalid value: {value}" if _matches(pattern, value) else None


def _patterns(entries: object) -> list[tuple[Any, str]]:
    """Compile Kong's `[{pattern, err}, …]`."""
    compiled = []
    for entry in _values(entries):
        if not isinstance(entry, Mapping):
            raise AttributeInvalid("must be a list of objects with pattern and err")
        compiled.append((_pattern(entry.get("pattern")), str(entry.get("err") or "invalid value")[:200]))
    return compiled


def _match_all(entries: object) -> Attribute:
    patterns = _patterns(entries)
    return lambda value: next((err for pattern, err in patterns if not _matches(pattern, value)), None)


def _match_none(entries: object) -> Attribute:
    patterns = _patterns(entries)
    return lambda value: next((err for pattern, err in patterns if _matches(pattern, value)), None)


def _match_any(definition: object) -> Attribute:
    if not isinstance(definition, Mapping):
        raise AttributeInvalid("must be an object with patterns and err")
    patterns = [_pattern(pattern) for pattern in _values(definition.get("patterns"))]
    err = str(definition.get("err") or "invalid value")[:200]
    return lambda value: None if any(_matches(pattern, value) for pattern in patterns) else err


def _starts_with(text: object) -> Attribute:
    start = _text(text)
    return lambda value: None if isinstance(value, str) and value.startswith(start) else f"should start with: {start}"


def _contains(item: object) -> Attribute:
    def check(value: Any) -> str | None:
        items = value if isinstance(value, list | tuple) else ()
        return None if any(_same(each, item) for each in items) else f"expected to contain: {_show(item)}"

    return check


def _one_of(values: object) -> Attribute:
    allowed = _values(values)
    message = "expected one of: " + ", ".join(_show(value) for value in allowed)
    return lambda value: None if any(_same(value, other) for other in allowed) else message


def _not_one_of(values: object) -> Attribute:
    refused = _values(values)
    message = "must not be one of: " + ", ".join(_show(value) for value in refused)
    return lambda value: message if any(_same(value, other) for other in refused) else None


def _is_regex(wanted: object) -> Attribute:
    def check(value: Any) -> str | None:
        if not wanted or (isinstance(value, str) and refused_by_re2(value) is None):
            return None
        return f"not a valid regex: {value}"

    return check


def _uuid(wanted: object) -> Attribute:
    def check(value: Any) -> str | None:
        try:
            fits = isinstance(value, str) and len(value) == 36 and bool(uuid.UUID(value))
        except ValueError:
            fits = False
        return None if fits or not wanted else "expected a valid UUID"

    return check


def _timestamp(wanted: object) -> Attribute:
    return lambda value: None if not wanted or (_is_number(value) and value > 0) else "expected a valid timestamp"


# In the order in which Kong evaluates them.
ATTRIBUTES: Final[Mapping[str, Callable[[Any], Attribute]]] = {
    "between": _between,
    "eq": _eq,
    "ne": _ne,
    "gt": _gt,
    "len_eq": _len_eq,
    "len_min": _len_min,
    "len_max": _len_max,
    "match": _match,
    "not_match": _not_match,
    "match_none": _match_none,
    "match_all": _match_all,
    "match_any": _match_any,
    "starts_with": _starts_with,
    "contains": _contains,
    "one_of": _one_of,
    "not_one_of": _not_one_of,
    "is_regex": _is_regex,
    "timestamp": _timestamp,
    "uuid": _uuid,
}
