"""What a worker serves with: its settings, and the state that a reload swaps whole.

An `Exchange` keeps the `State` it began with, so one request never sees two configurations.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from oarlock.proxy.header_rules import HeaderRules

if TYPE_CHECKING:
    from oarlock.access_log import AccessLog
    from oarlock.config.configuration import Configuration
    from oarlock.config.settings import Settings
    from oarlock.phases.run import Phases
    from oarlock.proxy.downstream import ClientStream
    from oarlock.proxy.headers import TrustedAddresses
    from oarlock.proxy.reactor import Reactor
    from oarlock.proxy.upstream import Upstreams
    from oarlock.router.compile import Router


@dataclass(slots=True)
class Counters:
    """Of this worker, since it started. Plain numbers: the loop is the lock."""

    connections_active: int = 0
    connections_reading: int = 0
    connections_writing: int = 0
    connections_waiting: int = 0
    connections_accepted: int = 0
    connections_handled: int = 0
    total_requests: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """Who this gateway is."""

    id: str  # UUID
    hostname: str
    version: str


@dataclass(slots=True, kw_only=True)
class State:
    """One configuration in force: replaced whole, never changed."""

    configuration: Configuration
    router: Router
    phases: Phases


@dataclass(slots=True, kw_only=True)
class Gateway:
    """Everything a connection needs. One per worker."""

    settings: Settings
    node: Node
    state: State
    reactor: Reactor
    upstreams: Upstreams  # pools, balancers, health, TLS contexts: outlives a reload, told of it by `configure`
    trusted: TrustedAddresses
    access_log: AccessLog
    counters: Counters = field(default_factory=Counters)
    header_rules: HeaderRules = field(init=False)
    clients: set[ClientStream] = field(default_factory=set)  # open connections
    draining: bool = False  # answer with Connection: close

    def __post_init__(self) -> None:
        self.header_rules = HeaderRules(self.settings)
