"""Which configuration of each plugin applies to a request: Kong's precedence and priority order (pure).

For each plugin at most one configuration runs: the most specific one that matches route, service and consumer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from oarlock.config.plugin import Plugin

# Most specific first; each row says which of (route, service, consumer) a configuration must name. Others are None.
PRECEDENCE: Final = (
    (True, True, True),
    (True, False, True),
    (False, True, True),
    (True, True, False),
    (False, False, True),
    (True, False, False),
    (False, True, False),
    (False, False, False),
)

HTTP_PROTOCOLS: Final = frozenset(("http", "https", "grpc", "grpcs"))

UNKNOWN: Final = float("inf")  # the priority of a plugin that nobody provides: it runs first, to refuse

Scope = tuple[str | None, str | None, str | None]  # ids of route, service, consumer


def in_order(priorities: Mapping[str, float]) -> list[str]:
    """Return plugin names in the order in which they run: larger priority first, ties in reverse alphabetical order."""
    return sorted(priorities, key=lambda name: (priorities[name], name), reverse=True)


class Selection:
    """The enabled configurations of all plugins, to choose from. Immutable after construction.

    A plugin whose priority is unknown has two places: the first of all, and, for its configurations that name a
    consumer, one behind all others. Nobody can tell whether the consumer would have been known in time for them; that
    they are passed over because their plugin server is away must not happen.
    """

    def __init__(self, plugins: Iterable[Plugin], priorities: Mapping[str, float]) -> None:
        """Take the plugin entities and the priority of every plugin that one of them names."""
        self._by_name: dict[str, dict[Scope, Plugin]] = {}
        for plugin in plugins:
            if plugin.enabled and not HTTP_PROTOCOLS.isdisjoint(plugin.protocols):
                scopes = self._by_name.setdefault(plugin.name, {})
                scopes[plugin.route, plugin.service, plugin.consumer] = plugin
        self.names: tuple[str, ...] = tuple(name for name in in_order(priorities) if name in self._by_name)
        late = [name for name in self.names if priorities[name] == UNKNOWN]
        self._order = [*((name, False) for name in self.names), *((name, True) for name in late)]
        self._places = {slot: place for place, slot in enumerate(self._order)}
        scopes_named = [scope for scopes in self._by_name.values() for scope in scopes]
        self.routes = frozenset(route for route, _, _ in scopes_named if route is not None)
        self.services = frozenset(service for _, service, _ in scopes_named if service is not None)
        self.consumers = frozenset(consumer for _, _, consumer in scopes_named if consumer is not None)

    def place(self, plugin: Plugin) -> int:
        """Return the place of an enabled configuration in the order of all plugins."""
        late = self._places.get((plugin.name, True)) if plugin.consumer is not None else None
        return self._places[plugin.name, False] if late is None else late

    def choose(self, name: str, route: str | None, service: str | None, consumer: str | None) -> Plugin | None:
        """Return the configuration of plugin `name` that applies, or None."""
        scopes = self._by_name[name]
        for by_route, by_service, by_consumer in PRECEDENCE:
            if (by_route and route is None) or (by_service and service is None) or (by_consumer and consumer is None):
                continue
            scope = (route if by_route else None, service if by_service else None, consumer if by_consumer else None)
            if (plugin := scopes.get(scope)) is not None:
                return plugin
        return None

    def chosen(
        self, route: str | None, service: str | None, consumer: str | None, *, after: int = -1
    ) -> tuple[tuple[int, Plugin], ...]:
        """Return what applies, in order: (place in the order of all plugins, configuration), places above `after`."""
        return tuple(
            (place, plugin)
            for place, (name, is_late) in enumerate(self._order)
            if place > after
            and (plugin := self.choose(name, route, service, consumer)) is not None
            and (not is_late or plugin.consumer is not None)
        )
