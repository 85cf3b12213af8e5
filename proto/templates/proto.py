"""Function and phase numbers for the gRPC carrier: proto/oarlock/v1/pdk.proto."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from templates.model import Function, Table


def render(table: Table) -> str:
    return "\n".join(_lines(table)) + "\n"


def _lines(table: Table) -> Iterator[str]:
    yield "// GENERATED from proto/pdk.toml by proto/generate.py; do not edit."
    yield "//"
    yield "// Names for the numbers that messages.proto carries as integers. Peers also meet numbers that are not here."
    yield ""
    yield 'syntax = "proto3";'
    yield ""
    yield "package oarlock.v1;"
    yield ""
    yield from _enum("Phase", table.phases, "A point in the life of a request or connection.")
    yield from _enum("LogLevel", table.log_levels, "A line below the level of an EVENT is dropped.")
    yield "// Outcome of a step; all but NEXT are final."
    yield "enum Outcome {"
    yield from (f"  OUTCOME_{name.upper()} = {number};" for name, number in table.outcomes.items())
    yield "}"
    yield ""
    yield "// PDK functions; the number is never reused, arguments are only appended."
    yield "enum Function {"
    yield "  FUNCTION_UNSPECIFIED = 0;"
    for function in table.functions:
        yield ""
        yield from (f"  // {line}" for line in textwrap.wrap(function.doc, 110))
        yield f"  // {signature(function)}"
        yield f"  {function.name.upper().replace('.', '_')} = {function.number};"
    yield "}"


def signature(function: Function) -> str:
    """The function's arguments and result in the words of the table: `(name text, max integer?) -> text?`."""
    args = ", ".join(
        f"{'…' if arg.variadic else ''}{arg.name} {arg.type}{'?' if arg.optional else ''}" for arg in function.args
    )
    return f"{function.kind}: ({args}) -> {function.result}"


def _enum(name: str, values: object, doc: str) -> Iterator[str]:
    prefix = "".join(f"_{c}" if c.isupper() else c.upper() for c in name).lstrip("_").upper()
    yield f"// {doc}"
    yield f"enum {name} {{"
    yield f"  {prefix}_UNSPECIFIED = 0;"
    for value, number in values.items():  # type: ignore[attr-defined]
        yield f"  {prefix}_{value.upper()} = {number};"
    yield "}"
    yield ""
