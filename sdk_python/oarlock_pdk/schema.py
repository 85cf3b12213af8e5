"""A dataclass as a plugin's configuration: Kong's schema list for the gateway, and the typed object for the plugin.

The gateway checks a configuration against the list and fills in defaults before the plugin sees it; `build` then makes
the dataclass of it. A field without default and without `| None` is required.
"""

from __future__ import annotations

import dataclasses
import enum
import types
import typing
from collections.abc import Mapping
from dataclasses import MISSING, dataclass
from typing import Any, Final

from oarlock_pdk.errors import ConfigError, PluginError

_SCALARS: Final[dict[type[Any], str]] = {str: "string", int: "integer", float: "number", bool: "boolean"}
_KINDS: Final[dict[str, str]] = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
}


@dataclass(frozen=True, slots=True)
class Constraint:
    """One rule of Kong's schema language, attached with `Annotated[int, between(1, 10)]`."""

    attributes: tuple[tuple[str, Any], ...]


def between(low: float, high: float) -> Constraint:
    """The number is at least `low` and at most `high`."""
    return Constraint((("between", [low, high]),))


def gt(limit: float) -> Constraint:
    """The number is greater than `limit`."""
    return Constraint((("gt", limit),))


def len_min(length: int) -> Constraint:
    """A text has at least `length` bytes, a list at least so many elements."""
    return Constraint((("len_min", length),))


def len_max(length: int) -> Constraint:
    """A text has at most `length` bytes, a list at most so many elements."""
    return Constraint((("len_max", length),))


def match(pattern: str) -> Constraint:
    """The pattern is found in the text (anchor it with ^ and $ where the whole text is meant)."""
    return Constraint((("match", pattern),))


def one_of(*values: str | float) -> Constraint:
    """The value is one of these; `Literal` says the same to the type checker."""
    return Constraint((("one_of", list(values)),))


def secret() -> Constraint:
    """The value is a secret: never logged or shown, and may be a vault reference."""
    return Constraint((("encrypted", True), ("referenceable", True)))


def describe(text: str) -> Constraint:
    """Say what the field is for; shown with the schema."""
    return Constraint((("description", text),))


def schema_of(config: type[Any]) -> list[dict[str, Any]]:
    """Return Kong's schema list for a dataclass: one `{name: {type, required, default, …}}` per field.

    Raises:
        PluginError: a field has a type that a configuration can't hold.
    """
    if not (isinstance(config, type) and dataclasses.is_dataclass(config)):
        raise PluginError(
            f"{config!r} is not a dataclass; put @dataclass above the class that describes the configuration"
        )
    hints = typing.get_type_hints(config, include_extras=True)
    fields = []
    for field in dataclasses.fields(config):
        where = f"{config.__qualname__}.{field.name}"
        attributes = _attributes(hints[field.name], where)
        optional = attributes.pop("optional", False)
        default = _default(field)
        if default is not MISSING and default is not None and attributes["type"] != "record":
            attributes["default"] = _plain_default(default, where)
        if not optional:
            attributes["required"] = True
        fields.append({field.name: attributes})
    return fields


def build(config: type[Any], values: Mapping[str, Any], path: str = "config") -> Any:
    """Return the dataclass `config` filled with `values`; what is absent or null takes its default.

    Raises:
        ConfigError: a value does not fit; the text names its path and what is expected.
    """
    hints = typing.get_type_hints(config, include_extras=True)
    fields = {field.name: field for field in dataclasses.fields(config)}
    if unknown := sorted(set(values) - set(fields)):
        raise ConfigError(f"{path}.{unknown[0]}: there is no such field; known are {', '.join(fields) or 'none'}")
    given: dict[str, Any] = {}
    for name, field in fields.items():
        value = values.get(name)
        if value is None:
            if _default(field) is MISSING:
                if not _attributes(hints[name], name).get("optional"):
                    raise ConfigError(f"{path}.{name}: a value is required")
                given[name] = None
        else:
            given[name] = _convert(hints[name], value, f"{path}.{name}")
    try:
        return config(**given)
    except (ValueError, TypeError) as error:  # the author's own __post_init__
        raise ConfigError(f"{path}: {error}") from error


