"""A plugin's configuration schema, in Kong's schema language: checks and defaults.

The schema comes from a plugin server, so it is taken for hostile: its size and depth are bounded, its patterns run on
google-re2, and what it says that is not known here is a warning, never code. `compile_schema` does this once;
`PluginSchema.check` then takes any number of configurations.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from oarlock.config.fields import At, Fault, Faults, did_you_mean, show_path
from oarlock.config.schema_attributes import ATTRIBUTES, IGNORED, Attribute, AttributeInvalid
from oarlock.config.schema_relations import Relation, compile_relation
from oarlock.config.schema_types import EXPECTED, read_as
from oarlock.errors import OarlockError

MAX_DEPTH: Final = 16
MAX_FIELDS: Final = 2000
_MAX_WARNINGS: Final = 50
_STRUCTURE: Final = frozenset(
    {"type", "required", "default", "elements", "keys", "values", "fields", "entity_checks", "len_min", "err"}
)
_UNCHECKED: Final = frozenset({"any", "json"})
_SCOPES: Final = ("service", "route", "consumer")
Check = Callable[[object, At, Faults], Any]


class SchemaInvalid(OarlockError):
    """A plugin declares a schema that can't be used; the text says what and where."""


@dataclass(frozen=True, slots=True)
class PluginSchema:
    """What a plugin accepts as its configuration."""

    _config: _Record
    _relations: tuple[Relation, ...]  # over {"config": …}: those that stand at the top of Kong's schemas
    no_scope: frozenset[str]  # of service, route, consumer: what a configuration of this plugin may not name
    warnings: tuple[str, ...]  # keywords of the schema that have no effect here

    def check(self, config: Mapping[str, Any]) -> tuple[dict[str, Any], Faults]:
        """Return the configuration with defaults filled in, and what is wrong with it, places counted from `config`."""
        faults: Faults = []
        filled = self._config.check(config, (), faults)
        if not faults:
            for relation in self._relations:
                message = relation({"config": filled})
                if message:
                    faults.append(Fault((), "", message, message=message))
        return filled, faults


def check(schema: object, config: Mapping[str, Any]) -> tuple[dict[str, Any], Faults]:
    """Check one configuration. Raises SchemaInvalid when the schema itself can't be used."""
    return compile_schema(schema).check(config)


def compile_schema(schema: object) -> PluginSchema:
    """Compile Kong's `{name, fields: [{config: {…}}]}`, a list of the configuration's fields, or None for no fields.

    Raises:
        SchemaInvalid: it is not of that form, or past a limit.
    """
    compiler = _Compiler()
    top: Mapping[str, Any] = schema if isinstance(schema, Mapping) else {}
    fields = top.get("fields", []) if isinstance(schema, Mapping) else schema or []
    no_scope = set()
    config: Mapping[str, Any] = {"type": "record", "fields": fields}
    if isinstance(schema, Mapping):
        named = dict(compiler.named_fields(fields, ()))
        no_scope = {name for name in _SCOPES if "eq" in named.get(name, {}) and named[name]["eq"] is None}
        config = named.get("config", {"type": "record", "fields": []})
    record = _Record(compiler, config, ("config",))
    relations = tuple(compiler.relations(top, ()))
    return PluginSchema(record, relations, frozenset(no_scope), tuple(compiler.warnings))


