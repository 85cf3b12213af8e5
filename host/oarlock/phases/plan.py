"""The plan of a request: which instances run in which phase, in what order, fused into which runs (pure).

What can run, and with which instance, is settled with the configuration (`compile`). A request takes the plan of its
route and service, made when the first one comes; routes that no plugin names share one. When a plugin sets the
consumer, `Plans.reselected` gives the plan that goes on from there: what has run stays chosen, what has not is chosen
again. Those plans are made on first use, kept in a bounded cache, and made only for consumers that some configuration
names.
"""

from __future__ import annotations

import weakref
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from oarlock.pdk.learning import FactKey, Learned
from oarlock.phases.selection import Selection
from oarlock_pluginserver._generated.pdk_table import PHASES
from oarlock_pluginserver.event import Step

if TYPE_CHECKING:
    from oarlock.config.plugin import Plugin
    from oarlock_pluginserver.instances import Instance
    from oarlock_pluginserver.server import PluginServer

REWRITE: Final = PHASES["rewrite"]
ACCESS: Final = PHASES["access"]
RESPONSE: Final = PHASES["response"]
LOG: Final = PHASES["log"]

MAX_CONSUMER_PLANS: Final = 4096


@dataclass(frozen=True, slots=True, eq=False)
class Handler:
    """What an instance does in one phase."""

    budget: float  # seconds
    needs: tuple[FactKey, ...] = ()  # facts declared by the plugin
    needs_body: bool = False  # one of them is the request's body
    may_rerun: bool = False  # running it twice for a request does no harm
    learned: Learned = field(default_factory=Learned)  # facts it was seen to ask for


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Entry:
    """One configuration of a plugin at its place in a plan."""

    plugin: Plugin
    place: int  # in the order of all plugins
    server: PluginServer | None = None
    instance: Instance | None = None
    handlers: Mapping[int, Handler] = field(default_factory=dict)  # by phase
    unavailable: str = ""  # why it can't run; "" if it can
    fail_open: bool = False  # after an error the request goes on
    fail_open_late: bool = False  # after a deadline the request goes on

    def runs_in(self, phase: int) -> bool:
        """Whether it has a part in `phase`. One that is unavailable has one in access, where it answers 503."""
        return phase == ACCESS if self.unavailable else phase in self.handlers


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """Neighbours in one plugin server: they run from one event."""

    entries: tuple[Entry, ...]
    steps: tuple[Step, ...]  # of its event; none where the entry is unavailable
    needs: tuple[FactKey, ...]
    learned: tuple[Learned, ...]
    needs_body: bool


@dataclass(frozen=True, slots=True, eq=False)
class Stage:
    """What runs in one phase: the entries in order, and for each place the run that starts there."""

    entries: tuple[Entry, ...]
    runs: tuple[Run, ...]

    def start_after(self, place: int) -> int:
        """Return the index of the first entry behind `place` in the order of all plugins."""
        return sum(entry.place <= place for entry in self.entries)


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """What runs for a request from access on."""

    key: tuple[object, ...]
    consumer: str | None  # only one that a configuration names
    entries: tuple[Entry, ...]
    access: Stage
    response: Stage
    log: Stage
    has_access: bool
    has_response: bool
    has_log: bool
    keeps_body: bool  # a response handler reads the request's body: it is kept whole

    @property
    def buffers_response(self) -> bool:
        """The response is read whole before anything of it is sent."""
        return self.has_response


def stage(entries: Sequence[Entry], phase: int) -> Stage:
    """Return the entries that run in `phase`, with their runs."""
    running = tuple(entry for entry in entries if entry.runs_in(phase))
    return Stage(running, tuple(_run_from(running, index, phase) for index in range(len(running))))


def single(entry: Entry, phase: int) -> Run:
    """Return the run of one entry alone."""
    return _run_from((entry,), 0, phase)


