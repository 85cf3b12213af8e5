"""The part that both Python tables share: dataclasses, functions, phases, errors, limits, as source text.

The host and the SDK know `proto/` and not each other, so each has its own copy, written from here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields

from templates.model import Arg, Function, Stale, Table

_CLASSES = '''
@dataclass(frozen=True, slots=True)
class Arg:
    """One argument of a PDK function."""

    name: str
    type: str
    optional: bool = False
    default: object = None
    minimum: int | None = None
    maximum: int | None = None
    one_of: tuple[str, ...] | None = None
    prefix: str | None = None  # a text must begin with it
    variadic: bool = False  # any number of these, each an argument of its own


@dataclass(frozen=True, slots=True)
class Stale:
    """What one entry of `invalidates` does to facts of `function`.

    The keys of a change are: the value of its argument `argument`; with `each`, the keys of that map; or `literal`.
    Without a key every fact of the function goes stale. With a key and an empty `only`, the facts whose first argument
    is that key. With `only`, every fact of the function if a key is in `only`. Names of headers are compared folded:
    ASCII lower case, `_` as `-`.
    """

    function: int
    argument: int | None = None
    each: bool = False
    literal: str | None = None
    only: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """One PDK function; the fields are described at the top of proto/pdk.toml."""

    number: int
    name: str
    kind: str  # fact, change, call, outcome, log
    phases: frozenset[int]
    args: tuple[Arg, ...] = ()
    result: str = "nothing"
    lookup: tuple[int, str] | None = None  # number of the fact to look in, rule
    headers: tuple[str, ...] = ()
    invalidates: tuple[str, ...] = ()
    stales: tuple[Stale, ...] = ()  # `invalidates`, resolved
    writes: str | None = None
    write: tuple[int, int, int] | None = None  # `writes`, resolved: function, index of the key, index of the value
    outcome: str | None = None
    log_level: str | None = None
    replans: bool = False
    effect: bool = False
    prefetch: bool = False
    kong: bool = True
    available: bool = True
    unavailable_reason: str = ""
    external: bool = True
    since: str = "SINCE"
    deprecated: str = ""
'''

_LEFT_OUT = {"number", "name", "kind", "phases", "where", "result", "doc"}
_DEFAULTS: dict[str, object] = {
    "args": (),
    "lookup": None,
    "headers": (),
    "invalidates": (),
    "stales": (),
    "writes": None,
    "write": None,
    "outcome": None,
    "log_level": None,
    "replans": False,
    "effect": False,
    "prefetch": False,
    "kong": True,
    "available": True,
    "unavailable_reason": "",
    "external": True,
    "deprecated": "",
}


def classes(table: Table) -> str:
    """Arg, Stale, Function."""
    return _CLASSES.replace("SINCE", table.since).rstrip("\n") + "\n"


def constants(table: Table) -> Iterator[str]:
    """Phases, log levels, outcomes, messages, errors and limits."""
    yield f"VERSIONS: Final = {table.versions!r}  # lowest and highest protocol version"
    yield f"FEATURES: Final = {quoted(table.features)}"
    yield ""
    yield from _mapping("PHASES: Final[dict[str, int]]", table.phases.items())
    yield "PHASE_NAMES: Final = {number: name for name, number in PHASES.items()}"
    yield from _mapping("LOG_LEVELS: Final[dict[str, int]]", table.log_levels.items())
    yield from _mapping("OUTCOMES: Final[dict[str, int]]", table.outcomes.items())
    yield from _mapping("MESSAGES: Final[dict[str, int]]", ((n, m.number) for n, m in table.messages.items()))
    yield ""
    yield "# Error codes, each with the status that a client sees under `fail_closed` (0: none)."
    yield from _mapping("ERROR_STATUS: Final[dict[str, int]]", ((c, e.status) for c, e in table.errors.items()))
    yield "ERROR_CODES: Final = frozenset(ERROR_STATUS)"
    yield ""
    for name, limit in table.limits.items():
        yield f"{name}: Final = {limit.value!r}  # {limit.doc}"


def functions(table: Table) -> Iterator[str]:
    """FUNCTIONS, BY_NAME and DEFAULT_FACTS."""
    sets = sorted({tuple(sorted(function.phases)) for function in table.functions})
    for phases in sets:
        yield f"{_set_name(phases)}: Final = frozenset({{{', '.join(map(str, phases))}}})"
    yield ""
    yield "FUNCTIONS: Final[dict[int, Function]] = {"
    for function in table.functions:
        yield from _function(function, table.since)
    yield "}"
    yield "BY_NAME: Final = {function.name: function for function in FUNCTIONS.values()}"
    yield ""
    yield "# Facts sent with every event of a phase."
    yield "DEFAULT_FACTS: Final[dict[int, tuple[int, ...]]] = {"
    for phase, numbers in table.default_facts.items():
        yield f"    {phase}: {numbers!r},"
    yield "}"


def quoted(value: object) -> str:
    """A literal as ruff writes it: double quotes, nested tuples included."""
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"' if '"' not in value else repr(value)
    if isinstance(value, tuple):
        return "(" + ", ".join(map(quoted, value)) + ("," if len(value) == 1 else "") + ")"
    if isinstance(value, (Arg, Stale)):
        required = ("name", "type") if isinstance(value, Arg) else ("function",)
        given = [quoted(getattr(value, name)) for name in required]
        for field in fields(value):
            if field.name not in required and getattr(value, field.name) != field.default:
                given.append(f"{field.name}={quoted(getattr(value, field.name))}")
        return f"{type(value).__name__}({', '.join(given)})"
    return repr(value)


def _mapping(head: str, items: object) -> Iterator[str]:
    yield f"{head} = {{"
    for name, number in items:  # type: ignore[attr-defined]
        yield f"    {quoted(name)}: {number},"
    yield "}"


def _function(function: Function, since: str) -> Iterator[str]:
    given = {
        "number": str(function.number),
        "name": quoted(function.name),
        "kind": quoted(function.kind),
        "phases": _set_name(tuple(sorted(function.phases))),
        "result": quoted(function.result),
    }
    head = f"    {function.number}: Function("
    rest = {
        field.name: getattr(function, field.name)
        for field in fields(function)
        if field.name not in _LEFT_OUT and getattr(function, field.name) != _DEFAULTS.get(field.name, since)
    }
    line = ", ".join(f"{k}={v}" for k, v in (given | {k: quoted(v) for k, v in rest.items()}).items())
    if len(f"{head}{line}),") <= 120:
        yield f"{head}{line}),"
        return
    yield head
    yield from (f"        {name}={value}," for name, value in given.items())
    for name, value in rest.items():
        yield from _field(name, value)
    yield "    ),"


def _field(name: str, value: object) -> Iterator[str]:
    line = f"        {name}={quoted(value)},"
    if len(line) <= 120 or not isinstance(value, tuple):
        yield line
        return
    yield f"        {name}=("
    for element in value:
        yield from _element(element)
    yield "        ),"


def _element(element: object) -> Iterator[str]:
    line = f"            {quoted(element)},"
    if len(line) <= 120:
        yield line
        return
    assert isinstance(element, Arg)
    yield "            Arg("
    for field in fields(element):
        value = getattr(element, field.name)
        if field.name in ("name", "type"):
            yield f"                {quoted(value)},"
        elif value != field.default:
            yield from (f"                {part}" for part in _wrapped(f"{field.name}=", value))
    yield "            ),"


def _wrapped(head: str, value: object) -> Iterator[str]:
    line = f"{head}{quoted(value)},"
    if len(line) <= 100 or not isinstance(value, tuple):
        yield line
        return
    yield f"{head}("
    yield from (f"    {quoted(part)}," for part in value)
    yield "),"


def _set_name(phases: tuple[int, ...]) -> str:
    return "_IN_" + "_".join(map(str, phases))
