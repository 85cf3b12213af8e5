"""The binding for Go: sdk_go/pdk_generated.go, in the shape that Kong's Go PDK has.

A method per function, with these rules. nil is Go's zero value; where that may be mistaken for an answer, a second
method `Lookup…` says whether there was one. An optional argument that stands alone at the end may be left out; of
several, -1, "" and nil mean "not given", as in Kong's Go PDK. What Kong's Go PDK shapes otherwise is in `_SHAPES`.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from templates.go_table import HEAD, camel
from templates.model import Arg, Function, Table

# namespace -> field of PDK and name of its type, in the order of the fields
_SPACES = {
    "kong.client": "Client",
    "kong.client.tls": "ClientTLS",
    "kong.cluster": "Cluster",
    "kong.ctx": "Ctx",
    "kong.exchange": "Exchange",
    "kong.ip": "IP",
    "kong.enterprise_edition.jwe": "JWE",
    "kong.log": "Log",
    "kong.nginx": "Nginx",
    "kong.node": "Node",
    "kong.plugin": "Plugin",
    "kong.request": "Request",
    "kong.response": "Response",
    "kong.router": "Router",
    "kong.service": "Service",
    "kong.service.request": "ServiceRequest",
    "kong.service.response": "ServiceResponse",
    "kong.telemetry": "Telemetry",
    "kong.tracing": "Tracing",
    "kong.vault": "Vault",
    "kong.websocket.client": "WebsocketClient",
    "kong.websocket.upstream": "WebsocketUpstream",
}
_ARGUMENTS = {
    "string": "string",
    "text": "string",
    "integer": "int",
    "number": "float64",
    "boolean": "bool",
    "any": "any",
    "map": "map[string]any",
    "headers": "map[string][]string",
    "header_value": "string",
    "array": "[]any",
    "body": "any",
    "content": "any",
}
_RESULTS = {
    "string": ("string", "Text"),
    "text": ("string", "Text"),
    "integer": ("int", "Int"),
    "number": ("float64", "Float"),
    "boolean": ("bool", "Bool"),
    "any": ("any", "Any"),
    "map": ("map[string]any", "Map"),
    "array": ("[]any", "Array"),
    "body": ("[]byte", "Bytes"),
    "headers": ("map[string][]string", "Headers"),
    "query": ("map[string][]string", "Query"),
    "query_value": ("string", "Text"),
}
_SCALARS = ("string", "text", "integer", "number", "query_value")
_POINTERS = {"boolean": "*bool", "number": "*float64"}  # optional ones have no value that means "not given"
_NOT_GIVEN = {"integer": "OptionalInt", "string": "OptionalText", "text": "OptionalText"}
_KEYWORDS = {"type", "range", "func", "map"}

# Arguments that may be left out in Lua and are always given in Kong's Go PDK.
_POSITIONAL = {
    "kong.client.get_protocol",
    "kong.client.load_consumer",
    "kong.client.authenticate",
    "kong.request.get_headers",
    "kong.request.get_query",
    "kong.response.get_headers",
    "kong.service.response.get_headers",
    "kong.client.set_authenticated_consumer_group",
    "kong.client.set_authenticated_consumer_groups",
}
_NAMES = {
    "kong.nginx.get_tls1_version_str": "GetTLS1VersionStr",
    "kong.ctx.shared.get": "GetSharedAny",
    "kong.ctx.shared.set": "SetShared",
    "kong.ctx.plugin.get": "GetPluginAny",
    "kong.ctx.plugin.set": "SetPlugin",
    "kong.nginx.get_ctx": "GetCtxAny",
    "kong.log": "Log",
}
# Functions with a result of any type have a method for each of these as well, for a value that must be of that type.
_TYPED = {
    "kong.ctx.shared.get": "GetShared",
    "kong.ctx.plugin.get": "GetPlugin",
    "kong.nginx.get_ctx": "GetCtx",
}
_TYPES = {"String": "string", "Float": "float64", "Int": "int", "Bool": "bool"}
# Entities: a map that has a type in Kong's Go PDK, and what makes it of the map. The map itself comes from `…Any`.
_ENTITIES = {
    "kong.client.get_consumer": ("entities.Consumer", "consumerOf"),
    "kong.client.load_consumer": ("entities.Consumer", "consumerOf"),
    "kong.client.get_credential": ("entities.AuthenticatedCredential", "credentialOf"),
    "kong.router.get_route": ("entities.Route", "routeOf"),
    "kong.router.get_service": ("entities.Service", "serviceOf"),
    "kong.node.get_memory_stats": ("entities.MemoryStats", "memoryStatsOf"),
}
# Methods whose body stands by hand in pdk.go or entities.go.
_SHAPES = {
    "kong.client.authenticate": (
        "consumer *entities.Consumer, credential *entities.AuthenticatedCredential",
        "error",
        "authenticate(r.step, {number}, consumer, credential)",
    ),
    "kong.request.get_uri_captures": ("", "([][]byte, map[string][]byte, error)", "uriCaptures(r.step, {number})"),
}


def render(table: Table) -> str:
    return "\n".join(_lines(table)) + "\n"


def _lines(table: Table) -> Iterator[str]:
    yield HEAD
    yield ""
    yield "package pdk"
    yield ""
    yield "import ("
    yield '\t"github.com/oarlock/oarlock/sdk_go/entities"'
    yield '\t"github.com/oarlock/oarlock/sdk_go/internal/bridge"'
    yield ")"
    yield ""
    yield "// PDK is what a handler sees of its request: a field for each part of the plugin development kit."
    yield "type PDK struct {"
    width = max(map(len, _SPACES.values()))
    yield f"\t{'step':<{width}} *bridge.Step"
    for name in _SPACES.values():
        yield f"\t{name:<{width}} {name}"
    yield "}"
    yield ""
    yield "// New returns the PDK of one step of an event. Handlers are given theirs; nobody else needs one."
    yield "func New(step *bridge.Step) *PDK {"
    yield "\treturn &PDK{"
    for field, value in (("step", "step"), *((name, f"{name}{{step}}") for name in _SPACES.values())):
        yield f"\t\t{f'{field}:':<{width + 1}} {value},"
    yield "\t}"
    yield "}"
    functions = [function for function in table.functions if function.external]
    for space, name in _SPACES.items():
        doc = table.namespaces[space]
        yield ""
        yield from _comment("", f"{name} is `{space}`: {doc[:1].lower()}{doc[1:]}")
        yield f"type {name} struct{{ step *bridge.Step }}"
        for function in functions:
            if _space_of(function) == space:
                yield from _methods(name, function)


def _space_of(function: Function) -> str:
    if function.name == "kong.log":
        return "kong.log"
    return "kong.ctx" if function.namespace.startswith("kong.ctx.") else function.namespace


def _methods(receiver: str, function: Function) -> Iterator[str]:
    name = _NAMES.get(function.name) or camel(function.short_name)
    if function.name in _SHAPES:
        parameters, result, call = _SHAPES[function.name]
        yield from _method(
            receiver, function, name, parameters, result, f"return {call.format(number=function.number)}"
        )
        if function.args:
            yield from _plain(receiver, function, f"{name}Any")
        return
    if function.kind == "log":
        yield from _method(
            receiver,
            function,
            name,
            "args ...any",
            "error",
            f"return r.step.Log({function.number}, args)",
        )
    elif function.result == "never":
        call = f"r.step.Exit({_passed(function)})"
        yield from _method(receiver, function, name, _parameters(function), "", call)
        if function.name == "kong.response.exit":
            yield from _method(
                receiver,
                function,
                "ExitStatus",
                "status int",
                "",
                f"r.step.Exit({function.number}, status, nil, nil)",
                "It sends neither body nor headers.",
            )
    elif function.name in _ENTITIES:
        yield from _entity(receiver, function, name)
    else:
        yield from _plain(receiver, function, name)
        yield from _others(receiver, function, name)


def _plain(receiver: str, function: Function, name: str) -> Iterator[str]:
    passed = _passed(function)
    result = function.result.removesuffix("?")
    if function.result == "nothing":
        returns, body = "error", f"return r.step.Do({passed})"
    elif result == "boolean" and function.kind == "call" and not function.short_name.startswith(("is_", "get_")):
        returns, body = "error", f"return r.step.Succeed({passed})"
    else:
        kind, ask = _RESULTS[result]
        returns, body = f"({kind}, error)", f"return r.step.{ask}({passed})"
    yield from _method(receiver, function, name, _parameters(function), returns, body)


def _others(receiver: str, function: Function, name: str) -> Iterator[str]:
    """The variants of a method: whether there is an answer, and values of other types."""
    result = function.result.removesuffix("?")
    passed = _passed(function)
    if function.result.endswith("?") and result in _SCALARS:
        kind, ask = _RESULTS[result]
        yield from _method(
            receiver,
            function,
            name.replace("Get", "Lookup", 1),
            _parameters(function),
            f"({kind}, bool, error)",
            f"return r.step.Lookup{ask}({passed})",
            "The second result is false if there is none.",
        )
    if result in ("query", "query_value"):
        yield from _method(
            receiver,
            function,
            f"{name}Any",
            _parameters(function),
            "(map[string]any, error)" if result == "query" else "(any, error)",
            f"return r.step.{'QueryAny' if result == 'query' else 'Any'}({passed})",
            "Values are string, true, or []any of them."
            if result == "query"
            else "The value is a string, true or nil.",
        )
    if any(arg.type == "header_value" for arg in function.args) or function.name == "kong.service.request.set_query":
        is_query = function.name.endswith("set_query")
        wide, both = ("args map[string]any", "args") if is_query else ("name string, value any", "name, value")
        yield from _method(
            receiver,
            function,
            f"{name}Any",
            wide,
            "error",
            f"return r.step.Do({function.number}, {both})",
            "A value is a string, a number, a bool or a slice of strings.",
        )
    prefix = _TYPED.get(function.name)
    for suffix, kind in _TYPES.items() if prefix else ():
        yield from _method(
            receiver,
            function,
            f"{prefix}{suffix}",
            _parameters(function),
            f"({kind}, error)",
            f"return bridge.{suffix}(r.step.Any({passed}))",
            f"It is an error if the value is no {kind}.",
        )


def _entity(receiver: str, function: Function, name: str) -> Iterator[str]:
    kind, make = _ENTITIES[function.name]
    if function.name == "kong.node.get_memory_stats":
        parameters, passed = "", str(function.number)
    else:
        parameters = _parameters(function)
        passed = _passed(function)
    yield from _method(
        receiver,
        function,
        name,
        parameters,
        f"({kind}, error)",
        f"values, err := r.step.Map({passed})\n\treturn {make}(values), err",
        "Without one, its Id is empty." if kind != "entities.MemoryStats" else "",
    )
    yield from _method(
        receiver,
        function,
        f"{name}Any",
        _parameters(function),
        "(map[string]any, error)",
        f"return r.step.Map({_passed(function)})",
        "It has all fields that the gateway knows; nil if there is none."
        if parameters or "?" in function.result
        else "",
    )


def _method(
    receiver: str, function: Function, name: str, parameters: str, result: str, body: str, note: str = ""
) -> Iterator[str]:
    doc = f"{function.doc[:1].lower()}{function.doc[1:]}"
    verb, _, rest = doc.partition(" ")
    yield ""
    yield from _comment("", f"{name}: {verb} {rest}" + (f" {note}" if note else ""))
    if function.where:
        yield "//"
        yield from _comment("", f"Phases: {function.where}.")
    if not function.available:
        yield "//"
        yield from _comment("", f"Not there yet: {function.unavailable_reason}.")
    yield f"func (r {receiver}) {name}({parameters}) {result}{' ' if result else ''}{{"
    yield from (f"\t{line.strip()}" for line in body.splitlines())
    yield "}"


def _comment(indent: str, text: str) -> Iterator[str]:
    yield from (f"{indent}// {line}" for line in textwrap.wrap(text, 110))


def _may_be_left_out(function: Function, arg: Arg) -> bool:
    """Whether it is the one optional argument, at the end, and so may be left out in the call."""
    optional = [other for other in function.args if other.optional and other.type != "any"]
    return optional == [arg] and arg is function.args[-1] and function.name not in _POSITIONAL


def _parameters(function: Function) -> str:
    parts = []
    for arg in function.args:
        kind = _ARGUMENTS[arg.type]
        if function.name == "kong.service.request.set_query":
            kind = "map[string][]string"
        if _may_be_left_out(function, arg):
            kind = f"...{kind}"
        elif arg.optional and arg.type in _POINTERS and arg.default is None:
            kind = _POINTERS[arg.type]
        parts.append((_parameter(arg), kind))
    texts = []
    for place, (name, kind) in enumerate(parts):  # gofmt -s style: a b int
        following = parts[place + 1][1] if place + 1 < len(parts) else None
        texts.append(name if kind == following else f"{name} {kind}")
    return ", ".join(texts)


def _parameter(arg: Arg) -> str:
    name = camel(arg.name)
    name = name[:1].lower() + name[1:]
    return f"{name}_" if name in _KEYWORDS else name


def _passed(function: Function) -> str:
    """What goes to the bridge: the function's number and its arguments, those that are not given as nil."""
    return ", ".join([str(function.number), *(_value(function, arg) for arg in function.args)])


def _value(function: Function, arg: Arg) -> str:
    name = _parameter(arg)
    if not arg.optional:
        return name
    if _may_be_left_out(function, arg):
        return f"bridge.First({name})"
    if arg.type in _POINTERS and arg.default is None:
        return f"bridge.Pointed({name})"
    return f"bridge.{_NOT_GIVEN[arg.type]}({name})" if arg.type in _NOT_GIVEN else name
