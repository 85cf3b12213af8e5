"""Field types that hold other values: lists, sets, objects."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from oarlock.config.fields import At, Faults, FieldType, json_or_text


class ListOf(FieldType):
    """A list, a tuple inside; as a set, each value may stand in it once."""

    def __init__(self, item: FieldType, *, is_set: bool = False, shortest: int = 0) -> None:
        self.item, self.is_set, self.shortest = item, is_set, shortest
        self.expected = "a list, each " + item.expected if item.expected != "a value" else "a list"

    def read(self, value: object, at: At, faults: Faults) -> Any:
        if not isinstance(value, list | tuple) or len(value) < self.shortest:
            one_of_them = not isinstance(value, Mapping | list | tuple | None)
            self.wrong(value, at, faults, f"write [{value}]" if one_of_them else "")
            return ()
        items = tuple(self.item.read(item, (*at, position), faults) for position, item in enumerate(value))
        return tuple(dict.fromkeys(items)) if self.is_set else items

    def write(self, value: Collection[Any]) -> list[Any]:
        return [self.item.write(item) for item in value]

    def from_text(self, text: str) -> object:
        parsed = json_or_text(text) if text.lstrip().startswith("[") else text
        if parsed is not text:
            return parsed
        return [self.item.from_text(part.strip()) for part in text.split(",") if part.strip()]


class MapOf(FieldType):
    """An object with keys of the operator's choice."""

    def __init__(self, key: FieldType, value: FieldType) -> None:
        self.key, self.value = key, value
        self.expected = "an object"

    def read(self, value: object, at: At, faults: Faults) -> Any:
        if not isinstance(value, Mapping):
            self.wrong(value, at, faults)
            return {}
        return {
            self.key.read(key, (*at, str(key)), faults): self.value.read(item, (*at, str(key)), faults)
            for key, item in value.items()
        }

    def write(self, value: Mapping[str, Any]) -> dict[str, Any]:
        return {key: self.value.write(item) for key, item in value.items()}


class SetOf(ListOf):
    """A list where order and repetition say nothing: a frozenset inside."""

    def read(self, value: object, at: At, faults: Faults) -> Any:
        return frozenset(super().read(value, at, faults))

    def write(self, value: Collection[Any]) -> list[Any]:
        return sorted(super().write(value))
