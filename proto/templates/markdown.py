"""The reference page for plugin authors: docs/pdk.md."""

from __future__ import annotations

import json
from collections.abc import Iterator

from templates.model import Arg, Function, Table

_KINDS = {
    "fact": "sent with the event or asked for once; costs nothing when it is there",
    "change": "queued, and takes effect with the others when the handler ends well; costs nothing",
    "call": "one round trip to the gateway",
    "outcome": "ends the handler",
    "log": "a log line; nobody waits for it",
}
_INTRODUCTION = """\
# The PDK

What a plugin can ask and do, in every language. Names are Kong's: `kong.request.get_header` is
`kong.request.get_header` in Python, `kong.Request.GetHeader` in Go, `kong.request.getHeader` in JavaScript.
In an `async` Python handler, what returns something is awaited.

A call with bad arguments, in the wrong phase, or that fails in the gateway raises (or returns) an error with one of
the codes below; it is never answered with nil by mistake.
"""


def render(table: Table) -> str:
    return "\n".join(_lines(table)) + "\n"


def _lines(table: Table) -> Iterator[str]:
    yield "<!-- GENERATED from proto/pdk.toml by proto/generate.py; do not edit. -->"
    yield _INTRODUCTION
    yield "| kind | what it costs |"
    yield "|---|---|"
    yield from (f"| {kind} | {words} |" for kind, words in _KINDS.items())
    yield ""
    offered = [function for function in table.functions if function.external]
    for space in ["kong", *sorted(table.namespaces)]:
        functions = sorted((f for f in offered if _home(f, table) == space), key=lambda function: function.name)
        if functions:
            yield f"## {space}"
            yield ""
            yield f"{table.namespaces[space]}"
            yield ""
            for function in functions:
                yield from _function(function, table)
    yield from _errors(table)
    yield from _limits(table)
    yield "## Not offered"
    yield ""
    yield "These functions of Kong's PDK exist for Lua plugins only."
    yield ""
    yield "| function | why |"
    yield "|---|---|"
    yield from (f"| `{name}` | {why} |" for name, why in table.not_offered.items())


def _home(function: Function, table: Table) -> str:
    """The namespace a function is listed under; `kong.log(...)` stands with its own namespace."""
    return function.name if function.name in table.namespaces else function.namespace


def _function(function: Function, table: Table) -> Iterator[str]:
    result = "" if function.result in ("nothing", "never") else f" → {function.result}"
    yield f"### {function.name}({', '.join(map(_argument, function.args))}){result}"
    yield ""
    yield function.doc
    yield ""
    notes = [f"*{function.kind}* {function.number}", f"phases: {function.where or 'all'}"]
    if not function.kong:
        notes.append("not in Kong's PDK")
    if function.replans:
        notes.append("the plugins that have not run yet are selected again")
    if function.effect:
        notes.append("not undone when the handler fails")
    if any(function.number in numbers for numbers in table.default_facts.values()):
        phases = [name for name, number in table.phases.items() if function.number in table.default_facts[number]]
        notes.append(f"always sent in: {', '.join(phases)}")
    if function.deprecated:
        notes.append(f"deprecated: {function.deprecated}")
    yield "; ".join(notes) + "."
    limits = [f"`{arg.name}` {bounds}" for arg in function.args if (bounds := _bounds(arg))]
    if limits:
        yield f"{'; '.join(limits)}."
    if not function.available:
        yield f"**Not there yet** ({function.unavailable_reason}): answers `unsupported`."
    yield ""


def _argument(arg: Arg) -> str:
    if arg.variadic:
        return f"…{arg.name}"
    if not arg.optional:
        return f"{arg.name}: {arg.type}"
    return f"{arg.name}: {arg.type}" + ("?" if arg.default is None else f" = {json.dumps(arg.default)}")


def _bounds(arg: Arg) -> str:
    if arg.one_of is not None:
        return f"is one of {', '.join(arg.one_of)}"
    if arg.prefix is not None:
        return f"begins with `{arg.prefix}`"
    if arg.minimum is not None and arg.maximum is not None:
        return f"is {arg.minimum} to {arg.maximum}"
    return "" if arg.minimum is None else f"is at least {arg.minimum}"


def _errors(table: Table) -> Iterator[str]:
    yield "## Errors"
    yield ""
    yield "The status is what a client sees when a plugin's event fails so and its policy is `fail_closed`."
    yield ""
    yield "| code | status | meaning |"
    yield "|---|---|---|"
    yield from (f"| `{code}` | {error.status or '–'} | {error.doc} |" for code, error in table.errors.items())
    yield ""


def _limits(table: Table) -> Iterator[str]:
    yield "## Limits"
    yield ""
    yield "| limit | value | meaning |"
    yield "|---|---|---|"
    yield from (f"| {name} | {limit.value} | {limit.doc} |" for name, limit in table.limits.items())
    yield ""
