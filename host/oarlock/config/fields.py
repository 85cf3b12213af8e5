"""Field types: how a value of a file becomes a value of an entity, and back.

A type reads the *file's form* (what YAML, JSON or Kong's Admin API says: milliseconds, lists, `{"id": …}`) into the
*inner form* (seconds, tuples, ids), and writes the inner form back. What is wrong is appended to a list of faults, so
that all of it is found in one go. Where a fault stands is a tuple of keys and positions; its line is looked up later.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Final

from oarlock.errors import OarlockError

At = tuple[str | int, ...]  # ("services", 2, "port")


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with a value, before it is known which file and line it came from."""

    at: At
    found: object  # MISSING: there is nothing
    expected: str
    hint: str = ""
    message: str = ""  # replaces "expected …" where there is a sentence for it


Faults = list[Fault]


class _Missing:
    def __repr__(self) -> str:
        return "nothing"


MISSING: Final = _Missing()


class InvalidField(OarlockError):
    """An entity was built with values it can't have. `faults` are all of them."""

    def __init__(self, what: str, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(f"{what}: {show_path(f.at)}: {describe(f)}" for f in faults))


def describe(fault: Fault) -> str:
    """Say what is wrong in a sentence, without the place."""
    what = fault.message or f"expected {fault.expected}, found {show(fault.found)}"
    return f"{what}; {fault.hint}" if fault.hint else what


def show_path(at: At) -> str:
    """Write a place as people do: services[2].routes[0].paths[1]."""
    text = ""
    for part in at:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            text += f".{part}" if text else part
    return text


def show(value: object) -> str:
    """Describe a value found where another was expected, short enough for a line."""
    match value:
        case None:
            return "null"
        case bool():
            return str(value).lower()
        case str():
            return _shorten(json.dumps(value, ensure_ascii=False))
        case Mapping():
            return "an object"
        case list() | tuple():
            return "a list"
        case _:
            return _shorten(repr(value))


def _shorten(text: str) -> str:
    return text if len(text) <= 80 else text[:77] + "..."


def did_you_mean(word: object, known: Iterable[str]) -> str:
    """Return a hint with the known word nearest to `word`; "" when none is near."""
    near = get_close_matches(str(word)[:100], list(known), 1, 0.6)
    return f"did you mean '{near[0]}'?" if near else ""


class FieldType:
    """The kind of value a field holds."""

    expected = "a value"

    def read(self, value: object, at: At, faults: Faults) -> Any:
        """Return the inner form of `value`; what is wrong with it is appended to `faults`."""
        return value

    def write(self, value: Any) -> Any:
        """Return the file's form of an inner value."""
        return value

    def from_text(self, text: str) -> object:
        """Return the file's form of a value given as text: in the environment or on the command line."""
        return json_or_text(text)

    def wrong(self, value: object, at: At, faults: Faults, hint: str = "") -> None:
        """Append the fault "expected …, found `value`"."""
        faults.append(Fault(at, value, self.expected, hint))


def json_or_text(text: str) -> object:
    """Return what `text` says as JSON, or the text itself when it is not JSON."""
    try:
        return json.loads(text)
    except ValueError:
        return text


class Anything(FieldType):
    """A value that is checked elsewhere, such as a plugin's configuration."""


class Flag(FieldType):
    expected = "true or false"
    _WORDS: Final = {"on": True, "true": True, "yes": True, "off": False, "false": False, "no": False}

    def read(self, value: object, at: At, faults: Faults) -> bool:
        if isinstance(value, bool):
            return value
        meant = self._WORDS.get(value.lower()) if isinstance(value, str) else None
        self.wrong(value, at, faults, "" if meant is None else f"write {str(meant).lower()}")
        return False

    def from_text(self, text: str) -> object:
        return self._WORDS.get(text.strip().lower(), text)


class Whole(FieldType):
    """A whole number within bounds, ends included."""

    def __init__(self, low: int, high: int, unit: str = "") -> None:
        self.low, self.high = low, high
        self.expected = f"a whole number{f' of {unit}' if unit else ''} from {low} to {high}"

    def read(self, value: object, at: At, faults: Faults) -> Any:
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, int) and not isinstance(value, bool) and self.low <= value <= self.high:
            return value
        self.wrong(value, at, faults)
        return self.low


class Milliseconds(Whole):
    """Milliseconds in files, float seconds inside."""

    def __init__(self, low: int = 1, high: int = 2**31 - 2) -> None:
        super().__init__(low, high, "milliseconds")

    def read(self, value: object, at: At, faults: Faults) -> float:
        return int(super().read(value, at, faults)) / 1000

    def write(self, value: float) -> int:
        return round(value * 1000)


class Number(FieldType):
    def __init__(self, low: float, high: float, unit: str = "") -> None:
        self.low, self.high = low, high
        self.expected = f"a number{f' of {unit}' if unit else ''} from {low:.12g} to {high:.12g}"

    def read(self, value: object, at: At, faults: Faults) -> float:
        if isinstance(value, int | float) and not isinstance(value, bool) and self.low <= value <= self.high:
            return float(value)
        self.wrong(value, at, faults)
        return self.low

    def write(self, value: float) -> float | int:
        return int(value) if value.is_integer() else value


class Text(FieldType):
    """Text without NUL that passes `check`; not empty unless it may be."""

    def __init__(
        self, expected: str = "text", check: Callable[[str], bool] | None = None, *, may_be_empty: bool = False
    ) -> None:
        self.expected = expected
        self._check = check
        self._may_be_empty = may_be_empty

    def read(self, value: object, at: At, faults: Faults) -> Any:
        if isinstance(value, str) and self._fits(value):
            return value
        self.wrong(value, at, faults)
        return ""

    def _fits(self, text: str) -> bool:
        if not text:
            return self._may_be_empty
        return "\0" not in text and (self._check is None or self._check(text))

    def from_text(self, text: str) -> object:
        return text


class Choice(FieldType):
    """One of a few values, all texts or all numbers."""

    def __init__(self, *values: str | int) -> None:
        self.values = values
        self.expected = "one of " + ", ".join(str(value) for value in values)

    def read(self, value: object, at: At, faults: Faults) -> Any:
        if value in self.values and not isinstance(value, bool):
            return value
        texts = [choice for choice in self.values if isinstance(choice, str)]
        self.wrong(value, at, faults, did_you_mean(value, texts) if isinstance(value, str) else "")
        return self.values[0]

    def from_text(self, text: str) -> object:
        return text if isinstance(self.values[0], str) else json_or_text(text)


class Uuid(FieldType):
    expected = "a UUID such as 6c0b5d2e-32a1-4b0f-8d0c-1f2e3d4c5b6a"

    def read(self, value: object, at: At, faults: Faults) -> Any:
        try:
            if isinstance(value, str) and len(value) == 36:
                return str(uuid.UUID(value))
        except ValueError:
            pass
        self.wrong(value, at, faults)
        return ""

    def from_text(self, text: str) -> object:
        return text


class Foreign(Text):
    """The id of an entity of another collection; `{"id": …}` in Kong's form."""

    def __init__(self, collection: str) -> None:
        super().__init__(f"the id of one of the {collection}")
        self.collection = collection

    def read(self, value: object, at: At, faults: Faults) -> Any:
        match value:
            case {"id": str(identifier), **others} if not others:
                return super().read(identifier, (*at, "id"), faults)
        return super().read(value, at, faults)

    def write(self, value: str) -> object:
        return {"id": value}
