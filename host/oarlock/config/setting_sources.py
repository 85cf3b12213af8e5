"""Where settings come from: a file, the environment and flags, the later over the earlier, value by value.

`OARLOCK_` and a setting's name in capital letters set it from the environment; two underscores go into an object:
`OARLOCK_LIMITS__HEAD_TIMEOUT=5`, `OARLOCK_PLUGIN_SERVERS__HELLO__COMMAND="hello --verbose"`. Flags are named in the
same way, in small letters.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeVar

from oarlock.config.containers import MapOf
from oarlock.config.fields import MISSING, At, Choice, Fault, FieldType, did_you_mean, show, show_path
from oarlock.config.setting_fields import FilePath, SocketAddress
from oarlock.config.source import Document, read_file
from oarlock.config.structure import Declared, Nested, Structure, declared
from oarlock.errors import ConfigurationInvalid, Problem

_PREFIX: Final = "OARLOCK_"
# Said to plugin servers, to the test suite and to the demo: not settings.
_RESERVED: Final = frozenset({"LISTEN", "SERVER_NAME", "MEMBER", "HOST_UID", "NO_SKIP", "DEMO_ONCE"})
_RENAMED: Final = {"PROXY_LISTEN": "listen"}  # OARLOCK_LISTEN tells a plugin server where to listen
_S = TypeVar("_S", bound=Structure)


@dataclass(slots=True)
class Gathered:
    """Values in the file's form, and where each came from."""

    values: dict[str, Any]
    directory: Path  # what relative paths of the file count from
    document: Document | None
    origins: dict[At, tuple[str, str]] = field(default_factory=dict)  # place -> source, name of variable or flag

    def problems(self, faults: Iterable[Fault]) -> list[Problem]:
        """Say where faults stand: in a line of the file, a variable or a flag."""
        return sorted((self._problem(fault) for fault in faults), key=lambda problem: (problem.file, problem.line))

    def _problem(self, fault: Fault) -> Problem:
        for length in range(len(fault.at), 0, -1):
            if origin := self.origins.get(fault.at[:length]):
                source, name = origin
                rest = show_path(fault.at[length:])
                path = name + (rest if rest.startswith("[") else f".{rest}" if rest else "")
                return _problem(source, path, fault)
        if self.document is not None:
            return self.document.problem(fault)
        return _problem("settings", show_path(fault.at), fault)


def _problem(source: str, path: str, fault: Fault) -> Problem:
    found = "" if fault.message and fault.found in ("", MISSING) else show(fault.found)
    return Problem(
        file=source, line=0, path=path, found=found, expected=fault.expected, message=fault.message, hint=fault.hint
    )


def gather(
    structure: type[Structure], file: Path | None, environ: Mapping[str, str], flags: Mapping[str, Any]
) -> Gathered:
    """Lay environment and flags over the file.

    Raises:
        ConfigurationInvalid: the file is neither YAML nor JSON, or a variable or flag sets nothing that exists.
    """
    document = read_file(file) if file is not None else None
    values = document.plain() if document else None
    directory = file.parent.absolute() if file is not None else Path.cwd()
    if values is None:
        values = {}  # no file, or one that says nothing
    gathered = Gathered(values, directory, document)
    if not isinstance(values, dict):
        raise ConfigurationInvalid(gathered.problems([Fault((), values, "an object with settings")]))
    problems: list[Problem] = []
    for variable in sorted(environ):
        word = variable.removeprefix(_PREFIX)
        if word != variable and word not in _RESERVED:
            name = _RENAMED.get(word, word)
            _lay(gathered, structure, "environment", variable, name, environ[variable], problems)
    for name, value in flags.items():
        if value is not None:
            _lay(gathered, structure, "command line", "--" + name.replace("_", "-"), name, value, problems)
    if problems:
        raise ConfigurationInvalid(problems)
    return gathered


def _lay(
    gathered: Gathered,
    structure: type[Structure],
    source: str,
    label: str,
    name: str,
    value: object,
    problems: list[Problem],
) -> None:
    """Put one value where its name says."""
    place, kind, hint = _place(structure, name.split("__"), gathered.values)
    if kind is None:
        problems.append(Problem(file=source, line=0, path=label, message="no such setting", hint=hint))
        return
    if isinstance(value, str):
        value = kind.from_text(value)
    elif isinstance(value, tuple):
        value = list(value)
    if source == "command line" and isinstance(kind, FilePath):
        value = str(Path(str(value)).absolute())  # people expect it to count from where they are
    level = gathered.values
    for part in place[:-1]:
        inner = level.get(str(part))
        level[str(part)] = level = dict(inner) if isinstance(inner, dict) else {}
    level[str(place[-1])] = value
    gathered.origins[place] = (source, label)


def _place(structure: type[Structure], words: list[str], values: object) -> tuple[At, FieldType | None, str]:
    """Return where the setting of a name stands and its type; None and a hint when there is no such setting."""
    fields = {declared_field.key: declared_field for declared_field in declared(structure)}
    found = fields.get(words[0].lower())
    if found is None:
        return (), None, _hint(words[0].lower(), fields)
    inner = values.get(found.key) if isinstance(values, dict) else None
    return _within(found.type, words[1:], inner, (found.key,))


def _within(kind: FieldType, words: list[str], values: object, at: At) -> tuple[At, FieldType | None, str]:
    if not words:
        return at, kind, ""
    match kind:
        case Nested(structure=structure):
            place, found, hint = _place(structure, words, values)
            return at + place, found, hint
        case MapOf(value=Nested() as value):
            known = values if isinstance(values, dict) else {}
            word = words[0].lower()
            key = next((key for key in known if key.lower().replace("-", "_") == word), word)
            return _within(value, words[1:], known.get(key), (*at, key))
        case MapOf(key=key_type, value=value):  # names of variables keep their case, names of phases have none
            key = words[0].lower() if isinstance(key_type, Choice) else words[0]
            return _within(value, words[1:], None, (*at, key))
        case _:
            return (), None, f"{show_path(at)} has nothing within"


def _hint(word: str, fields: Mapping[str, Declared]) -> str:
    return did_you_mean(word, fields) or f"known are {', '.join(fields)}"


def resolve_paths(structure: _S, directory: Path) -> _S:
    """Make relative paths absolute, counted from `directory`, in a structure and all in it."""
    changed: dict[str, Any] = {}
    for declared_field in declared(type(structure)):
        value = getattr(structure, declared_field.name)
        resolved = _resolved(declared_field.type, value, directory)
        if resolved is not value:
            changed[declared_field.name] = resolved
    return dataclasses.replace(structure, **changed) if changed else structure  # type: ignore[type-var]


def _resolved(kind: FieldType, value: Any, directory: Path) -> Any:
    if isinstance(value, Structure):
        return resolve_paths(value, directory)
    if isinstance(value, Path):
        return directory / value.expanduser()
    match kind:
        case MapOf(value=Nested() as inner):
            return {key: _resolved(inner, item, directory) for key, item in value.items()}
        case _ if isinstance(getattr(kind, "item", None), SocketAddress):
            return tuple(f"unix:{directory / address.removeprefix('unix:')}" for address in value)
        case _:
            return value
