"""The table of the host: pluginserver/oarlock_pluginserver/_generated/pdk_table.py."""

from __future__ import annotations

from collections.abc import Iterator

from templates import metadata
from templates.model import Table


def render(table: Table) -> str:
    return "\n".join(_lines(table)) + "\n"


def _lines(table: Table) -> Iterator[str]:
    yield "# GENERATED from proto/pdk.toml by proto/generate.py; do not edit."
    yield '"""Every PDK function, the phases, error codes and limits of oarlock/1, as the host needs them."""'
    yield ""
    yield "from __future__ import annotations"
    yield ""
    yield "from dataclasses import dataclass"
    yield "from typing import Final"
    yield ""
    yield metadata.classes(table)
    yield ""
    yield from metadata.constants(table)
    yield ""
    yield from metadata.functions(table)
