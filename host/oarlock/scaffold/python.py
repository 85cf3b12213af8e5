"""Plugins in Python."""

from __future__ import annotations

import importlib.util
import keyword
import sys
from collections.abc import Mapping
from pathlib import Path

from oarlock.scaffold.errors import ToolMissing
from oarlock.scaffold.languages import Language
from oarlock.scaffold.names import PluginName
from oarlock.scaffold.tools import Command


class Python(Language):
    """Run by the interpreter that runs this: what is installed for it, plugins can import."""

    name = "python"
    title = "Python"

    def owns(self, directory: Path) -> bool:
        folders = (directory, directory / "plugins")
        return any(any(folder.glob(pattern)) for folder in folders for pattern in ("*.py", "*/__init__.py"))

    def objection(self, name: PluginName) -> str:
        if keyword.iskeyword(name.as_module) or name.as_module in sys.stdlib_module_names:
            return "Python has a keyword or module of that name"
        return ""

    def placeholders(self, name: PluginName, directory: Path) -> Mapping[str, str]:
        return {"server": "oarlock-python-pluginserver, --plugins, plugins"}

    def tests(self, directory: Path) -> Command:
        self._require("oarlock_pdk")
        paths = [str(_folder(directory))] if not _is_package(directory) else [str(directory.parent)]
        if importlib.util.find_spec("pytest"):
            words = [sys.executable, "-m", "pytest", str(directory)]
        else:
            start = directory / "tests"
            words = [sys.executable, "-m", "unittest", "discover", "-s", str(start if start.is_dir() else directory)]
        return Command(words=tuple(words), directory=directory, environment={"PYTHONPATH": ":".join(paths)})

    def server(self, directory: Path, scratch: Path) -> Command:
        self._require("oarlock_pdk")
        folder = _folder(directory)
        if _is_package(directory):  # a server takes the folder around it, where its neighbours would be served as well
            folder = scratch / "plugins"
            folder.mkdir(exist_ok=True)
            link = folder / directory.name
            if not link.is_symlink():
                link.symlink_to(directory)
        # Compiled files stay away: they would be left behind, and know a changed source by its second alone.
        return Command(
            words=(sys.executable, "-P", "-B", "-m", "oarlock_pdk", "--plugins", str(folder)), directory=directory
        )

    def _require(self, package: str) -> None:
        if importlib.util.find_spec(package) is None:
            raise ToolMissing(
                f"a plugin in Python needs the package oarlock-pdk, which {sys.executable} does not have: "
                f"{sys.executable} -m pip install oarlock-pdk"
            )


def _is_package(directory: Path) -> bool:
    return (directory / "__init__.py").is_file()


def _folder(directory: Path) -> Path:
    """The folder that a plugin server is given."""
    plugins = directory / "plugins"
    return plugins if plugins.is_dir() else directory
