"""Plugin configurations against the schemas that the plugins declare."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from oarlock.config.fields import MISSING, Fault, Faults, did_you_mean
from oarlock.config.plugin import SCOPES, Plugin
from oarlock.config.plugin_schema import PluginSchema, SchemaInvalid, compile_schema


class PluginCheck:
    """Checks plugins of one file; each schema is compiled once.

    A plugin that no server provides, or whose schema is not known or of no use, keeps its configuration in place, with
    a warning: the requests it applies to are answered 503 until a server provides it.
    """

    def __init__(self, known: Mapping[str, object] | None) -> None:
        """`known`: see `declarative.load`."""
        self._known = known
        self._schemas: dict[str, PluginSchema | str] = {}  # or why there is none

    def check(self, plugin: Plugin) -> tuple[Plugin, Faults, Faults]:
        """Return the plugin with defaults filled in, faults and warnings, places counted from the plugin."""
        if self._known is None:
            return plugin, [], []
        if plugin.name not in self._known:
            message = (
                f"plugin '{plugin.name}' not enabled: no plugin server provides it; "
                "the requests it applies to are answered 503"
            )
            return plugin, [], [_warning(message, did_you_mean(plugin.name, self._known))]
        schema = self._schema(plugin.name, self._known[plugin.name])
        if isinstance(schema, str):
            return plugin, [], [_warning(f"configuration of plugin '{plugin.name}' is unchecked: {schema}")]
        config, found = schema.check(plugin.config)
        faults = [dataclasses.replace(fault, at=("config", *fault.at)) for fault in found]
        for scope in SCOPES:
            if scope in schema.no_scope and getattr(plugin, scope) is not None:
                message = f"value must be null: plugin '{plugin.name}' can't be configured for a {scope}"
                faults.append(Fault((scope,), MISSING, "", message=message))
        warnings = [_warning(f"plugin '{plugin.name}': {text}") for text in schema.warnings]
        if not faults:
            plugin = dataclasses.replace(plugin, config=config)
        return plugin, faults, warnings

    def _schema(self, name: str, known: object) -> PluginSchema | str:
        if name not in self._schemas:
            schema = getattr(known, "schema", known)
            try:
                self._schemas[name] = "its server is away" if known is None else compile_schema(schema)
            except SchemaInvalid as exc:
                self._schemas[name] = str(exc)
            return self._schemas[name]
        compiled = self._schemas[name]
        if isinstance(compiled, PluginSchema) and compiled.warnings:
            return dataclasses.replace(compiled, warnings=())  # said once
        return compiled


def _warning(message: str, hint: str = "") -> Fault:
    return Fault(("name",), MISSING, "", hint, message=message)
