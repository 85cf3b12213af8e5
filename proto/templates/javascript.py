"""The JavaScript binding: sdk_js/src/generated/pdk.js."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator

from templates.model import Arg, Function, Stale, Table

_ARGUMENTS = {
    "string": "string",
    "text": "string | Uint8Array",
    "integer": "number",
    "number": "number",
    "boolean": "boolean",
    "any": "unknown",
    "map": "object",
    "headers": "HeadersToSet",
    "header_value": "HeaderValue",
    "array": "readonly unknown[]",
    "body": "string | Uint8Array",
    "content": "string | Uint8Array | object",
}
_RESULTS = {
    "nothing": "void",
    "string": "string",
    "text": "string",
    "integer": "number",
    "number": "number",
    "boolean": "boolean",
    "any": "any",
    "map": "Record<string, any>",
    "headers": "HeadersRead",
    "array": "any[]",
    "body": "Buffer",
    "query": "Query",
    "query_value": "QueryValue",
}
_TYPES = """
/**
 * What a header may be set to. An array is one line for each value.
 * @typedef {string | number | boolean | Uint8Array | readonly (string | Uint8Array)[]} HeaderValue
 */

/**
 * Headers to be set, by name.
 * @typedef {Readonly<Record<string, HeaderValue>>} HeadersToSet
 */

/**
 * Headers as read, by lower-case name; a name that occurs again has an array. The object has no prototype.
 * @typedef {Record<string, string | string[]>} HeadersRead
 */

/**
 * The value of a query argument; true for a name without `=`.
 * @typedef {string | true} QueryValue
 */

/**
 * A query by name; a name that occurs again has an array. The object has no prototype.
 * @typedef {Record<string, QueryValue | QueryValue[]>} Query
 */

/**
 * One argument of a PDK function. `minimum`, `maximum`, `oneOf` and `prefix` limit it; `variadic`: any number of these.
 * @typedef {{
 *   name: string, type: string, optional?: boolean, default?: unknown, minimum?: number, maximum?: number,
 *   oneOf?: readonly string[], prefix?: string, variadic?: boolean
 * }} Arg
 */

/**
 * What one entry of `invalidates` does to facts of `function`. The keys of a change are: the value of its argument
 * `argument`; with `each`, the names in those headers; or `literal`. Without a key every fact of the function goes
 * stale. With a key and without `only`, the facts whose first argument is that key. With `only`, every fact of the
 * function if a key is in `only`. Names of headers are compared folded: ASCII lower case, `_` as `-`.
 * @typedef {{
 *   function: number, argument?: number, each?: boolean, literal?: string, only?: readonly string[]
 * }} Stale
 */

/**
 * One PDK function; the fields are described at the top of proto/pdk.toml.
 * @typedef {{
 *   number: number, name: string, kind: 'fact' | 'change' | 'call' | 'outcome' | 'log', phases: readonly number[],
 *   result: string, args?: readonly Arg[], lookup?: readonly [number, string], headers?: readonly string[],
 *   stales?: readonly Stale[], write?: readonly [number, number, number], outcome?: string, logLevel?: string,
 *   replans?: boolean, unavailable?: string, external?: boolean
 * }} PdkFunction
 */

/**
 * What the SDK puts behind the namespaces, one per step of an event. `invoke` does what the function of that number is
 * there for, with all its arguments in order; those that were left out are undefined.
 * @typedef {{ invoke(number: number, args: readonly unknown[]): any, readonly signal: AbortSignal }} Bridge
 */
"""
_SIGNAL = """
  /**
   * Aborted when the event is over for the gateway: its time is up, or the client has gone. For `fetch` and kin.
   * @returns {AbortSignal}
   */
  get signal() {
    return this.#bridge.signal
  }
