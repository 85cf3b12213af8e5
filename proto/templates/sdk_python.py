"""The Python binding: sdk_python/oarlock_pdk/pdk.py."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from templates import metadata
from templates.model import Arg, Function, Table

_ARGUMENTS = {
    "string": "str",
    "text": "str | bytes",
    "integer": "int",
    "number": "float",
    "boolean": "bool",
    "any": "object",
    "map": "Mapping[str, Any]",
    "headers": "Mapping[str, HeaderValue]",
    "header_value": "HeaderValue",
    "array": "Sequence[Any]",
    "body": "bytes | str",
    "content": "str | bytes | Mapping[str, Any] | Sequence[Any]",
}
_RESULTS = {
    "nothing": "None",
    "string": "str",
    "text": "str",
    "integer": "int",
    "number": "float",
    "boolean": "bool",
    "any": "Any",
    "map": "dict[str, Any]",
    "headers": "dict[str, str | list[str]]",
    "array": "list[Any]",
    "body": "bytes",
    "query": "dict[str, QueryValue | list[QueryValue]]",
    "query_value": "QueryValue",
}
_HEAD = '''
HeaderValue = str | bytes | int | float | bool | Sequence[str]
QueryValue = str | Literal[True]


class Bridge(Protocol):
    """What the SDK puts behind the namespaces, one per step of an event."""

    def invoke(self, number: int, args: tuple[Any, ...]) -> Any:
        """Do what the function `FUNCTIONS[number]` is there for, with all its arguments in order.

        Optional arguments that the author left out are None or their default. For a plain handler the value is
        returned, for an async one an awaitable of it. Functions with an `outcome` do not return.
        """
'''


def render(table: Table) -> str:
    return "\n".join(_lines(table)) + "\n"


def _lines(table: Table) -> Iterator[str]:
    yield "# GENERATED from proto/pdk.toml by proto/generate.py; do not edit."
    yield '"""The PDK: `Kong` for plain handlers, `AsyncKong` for async ones, and the table of all functions."""'
    yield ""
    yield "from __future__ import annotations"
    yield ""
    yield "from collections.abc import Awaitable, Mapping, Sequence"
    yield "from dataclasses import dataclass"
    yield "from typing import Any, Final, Literal, NoReturn, Protocol"
    yield ""
    yield metadata.classes(table)
    yield ""
    yield from metadata.constants(table)
    yield ""
    yield from metadata.functions(table)
    yield ""
    yield _HEAD.rstrip("\n")
    offered = [function for function in table.functions if function.external]
    spaces = _namespaces(offered)
    for prefix in ("", "Async"):
        for space in sorted(spaces, key=lambda name: (-name.count("."), name)):
            doc = table.namespaces.get(space, "The PDK of one step of an event, as a plain handler sees it.")
            if prefix and space == "kong":
                doc = "The PDK of one step of an event, as an async handler sees it: what returns something is awaited."
            yield from _class(prefix, space, doc, offered, spaces)


def _namespaces(functions: list[Function]) -> set[str]:
    spaces = {"kong"}
    for function in functions:
        parts = function.namespace.split(".")
        spaces |= {".".join(parts[: n + 1]) for n in range(len(parts))}
    return spaces


def _class(prefix: str, space: str, doc: str, functions: list[Function], spaces: set[str]) -> Iterator[str]:
    yield ""
    yield ""
    yield f"class {_class_name(prefix, space)}:"
    yield f'    """{doc}"""'
    yield ""
    yield '    __slots__ = ("_bridge",)'
    yield ""
    yield "    def __init__(self, bridge: Bridge) -> None:"
    yield "        self._bridge = bridge"
    for inner in sorted(name for name in spaces if name.rpartition(".")[0] == space):
        yield ""
        yield "    @property"
        yield f"    def {inner.rpartition('.')[2]}(self) -> {_class_name(prefix, inner)}:"
        yield f"        return {_class_name(prefix, inner)}(self._bridge)"
    for function in functions:
        if function.name == space:  # kong.log(...)
            yield from _method(prefix, function, "__call__")
        elif function.namespace == space and function.name not in spaces:
            yield from _method(prefix, function, function.short_name)


def _class_name(prefix: str, space: str) -> str:
    if space == "kong":
        return f"{prefix}Kong"
    return prefix + "".join(word.capitalize() for word in space.removeprefix("kong.").replace(".", "_").split("_"))


def _method(prefix: str, function: Function, name: str) -> Iterator[str]:
    result = _result(prefix, function)
    yield ""
    yield from _signature(name, function.args, result)
    yield from _docstring(function)
    call = f"self._bridge.invoke({function.number}, {_tuple(function.args)})"
    if function.result == "never":
        yield f"        {call}"
        yield f'        raise RuntimeError("{function.name} returned")'
    elif result == "None":
        yield f"        {call}"
    elif result == "Any":
        yield f"        return {call}"
    else:
        yield from _assignment(f"        result: {result} = ", function)
        yield "        return result"


def _assignment(head: str, function: Function) -> Iterator[str]:
    line = f"{head}self._bridge.invoke({function.number}, {_tuple(function.args)})"
    if len(line) <= 120:
        yield line
        return
    yield f"{head}self._bridge.invoke("
    yield f"            {function.number}, {_tuple(function.args)}"
    yield "        )"


def _result(prefix: str, function: Function) -> str:
    if function.result == "never":
        return "NoReturn"
    optional = function.result.endswith("?")
    result = _RESULTS[function.result.removesuffix("?")] + (" | None" if optional else "")
    return f"Awaitable[{result}]" if prefix else result


def _signature(name: str, args: tuple[Arg, ...], result: str) -> Iterator[str]:
    line = f"    def {name}({', '.join(['self', *map(_parameter, args)])}) -> {result}:"
    if len(line) <= 120:
        yield line
        return
    yield f"    def {name}("
    yield "        self,"
    yield from (f"        {_parameter(arg)}," for arg in args)
    yield f"    ) -> {result}:"


def _parameter(arg: Arg) -> str:
    if arg.variadic:
        return f"*{arg.name}: {_ARGUMENTS[arg.type]}"
    if not arg.optional:
        return f"{arg.name}: {_ARGUMENTS[arg.type]}"
    type_ = _ARGUMENTS[arg.type] + (" | None" if arg.default is None and arg.type != "any" else "")
    return f"{arg.name}: {type_} = {metadata.quoted(arg.default)}"


def _tuple(args: tuple[Arg, ...]) -> str:
    if args and args[-1].variadic:
        return args[-1].name
    names = [arg.name for arg in args]
    return f"({names[0]},)" if len(names) == 1 else f"({', '.join(names)})"


def _docstring(function: Function) -> Iterator[str]:
    notes = [f"Phases: {function.where}."] if function.where else []
    if not function.available:
        notes.append(f"Not there yet: {function.unavailable_reason}.")
    doc = function.doc.replace(" nil", " None").replace(" true ", " True ")
    first = textwrap.wrap(doc, 105)
    if not notes and len(first) == 1:
        yield f'        """{first[0]}"""'
        return
    lines = [f'"""{first[0]}', *first[1:], *([""] if notes else [])]
    lines += [line for note in notes for line in textwrap.wrap(note, 108)]
    yield from (f"        {line}" if line else "" for line in lines)
    yield '        """'
