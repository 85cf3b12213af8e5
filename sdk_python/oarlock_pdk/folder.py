"""Loads a folder of plugins: each a module `name.py` or a package `name/`, with its own neighbours.

A module counts if it defines a subclass of `Plugin` whose name does not begin with `_` (that is a base of others), or
names its plugins in `PLUGIN` or `PLUGINS`. Other files are left alone. A plugin that can't be imported is reported with
its traceback; the others serve.
"""

from __future__ import annotations

import importlib.util
import logging
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, Final

from oarlock_pdk.errors import PluginError
from oarlock_pdk.plugin import Declaration, Plugin, declare

log: Final = logging.getLogger("oarlock_pdk.folder")

_MENTION: Final = ("oarlock_pdk", "PLUGIN")  # a file with neither of them can't hold a plugin, and is not even run


def load_folder(folder: Path) -> tuple[list[Declaration], list[str]]:
    """Return the plugins of a folder and the names of those that could not be loaded (logged, with the reason).

    Raises:
        PluginError: there is no such folder.
    """
    if not folder.is_dir():
        raise PluginError(f"{folder} is not a folder")
    folder = folder.resolve()
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))
    found: list[Declaration] = []
    failed: list[str] = []
    for name, file in _candidates(folder):
        try:
            for declaration in declarations_of(_load(name, file), name):
                if any(declaration.name == other.name for other in found):
                    raise PluginError(f"a second plugin is called {declaration.name!r}")
                found.append(declaration)
        except (Exception, SystemExit) as error:
            failed.append(name)
            log.error("plugin %s was not loaded: %s", file, error, exc_info=error)
    return found, failed


def declarations_of(module: ModuleType, name: str) -> Iterator[Declaration]:
    """Yield the plugins that a module declares; one called just `Plugin` takes the module's name."""
    classes = _declared(module)
    for cls in classes:
        default = name.replace("_", "-").lower() if cls.__name__ == "Plugin" else None
        yield declare(cls, default)


def _declared(module: ModuleType) -> list[type[Any]]:
    explicit = getattr(module, "PLUGINS", None)
    if explicit is None and hasattr(module, "PLUGIN"):
        explicit = [module.PLUGIN]
    if explicit is not None:
        return list(explicit)
    return [
        value
        for value in vars(module).values()
        if isinstance(value, type)
        and issubclass(value, Plugin)
        and value is not Plugin
        and not value.__name__.startswith("_")
        and (value.__module__ == module.__name__ or value.__module__.startswith(f"{module.__name__}."))
    ]


def _candidates(folder: Path) -> Iterator[tuple[str, Path]]:
    for entry in sorted(folder.iterdir()):
        if entry.name.startswith((".", "_")):
            continue
        file = entry / "__init__.py" if entry.is_dir() else entry
        if file.suffix == ".py" and file.is_file() and entry.stem.isidentifier() and _may_declare(entry, file):
            yield entry.stem, file


def _may_declare(entry: Path, file: Path) -> bool:
    files = entry.rglob("*.py") if entry.is_dir() else [file]
    return any(word in path.read_text("utf-8", "replace") for path in files for word in _MENTION)


def _load(name: str, file: Path) -> ModuleType:
    search = [str(file.parent)] if file.name == "__init__.py" else None
    spec = importlib.util.spec_from_file_location(name, file, submodule_search_locations=search)
    if spec is None or spec.loader is None:
        raise PluginError(f"{file} can't be imported")
    if name in sys.modules:
        raise PluginError(
            f"{name!r} is the name of a module that is imported already; call the plugin's file something else"
        )
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        sys.modules.pop(name, None)
        raise
    return module
