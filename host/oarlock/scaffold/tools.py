"""Where the programs of a language are, and how they are run for a plugin's author."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import trio

import oarlock
from oarlock.scaffold.errors import CommandFailed, ToolMissing

_USUAL_PLACES: Final = ("/usr/local/go/bin",)  # where installers put programs without telling PATH
_CHECKOUT: Final = Path(oarlock.__file__).parents[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A program with its arguments, and `environment` beyond the author's own."""

    words: tuple[str, ...]
    directory: Path
    environment: Mapping[str, str] = field(default_factory=dict)

    def whole_environment(self) -> dict[str, str]:
        """The author's environment, with programs findable that are installed beside this interpreter."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("OARLOCK_")}
        return {**inherited, "PATH": _search_path(), **self.environment}

    def run(self) -> int:
        """Run it, its output is the author's to read. Returns its exit status."""
        return subprocess.run(self.words, cwd=self.directory, env=self.whole_environment(), check=False).returncode

    async def check(self) -> None:
        """Run it to its end; a cancellation ends it.

        Raises:
            CommandFailed: it ended with an error.
        """
        done = await trio.run_process(self.words, cwd=self.directory, env=self.whole_environment(), check=False)
        if done.returncode != 0:
            raise CommandFailed(f"{shlex.join(self.words)} failed in {self.directory}; what it says is above")


def find_tool(name: str, needed_for: str, remedy: str) -> str:
    """Return the path of a program.

    Raises:
        ToolMissing: it is not installed; says what needs it and what brings it.
    """
    found = shutil.which(name, path=_search_path())
    if found is None:
        raise ToolMissing(f"{needed_for} needs the program `{name}`, which is not in PATH: {remedy}")
    return found


def sdk_of_checkout(name: str, marker: str) -> Path | None:
    """Return the folder of an SDK when this gateway runs from a checkout that has it; `marker` is a file in it."""
    folder = _CHECKOUT / name
    return folder if (folder / marker).is_file() else None


def path_from(directory: Path, target: Path) -> str:
    """How files in `directory` name `target`: relative within one checkout, else absolute."""
    directory = directory.resolve()
    if directory.is_relative_to(_CHECKOUT) and target.is_relative_to(_CHECKOUT):
        return Path(os.path.relpath(target, directory)).as_posix()
    return str(target)


def _search_path() -> str:
    here = str(Path(sys.executable).parent)
    return os.pathsep.join([os.environ.get("PATH", os.defpath), here, *_USUAL_PLACES])
