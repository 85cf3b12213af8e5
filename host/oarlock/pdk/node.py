"""kong.node and kong.cluster: this gateway node."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Final

from oarlock.pdk.caller import Caller
from oarlock.pdk.registry import implements

_UNITS: Final = {"k": ("KiB", 2**10), "m": ("MiB", 2**20), "g": ("GiB", 2**30)}
_STATM: Final = Path("/proc/self/statm")


@implements("kong.node.get_id")
def get_id(c: Caller) -> str:
    return c.environment.node.id


@implements("kong.node.get_hostname")
def get_hostname(c: Caller) -> str:
    return c.environment.node.hostname


@implements("kong.node.get_memory_stats")
def get_memory_stats(_c: Caller, unit: str, scale: int) -> dict[str, Any]:
    """Answer in Kong's shape. There is no Lua here: a worker's figure is its resident memory, dictionaries are none."""
    return {
        "lua_shared_dicts": {},
        "workers_lua_vms": [{"pid": os.getpid(), "http_allocated_gc": _in_unit(_resident(), unit.lower(), scale)}],
    }


@implements("kong.cluster.get_id")
def get_cluster_id(_c: Caller) -> str | None:
    return None  # a node that runs from a file belongs to no cluster


def _resident() -> int:
    try:
        return int(_STATM.read_text().split()[1]) * os.sysconf("SC_PAGESIZE")
    except OSError:
        return 0  # not Linux


def _in_unit(size: int, unit: str, scale: int) -> int | str:
    if unit == "b":
        return size
    name, factor = _UNITS[unit]
    return f"{size / factor:.{scale}f} {name}"
