"""The types of Kong's schema language, with Kong's words for what is of another type."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

EXPECTED: Final = {
    "string": "expected a string",
    "number": "expected a number",
    "integer": "expected an integer",
    "boolean": "expected a boolean",
    "array": "expected an array",
    "set": "expected a set",
    "map": "expected a map",
    "record": "expected a record",
}


def read_as(kind: str, value: object) -> tuple[Any, bool]:
    """Return the value as its kind holds it, and whether it is of that kind."""
    match kind, value:
        case "boolean", bool():
            return value, True
        case "string", str():
            return value, True
        case "number" | "integer", int() | float() if not isinstance(value, bool):
            if kind == "number" or isinstance(value, int):
                return value, True
            return (int(value), True) if value.is_integer() else (value, False)
        case "array" | "set", list() | tuple():
            items = list(value)
            if kind == "set":
                items = [item for position, item in enumerate(items) if item not in items[:position]]
            return items, True
        case "map", Mapping():
            return {str(key): item for key, item in value.items()}, True
        case _:
            return value, False
