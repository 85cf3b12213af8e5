"""What a plugin is: a class with handlers named for phases, and what the gateway is told about it."""

from __future__ import annotations

import dataclasses
import enum
import hashlib
import inspect
import re
import sys
import typing
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Final, TypeVar

from oarlock_pdk import schema
from oarlock_pdk.errors import ConfigError, PluginError
from oarlock_pdk.facts import Key, key_of
from oarlock_pdk.pdk import BY_NAME, PHASE_NAMES, PHASES
from oarlock_pdk.table import FACT, RULES
from oarlock_pdk.version import VERSION

Need = str | tuple[Any, ...]
Handler = TypeVar("Handler", bound=Callable[..., Any])

_SERVED: Final = ("certificate", "rewrite", "access", "response", "log", "preread")
_NONBLOCKING: Final = "__oarlock_nonblocking__"
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")


class Plugin:
    """Base of a plugin. One object per configuration serves all its requests, several at a time.

    Handlers are methods named for phases: `certificate`, `rewrite`, `access`, `response`, `log`, `preread`; each takes
    the PDK as its argument. A plain one runs in a thread, an `async` one on the event loop. `start` and `stop`, plain
    or async, run when an object begins and ceases to serve; configuration that can't work is refused with
    `ConfigError`.
    """

    name: ClassVar[str]  # as configurations call it; default: the class's name, `KeyAuth` -> `key-auth`
    version: ClassVar[str] = "0.1.0"
    priority: ClassVar[int] = 0  # the higher runs earlier
    schema: ClassVar[Sequence[Mapping[str, Any]] | None] = None  # Kong's schema list, for those without `Config`
    needs: ClassVar[
        Sequence[Need] | Mapping[str, Sequence[Need]]
    ] = ()  # what is to be sent along, for all or per phase
    rerun: ClassVar[bool | Sequence[str]] = False  # phases that may run twice for one request after a crash

    def __init__(self, config: Any) -> None:
        self.config = config


def nonblocking(handler: Handler) -> Handler:
    """Declare that a plain handler never waits and takes well under a millisecond: it runs on the event loop.

    If it asks for something that did not come with the event, it is begun again in a thread. So up to its last question
    it must do nothing that counts when done twice.
    """
    if inspect.iscoroutinefunction(handler):
        raise PluginError(
            f"{handler.__qualname__}: @nonblocking is for plain handlers; async ones run on the loop anyway"
        )
    setattr(handler, _NONBLOCKING, True)
    return handler


class Mode(enum.Enum):
    """Where a handler runs."""

    THREAD = "thread"
    LOOP = "loop"
    TASK = "task"


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase:
    """One handler of a plugin, as the gateway is told."""

    mode: Mode
    needs: tuple[Key, ...]
    rerun: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaration:
    """All that is known of a plugin before it has a configuration."""

    cls: type[Any]
    name: str
    version: str
    priority: int
    schema: Sequence[Mapping[str, Any]] | Mapping[str, Any]
    config_class: type[Any] | None
    phases: Mapping[int, Phase]
    documentation: str

    def configure(self, values: Mapping[str, Any]) -> Any:
        """Return what the plugin's `__init__` gets: its dataclass, or the values as they are. Raises ConfigError."""
        return schema.build(self.config_class, values) if self.config_class else dict(values)

    def describe(self) -> dict[str, Any]:
        """Return the plugin's entry in WELCOME and in `--dump`."""
        phases = {}
        for number, phase in self.phases.items():
            needs = [list(key) if isinstance(key, tuple) else key for key in phase.needs]
            phases[PHASE_NAMES[number]] = {"needs": needs, "rerun": phase.rerun}
        return {
            "name": self.name,
            "version": self.version,
            "priority": self.priority,
            "schema": self.schema,
            "phases": phases,
            "documentation": self.documentation,
        }


def declare(cls: type[Any], default_name: str | None = None) -> Declaration:
    """Read a plugin class.

    Raises:
        PluginError: it has no handler, or declares something that can't be.
    """
    if not isinstance(cls, type):
        raise PluginError(f"{cls!r} is no class; a plugin is a class derived from oarlock_pdk.Plugin")
    name = cls.__dict__.get("name") or getattr(cls, "name", None) or default_name or _hyphenated(cls.__name__)
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise PluginError(
            f"{cls.__qualname__}: name {name!r} is not lower-case letters, digits, `-`, `_`, `.` (at most 64)"
        )
    config_class = _config_class(cls)
    declared = _setting(cls, ("schema", "SCHEMA", "Schema"), None)
    if config_class is not None and declared:
        raise PluginError(f"{cls.__qualname__}: it has both a schema list and a Config; one says it all")
    priority = _setting(cls, ("PRIORITY", "priority"), 0)
    if not isinstance(priority, int):
        raise PluginError(f"{cls.__qualname__}: priority {priority!r} is no whole number")
    return Declaration(
        cls=cls,
        name=name,
        version=str(_setting(cls, ("VERSION", "version"), "0.1.0")),
        priority=priority,
        schema=schema.schema_of(config_class) if config_class else declared or [],
        config_class=config_class,
        phases=_phases(cls),
        documentation=inspect.cleandoc(cls.__doc__) if cls.__doc__ and cls.__doc__ != Plugin.__doc__ else "",
    )


