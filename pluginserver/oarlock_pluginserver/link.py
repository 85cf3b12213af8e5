"""A worker's link to one member of a plugin server: connect, serve, connect again. Never busy, never giving up."""

from __future__ import annotations

import logging
from enum import Enum
from typing import Any, Final, Protocol

import trio

from oarlock_pluginserver._generated import pdk_table as table
from oarlock_pluginserver.client import Connection
from oarlock_pluginserver.errors import HandshakeFailed, ProtocolError
from oarlock_pluginserver.handshake import shake_hands
from oarlock_pluginserver.info import HostInfo, Welcome
from oarlock_pluginserver.options import ClientOptions
from oarlock_pluginserver.ports import Owner
from oarlock_pluginserver.restart import Backoff
from oarlock_pluginserver.session import PeerLeft

log = logging.getLogger("oarlock_pluginserver.link")

_EXPECTED_AFTER_DRAIN: Final = 2.0  # seconds in which a member that drained is worth waiting for
_HOPELESS: Final = frozenset({"version", "auth", "mismatch"})  # trying again soon will not help


class LinkState(Enum):
    """Where a link is."""

    CONNECTING = "connecting"
    UP = "up"
    DRAINING = "draining"
    WAITING = "waiting"  # for the next try
    GONE = "gone"


class LinkOwner(Owner, Protocol):
    """What a link needs from its plugin server."""

    def link_up(self, link: Link, connection: Connection) -> None:
        """The handshake is done."""

    def link_down(self, link: Link) -> None:
        """There is no connection, or none any more; `link.reason` says why."""

    def fault(self, link: Link, reason: str) -> None:
        """The member broke the protocol."""


class Link:
    """One address of a plugin server: `run` keeps a connection to it until `dismiss` or cancellation."""

    def __init__(self, address: str, host: HostInfo, owner: LinkOwner, options: ClientOptions) -> None:
        self.address = address
        self.state = LinkState.CONNECTING
        self.reason = "not connected yet"
        self.connection: Connection | None = None
        self.welcome: Welcome | None = None
        self.first_try = trio.Event()  # set when the first attempt succeeded or failed
        self.connects = 0
        self._host = host
        self._owner = owner
        self._options = options
        self._backoff = Backoff(options.reconnect_initial, options.reconnect_ceiling, jitter=0.2)
        self._wake = trio.Event()
        self._scope = trio.CancelScope()
        self._is_dismissed = False
        self._expected_until = float("inf")
        self._told = ""

    def is_expected(self, now: float) -> bool:
        """Whether a connection is likely within a second or so: first try, or the member just drained."""
        return not self._is_dismissed and (self.state is LinkState.DRAINING or now < self._expected_until)

    def dismiss(self) -> None:
        """It is wanted no more: end its connection when the last event has ended."""
        self._is_dismissed = True
        if self.connection is None:
            self._scope.cancel()
        else:
            self.connection.drain()

    def begin_drain(self) -> None:
        """The connection takes no more events: those that it has get a limited time."""
        if self.state is LinkState.UP and self.connection is not None:
            self.state = LinkState.DRAINING
            self.connection.start_grace()

    def try_now(self) -> None:
        """Somebody says that the member is there: do not wait for the next try."""
        if self.state is LinkState.WAITING:
            self._wake.set()

    def statistics(self) -> dict[str, Any]:
        """What there is to know of the member, for people."""
        session = self.connection.session if self.connection is not None else None
        in_flight = session.in_flight if session is not None else None
        return {
            "address": self.address,
            "state": self.state.value,
            "reason": self.reason,
            "connects": self.connects,
            "pid": self.welcome.server.pid if self.welcome is not None else None,
            "build": self.welcome.server.build if self.welcome is not None else None,
            "in_flight": in_flight.credits.used if in_flight is not None else 0,
            "credits": in_flight.credits.limit if in_flight is not None else 0,
            "cancelled": in_flight.cancelled if in_flight is not None else 0,
            "log_in_flight": in_flight.log_credits.used if in_flight is not None else 0,
            "running_there": session.running_there if session is not None else 0,
            "oldest_there": session.oldest_there if session is not None else 0.0,  # seconds
        }

    async def run(self) -> None:
        """Connect again and again; return when dismissed."""
        with self._scope:
            while self._goes_on():
                self.state = LinkState.CONNECTING
                began = trio.current_time()
                uptime, code = await self._once()
                if not self._goes_on():
                    break
                starting = trio.current_time() - began - uptime
                delay = self._backoff.delay_after(uptime=uptime, starting=starting)
                if code in _HOPELESS:
                    delay = self._options.reconnect_ceiling
                self.state = LinkState.WAITING
                with trio.move_on_after(delay):
                    await self._wake.wait()
                self._wake = trio.Event()
        self.state = LinkState.GONE
        self._owner.link_down(self)

    def _goes_on(self) -> bool:
        return not self._is_dismissed

    async def _once(self) -> tuple[float, str]:
        """One connection from first to last: how long it served (seconds), and the code of a refusal."""
        try:
            with trio.fail_after(table.HANDSHAKE_TIMEOUT):
                stream = await self._options.connect(self.address)
        except trio.TooSlowError:
            return self._failed(f"{self.address} does not accept connections", "")
        except (OSError, ValueError) as error:
            return self._failed(f"no connection to {self.address}: {getattr(error, 'strerror', None) or error}", "")
        connection = None
        try:
            welcome, frames = await shake_hands(stream, self.address, self._host)
            connection = Connection(
                stream,
                welcome,
                frames,
                self._host,
                self._owner,
                max_events=self._options.max_in_flight,
                drain_grace=self._options.drain_grace,
                stall_timeout=self._options.stall_timeout,
            )
        except HandshakeFailed as error:
            return self._failed(str(error), error.code)
        except ProtocolError as error:
            self._owner.fault(self, str(error))
            return self._failed(f"protocol error at {self.address}: {error}", error.code)
        except OSError as error:
            return self._failed(f"the connection to {self.address} broke: {error}", "")
        finally:
            if connection is None:
                stream.close()
        return await self._serve(connection, welcome)

    async def _serve(self, connection: Connection, welcome: Welcome) -> tuple[float, str]:
        since = trio.current_time()
        self.connection, self.welcome, self.state = connection, welcome, LinkState.UP
        self.connects += 1
        self._told = self.reason = ""
        self._expected_until = 0.0
        log.info("plugin server %s: connected to %s", self._owner.name, self.address)
        failure: Exception | None = None
        try:
            self._owner.link_up(self, connection)
            self.first_try.set()
            failure = await connection.run()
        finally:
            self.connection = None
        uptime = trio.current_time() - since
        if failure is None:
            self.reason = "the server drained"
            self._expected_until = trio.current_time() + _EXPECTED_AFTER_DRAIN
            self._owner.link_down(self)
            return uptime, ""
        if isinstance(failure, ProtocolError):
            self._owner.fault(self, str(failure))
        kind = "protocol error" if isinstance(failure, ProtocolError) else "lost"
        self._failed(f"{kind} at {self.address}: {failure}", "")
        return uptime, failure.code if isinstance(failure, PeerLeft) else ""

    def _failed(self, reason: str, code: str) -> tuple[float, str]:
        self.reason = reason
        if reason != self._told:  # once, not at each try
            log.error("plugin server %s: %s", self._owner.name, reason)
            self._told = reason
        self._expected_until = 0.0
        self.first_try.set()
        self._owner.link_down(self)
        return 0.0, code