class _Compiler:
    """Compiles fields within the limits and gathers warnings."""

    def __init__(self) -> None:
        self.warnings: list[str] = []
        self._left = MAX_FIELDS

    def named_fields(self, fields: object, at: At) -> list[tuple[str, Mapping[str, Any]]]:
        """Return the pairs of Kong's `[{name: definition}, …]`."""
        if isinstance(fields, Mapping) and not fields:
            fields = []  # how Lua writes an empty array
        if not isinstance(fields, Sequence) or isinstance(fields, str | bytes):
            raise self.invalid(at, "fields must be a list")
        pairs = []
        for entry in fields:
            match entry:
                case Mapping() if len(entry) == 1:
                    ((name, definition),) = entry.items()
                case _:
                    raise self.invalid(at, "each of fields must be an object with one key, the field's name")
            if not isinstance(name, str) or not isinstance(definition, Mapping):
                raise self.invalid((*at, str(name)), "a field's definition must be an object")
            pairs.append((name, definition))
        return pairs

    def compile(self, definition: object, at: At) -> Check:
        self._left -= 1
        if len(at) > MAX_DEPTH or self._left < 0:
            raise self.invalid(at, f"deeper than {MAX_DEPTH} or more than {MAX_FIELDS} fields")
        if not isinstance(definition, Mapping):
            raise self.invalid(at, "a field's definition must be an object")
        kind = definition.get("type", "record" if "fields" in definition else None)
        if kind is None:
            return _anything
        if not isinstance(kind, str) or kind not in (*EXPECTED, *_UNCHECKED):
            raise self.invalid(at, f"unknown type {kind!r:.80}")
        if kind in _UNCHECKED:
            return _anything
        if kind == "record":
            return _Record(self, definition, at).check
        return _Value(self, definition, kind, at).check

    def attributes(self, definition: Mapping[str, Any], at: At) -> list[Attribute]:
        """Compile the attributes that restrict values, in Kong's order of evaluation."""
        compiled = []
        for name, make in ATTRIBUTES.items():
            if definition.get(name) is None:
                continue
            try:
                compiled.append(make(definition[name]))
            except AttributeInvalid as exc:
                if not exc.may_skip:
                    raise self.invalid((*at, name), str(exc)) from None
                self.warn((*at, name), str(exc))
        self.warn_unknown(definition, at)
        return compiled

    def warn(self, at: At, message: str) -> None:
        if len(self.warnings) < _MAX_WARNINGS:
            self.warnings.append(f"{show_path(at)}: {message}")

    def warn_unknown(self, definition: Mapping[str, Any], at: At) -> None:
        for name in definition:
            if name not in ATTRIBUTES and name not in IGNORED and name not in _STRUCTURE:
                self.warn((*at, str(name)), "unknown schema keyword, without effect")

    def relations(self, definition: Mapping[str, Any], at: At) -> list[Relation]:
        """Compile `entity_checks`."""
        compiled: list[Relation] = []
        checks = definition.get("entity_checks") or []
        if not isinstance(checks, Sequence):
            raise self.invalid((*at, "entity_checks"), "must be a list")
        for entry in checks:
            relation = compile_relation(entry, self._condition)
            if relation is None:
                self.warnings.append(
                    f"{show_path((*at, 'entity_checks'))}: unknown check {entry!r:.80}, without effect"
                )
            else:
                compiled.append(relation)
        return compiled

    def _condition(self, definition: object) -> Callable[[object], bool]:
        """Compile what stands under if_match and then_match: attributes without a type."""
        match = definition if isinstance(definition, Mapping) else {}
        attributes = self.attributes(match, ("entity_checks",))
        takes_none = not match.get("required") and match.get("eq") is None and "ne" not in match

        def holds(value: object) -> bool:
            if value is None:
                return takes_none
            return not any(attribute(value) for attribute in attributes)

        return holds

    @staticmethod
    def invalid(at: At, message: str) -> SchemaInvalid:
        return SchemaInvalid(f"schema: {show_path(at)}: {message}")


def _anything(value: object, at: At, faults: Faults) -> Any:
    return value


class _Record:
    """An object with known fields."""

    def __init__(self, compiler: _Compiler, definition: Mapping[str, Any], at: At) -> None:
        self._fields: dict[str, tuple[Check, Mapping[str, Any]]] = {}
        for name, field in compiler.named_fields(definition.get("fields", []), at):
            self._fields[name] = (compiler.compile(field, (*at, name)), field)
        compiler.warn_unknown(definition, at)
        self._relations = compiler.relations(definition, at)

    def check(self, value: object, at: At, faults: Faults) -> dict[str, Any]:
        if not isinstance(value, Mapping):
            faults.append(Fault(at, value, "a record", message=EXPECTED["record"]))
            return {}
        before = len(faults)
        filled: dict[str, Any] = {}
        for name, (check_field, field) in self._fields.items():
            found = value.get(name)
            if found is None:
                found = _default_of(field)
            if found is not None:
                filled[name] = check_field(found, (*at, name), faults)
            elif field.get("required"):
                faults.append(Fault((*at, name), "", "a value", message="required field missing"))
        for name in value:
            if name not in self._fields:
                hint = did_you_mean(name, self._fields)
                faults.append(Fault((*at, str(name)), "", "a known field", hint, message="unknown field"))
        if len(faults) == before:
            messages = (relation(filled) for relation in self._relations)
            faults.extend(Fault(at, "", message, message=message) for message in messages if message)
        return filled


def _default_of(field: Mapping[str, Any]) -> Any:
    """Return a field's default. A required record without one is made of its fields' defaults, as in Kong."""
    default = field.get("default")
    if default is None and field.get("type") == "record" and field.get("required"):
        return {}
    return copy.deepcopy(default)


class _Value:
    """A scalar or a container of like values."""

    def __init__(self, compiler: _Compiler, definition: Mapping[str, Any], kind: str, at: At) -> None:
        self._kind = kind
        self._err = str(definition["err"])[:200] if definition.get("err") else ""
        if kind == "string" and definition.get("len_min") is None and definition.get("default") != "":
            definition = {**definition, "len_min": 1}  # Kong: a string is not empty unless the schema says it may be
        self._attributes = compiler.attributes(definition, at)
        self._keys = compiler.compile(definition.get("keys", {}), (*at, "keys"))
        inner = definition.get("values" if kind == "map" else "elements", {})
        self._items = compiler.compile(inner, (*at, "elements"))

    def check(self, value: object, at: At, faults: Faults) -> Any:
        value, fits = read_as(self._kind, value)
        if not fits:
            faults.append(Fault(at, value, EXPECTED[self._kind], message=EXPECTED[self._kind]))
            return value
        if isinstance(value, list):
            value = [self._items(item, (*at, position), faults) for position, item in enumerate(value)]
        elif isinstance(value, dict):
            for key in value:
                self._keys(key, (*at, key), faults)
            value = {key: self._items(item, (*at, key), faults) for key, item in value.items()}
        for attribute in self._attributes:
            message = attribute(value)
            if message:
                faults.append(Fault(at, value, self._err or message, message=self._err or message))
        return value