def _run_from(entries: tuple[Entry, ...], start: int, phase: int) -> Run:
    """Return the longest run that starts with entry number `start` (PROTOCOL.md, fusion: what is not fused)."""
    end = start + 1
    first = entries[start]
    while end < len(entries) and _may_join(first, entries[end], phase):
        end += 1
    members = entries[start:end]
    handlers = [handler for entry in members if (handler := entry.handlers.get(phase)) is not None]
    return Run(
        members,
        tuple(
            Step(entry.instance, handler.budget)
            for entry in members
            if entry.instance is not None and (handler := entry.handlers.get(phase)) is not None
        ),
        tuple(dict.fromkeys(key for handler in handlers for key in handler.needs)),
        tuple(dict.fromkeys(handler.learned for handler in handlers)),
        any(handler.needs_body for handler in handlers),
    )


def _may_join(first: Entry, other: Entry, phase: int) -> bool:
    if phase == LOG:
        return False  # nobody waits for the outcome to send on those behind one that failed
    if first.unavailable or other.unavailable or first.server is not other.server:
        return False
    # Who needs no body must be able to refuse before the body is read.
    return first.handlers[phase].needs_body or not other.handlers[phase].needs_body


class Plans:
    """All plans of one configuration.

    The instances of the entries are given back when nobody has the plans any more: neither the worker nor an exchange
    that began with them.
    """

    def __init__(self, selection: Selection, entries: Mapping[str, Entry]) -> None:
        """Take which configuration applies where, and the entry of each enabled plugin entity by id."""
        self._selection = selection
        self._entries = entries
        self._scoped: dict[tuple[str, str | None], Plan] = {}
        self._with_consumer: dict[tuple[object, ...], Plan] = {}
        self.rewrite = stage(self._chosen(None, None, None), REWRITE)
        self.global_plan = self._plan((), None, None, None)
        instances = [entry.instance for entry in entries.values() if entry.instance is not None]
        weakref.finalize(self, _give_back, instances).atexit = False

    def of(self, route: str | None, service: str | None) -> Plan:
        """Return the plan for a route and its service, consumer unknown; the global one if no plugin names them."""
        plan = self._scoped.get((route, service))  # type: ignore[arg-type]  # no key has None for the route
        if plan is not None:
            return plan
        if route is None:
            return self.global_plan
        if route in self._selection.routes or service in self._selection.services:
            plan = self._plan((route, service), route, service, None)
        else:
            plan = self.global_plan
        self._scoped[route, service] = plan
        return plan

    def reselected(self, plan: Plan, route: str | None, service: str | None, consumer: str | None, place: int) -> Plan:
        """Return the plan that goes on behind `place` in the order of plugins, now that the consumer is known.

        Args:
            plan: the plan so far; what it chose up to `place` stays.
            route: id of the route matched.
            service: id of its service.
            consumer: id of the consumer; None, or one that no configuration names: none.
            place: of the entry that set the consumer.
        """
        if consumer not in self._selection.consumers:
            consumer = None
        if consumer == plan.consumer:
            return plan
        key = (plan.key, route, service, consumer, place)
        found = self._with_consumer.get(key)
        if found is None:
            kept = tuple(entry for entry in plan.entries if entry.place <= place)
            found = self._plan(key, route, service, consumer, kept, after=place)
            if len(self._with_consumer) >= MAX_CONSUMER_PLANS:
                self._with_consumer.pop(next(iter(self._with_consumer)))
            self._with_consumer[key] = found
        return found

    def _plan(
        self,
        key: tuple[object, ...],
        route: str | None,
        service: str | None,
        consumer: str | None,
        kept: tuple[Entry, ...] = (),
        *,
        after: int = -1,
    ) -> Plan:
        entries = kept + self._chosen(route, service, consumer, after=after)
        access, response, log = (stage(entries, phase) for phase in (ACCESS, RESPONSE, LOG))
        keeps_body = any(entry.handlers[RESPONSE].needs_body for entry in response.entries)
        return Plan(
            key, consumer, entries, access, response, log,
            bool(access.entries) or keeps_body, bool(response.entries), bool(log.entries), keeps_body,
        )  # fmt: skip

    def _chosen(
        self, route: str | None, service: str | None, consumer: str | None, *, after: int = -1
    ) -> tuple[Entry, ...]:
        chosen = self._selection.chosen(route, service, consumer, after=after)
        return tuple(self._entries[plugin.id] for _, plugin in chosen)


def _give_back(instances: Sequence[Instance]) -> None:
    for instance in instances:
        instance.close()
