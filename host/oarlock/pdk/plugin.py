"""kong.plugin and kong.telemetry."""

from __future__ import annotations

from typing import Any

from oarlock.pdk.caller import Caller
from oarlock.pdk.registry import implements
from oarlock_pluginserver.errors import PdkError


@implements("kong.plugin.get_id")
def get_id(c: Caller) -> str:
    return c.plugin.id


@implements("kong.telemetry.log")
def telemetry_log(
    c: Caller,
    plugin_name: str,
    plugin_config: dict[str, Any],
    message_type: str,
    message: Any,
    attributes: dict[str, Any] | None,
) -> bool:
    """No plugin takes telemetry yet: answer as Kong does where none is active."""
    raise PdkError("pdk", "no active OpenTelemetry plugin to take the entry")