def build_of(declarations: Iterable[Declaration]) -> str:
    """Return a text that changes with the code of the plugins: a hash over the files of their modules or packages."""
    digest = hashlib.sha256(VERSION.encode())
    for path in sorted(set().union(*map(_source_files, declarations))):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]


def _source_files(declaration: Declaration) -> set[Path]:
    module = sys.modules.get(declaration.cls.__module__.partition(".")[0])
    file = getattr(module, "__file__", None)
    if file is None or not Path(file).is_file():
        return set()
    return set(Path(file).parent.rglob("*.py")) if hasattr(module, "__path__") else {Path(file)}


def _config_class(cls: type[Any]) -> type[Any] | None:
    nested = getattr(cls, "Config", None)
    if nested is None:
        if not any("config" in inspect.get_annotations(base) for base in cls.__mro__):
            return None
        annotated = typing.get_type_hints(cls)["config"]
        nested = annotated if dataclasses.is_dataclass(annotated) else None
    if nested is not None and not (isinstance(nested, type) and dataclasses.is_dataclass(nested)):
        raise PluginError(f"{cls.__qualname__}.Config is not a dataclass; put @dataclass above it")
    return nested


def _phases(cls: type[Any]) -> dict[int, Phase]:
    rerun = _setting(cls, ("rerun",), False)
    needs = _setting(cls, ("needs",), ())
    for where, names in (
        ("rerun", () if isinstance(rerun, bool) else rerun),
        ("needs", needs if _is_map(needs) else ()),
    ):
        if unknown := [name for name in names if name not in PHASES]:
            raise PluginError(
                f"{cls.__qualname__}.{where}: {unknown[0]!r} is no phase; phases are {', '.join(_SERVED)}"
            )
    phases = {}
    for phase, number in PHASES.items():
        handler = inspect.getattr_static(cls, phase, None)
        if handler is None or not callable(getattr(cls, phase)):
            continue
        if phase not in _SERVED:
            raise PluginError(f"{cls.__qualname__}.{phase}: handlers for this phase are not supported yet")
        phases[number] = Phase(
            mode=_mode(getattr(cls, phase)),
            needs=_keys(cls, needs.get(phase, ()) if _is_map(needs) else needs, number, named=_is_map(needs)),
            rerun=rerun if isinstance(rerun, bool) else phase in rerun,
        )
    if not phases:
        raise PluginError(f"{cls.__qualname__} has no handler; name a method for a phase: {', '.join(_SERVED)}")
    return phases


def _mode(handler: Any) -> Mode:
    if inspect.iscoroutinefunction(handler):
        return Mode.TASK
    return Mode.LOOP if getattr(handler, _NONBLOCKING, False) else Mode.THREAD


def _keys(cls: type[Any], needs: Sequence[Need], phase: int, named: bool) -> tuple[Key, ...]:
    """Return needs as keys of facts. Those for all phases are left out where the function can't be used."""
    keys: list[Key] = []
    for need in needs:
        name, *args = (need,) if isinstance(need, str) else need
        function = BY_NAME.get(name if name.startswith("kong.") else f"kong.{name}")
        if function is None or RULES[function.number].kind != FACT:
            raise PluginError(f"{cls.__qualname__}.needs: {name!r} is not a PDK function that returns a fact")
        key = key_of(RULES[function.number], tuple(args), 0)
        if key is None:
            raise PluginError(f"{cls.__qualname__}.needs: {name!r} can't be called with {tuple(args)!r}")
        if phase in function.phases:
            keys.append(key)
        elif named:
            raise PluginError(f"{cls.__qualname__}.needs: {name!r} can't be used in {PHASE_NAMES[phase]}")
    return tuple(keys)


def _is_map(value: Any) -> bool:
    return isinstance(value, Mapping)


def _setting(cls: type[Any], names: Sequence[str], default: Any) -> Any:
    """Return the first of these that the author set: on the class, else as Kong's plugins do on its module."""
    for name in names:
        for base in cls.__mro__:
            if base is not Plugin and base is not object and name in base.__dict__:
                return base.__dict__[name]
    module = sys.modules.get(cls.__module__)
    for name in names:
        if hasattr(module, name) and cls.__name__ == "Plugin":
            return getattr(module, name)
    return default


def _hyphenated(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "-", name).lower().replace("_", "-")


__all__ = ["ConfigError", "Declaration", "Mode", "Phase", "Plugin", "build_of", "declare", "nonblocking"]
