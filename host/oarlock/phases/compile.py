"""From a configuration and what plugin servers provide to plans: who serves which plugin, what can't run and why."""

from __future__ import annotations

import logging
from collections.abc import Generator, Mapping
from typing import Final

from oarlock.config.configuration import Configuration
from oarlock.config.fields import show_path
from oarlock.config.plugin import Plugin, revision_of
from oarlock.config.plugin_schema import PluginSchema, SchemaInvalid, compile_schema
from oarlock.config.settings import PluginServerSettings, Settings
from oarlock.pdk.facts import PARSED_BODY, REQUEST_BODY
from oarlock.pdk.learning import FactKey, Learned, fact_key
from oarlock.phases.plan import Entry, Handler, Plans
from oarlock.phases.selection import UNKNOWN, Selection
from oarlock_pluginserver._generated.pdk_table import PHASES
from oarlock_pluginserver.info import PhaseInfo, PluginInfo
from oarlock_pluginserver.server import PluginServer

log = logging.getLogger("oarlock.phases")

_UNNAMED: Final = PluginServerSettings(command=("-",))  # policies and budgets of a server without settings

SLICE: Final = 20  # plugin entities per slice: well under 2 ms


def compile_plans(configuration: Configuration, servers: Mapping[str, PluginServer], settings: Settings) -> Plans:
    """Return the plans of a configuration, given the plugin servers by name as they are now.

    Compile anew when a server comes or its plugins change. Each instance is given back when the plans are no longer
    used by anybody: an exchange keeps those it began with.
    """
    slices = compile_slices(configuration, servers, settings)
    while True:
        try:
            next(slices)
        except StopIteration as end:
            plans = end.value
            assert isinstance(plans, Plans)
            return plans


def compile_slices(
    configuration: Configuration, servers: Mapping[str, PluginServer], settings: Settings
) -> Generator[None, None, Plans]:
    """Compile bit by bit: the caller may do other things at each yield."""
    provided = _provided(servers, settings)
    names = {plugin.name for plugin in configuration.plugins.values()}
    priorities: dict[str, float] = {
        name: provided[name].info.priority if name in provided else UNKNOWN for name in names
    }
    selection = Selection(configuration.plugins.values(), priorities)
    yield
    running = frozenset(selection.names)
    entries: dict[str, Entry] = {}
    for plugin in configuration.plugins.values():
        if plugin.name in running and plugin.enabled:
            place = selection.place(plugin)
            entries[plugin.id] = _entry(plugin, place, provided.get(plugin.name), servers, settings)
            if len(entries) % SLICE == 0:
                yield
    return Plans(selection, entries)


class _Provided:
    """A plugin that a server provides."""

    def __init__(self, server: PluginServer, info: PluginInfo, settings: PluginServerSettings) -> None:
        self.server = server
        self.info = info
        self.settings = settings
        self.schema: PluginSchema | None = None
        self.broken = ""  # why its schema can't be used
        self.learned = {phase: Learned() for phase in PHASES.values()}
        try:
            self.schema = compile_schema(info.schema)
        except SchemaInvalid as error:
            self.broken = f"its schema can't be used: {error}"


def _provided(servers: Mapping[str, PluginServer], settings: Settings) -> dict[str, _Provided]:
    """Return who provides which plugin: the first server that is assigned the name and claims it."""
    provided: dict[str, _Provided] = {}
    for name, server in servers.items():
        own = settings.plugin_servers.get(name, _UNNAMED)
        for info in server.plugins.values():
            if own.plugins is not None and info.name not in own.plugins:
                log.warning("plugin server %s claims plugin %s, which is not assigned to it; ignored", name, info.name)
            elif info.name in provided:
                log.warning(
                    "plugin %s is provided by %s already; that of plugin server %s is ignored",
                    info.name,
                    provided[info.name].server.name,
                    name,
                )
            else:
                provided[info.name] = _Provided(server, info, own)
    return provided


def _entry(
    plugin: Plugin,
    place: int,
    provided: _Provided | None,
    servers: Mapping[str, PluginServer],
    settings: Settings,
) -> Entry:
    if provided is None:
        reason = f"no plugin server provides {plugin.name}"
        expecting = [name for name, own in settings.plugin_servers.items() if plugin.name in (own.plugins or ())]
        away = [
            name
            for name in expecting or settings.plugin_servers
            if (server := servers.get(name)) is None or not server.plugins
        ]
        if away:
            reason += f"; not there yet: {', '.join(away)}"
        default = settings.plugin_servers[expecting[0]].on_error if expecting else "fail_closed"
        return _unavailable(plugin, place, default, reason)
    own = provided.settings
    if provided.schema is None:
        return _unavailable(plugin, place, own.on_error, provided.broken)
    config, faults = provided.schema.check(plugin.config)
    if faults:
        shown = "; ".join(
            f"{show_path(('config', *fault.at))}: {fault.message or 'expected ' + fault.expected}"
            for fault in faults[:3]
        )
        return _unavailable(plugin, place, own.on_error, f"its configuration does not fit the schema: {shown}")
    key = f"{plugin.id}:{revision_of(config)}"  # with defaults: a plugin that changed them gets a new instance
    return Entry(
        plugin=plugin,
        place=place,
        server=provided.server,
        instance=provided.server.instance(plugin.name, key, config, plugin.instance_name),
        handlers={
            number: _handler(provided.info.phases[phase], phase, number, plugin, provided)
            for phase, number in PHASES.items()
            if phase in provided.info.phases
        },
        fail_open=(plugin.on_error or own.on_error) == "fail_open",
        fail_open_late=(plugin.on_timeout or own.on_timeout) == "fail_open",
    )


def _unavailable(plugin: Plugin, place: int, default: str, reason: str) -> Entry:
    return Entry(plugin=plugin, place=place, unavailable=reason, fail_open=(plugin.on_error or default) == "fail_open")


def _handler(info: PhaseInfo, phase: str, number: int, plugin: Plugin, provided: _Provided) -> Handler:
    own = provided.settings
    needs: list[FactKey] = []
    for given in info.needs:
        key = fact_key(given)
        if key is None:
            log.warning("plugin %s declares a need that is no fact: %.80r; ignored", plugin.name, given)
        else:
            needs.append(key)
    numbers = {key if isinstance(key, int) else key[0] for key in needs}
    return Handler(
        budget=plugin.deadlines.get(phase, own.deadlines.get(phase, own.deadline)),
        needs=tuple(needs),
        needs_body=not numbers.isdisjoint((REQUEST_BODY, PARSED_BODY)),
        may_rerun=info.rerun,
        learned=provided.learned[number],
    )
