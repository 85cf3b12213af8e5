"""What `pdk.toml` says, as types: the input of every template."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


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
    prefix: str | None = None
    variadic: bool = False


@dataclass(frozen=True, slots=True)
class Stale:
    """Facts of `function` that a change makes stale; see the class of the same name in the generated tables."""

    function: int
    argument: int | None = None
    each: bool = False
    literal: str | None = None
    only: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """One `[[function]]`, with names resolved to numbers and defaults filled in."""

    number: int
    name: str
    kind: str
    phases: frozenset[int]
    where: str  # the phases in words: "rewrite, access", "all but certificate"; empty for all
    args: tuple[Arg, ...]
    result: str
    doc: str
    lookup: tuple[int, str] | None
    headers: tuple[str, ...]
    invalidates: tuple[str, ...]
    stales: tuple[Stale, ...]
    writes: str | None
    write: tuple[int, int, int] | None
    outcome: str | None
    log_level: str | None
    replans: bool
    effect: bool
    prefetch: bool
    kong: bool
    available: bool
    unavailable_reason: str
    external: bool
    since: str
    deprecated: str

    @property
    def namespace(self) -> str:
        return self.name.rpartition(".")[0]

    @property
    def short_name(self) -> str:
        return self.name.rpartition(".")[2]


@dataclass(frozen=True, slots=True)
class Limit:
    """A bound of the protocol: an integer, or seconds as a float."""

    value: int | float
    doc: str


@dataclass(frozen=True, slots=True)
class Error:
    """An error code; `status` is what a client sees under `fail_closed`, 0 for none."""

    status: int
    doc: str


@dataclass(frozen=True, slots=True)
class Message:
    """A message type of the protocol."""

    number: int
    sender: str
    feature: str


@dataclass(frozen=True, slots=True)
class Table:
    """Everything of `pdk.toml`."""

    versions: tuple[int, int]
    features: tuple[str, ...]
    since: str
    phases: Mapping[str, int]
    default_facts: Mapping[int, tuple[int, ...]]
    log_levels: Mapping[str, int]
    outcomes: Mapping[str, int]
    messages: Mapping[str, Message]
    limits: Mapping[str, Limit]
    errors: Mapping[str, Error]
    namespaces: Mapping[str, str]
    not_offered: Mapping[str, str]
    functions: tuple[Function, ...]  # by number

    @property
    def by_name(self) -> Mapping[str, Function]:
        return {function.name: function for function in self.functions}
