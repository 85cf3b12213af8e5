"""A plugin server as a worker sees it: some members behind one name. Start reading here.

`handle` hands an event to a member (`dispatch` says which); the task that asked is parked once and woken by the reader
of that member's connection (`client`), with the outcome that the rules in `session` and `in_flight` made of what came.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, NoReturn

import outcome
import trio

from oarlock_pluginserver._generated import pdk_table as table
from oarlock_pluginserver.client import Connection
from oarlock_pluginserver.deadlines import Deadlines
from oarlock_pluginserver.dispatch import Dispatcher
from oarlock_pluginserver.event import Event, EventState, Outcome
from oarlock_pluginserver.handshake import inspect
from oarlock_pluginserver.in_flight import InFlight
from oarlock_pluginserver.info import HostInfo, PluginInfo
from oarlock_pluginserver.instances import Instance
from oarlock_pluginserver.link import Link, LinkState
from oarlock_pluginserver.log_window import LogWindow
from oarlock_pluginserver.options import ClientOptions
from oarlock_pluginserver.plugin_log import PluginLog
from oarlock_pluginserver.protocol import messages as m
from oarlock_pluginserver.session import Session

__all__ = ["ClientOptions", "PluginServer", "inspect"]

log = logging.getLogger("oarlock_pluginserver.server")

_SHUTTING_DOWN = "the gateway is shutting down"


class PluginServer:
    """One named plugin server. `run` owns its connections; everything else may be called while that runs."""

    def __init__(
        self,
        name: str,
        host_info: HostInfo,
        options: ClientOptions | None = None,
        *,
        on_plugins: Callable[[PluginServer], None] | None = None,
        on_log: Callable[[PluginServer, int, str, Mapping[str, object] | None, str | None], None] | None = None,
        on_fault: Callable[[PluginServer, str, str], None] | None = None,
    ) -> None:
        """`on_plugins(server)`: `plugins` is known, or may have changed with the code behind it.

        `on_log(server, level, text, fields, plugin)`: a log line outside of events.
        `on_fault(server, address, reason)`: the member at `address` should be replaced.
        """
        self.name = name
        self.plugins: Mapping[str, PluginInfo] = {}
        self._host = host_info
        self._options = options or ClientOptions()
        self._on_plugins = on_plugins
        self._on_fault = on_fault
        self._links: dict[str, Link] = {}  # by address
        self._leaving: set[Link] = set()  # dismissed, their last events are ending
        self._all_left = trio.Event()
        self._open: list[Connection] = []  # those that take events
        self._nursery: trio.Nursery | None = None
        self._instances: dict[tuple[str, str], Instance] = {}
        self._build: str | None = None  # of the last WELCOME
        self._deadlines = Deadlines(self._late)
        self._dispatcher = Dispatcher(
            name,
            self._deadlines,
            trio.current_time,
            self._why_down,
            self._options.queue_size,
            self._options.queue_time,
        )
        self._logs = LogWindow(name, self._dispatcher)
        self._logs.places = self._open
        self._lines = PluginLog(name, None if on_log is None else partial(on_log, self))
        self._events = self._faults = 0
        self.calls = self.handler_us = 0

    # ---- for the host

    async def run(self, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> NoReturn:
        """Serve until cancelled. Started once each member known by then has been tried."""
        try:
            async with trio.open_nursery() as nursery:
                self._nursery = nursery
                nursery.start_soon(self._deadlines.run)
                nursery.start_soon(self._logs.run)
                links = tuple(self._links.values())
                for link in links:
                    nursery.start_soon(link.run)
                for link in links:
                    await link.first_try.wait()
                task_status.started()
                await trio.sleep_forever()
        finally:
            self._nursery = None
            self._dispatcher.close(_SHUTTING_DOWN)
            self._logs.drop_all("shutdown")
        raise AssertionError("a nursery that sleeps for ever ended")

    def set_members(self, addresses: Sequence[str]) -> None:
        """These addresses ("unix:/path") are its members now: new ones are connected to, absent ones drained."""
        wanted = dict.fromkeys(addresses)
        for address in tuple(self._links):
            if address not in wanted:
                link = self._links.pop(address)
                if self._nursery is not None:
                    self._leaving.add(link)
                link.dismiss()
        for address in wanted:
            if address in self._links:
                self._links[address].try_now()
            elif not self._dispatcher.closed:
                link = self._links[address] = Link(address, self._host, self, self._options)
                if self._nursery is not None:
                    self._nursery.start_soon(link.run)
        self._dispatcher.look_again()

    @property
    def state(self) -> str:
        """ "up", "starting" (no answer yet), "down" or "draining"."""
        if self._dispatcher.closed:
            return "draining"
        if self._open:
            return "up"
        return "starting" if self._why_down() is None else "down"

    @property
    def unavailable_reason(self) -> str:
        """Why no member serves; "" if one does."""
        return "" if self._open else self._reason()

    @property
    def can_fuse(self) -> bool:
        """Whether events with several steps are taken as one by every member that is up."""
        return all("fusion" in connection.session.welcome.features for connection in self._open)

    @property
    def pdk(self) -> int:
        """Highest number of a PDK function that every member that is up knows: no fact above it may be sent."""
        return min((connection.session.welcome.pdk for connection in self._open), default=table.MAX_ID)

    def instance(self, plugin: str, key: str, config: object, name: str | None = None) -> Instance:
        """The handle of an instance; `close` it when it is needed no more. Members start it when an event needs it.

        `key` is the plugin entity's id and the revision of its configuration: the same key gives the same handle.
        """
        instance = self._instances.get((plugin, key))
        if instance is None:
            instance = self._instances[plugin, key] = Instance(plugin, key, config, name, self._instance_idle)
        else:
            instance._owners += 1
        return instance

    async def handle(self, event: Event) -> Outcome:
        """Run `event` and return how it ended. Cancelling this cancels the event; nothing else is raised."""
        self._events += 1
        event._retain()
        event._wake = _wake
        self._dispatcher.offer(event)
        if event._outcome is not None:
            return event._outcome
        event._task = trio.lowlevel.current_task()
        ended: Outcome = await trio.lowlevel.wait_task_rescheduled(partial(_abandon, event))
        return ended

    def post_log(self, event: Event) -> None:
        """Run `event` some time soon; nobody learns how it ended. Never waits, never fails."""
        self._logs.post(event)

    async def drain(self, timeout: float) -> None:
        """Take no more events, deliver the log events, end the connections when theirs have ended.

        What is left after `timeout` seconds is given up. `run` goes on, with nothing to do.
        """
        with trio.move_on_after(timeout):
            await self._logs.wait_idle()
            self._all_left = trio.Event()
            self._dispatcher.close(_SHUTTING_DOWN)
            self.set_members(())
            while self._leaving:
                await self._all_left.wait()
        self._dispatcher.close(_SHUTTING_DOWN)
        self._logs.drop_all("shutdown")
        self.set_members(())

    def statistics(self) -> dict[str, Any]:
        """Counters since the start, gauges of this moment."""
        return {
            "state": self.state,
            "reason": self.unavailable_reason,
            "events": self._events,
            "calls": self.calls,
            "handler_us": self.handler_us,
            "queued": len(self._dispatcher.room),
            "lost": self._dispatcher.lost,
            "reruns": self._dispatcher.reruns,
            "overloads": self._dispatcher.overloads,
            "faults": self._faults,
            "log_queued": len(self._logs.ring),
            "log_dropped": {f"{plugin}:{reason}": count for (plugin, reason), count in self._logs.dropped.items()},
            "instances": len(self._instances),
            "members": [link.statistics() for link in self._links.values()],
        }

    # ---- what connections and links tell (ports.Owner, link.LinkOwner)

    def watch(self, event: Event) -> None:
        """See Owner."""
        self._deadlines.add(event)

    def unwatch(self, event: Event) -> None:
        """See Owner."""
        self._deadlines.discard(event)

    def not_started(self, event: Event, session: Session, code: str, text: str) -> None:
        """An event came back untouched."""
        if event._is_log:
            self._logs.not_started(event, code)
        else:
            self._dispatcher.come_back(event, session, code, text)

    def cannot_send(self, event: Event, code: str, text: str) -> None:
        """An event can't be sent at all."""
        self._dispatcher.fail(event, code, text)

    def was_lost(self, event: Event, session: Session) -> None:
        """An event was running when its connection ended."""
        if event._is_log:
            self._logs.was_lost(event)
        else:
            self._dispatcher.was_lost(event, session)

    def event_ended(self, event: Event, session: Session) -> None:
        """A credit came back."""
        event._release()
        if event._is_log:
            self._logs.came_back(session)
        elif self._dispatcher.room:
            self._dispatcher.seat()

    def instance_settled(self, instance: Instance, session: Session) -> None:
        """An instance runs on a connection, or could not be started there."""
        if instance.is_unused:
            self._instance_idle(instance)
        failure = session.instances.failure(instance, trio.current_time())
        if failure is not None:
            log.error("plugin server %s: plugin %s: %s: %s", self.name, instance.plugin, failure.code, failure.text)
        self._dispatcher.look_again()
        self._logs.flush()

    def draining(self, session: Session) -> None:
        """A connection takes no more events."""
        for connection in self._open:
            if connection.session is session:
                self._open.remove(connection)
                self._dispatcher.places.remove(connection)
                break
        link = self._link_of(session)
        if link is not None:
            link.begin_drain()

    def log_line(self, event: Event | None, message: m.Log, instance: Instance | None) -> None:
        """A plugin, or the server, has something to say."""
        self._lines.write(trio.current_time(), event, message, instance.plugin if instance is not None else None)

    def stuck(self, session: Session, reason: str) -> None:
        """A member does not end what it was told to end."""
        link = self._link_of(session)
        if link is not None:
            log.error("plugin server %s: %s: %s", self.name, link.address, reason)
            self.fault(link, reason)

    def link_up(self, link: Link, connection: Connection) -> None:
        """A handshake is done: see what the server is, start what is in use, then let events in."""
        self._open.append(connection)
        self._dispatcher.places.append(connection)
        self._learn(link)
        for instance in tuple(self._instances.values()):
            if instance._is_wanted:
                connection.session.want(instance)
        self._dispatcher.look_again()
        self._logs.flush()

    def link_down(self, link: Link) -> None:
        """A connection is gone, or did not come about."""
        if link.state is LinkState.GONE:
            self._leaving.discard(link)
            if not self._leaving:
                self._all_left.set()
        self._dispatcher.look_again()

    def fault(self, link: Link, reason: str) -> None:
        """A member broke the protocol, or is stuck."""
        self._faults += 1
        if self._on_fault is not None:
            self._on_fault(self, link.address, reason)

    # ---- small things

    def _late(self, event: Event) -> None:
        """The deadline of an event passed: of its step, of its wait, or of its end after CANCEL."""
        if event._state is EventState.QUEUED:
            self._dispatcher.waited_too_long(event)
        elif isinstance(event._carrier, InFlight):
            if event._state is EventState.CANCELLED:
                event._carrier.look_for_stuck(event)
            else:
                event._carrier.cancel(event, "deadline")

    def _learn(self, link: Link) -> None:
        """Take over what the server says of itself, if it is another one than before."""
        welcome = link.welcome
        assert welcome is not None
        allowed = self._options.plugins
        plugins = {plugin.name: plugin for plugin in welcome.plugins if allowed is None or plugin.name in allowed}
        if unexpected := [plugin.name for plugin in welcome.plugins if plugin.name not in plugins]:
            log.error("plugin server %s offers %s, which it should not: ignored", self.name, ", ".join(unexpected))
        if (welcome.server.build, plugins) != (self._build, self.plugins):
            self._build, self.plugins, self._dispatcher.plugins = welcome.server.build, plugins, plugins
            if self._on_plugins is not None:
                self._on_plugins(self)

    def _why_down(self) -> str | None:
        """With no connection: the reason; None while one is expected within a second or so."""
        now = trio.current_time()
        return None if any(link.is_expected(now) for link in self._links.values()) else self._reason()

    def _reason(self) -> str:
        reasons = dict.fromkeys(link.reason for link in self._links.values() if link.reason)
        return "; ".join(reasons) or "it has no member"

    def _instance_idle(self, instance: Instance) -> None:
        """Nobody uses it and nobody wants it."""
        if self._instances.get((instance.plugin, instance.key)) is instance:
            del self._instances[instance.plugin, instance.key]
        for link in (*self._links.values(), *self._leaving):
            if link.connection is not None:
                link.connection.session.close_instance(instance)

    def _link_of(self, session: Session) -> Link | None:
        for link in (*self._links.values(), *self._leaving):
            if link.connection is not None and link.connection.session is session:
                return link
        return None


def _wake(event: Event) -> None:
    task, event._task = event._task, None  # cleared first: a task that is not parked must not be rescheduled
    if task is not None:
        trio.lowlevel.reschedule(task, outcome.Value(event._outcome))


def _abandon(event: Event, _raise_cancel: trio.lowlevel.RaiseCancelT) -> trio.lowlevel.Abort:
    event._task = None
    event.cancel("client_gone")
    return trio.lowlevel.Abort.SUCCEEDED
