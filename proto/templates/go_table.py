"""The table for Go: sdk_go/internal/table/table_generated.go."""

from __future__ import annotations

import json
from collections.abc import Iterator

from templates.model import Arg, Function, Table

HEAD = "// Code generated from proto/pdk.toml by proto/generate.py; DO NOT EDIT."

_KINDS = {"fact": "Fact", "change": "Change", "call": "Call", "outcome": "Outcome", "log": "Log"}
_RULES = {
    "header": "HeaderLookup",
    "headers": "HeadersLookup",
    "query_arg": "QueryArgLookup",
    "shared_key": "SharedKeyLookup",
    "plugin_key": "PluginKeyLookup",
}


def render(table: Table) -> str:
    return "\n".join(_lines(table)) + "\n"


def quoted(value: object) -> str:
    """A string, a bool, a number or None as a Go literal."""
    if value is None:
        return "nil"
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else str(value)


def camel(name: str) -> str:
    """`set_header` as Go writes it: `SetHeader`."""
    return "".join(word[:1].upper() + word[1:].lower() for word in name.split("_"))


def _lines(table: Table) -> Iterator[str]:
    yield HEAD
    yield ""
    yield "package table"
    yield ""
    yield from _constant("MinVersion", table.versions[0], "The lowest protocol version.")
    yield from _constant("MaxVersion", table.versions[1], "The highest protocol version.")
    yield from _constant("Highest", table.functions[-1].number, "The highest number of a function.")
    yield "// Features are those that an SDK can agree on."
    yield f"var Features = []string{{{', '.join(map(quoted, table.features))}}}"
    yield ""
    yield "// Phases are the names of the phases by number."
    width = max(map(len, map(str, table.phases.values()))) + 1
    yield f"var Phases = [{max(table.phases.values()) + 1}]string{{"
    for name, number in table.phases.items():
        yield f"\t{f'{number}:':<{width}} {quoted(name)},"
    yield "}"
    yield ""
    for name, number in table.log_levels.items():
        yield from _constant(f"Level{camel(name)}", number, f"Log level `{name}`.")
    for name, number in table.outcomes.items():
        yield from _constant(f"Outcome{camel(name)}", number, f"Outcome `{name}` of DONE.")
    for name, message in table.messages.items():
        yield from _constant(f"Msg{camel(name)}", message.number, f"The type of {name}.")
    for name, limit in table.limits.items():
        yield from _constant(camel(name), limit.value, f"A limit: {limit.doc}.")
    yield "// DefaultFacts are sent with every event of a phase."
    yield "var DefaultFacts = map[int][]int{"
    width = max(len(str(phase)) for phase in table.default_facts) + 1
    for phase, numbers in table.default_facts.items():
        yield f"\t{f'{phase}:':<{width}} {{{', '.join(map(str, numbers))}}},"
    yield "}"
    yield ""
    yield "var functions = []Function{"
    for function in table.functions:
        yield f"\t{{{', '.join(_fields(table, function))}}},"
    yield "}"


def _constant(name: str, value: object, doc: str) -> Iterator[str]:
    yield f"// {name} is: {doc[:1].lower()}{doc[1:]}"
    yield f"const {name} = {value}"
    yield ""


def _fields(table: Table, function: Function) -> Iterator[str]:
    yield f"Number: {function.number}"
    yield f"Name: {quoted(function.name)}"
    yield f"Kind: {_KINDS[function.kind]}"
    yield f"Phases: {sum(1 << phase for phase in function.phases):#06x}"
    if function.args:
        yield f"Args: []Arg{{{', '.join(map(_argument, function.args))}}}"
    if function.lookup:
        yield f"LookupIn: {function.lookup[0]}, Lookup: {_RULES[function.lookup[1]]}"
    if function.stales:
        stales = (
            f"{{Function: {s.function}, Argument: {-1 if s.argument is None else s.argument}"
            f"{', Each: true' if s.each else ''}{f', Literal: {quoted(s.literal)}' if s.literal else ''}"
            f"{f', Only: {_strings(s.only)}' if s.only else ''}}}"
            for s in function.stales
        )
        yield f"Stales: []Stale{{{', '.join(stales)}}}"
    if function.write:
        yield "Write: &Write{" + ", ".join(map(str, function.write)) + "}"
    if function.outcome:
        yield f"Outcome: Outcome{camel(function.outcome)}"
    if function.log_level:
        yield f"Level: Level{camel(function.log_level)}"
    if function.replans:
        yield "Replans: true"
    if not function.available:
        yield f"Unavailable: {quoted(function.unavailable_reason)}"
    if not function.external:
        yield "Internal: true"


def _argument(arg: Arg) -> str:
    fields = [f"Name: {quoted(arg.name)}", f"Type: {camel(arg.type)}"]
    if arg.optional:
        fields.append("Optional: true")
    if arg.default is not None:
        integral = isinstance(arg.default, int) and not isinstance(arg.default, bool)
        fields.append(f"Default: {f'int64({arg.default})' if integral else quoted(arg.default)}")
    if arg.minimum is not None:
        fields.append(f"HasMin: true, Min: {arg.minimum}")
    if arg.maximum is not None:
        fields.append(f"HasMax: true, Max: {arg.maximum}")
    if arg.one_of:
        fields.append(f"OneOf: {_strings(arg.one_of)}")
    if arg.prefix:
        fields.append(f"Prefix: {quoted(arg.prefix)}")
    if arg.variadic:
        fields.append("Variadic: true")
    return "{" + ", ".join(fields) + "}"


def _strings(values: tuple[str, ...]) -> str:
    return f"[]string{{{', '.join(map(quoted, values))}}}"
