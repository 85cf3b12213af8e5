"""A worker: serves requests with the configuration that the master gave it.

`python -m oarlock.worker` is a process of its own; with `--workers 0` a `Worker` runs in the master's. What it hears
from the master: `settings` (first), `members` of a plugin server, `configure`, `ping`, `status`, `drain`.

Nesting, outermost first, is the order of ending reversed: reactor, plugin servers, access log, connections.
"""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import faulthandler
import gc
import logging
import os
import pickle
import socket
import threading
from collections.abc import Generator, Mapping, Sequence
from functools import partial
from typing import Any, Final, TypeVar

import trio

from oarlock import __version__
from oarlock import log as logs
from oarlock.access_log import AccessLog
from oarlock.channel import Channel, Message, SocketChannel
from oarlock.config.configuration import Configuration
from oarlock.config.settings import PluginServerSettings, Settings
from oarlock.errors import OarlockError
from oarlock.gateway import Gateway, Node, State
from oarlock.pdk.caller import Environment
from oarlock.phases.compile import compile_slices
from oarlock.phases.run import Phases
from oarlock.proxy import downstream
from oarlock.proxy.headers import TrustedAddresses
from oarlock.proxy.reactor import Reactor, ReactorSocket
from oarlock.proxy.resolve import Resolver
from oarlock.proxy.upstream import Upstreams
from oarlock.router.compile import RouterError, compile_in_slices
from oarlock_pluginserver.info import HostInfo
from oarlock_pluginserver.server import ClientOptions, PluginServer
from oarlock_pluginserver.transport import unix

T = TypeVar("T")

log = logging.getLogger("oarlock.worker")

_FIRST_CONNECT: Final = 5.0  # seconds that a new worker waits for its plugin servers before it serves without them
_YOUNG_OBJECTS: Final = 20_000  # between two looks of the collector: requests leave no cycles, so it finds nothing
_LOG_FLUSH: Final = 5.0  # seconds to deliver `log` events at the end