def _attributes(hint: Any, where: str) -> dict[str, Any]:
    """Return a schema entry; `optional` is true where None is allowed."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is typing.Annotated:
        attributes = _attributes(arguments[0], where)
        for extra in arguments[1:]:
            if isinstance(extra, Constraint):
                attributes.update(extra.attributes)
        return attributes
    if origin in (typing.Union, types.UnionType):
        others = [argument for argument in arguments if argument is not types.NoneType]
        if len(others) != 1 or len(others) == len(arguments):
            raise PluginError(f"{where}: of unions only `X | None` can be a field of a configuration")
        return _attributes(others[0], where) | {"optional": True}
    if origin is typing.Literal:
        return _choice(list(arguments), where)
    if hint in _SCALARS:
        return {"type": _SCALARS[hint]}
    if isinstance(hint, type) and issubclass(hint, enum.Enum):
        return _choice([member.value for member in hint], where)
    if isinstance(hint, type) and dataclasses.is_dataclass(hint):
        return {"type": "record", "fields": schema_of(hint)}
    if origin in (list, tuple, set, frozenset):
        if not arguments or (origin is tuple and (len(arguments) != 2 or arguments[1] is not Ellipsis)):
            raise PluginError(f"{where}: say of what it is a list, such as list[str] or tuple[str, ...]")
        return {"type": "array" if origin in (list, tuple) else "set", "elements": _element(arguments[0], where)}
    if origin is dict and arguments[0] is str:
        return {"type": "map", "keys": {"type": "string"}, "values": _element(arguments[1], where)}
    raise PluginError(
        f"{where}: {hint!r} can't be a field; use str, int, float, bool, Literal, list, dict[str, …], a dataclass"
    )


def _element(hint: Any, where: str) -> dict[str, Any]:
    attributes = _attributes(hint, where)
    if attributes.pop("optional", False):
        raise PluginError(f"{where}: elements can't be None")
    if attributes["type"] != "record":
        attributes["required"] = True
    return attributes


def _choice(values: list[Any], where: str) -> dict[str, Any]:
    kinds = {_SCALARS.get(type(value)) for value in values}
    if len(kinds) != 1 or None in kinds:
        raise PluginError(f"{where}: the choices are all texts or all numbers")
    return {"type": kinds.pop(), "one_of": values}


def _default(field: dataclasses.Field[Any]) -> Any:
    if field.default is not MISSING:
        return field.default
    return field.default_factory() if field.default_factory is not MISSING else MISSING


def _plain_default(value: Any, where: str) -> Any:
    if isinstance(value, enum.Enum):
        return _plain_default(value.value, where)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return _plain_default({f.name: getattr(value, f.name) for f in dataclasses.fields(value)}, where)
    if isinstance(value, (set, frozenset)):
        return sorted(_plain_default(item, where) for item in value)
    if isinstance(value, (list, tuple)):
        return [_plain_default(item, where) for item in value]
    if isinstance(value, dict):
        return {key: _plain_default(item, where) for key, item in value.items()}
    if value is None or isinstance(value, (str, int, float)):
        return value
    raise PluginError(f"{where}: {value!r} can't be a default")


def _convert(hint: Any, value: Any, path: str) -> Any:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is typing.Annotated:
        return _convert(arguments[0], value, path)
    if origin in (typing.Union, types.UnionType):
        return _convert(next(a for a in arguments if a is not types.NoneType), value, path)
    if origin is typing.Literal:
        if value not in arguments:
            raise ConfigError(f"{path}: {value!r} is not one of {', '.join(map(repr, arguments))}")
        return value
    if hint in _SCALARS:
        return _scalar(hint, value, path)
    if isinstance(hint, type) and issubclass(hint, enum.Enum):
        try:
            return hint(value)
        except ValueError as error:
            raise ConfigError(f"{path}: {error}") from None
    if isinstance(hint, type) and dataclasses.is_dataclass(hint):
        if not isinstance(value, dict):
            raise ConfigError(f"{path}: a table is expected, not {value!r:.60}")
        return build(hint, value, path)
    if origin is dict:
        if not isinstance(value, dict):
            raise ConfigError(f"{path}: a table is expected, not {value!r:.60}")
        return {key: _convert(arguments[1], item, f"{path}.{key}") for key, item in value.items()}
    if value == {}:  # an empty list of a peer that has one empty table for both
        value = []
    if not isinstance(value, list):
        raise ConfigError(f"{path}: a list is expected, not {value!r:.60}")
    return origin(_convert(arguments[0], item, f"{path}[{index}]") for index, item in enumerate(value))


def _scalar(kind: type[Any], value: Any, path: str) -> Any:
    if kind is float and type(value) is int:
        return float(value)
    if kind is int and type(value) is float and value.is_integer():
        return int(value)
    if type(value) is not kind:
        raise ConfigError(f"{path}: {_KINDS[_SCALARS[kind]]} is expected, not {value!r:.60}")
    return value
