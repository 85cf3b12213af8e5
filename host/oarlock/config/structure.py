"""Declared structures: dataclasses whose fields say, by annotation, which values they take.

    port: Annotated[int, Whole(0, 65535), "Where the upstream listens."] = 80

The declaration serves for reading files, for checking objects as they are built, for writing Kong's form and for
documentation.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Self, get_type_hints

from oarlock.config.fields import MISSING, At, Fault, Faults, FieldType, InvalidField, did_you_mean, json_or_text


@dataclass(frozen=True, slots=True)
class Declared:
    """One field of a structure."""

    name: str  # of the attribute
    key: str  # in files
    type: FieldType
    default: Any  # MISSING: the field is required
    doc: str

    def write(self, value: Any) -> Any:
        """Return the file's form of this field's value; what is unset is None, as in Kong."""
        if value is None or (not value and value == self.default and isinstance(value, Collection)):
            return None
        return self.type.write(value)


@dataclass(frozen=True, slots=True)
class Key:
    """An annotation: the key in files, where it is not the attribute's name."""

    name: str


class Structure:
    """Base of all declared dataclasses. Building one with a wrong value raises InvalidField."""

    __slots__ = ()

    def __post_init__(self) -> None:
        faults: Faults = []
        for field in declared(type(self)):
            value = getattr(self, field.name)
            if value is not field.default and value != field.default:
                field.type.read(field.type.write(value), (field.key,), faults)
        if not faults:
            faults.extend(self.rules())
        if faults:
            raise InvalidField(type(self).__name__.lower(), faults)

    def rules(self) -> Iterator[Fault]:
        """Yield what is wrong between fields. Called when each field is right by itself."""
        return iter(())

    def to_kong(self) -> dict[str, Any]:
        """Return Kong's JSON form: times in ms, foreign keys as `{"id": …}`, None for what is unset."""
        return {field.key: field.write(getattr(self, field.name)) for field in declared(type(self))}

    @classmethod
    def read(cls, value: object, at: At, faults: Faults) -> Self | None:
        """Build one from the file's form. Returns None when something is wrong, which `faults` then says."""
        before = len(faults)
        values = cls.read_fields(value, at, faults)
        return cls.build(values, at, faults) if len(faults) == before else None

    @classmethod
    def read_fields(cls, value: object, at: At, faults: Faults, near: Collection[str] = ()) -> dict[str, Any]:
        """Return the inner form of the fields that are there.

        `near` holds keys that are read elsewhere: an unknown key may be a misspelling of one of them.
        """
        values: dict[str, Any] = {}
        if not isinstance(value, Mapping):
            faults.append(Fault(at, value, "an object"))
            return values
        fields = declared(cls)
        for field in fields:
            found = value.get(field.key)  # null is the same as leaving it out
            if found is not None:
                values[field.name] = field.type.read(found, (*at, field.key), faults)
            elif field.default is MISSING:
                faults.append(Fault((*at, field.key), MISSING, field.type.expected, message="required field missing"))
        if len(value) > len(values):
            unknown_keys(value, [field.key for field in fields], at, faults, near)
        return values

    @classmethod
    def build(cls, values: dict[str, Any], at: At, faults: Faults) -> Self | None:
        """Build one of fields that are right by themselves. Returns None when they don't go together."""
        try:
            return cls(**values)
        except InvalidField as invalid:
            faults.extend(dataclasses.replace(fault, at=at + fault.at) for fault in invalid.faults)
            return None


def unknown_keys(
    value: Mapping[Any, object], known: Collection[str], at: At, faults: Faults, near: Collection[str] = ()
) -> None:
    """Append a fault for each key of `value` that is not in `known`."""
    for key in value:
        if key not in known:
            hint = did_you_mean(key, [*known, *near])
            faults.append(Fault((*at, str(key)), MISSING, "a known field", hint, message="unknown field"))


_DECLARED: Final[dict[type, tuple[Declared, ...]]] = {}


def _dataclass_fields(cls: Any) -> tuple[dataclasses.Field[Any], ...]:
    return dataclasses.fields(cls)  # every structure is a dataclass, which the type of `cls` can't say


def declared(cls: type[Structure]) -> tuple[Declared, ...]:
    """Return the fields of a structure, in the order they are declared."""
    fields = _DECLARED.get(cls)
    if fields is None:
        hints = get_type_hints(cls, include_extras=True)
        fields = tuple(_declared(field, hints[field.name]) for field in _dataclass_fields(cls))
        _DECLARED[cls] = fields
    return fields


def _declared(field: dataclasses.Field[Any], hint: Any) -> Declared:
    annotations = getattr(hint, "__metadata__", ())
    key, doc, kind = field.name, "", FieldType()
    for annotation in annotations:
        match annotation:
            case FieldType():
                kind = annotation
            case Key(name):
                key = name
            case str():
                doc = annotation
    if field.default is not dataclasses.MISSING:
        default: Any = field.default
    elif field.default_factory is not dataclasses.MISSING:
        default = field.default_factory()
    else:
        default = MISSING
    return Declared(field.name, key, kind, default, doc)


class Nested(FieldType):
    """A structure within a structure."""

    def __init__(self, structure: type[Structure]) -> None:
        self.structure = structure
        self.expected = "an object"

    def read(self, value: object, at: At, faults: Faults) -> Any:
        return self.structure.read(value, at, faults)

    def write(self, value: Structure) -> dict[str, Any]:
        return value.to_kong()

    def from_text(self, text: str) -> object:
        return json_or_text(text)
