"""Writes a new plugin from the templates of its language and those that all share."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from oarlock import __version__
from oarlock.errors import OarlockError
from oarlock.scaffold.errors import InvalidName
from oarlock.scaffold.languages import Language
from oarlock.scaffold.names import PluginName

_TEMPLATES: Final = Path(__file__).parent / "templates"
_SUFFIX: Final = ".in"  # keeps tools from taking a template for a source of ours
_PLACEHOLDER: Final = re.compile(r"\{\{(\w+)\}\}")  # in contents
_NAME: Final = "NAME"  # in file names, for the module's name


def create(language: Language, name: PluginName, directory: Path) -> list[Path]:
    """Write a plugin to a directory, which is made, and return its files relative to that.

    Raises:
        InvalidName: the language can't have a plugin of that name.
        OarlockError: the directory exists, or can't be written.
    """
    if objection := language.objection(name):
        raise InvalidName(f"{name.text!r} can't be the name of a plugin in {language.title}: {objection}")
    values = {
        "name": name.text,
        "class": name.as_class,
        "module": name.as_module,
        "language": language.name,
        "version": __version__,
        **language.placeholders(name, directory.absolute()),
    }
    files = {
        Path(*(part.replace(_NAME, name.as_module) for part in path.parts)): _render(text, values)
        for folder in ("common", language.name)
        for path, text in _templates(_TEMPLATES / folder)
    }
    try:
        directory.mkdir(parents=True)
        for path, text in files.items():
            (directory / path).parent.mkdir(parents=True, exist_ok=True)
            (directory / path).write_text(text, encoding="utf-8")
    except FileExistsError:
        raise OarlockError(f"{directory} exists already: name another place with --directory, or remove it") from None
    except OSError as error:
        raise OarlockError(f"{directory} can't be written: {error.strerror}") from error
    return sorted(files)


def _templates(folder: Path) -> Iterator[tuple[Path, str]]:
    for path in sorted(folder.rglob(f"*{_SUFFIX}")):
        yield path.relative_to(folder).with_suffix(""), path.read_text(encoding="utf-8")


def _render(text: str, values: Mapping[str, str]) -> str:
    return _PLACEHOLDER.sub(lambda match: values[match[1]], text)
