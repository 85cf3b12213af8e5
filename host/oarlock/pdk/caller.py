"""Who calls a PDK function: in which exchange and phase, for which plugin; and what it may ask of the node."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from oarlock.config.plugin import Plugin
    from oarlock.config.settings import Settings
    from oarlock.gateway import Counters, Node
    from oarlock.proxy.exchange import Exchange
    from oarlock.proxy.headers import TrustedAddresses


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """What the PDK reads of the worker it runs in. One per worker."""

    settings: Settings
    node: Node
    trusted: TrustedAddresses
    counters: Counters


class Caller:
    """One instance in one phase of one exchange, asking. Every PDK function takes it first."""

    __slots__ = ("environment", "phase", "plugin", "x")

    def __init__(self, x: Exchange, phase: int, plugin: Plugin, environment: Environment) -> None:
        self.x = x
        self.phase = phase  # number
        self.plugin = plugin
        self.environment = environment
