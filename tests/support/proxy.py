"""A gateway of the proxy core alone: real sockets, real routes, and phases that a test writes as functions."""

from __future__ import annotations

import socket
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import trio

from oarlock.config.configuration import Configuration
from oarlock.config.entity import Entity
from oarlock.config.route import Route
from oarlock.config.service import Service
from oarlock.config.settings import Limits, Settings
from oarlock.gateway import Gateway, Node, State
from oarlock.proxy.downstream import Listener
from oarlock.proxy.exchange import Exchange
from oarlock.proxy.headers import TrustedAddresses
from oarlock.proxy.reactor import Reactor
from oarlock.proxy.upstream import Upstreams
from oarlock.router.compile import compile_router

Phase = Callable[[Exchange], Awaitable[None]]


@dataclass
class FakePhases:
    """Phases made of functions. They serve as plan, too."""

    on_rewrite: Phase | None = None
    on_access: Phase | None = None
    on_response: Phase | None = None
    logged: list[Exchange] = field(default_factory=list)
    has_log: bool = True

    @property
    def has_rewrite(self) -> bool:
        return self.on_rewrite is not None

    @property
    def has_access(self) -> bool:
        return self.on_access is not None

    @property
    def has_response(self) -> bool:
        return self.on_response is not None

    buffers_response = has_response

    def route(self, x: Exchange) -> None:
        x.plan = self

    async def rewrite(self, x: Exchange) -> None:
        assert self.on_rewrite is not None
        await self.on_rewrite(x)

    async def access(self, x: Exchange) -> None:
        assert self.on_access is not None
        await self.on_access(x)

    async def response(self, x: Exchange) -> None:
        assert self.on_response is not None
        await self.on_response(x)

    def log(self, x: Exchange) -> None:
        self.logged.append(x)


class FakeAccessLog:
    """Keeps what is appended, and lets a test wait for it."""

    def __init__(self) -> None:
        self.exchanges: list[Exchange] = []
        self._appended = trio.Event()

    def append(self, x: Exchange) -> None:
        self.exchanges.append(x)
        self._appended.set()

    async def wait_for(self, count: int) -> list[Exchange]:
        while len(self.exchanges) < count:
            self._appended = trio.Event()
            await self._appended.wait()
        return self.exchanges


@dataclass
class Running:
    """A gateway that serves."""

    gateway: Gateway
    port: int
    phases: FakePhases
    log: FakeAccessLog
    listener: Listener


def service(port: int, **fields: Any) -> Service:
    return Service(
        **{"id": "00000000-0000-0000-0000-000000000001", "name": "s", "host": "127.0.0.1", "port": port} | fields
    )


def route(**fields: Any) -> Route:
    return Route(
        **{"id": "00000000-0000-0000-0000-000000000002", "name": "r", "paths": ("/",), "strip_path": False}
        | {"service": "00000000-0000-0000-0000-000000000001"}
        | fields
    )


@asynccontextmanager
async def gateway(
    *entities: Entity,
    limits: dict[str, Any] | None = None,
    phases: FakePhases | None = None,
    resolver: Any = None,
    sweep: float = 0.02,
    **settings: Any,
) -> AsyncGenerator[Running, None]:
    """Serve `entities` (a route for everything to the given service unless they hold one) for the block."""
    if entities and not any(isinstance(entity, Route) for entity in entities):
        entities = (*entities, route())
    configured = replace(Settings(), limits=replace(Limits(), **(limits or {})), **settings)
    configuration = Configuration.of(entities)
    reactor = Reactor()
    fake_phases = phases or FakePhases()
    access_log = FakeAccessLog()
    upstreams = Upstreams(reactor, configured, resolver)
    upstreams.configure(configuration)
    running = Gateway(
        settings=configured,
        node=Node(id="n", hostname="h", version="0"),
        state=State(
            configuration=configuration,
            router=compile_router(configuration.routes.values(), configuration.services, configured.router_flavor),
            phases=fake_phases,  # type: ignore[arg-type]
        ),
        reactor=reactor,
        upstreams=upstreams,
        trusted=TrustedAddresses(configured.trusted_ips),
        access_log=access_log,  # type: ignore[arg-type]
    )
    listening = socket.create_server(("127.0.0.1", 0))
    listener = Listener(listening, running)
    with listening:
        async with trio.open_nursery() as outer:
            await outer.start(reactor.run, sweep)
            async with trio.open_nursery() as inner:
                inner.start_soon(upstreams.run)
                await inner.start(listener.run)
                try:
                    with trio.fail_after(20):
                        yield Running(running, listening.getsockname()[1], fake_phases, access_log, listener)
                finally:
                    inner.cancel_scope.cancel()
            outer.cancel_scope.cancel()
