"""Tells which files of a plugin changed, by looking at them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

Snapshot = Mapping[str, tuple[int, int]]  # path below the directory -> time of change in ns, size in bytes

# What tools write beside the sources: nothing to restart for.
_IGNORED_FOLDERS: Final = frozenset({"__pycache__", "node_modules", "bin", "build", "dist"})
_IGNORED_FILES: Final = frozenset({"go.sum", "package-lock.json"})
_IGNORED_ENDINGS: Final = (".pyc", ".log", "~")


def look(directory: Path) -> Snapshot:
    """Return the state of every file of a plugin; hidden ones and what tools write don't count."""
    return dict(_states(directory))


def changes(before: Snapshot, after: Snapshot) -> list[str]:
    """Return the paths that were added, removed or changed between two looks, sorted."""
    return sorted(path for path in before.keys() | after.keys() if before.get(path) != after.get(path))


def _states(directory: Path) -> Iterator[tuple[str, tuple[int, int]]]:
    for folder, folders, files in os.walk(directory):
        folders[:] = [name for name in folders if name[0] != "." and name not in _IGNORED_FOLDERS]
        for name in files:
            if name[0] == "." or name in _IGNORED_FILES or name.endswith(_IGNORED_ENDINGS):
                continue
            path = os.path.join(folder, name)
            try:
                stat = os.stat(path)
            except OSError:
                continue  # it went between the two looks, or leads nowhere
            yield os.path.relpath(path, directory), (stat.st_mtime_ns, stat.st_size)
