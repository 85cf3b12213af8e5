"""kong.ctx: values kept for the time of a request, for all plugins or for one plugin's later phases."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from oarlock.pdk.caller import Caller
from oarlock.pdk.registry import implements


@implements("kong.ctx.shared.get")
def shared_get(c: Caller, key: str) -> Any:
    return c.x.shared.get(key)


@implements("kong.ctx.shared.set")
def shared_set(c: Caller, key: str, value: Any) -> None:
    c.x.shared = with_value(c.x.shared, key, value)


@implements("kong.ctx.plugin.get")
def plugin_get(c: Caller, key: str) -> Any:
    return c.x.plugin_ctx.get(c.plugin.id, {}).get(key)


@implements("kong.ctx.plugin.set")
def plugin_set(c: Caller, key: str, value: Any) -> None:
    own = with_value(c.x.plugin_ctx.get(c.plugin.id, {}), key, value)
    c.x.plugin_ctx = {**c.x.plugin_ctx, c.plugin.id: own}


def with_value(values: Mapping[str, Any], key: str, value: Any) -> dict[str, Any]:
    """Return a copy with `key` set; None removes it, as nil does in Lua."""
    changed = {**values, key: value}
    if value is None:
        del changed[key]
    return changed