class Worker:
    """One worker, from its first message to its last request."""

    def __init__(self, slot: int, listening: Sequence[socket.socket], channel: Channel) -> None:
        self._slot = slot
        self._listening = listening
        self._channel = channel
        self._servers: dict[str, PluginServer] = {}
        self._first_tries: dict[str, trio.Event] = {}  # of each server: all members known at first have been tried
        self._server_scopes: dict[PluginServer, trio.CancelScope] = {}
        self._listeners: list[downstream.Listener] = []
        self._gateway: Gateway | None = None
        self._environment: Environment
        self._recompile = trio.Event()
        self._building = trio.Lock()  # one configuration at a time is made ready: the last one asked for wins
        self._nursery: trio.Nursery | None = None
        self._accepting: trio.Nursery | None = None

    async def run(self) -> None:
        """Serve until the master says `drain` and the last client left, or until the master is gone."""
        try:
            first = await self._channel.receive()
            if first is None:
                return
            settings: Settings = pickle.loads(first["settings"])
            await self._serve(settings)
        finally:
            with trio.CancelScope(shield=True, deadline=trio.current_time() + 1.0):
                await self._channel.aclose()

    async def _serve(self, settings: Settings) -> None:
        assert settings.node_id is not None  # the master chose one for all its workers
        node = Node(id=settings.node_id, hostname=socket.gethostname(), version=__version__)
        reactor = Reactor()
        async with trio.open_nursery() as outermost:
            await outermost.start(reactor.run)
            async with trio.open_nursery() as nursery:
                self._nursery = nursery
                resolver = Resolver.from_settings(settings.resolver)
                await nursery.start(resolver.run)
                gateway = self._gateway = Gateway(
                    settings=settings,
                    node=node,
                    state=None,  # type: ignore[arg-type]  # nothing is accepted before the first configuration
                    reactor=reactor,
                    upstreams=Upstreams(reactor, settings, resolver),
                    trusted=TrustedAddresses(settings.trusted_ips),
                    access_log=AccessLog(settings.log.access, settings.log.access_format),
                )
                self._environment = Environment(
                    settings=settings, node=node, trusted=gateway.trusted, counters=gateway.counters
                )
                nursery.start_soon(gateway.access_log.run)
                nursery.start_soon(gateway.upstreams.run)
                nursery.start_soon(self._recompile_when_plugins_change)
                async with trio.open_nursery() as accepting:
                    self._accepting = accepting
                    accepting.start_soon(self._obey)
                await self._finish()
                nursery.cancel_scope.cancel()
            gateway.upstreams.close()
            outermost.cancel_scope.cancel()

    async def _obey(self) -> None:
        """Do what the master says, in order, until it says `drain` or is gone."""
        while (message := await self._channel.receive()) is not None:
            match message["do"]:
                case "members":
                    self._set_members(message["name"], message["addresses"])
                case "configure":
                    answer = await self._configure(message["snapshot"], pickle.loads(message["plugin_servers"]))
                    await self._answer(message, **answer)
                case "status":
                    await self._answer(message, ok=True, **self._status())
                case "ping":
                    await self._answer(message, ok=True)
                case "drain":
                    assert self._nursery is not None
                    self._nursery.start_soon(self._obey_while_draining)
                    break
        else:
            log.error("the master is gone")
        self._drain()

    async def _obey_while_draining(self) -> None:
        while (message := await self._channel.receive()) is not None:
            if message["do"] in ("ping", "status"):
                await self._answer(message, ok=True, **(self._status() if message["do"] == "status" else {}))
            elif message["do"] == "members":
                self._set_members(message["name"], message["addresses"])

    def _drain(self) -> None:
        """Take no more connections; those between two requests end, the others after their response."""
        for listener in self._listeners:
            listener.stop_accepting()
        if self._gateway is not None:
            downstream.drain(self._gateway)

    async def _finish(self) -> None:
        """After the last request: deliver what plugins were to log."""
        async with trio.open_nursery() as nursery:
            for server in self._servers.values():
                nursery.start_soon(server.drain, _LOG_FLUSH)

    async def _answer(self, message: Message, **answer: Any) -> None:
        with contextlib.suppress(trio.BrokenResourceError, trio.ClosedResourceError):
            await self._channel.send({"re": message["id"], **answer})

    async def _configure(self, snapshot: bytes, plugin_servers: Mapping[str, PluginServerSettings]) -> dict[str, Any]:
        """Put a configuration in force. Requests under way go on with the one they began with."""
        assert self._gateway is not None
        self._gateway.settings = dataclasses.replace(self._gateway.settings, plugin_servers=plugin_servers)
        configuration = Configuration.decode(snapshot)
        first = self._gateway.state is None
        if first:
            await self._wait_for_servers()
        try:
            async with self._building:
                await self._put_in_force(configuration)
        except (OarlockError, RouterError) as error:
            return {"ok": False, "error": str(error)}
        if first:
            await self._start_listening()
        self._forget_removed()
        return {"ok": True, "version": configuration.version}

    async def _put_in_force(self, configuration: Configuration) -> None:
        """Build beside the traffic, in slices, with the collector off; then swap in one assignment."""
        gateway = self._gateway
        assert gateway is not None
        before: State | None = gateway.state
        gc.disable()
        try:
            if before is not None and before.configuration is configuration:
                router = before.router
            else:
                routes, services = configuration.routes.values(), configuration.services
                router = await _in_turns(compile_in_slices(routes, services, gateway.settings.router_flavor))
            servers = {name: self._servers[name] for name in gateway.settings.plugin_servers if name in self._servers}
            plans = await _in_turns(compile_slices(configuration, servers, gateway.settings))
            phases = Phases(plans, self._environment, facts=gateway.settings.plugin_facts)
            gateway.upstreams.configure(configuration)
            gateway.state = State(configuration=configuration, router=router, phases=phases)
        finally:
            gc.enable()
        gc.freeze()
        gc.set_threshold(_YOUNG_OBJECTS, 10, 10)

    async def _start_listening(self) -> None:
        assert self._accepting is not None
        assert self._gateway is not None
        for sock in self._listening:
            listener = downstream.Listener(sock, self._gateway)
            await self._accepting.start(listener.run)
            self._listeners.append(listener)

    def _set_members(self, name: str, addresses: Sequence[str]) -> None:
        """A plugin server's members have changed; a server without any stays known, and its plugins unavailable."""
        assert self._gateway is not None
        assert self._nursery is not None
        server = self._servers.get(name)
        if server is None:
            if not addresses:
                return
            server = self._servers[name] = self._new_server(name)
            server.set_members(addresses)
            self._first_tries[name] = trio.Event()
            self._server_scopes[server] = trio.CancelScope()
            self._nursery.start_soon(self._run_server, server)
        server.set_members(addresses)

    async def _run_server(self, server: PluginServer) -> None:
        with self._server_scopes[server]:
            async with trio.open_nursery() as nursery:
                await nursery.start(server.run)
                self._first_tries[server.name].set()
                self._recompile.set()

    def _forget_removed(self) -> None:
        """Let go of the plugin servers that the settings no longer name, once their last events have ended."""
        assert self._gateway is not None
        assert self._nursery is not None
        for name in self._servers.keys() - self._gateway.settings.plugin_servers.keys():
            self._nursery.start_soon(self._forget, self._servers.pop(name))

    async def _forget(self, server: PluginServer) -> None:
        await server.drain(self._environment.settings.shutdown_timeout)
        self._server_scopes.pop(server).cancel()

    def _new_server(self, name: str) -> PluginServer:
        assert self._gateway is not None
        settings = self._gateway.settings
        info = HostInfo(
            version=__version__,
            node_id=self._gateway.node.id,
            worker=self._slot,
            peers=max(1, settings.workers),
            level=_wire_level(settings.log.level),
        )
        server = settings.plugin_servers.get(name)
        options = ClientOptions(connect=partial(_connect, self._gateway.reactor))
        if server is not None:
            expected = frozenset(server.plugins) if server.plugins is not None else None
            options = dataclasses.replace(options, max_in_flight=server.max_in_flight, plugins=expected)
        return PluginServer(name, info, options, on_plugins=self._plugins_changed, on_fault=self._report_fault)

    def _report_fault(self, server: PluginServer, address: str, reason: str) -> None:
        """A member broke the protocol or is stuck: the master, which owns its process, replaces it."""
        assert self._nursery is not None
        self._nursery.start_soon(
            self._tell_fault, {"do": "fault", "name": server.name, "address": address, "reason": reason}
        )

    async def _tell_fault(self, message: Message) -> None:
        with contextlib.suppress(trio.BrokenResourceError, trio.ClosedResourceError):
            await self._channel.send(message)

    def _plugins_changed(self, server: PluginServer) -> None:
        """A server said what it has (again): plans and checked plugin configuration follow."""
        log.info("plugin server %s offers %s", server.name, ", ".join(sorted(server.plugins)) or "no plugin")
        self._recompile.set()

    async def _recompile_when_plugins_change(self) -> None:
        while True:
            await self._recompile.wait()
            self._recompile = trio.Event()
            async with self._building:
                if self._gateway is not None and self._gateway.state is not None:
                    await self._put_in_force(self._gateway.state.configuration)

    async def _wait_for_servers(self) -> None:
        """Let the plugin servers say what they have before the first request; one that can't does not hold us up."""
        with trio.move_on_after(_FIRST_CONNECT):
            for name, started in self._first_tries.items():
                log.debug("waiting for plugin server %s", name)
                await started.wait()

    def _status(self) -> dict[str, Any]:
        gateway = self._gateway
        assert gateway is not None
        counters = gateway.counters
        return {
            "requests": counters.total_requests,
            "connections": counters.connections_active,
            "plugin_servers": {name: server.statistics() for name, server in self._servers.items()},
        }


