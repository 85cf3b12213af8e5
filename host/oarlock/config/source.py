"""A YAML or JSON file as a tree whose every value knows its line.

Checks are made on plain values and name places as paths (`("services", 2, "port")`); a `Document` turns a path into a
line of the file. Files are taken for hostile: size, depth and what aliases expand to are bounded.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from oarlock.config.fields import MISSING, At, Fault, show, show_path
from oarlock.errors import ConfigurationInvalid, OarlockError, Problem

MAX_SIZE: Final = 32 * 1024 * 1024  # bytes of a file
MAX_DEPTH: Final = 64
MAX_WEIGHT: Final = 4_000_000  # values, aliases counted as often as they are used; long texts count more


class SourceError(OarlockError):
    """The text is not YAML or JSON, or goes past a limit."""

    def __init__(self, line: int, message: str, at: At = ()) -> None:
        super().__init__(message)
        self.line = line
        self.message = message
        self.at = at


@dataclass(slots=True)
class Node:
    """A value and where it stands."""

    value: Any  # a scalar, a list of nodes or a dictionary of nodes
    line: int  # from 1
    weight: int  # of this value and all in it
    written: str | None = None  # the text of a scalar without quotes
    key_lines: dict[str, int] = field(default_factory=dict)  # of a mapping

    def plain(self) -> Any:
        """Return the value without lines."""
        if isinstance(self.value, dict):
            return {key: node.plain() for key, node in self.value.items()}
        if isinstance(self.value, list):
            return [node.plain() for node in self.value]
        return self.value


@dataclass(slots=True)
class Document:
    """A file that was read."""

    file: str
    root: Node

    def plain(self) -> Any:
        """Return what the file says as dictionaries, lists and scalars."""
        return self.root.plain()

    def problem(self, fault: Fault) -> Problem:
        """Say where in the file a fault stands."""
        line, node = self._find(fault.at)
        found = "" if fault.message and fault.found in ("", MISSING) else show(fault.found)
        if node is not None and node.written and not isinstance(node.value, str):
            found = found and node.written[:80]
        elif fault.found is MISSING:
            found = "" if fault.message else "nothing"
        return Problem(
            file=self.file,
            line=line,
            path=show_path(fault.at),
            found=found,
            expected=fault.expected,
            message=fault.message,
            hint=fault.hint,
        )

    def problems(self, faults: Iterable[Fault]) -> list[Problem]:
        """Say where faults stand, in the order of the file."""
        return sorted((self.problem(fault) for fault in faults), key=lambda problem: problem.line)

    def _find(self, at: At) -> tuple[int, Node | None]:
        """Return the line of a place, or of what encloses it when the place itself is not in the file."""
        node, line = self.root, self.root.line
        for part in at:
            match node.value, part:
                case dict() as mapping, str() if part in mapping:
                    line = node.key_lines.get(part, mapping[part].line)
                    node = mapping[part]
                case list() as items, int() if part < len(items):
                    node = items[part]
                    line = node.line
                case _:
                    return line, None
        return line, node


def read_file(path: Path) -> Document:
    """Read a YAML or JSON file.

    Raises:
        ConfigurationInvalid: it can't be read, or is neither.
    """
    try:
        with path.open("rb") as file:
            data = file.read(MAX_SIZE + 1)
    except OSError as exc:
        raise _invalid(str(path), 0, f"cannot be read: {exc.strerror or exc}") from None
    return read_bytes(data, str(path), path.suffix.lower())


def read_bytes(data: bytes, file: str = "", suffix: str = "") -> Document:
    """Read YAML or JSON. `suffix` (".json", ".yaml") decides which; without it, text that begins with `{` is JSON.

    Raises:
        ConfigurationInvalid: it is neither, or too large.
    """
    from oarlock.config import json_source, yaml_source

    if len(data) > MAX_SIZE:
        raise _invalid(file, 0, f"larger than {MAX_SIZE // 2**20} MiB")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as exc:
        raise _invalid(file, data.count(b"\n", 0, exc.start) + 1, "not UTF-8") from None
    is_json = suffix == ".json" or (suffix not in (".yaml", ".yml") and text.lstrip().startswith("{"))
    try:
        return Document(file, json_source.parse(text) if is_json else yaml_source.parse(text))
    except SourceError as error:
        raise _invalid(file, error.line, error.message, error.at) from None


def scalar(value: Any, line: int, written: str | None = None) -> Node:
    """Make the node of a scalar. Raises SourceError for what MessagePack or JSON can't carry."""
    weight = 1
    if isinstance(value, str):
        weight += len(value) // 64
        if not value.isascii() and any("\ud800" <= character <= "\udfff" for character in value):
            raise SourceError(line, "text with half of a surrogate pair (\\ud800 to \\udfff)")
    elif isinstance(value, float) and not math.isfinite(value):
        raise SourceError(line, f"{written} is not a finite number")
    elif isinstance(value, int) and not -(2**63) <= value < 2**63:
        raise SourceError(line, "a whole number that does not fit 64 bits")
    return Node(value, line, weight, written)


def checked_weight(weight: int, line: int) -> int:
    """Return `weight`. Raises SourceError when it is past the limit."""
    if weight > MAX_WEIGHT:
        raise SourceError(line, f"more than {MAX_WEIGHT} values once aliases are expanded")
    return weight


def duplicate_key(key: str, line: int, first_line: int, at: At) -> SourceError:
    """Make the error for a key that stands in a mapping twice."""
    return SourceError(line, f"duplicate key '{key}': it stands in line {first_line} already", (*at, key))


def _invalid(file: str, line: int, message: str, at: At = ()) -> ConfigurationInvalid:
    return ConfigurationInvalid([Problem(file=file, line=line, path=show_path(at), message=message)])
