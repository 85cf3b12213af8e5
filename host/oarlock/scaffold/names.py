"""The name of a new plugin, and how each language writes it (pure)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from oarlock.scaffold.errors import InvalidName

_LONGEST: Final = 40  # characters; it becomes part of file names, module names and log lines
_NAME: Final = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
_NOT_IN_A_NAME: Final = re.compile(r"[^a-z0-9]+")
_HUMP: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")

# As a class or module they would hide what every plugin imports.
_RESERVED: Final = frozenset(
    {"config", "dataclass", "kong", "main", "msgpack", "oarlock", "oarlock-pdk", "plugin", "plugins"}
    | {"request", "response", "run", "server", "test", "tests"}
)


@dataclass(frozen=True, slots=True)
class PluginName:
    """A plugin's name, as configurations write it: `rate-by-key`.

    Raises:
        InvalidName: it can't be one; the text says what is expected, and a name near it where there is one.
    """

    text: str

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.text) or len(self.text) > _LONGEST:
            near = (
                _NOT_IN_A_NAME.sub("-", _HUMP.sub("-", self.text).lower()).lstrip("-0123456789")[:_LONGEST].strip("-")
            )
            hint = f"; try {near!r}" if _NAME.fullmatch(near) and near not in _RESERVED else ""
            raise InvalidName(
                f"{self.text!r} can't be the name of a plugin: expected lower-case letters and digits, in parts joined "
                f"by '-', a letter first, at most {_LONGEST} characters{hint}"
            )
        if self.text in _RESERVED:
            raise InvalidName(f"{self.text!r} can't be the name of a plugin: every plugin uses something of that name")

    @property
    def as_class(self) -> str:
        """`RateByKey`"""
        return "".join(part.capitalize() for part in self.text.split("-"))

    @property
    def as_module(self) -> str:
        """`rate_by_key`"""
        return self.text.replace("-", "_")
