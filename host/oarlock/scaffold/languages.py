"""What a language has to tell, so that its plugins can be written, tested and run."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path

from oarlock.scaffold.names import PluginName
from oarlock.scaffold.tools import Command


class Language(ABC):
    """One language that plugins are written in. Directories are absolute.

    Methods from `preparation` on raise ToolMissing when a program that it needs is not here.
    """

    name: str  # as the command line calls it
    title: str

    @abstractmethod
    def owns(self, directory: Path) -> bool:
        """Whether the files of a directory are a plugin in this language."""

    def objection(self, name: PluginName) -> str:
        """Why this language can't have a plugin of that name; empty: it can."""
        return ""

    @abstractmethod
    def placeholders(self, name: PluginName, directory: Path) -> Mapping[str, str]:
        """What the templates of this language say beyond the name, in a plugin that lies in `directory`."""

    def preparation(self, directory: Path) -> Command | None:
        """What has to be run once before a plugin can be tested or served; None: nothing, or it was."""
        return None

    @abstractmethod
    def tests(self, directory: Path) -> Command:
        """What runs the plugin's own tests."""

    def build(self, directory: Path, scratch: Path) -> Command | None:
        """What has to be run before each start of the plugin server. It writes to `scratch`."""
        return None

    @abstractmethod
    def server(self, directory: Path, scratch: Path) -> Command:
        """The plugin server that serves this plugin and leaves no file in its directory."""