"""


def render(table: Table) -> str:
    return "\n".join(_lines(table)) + "\n"


def _lines(table: Table) -> Iterator[str]:
    yield "// GENERATED from proto/pdk.toml by proto/generate.py; do not edit."
    yield "/* The PDK: `Kong` as a handler sees it, and the table of all functions. */"
    yield _TYPES.rstrip("\n")
    yield ""
    yield from _constants(table)
    yield ""
    yield from _functions(table)
    offered = [function for function in table.functions if function.external]
    spaces = _namespaces(offered)
    for space in sorted(spaces, key=lambda name: (-name.count("."), name)):
        doc = table.namespaces.get(space, "The PDK of one step of an event. What returns something is awaited.")
        yield from _class(space, doc, offered, spaces)


def _constants(table: Table) -> Iterator[str]:
    yield "/** Lowest and highest protocol version. */"
    yield f"export const VERSIONS = Object.freeze({_literal(table.versions)})"
    yield f"export const FEATURES = Object.freeze({_literal(table.features)})"
    yield from _mapping("PHASES", table.phases.items())
    yield "/** @type {Readonly<Record<number, string>>} */"
    yield from _mapping("PHASE_NAMES", ((number, name) for name, number in table.phases.items()))
    yield "/** @type {Readonly<Record<string, number>>} */"
    yield from _mapping("LOG_LEVELS", table.log_levels.items())
    yield "/** @type {Readonly<Record<string, number>>} */"
    yield from _mapping("OUTCOMES", table.outcomes.items())
    yield from _mapping("MESSAGES", ((name, message.number) for name, message in table.messages.items()))
    yield ""
    yield "/** Error codes, each with the status that a client sees under `fail_closed` (0: none). */"
    yield from _mapping("ERROR_STATUS", ((code, error.status) for code, error in table.errors.items()))
    yield ""
    for name, limit in table.limits.items():
        yield f"/** {limit.doc} */"
        yield f"export const {name} = {_literal(limit.value)}"


def _mapping(name: str, items: object) -> Iterator[str]:
    yield f"export const {name} = Object.freeze({{"
    for key, value in items:  # type: ignore[attr-defined]
        yield f"  {key}: {_literal(value)},"
    yield "})"


def _functions(table: Table) -> Iterator[str]:
    sets = sorted({tuple(sorted(function.phases)) for function in table.functions})
    for phases in sets:
        yield f"const {_set_name(phases)} = Object.freeze({_literal(phases)})"
    yield ""
    yield "/** @type {readonly PdkFunction[]} */"
    yield "export const FUNCTIONS = Object.freeze(["
    for function in table.functions:
        yield from _function(function)
    yield "])"
    yield ""
    yield "/**"
    yield " * Facts sent with every event of a phase."
    yield " * @type {Readonly<Record<number, readonly number[]>>}"
    yield " */"
    yield from _mapping("DEFAULT_FACTS", table.default_facts.items())


def _function(function: Function) -> Iterator[str]:
    yield "  {"
    yield f"    number: {function.number},"
    yield f"    name: {_literal(function.name)},"
    yield f"    kind: {_literal(function.kind)},"
    yield f"    phases: {_set_name(tuple(sorted(function.phases)))},"
    yield f"    result: {_literal(function.result)},"
    if function.args:
        yield from _list("args", map(_arg, function.args))
    if function.lookup:
        yield f"    lookup: {_literal(function.lookup)},"
    if function.headers:
        yield f"    headers: {_literal(function.headers)},"
    if function.stales:
        yield from _list("stales", map(_stale, function.stales))
    if function.write:
        yield f"    write: {_literal(function.write)},"
    if function.outcome:
        yield f"    outcome: {_literal(function.outcome)},"
    if function.log_level:
        yield f"    logLevel: {_literal(function.log_level)},"
    if function.replans:
        yield "    replans: true,"
    if not function.available:
        yield f"    unavailable: {_literal(function.unavailable_reason)},"
    if not function.external:
        yield "    external: false,"
    yield "  },"


def _list(name: str, items: Iterator[str]) -> Iterator[str]:
    yield f"    {name}: ["
    yield from (f"      {item}," for item in items)
    yield "    ],"


def _arg(arg: Arg) -> str:
    given: dict[str, object] = {"name": arg.name, "type": arg.type}
    rest = {
        "optional": arg.optional,
        "default": arg.default,
        "minimum": arg.minimum,
        "maximum": arg.maximum,
        "oneOf": arg.one_of,
        "prefix": arg.prefix,
        "variadic": arg.variadic,
    }
    defaults: dict[str, object] = {"optional": False, "variadic": False}
    given |= {name: value for name, value in rest.items() if value != defaults.get(name)}
    return _object(given)


def _stale(stale: Stale) -> str:
    given: dict[str, object] = {"function": stale.function}
    if stale.argument is not None:
        given["argument"] = stale.argument
    if stale.each:
        given["each"] = True
    if stale.literal is not None:
        given["literal"] = stale.literal
    if stale.only:
        given["only"] = stale.only
    return _object(given)


def _object(fields: dict[str, object]) -> str:
    return "{ " + ", ".join(f"{name}: {_literal(value)}" for name, value in fields.items()) + " }"


def _namespaces(functions: list[Function]) -> set[str]:
    spaces = {"kong"}
    for function in functions:
        parts = function.namespace.split(".")
        spaces |= {".".join(parts[: n + 1]) for n in range(len(parts))}
    return spaces


def _class(space: str, doc: str, functions: list[Function], spaces: set[str]) -> Iterator[str]:
    name = _class_name(space)
    called = next((function for function in functions if function.name == space), None)  # kong.log(...)
    yield ""
    yield from _comment([doc], "")
    yield f"export class {name} {{"
    yield "  /** @type {Bridge} */"
    yield "  #bridge"
    yield ""
    yield "  /** @param {Bridge} bridge */"
    yield "  constructor(bridge) {"
    yield "    this.#bridge = bridge"
    yield "  }"
    if space == "kong":
        yield _SIGNAL.rstrip("\n")
    for inner in sorted(other for other in spaces if other.rpartition(".")[0] == space):
        yield from _namespace(inner, functions)
    for function in functions:
        if function.namespace == space and function.name not in spaces:
            yield from _method(function)
    yield "}"
    if called is not None:
        yield from _callable(called, name)


def _namespace(space: str, functions: list[Function]) -> Iterator[str]:
    name = _class_name(space)
    called = any(function.name == space for function in functions)
    yield ""
    yield f"  /** @returns {{{'Callable' if called else ''}{name}}} */"
    yield f"  get {_camel(space.rpartition('.')[2])}() {{"
    yield f"    return {f'callable{name}' if called else f'new {name}'}(this.#bridge)"
    yield "  }"


def _callable(function: Function, name: str) -> Iterator[str]:
    """A namespace that is a function as well."""
    yield ""
    yield f"/** @typedef {{{name} & ((...values: unknown[]) => Promise<void>)}} Callable{name} */"
    yield ""
    yield from _comment([function.doc, "@param {Bridge} bridge", f"@returns {{Callable{name}}}"], "")
    yield f"function callable{name}(bridge) {{"
    yield f"  const space = new {name}(bridge)"
    yield f"  const call = (/** @type {{unknown[]}} */ ...values) => bridge.invoke({function.number}, values)"
    yield "  return /** @type {any} */ (new Proxy(call, {"
    yield "    get(_, key) {"
    yield "      const value = Reflect.get(space, key)"
    yield "      return typeof value === 'function' ? value.bind(space) : value"
    yield "    },"
    yield "  }))"
    yield "}"


def _method(function: Function) -> Iterator[str]:
    name = _camel(function.short_name)
    variadic = bool(function.args) and function.args[-1].variadic
    names = [_camel(arg.name) for arg in function.args]
    doc = [function.doc.replace(" nil", " null")]
    if function.where:
        doc.append(f"Phases: {function.where}.")
    if not function.available:
        doc.append(f"Not there yet: {function.unavailable_reason}.")
    doc += [_parameter(arg) for arg in function.args]
    result = _result(function)
    doc.append(f"@returns {{{result}}}")
    yield ""
    yield from _comment(doc, "  ")
    parameters = f"...{names[0]}" if variadic else ", ".join(names)
    yield f"  {name}({parameters}) {{"
    values = names[0] if variadic else f"[{parameters}]"
    returned = "return " if result != "never" else "return /** @type {never} */ "
    call = f"this.#bridge.invoke({function.number}, {values})"
    yield f"    {returned}{call}" if result != "never" else f"    {returned}({call})"
    yield "  }"


def _parameter(arg: Arg) -> str:
    type_ = _ARGUMENTS[arg.type]
    if arg.variadic:
        return f"@param {{...{type_}}} {_camel(arg.name)}"
    if arg.optional:
        nullable = type_ if arg.type == "any" else f"{type_} | null"
        return f"@param {{{nullable}}} [{_camel(arg.name)}]"
    return f"@param {{{type_}}} {_camel(arg.name)}"


def _result(function: Function) -> str:
    if function.result == "never":
        return "never"
    result = _RESULTS[function.result.removesuffix("?")] + (" | null" if function.result.endswith("?") else "")
    return f"Promise<{result}>"


def _comment(lines: list[str], indent: str) -> Iterator[str]:
    wrapped = [part for line in lines for part in textwrap.wrap(line, 115 - len(indent))]
    if len(wrapped) == 1:
        yield f"{indent}/** {wrapped[0]} */"
        return
    yield f"{indent}/**"
    yield from (f"{indent} * {line}" for line in wrapped)
    yield f"{indent} */"


def _class_name(space: str) -> str:
    if space == "kong":
        return "Kong"
    return "Kong" + "".join(word.capitalize() for word in space.removeprefix("kong.").replace(".", "_").split("_"))


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def _literal(value: object) -> str:
    """A literal as prettier writes it: single quotes where that needs no escape."""
    if isinstance(value, (tuple, list)):
        return "[" + ", ".join(map(_literal, value)) + "]"
    if isinstance(value, str):
        return f"'{value}'" if "'" not in value and "\\" not in value else json.dumps(value, ensure_ascii=False)
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return json.dumps(value)


def _set_name(phases: tuple[int, ...]) -> str:
    return "IN_" + "_".join(map(str, phases))
