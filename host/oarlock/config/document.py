"""docs/settings.md, written from the declarations of the settings: `python -m oarlock.config.document [FILE]`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from oarlock.config.containers import ListOf, MapOf
from oarlock.config.fields import MISSING, FieldType, show
from oarlock.config.settings import Settings
from oarlock.config.structure import Declared, Nested, Structure, declared

_HEAD: Final = """\
<!-- GENERATED from host/oarlock/config/settings.py by `python -m oarlock.config.document`; do not edit. -->

# Settings

Settings come from a file (YAML or JSON; `--settings FILE`, else `oarlock.yaml` in the current directory), from the
environment and from flags of the command line: the later wins, value by value. An unknown key is an error.

- In the environment a setting has its name in capital letters after `OARLOCK_`; two underscores go into an object:
  `OARLOCK_LIMITS__HEAD_TIMEOUT=5`, `OARLOCK_PLUGIN_SERVERS__HELLO__COMMAND="oarlock-python-pluginserver --plugins ."`.
  Lists are comma separated or JSON, objects are JSON. `listen` is `OARLOCK_PROXY_LISTEN`: `OARLOCK_LISTEN` tells a
  plugin server where to listen.
- Times are seconds, or text with a unit (`500ms`, `10s`, `2m`, `1h`). Sizes are bytes, or text with a unit (`64k`,
  `8MiB`).
- Relative paths count from the directory of the settings file; those of flags from the current directory.
- A flag of `listen` (`ssl`, `http2`, `proxy_protocol`) or another thing that is not supported yet is refused, unless
  `accept_missing` names it; a listener with `ssl` is then left out, never served in plain text.

```yaml
listen: [127.0.0.1:8000]
declarative_config: kong.yaml
plugin_servers:
  hello:
    command: [oarlock-python-pluginserver, --plugins, plugins]
    processes: 2
    deadlines: {access: 500ms}
```
"""
_DEFAULTS: Final = {"workers": "one per core"}


def render() -> str:
    """Return the whole page."""
    return "\n".join([_HEAD, *_table(Settings, ""), *_sections(Settings, "")]) + "\n"


def _table(structure: type[Structure], title: str) -> Iterator[str]:
    if title:
        yield f"## {title}"
        yield ""
        yield _first_line(structure)
        yield ""
    yield "| setting | value | default | |"
    yield "|---|---|---|---|"
    for field in declared(structure):
        yield f"| `{field.key}` | {_escape(_kind(field.type))} | {_escape(_default(field))} | {_escape(field.doc)} |"
    yield ""


def _sections(structure: type[Structure], prefix: str) -> Iterator[str]:
    for field in declared(structure):
        inner = _inner(field.type)
        if inner is not None:
            title = f"{prefix}{field.key}" + (".NAME" if isinstance(field.type, MapOf) else "")
            yield from _table(inner, f"`{title}`")
            yield from _sections(inner, f"{title}.")


def _inner(kind: FieldType) -> type[Structure] | None:
    match kind:
        case Nested(structure=structure) | MapOf(value=Nested(structure=structure)):
            return structure
        case _:
            return None


def _kind(kind: FieldType) -> str:
    match kind:
        case Nested():
            return "an object: see below"
        case MapOf(value=Nested()):
            return "an object of objects: see below"
        case MapOf(key=key, value=value):
            return f"an object, {key.expected} to {value.expected}"
        case ListOf() if kind.shortest and "list" in kind.expected:
            return kind.expected.replace("a list", "a list, not empty", 1)
        case _:
            return kind.expected


def _default(field: Declared) -> str:
    if field.key in _DEFAULTS:
        return _DEFAULTS[field.key]
    if field.default is MISSING:
        return "required"
    if _inner(field.type) is not None:
        return ""
    value: Any = field.write(field.default)
    match value:
        case None:
            return ""
        case dict():
            return ", ".join(f"`{key}: {item}`" for key, item in value.items())
        case list():
            return ", ".join(f"`{item}`" for item in value)
        case str():
            return f"`{value}`"
        case _:
            return f"`{show(value)}`"


def _first_line(structure: type[Structure]) -> str:
    return (structure.__doc__ or "").strip().splitlines()[0]


def _escape(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;")


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else Path("docs/settings.md")
    target.write_text(render(), encoding="utf-8")