async def _in_turns(slices: Generator[None, None, T]) -> T:
    """Do work that pauses, and let the requests have their turn at each pause."""
    while True:
        try:
            next(slices)
        except StopIteration as end:
            result: T = end.value
            return result
        await trio.lowlevel.checkpoint()


def _wire_level(name: str) -> int:
    """The threshold of plugins' log lines (pdk.toml, log_levels) for one of Kong's level names."""
    from oarlock_pluginserver._generated.pdk_table import LOG_LEVELS

    return LOG_LEVELS.get({"error": "err", "emerg": "alert"}.get(name, name), LOG_LEVELS["notice"])


async def _connect(reactor: Reactor, address: str) -> ReactorSocket:
    """Connect to a plugin server by a socket that waits without system calls, as those of clients do."""
    return ReactorSocket(reactor, await unix.open_socket(address))


def _watch_lifeline(fd: int) -> None:
    """End this process when the master has ended, however stuck the loop may be."""
    with contextlib.suppress(OSError):
        while os.read(fd, 1):
            pass
    os._exit(70)


def main() -> None:
    """The process: descriptors come from the master, by number."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--slot", type=int, required=True)
    parser.add_argument("--channel", type=int, required=True)
    parser.add_argument("--lifeline", type=int, required=True)
    parser.add_argument("--listen", required=True)
    parser.add_argument("--log-level", required=True)
    parser.add_argument("--log-format", required=True)
    arguments = parser.parse_args()
    faulthandler.enable()  # SIGABRT, which the master sends to a worker that does not answer, prints all stacks
    threading.Thread(target=_watch_lifeline, args=(arguments.lifeline,), daemon=True).start()
    writer = logs.set_up(arguments.log_level, f"worker/{arguments.slot}", arguments.log_format)
    channel = socket.socket(fileno=arguments.channel)
    listening = [socket.socket(fileno=int(fd)) for fd in arguments.listen.split(",")]

    async def run() -> None:
        await Worker(arguments.slot, listening, SocketChannel(channel)).run()

    try:
        trio.run(run)
    finally:
        writer.close()


if __name__ == "__main__":
    main()
