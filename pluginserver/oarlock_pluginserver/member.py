"""One member of a managed plugin server: one process after another, as long as one is wanted.

A process that has answered the handshake is up; when it ends, the next is started after a wait that grows with every
failure.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

import trio

from oarlock_pluginserver.errors import PluginServerError
from oarlock_pluginserver.info import Welcome
from oarlock_pluginserver.process import ServerProcess, run_process
from oarlock_pluginserver.restart import Backoff
from oarlock_pluginserver.spec import ServerSpec

log = logging.getLogger("oarlock_pluginserver.supervisor")

HANDSHAKE_ERRORS: Final = (PluginServerError, OSError, trio.TooSlowError, trio.BrokenResourceError)

_DYING_GRACE: Final = 1.0  # seconds for a process that broke off the handshake to end, so that its exit is the reason
_JITTER: Final = 0.2


class MemberState(StrEnum):
    """Where a member is in its life."""

    STARTING = "starting"  # its process runs and has not answered yet
    UP = "up"
    WAITING = "waiting"  # to be started again
    QUARANTINED = "quarantined"  # it fails all the time: tried once in `restart_ceiling` seconds
    STOPPING = "stopping"
    STOPPED = "stopped"


class Member:
    """Keeps one process of a server up."""

    def __init__(
        self,
        spec: ServerSpec,
        number: int,
        paths: Iterator[Path],
        greet: Callable[[str], Awaitable[Welcome]],
        on_change: Callable[[], None],
        *,
        is_replacement: bool,
    ) -> None:
        """`paths` gives each process a socket path of its own; `greet` reads the WELCOME at an address.

        `on_change` is called after each change of `state`. A replacement ends if its first process does not come up.
        """
        self.label = f"{spec.name}/{number}"
        self.state = MemberState.STARTING
        self.reason = ""  # why the last process ended, or did not come up
        self.address = ""  # of the process that runs, or the last one that did
        self.welcome: Welcome | None = None  # what that process said of itself
        self.decided = trio.Event()  # it was up, or its first process has failed
        self.ended = trio.Event()
        self._spec = spec
        self._number = number
        self._paths = paths
        self._greet = greet
        self._on_change = on_change
        self._is_replacement = is_replacement
        self._process: ServerProcess | None = None
        self._scope = trio.CancelScope()
        self._restarts = 0
        self._next_try = 0.0  # on trio's clock
        self._backoff = Backoff(
            spec.restart_initial,
            spec.restart_ceiling,
            jitter=_JITTER,
            quarantine_after=spec.quarantine_after,
            quarantine_window=spec.quarantine_window,
        )

    @property
    def is_up(self) -> bool:
        """Whether it takes events at `address`."""
        return self.state is MemberState.UP

    async def run(self) -> None:
        """Keep it up until `stop` or a cancellation, or a replacement has failed; then its process is gone."""
        try:
            with self._scope:
                while True:
                    starting, uptime = await self._run_once()
                    if self._is_replacement and not self.decided.is_set():
                        break
                    await self._wait(starting, uptime)
                    self._restarts += 1
        finally:
            self._move(MemberState.STOPPED)
            self.decided.set()
            self.ended.set()

    def stop(self) -> None:
        """Let its process end, at most `stop_grace` from now, and start no other. `ended` tells when."""
        self._scope.cancel()

    def status(self) -> dict[str, Any]:
        """What an operator wants to know, as plain data; times are seconds."""
        process = self._process
        is_waiting = self.state in (MemberState.WAITING, MemberState.QUARANTINED)
        return {
            "member": self._number,
            "state": str(self.state),
            "reason": self.reason,
            "address": self.address,
            "pid": process.pid if process and not process.exit else None,
            "restarts": self._restarts,
            "last_exit": str(process.exit) if process and process.exit else None,
            "last_output": process.output.lines if process else [],
            "next_try": round(max(0.0, self._next_try - trio.current_time()), 3) if is_waiting else None,
        }

    async def _run_once(self) -> tuple[float, float]:
        """Run one process to its end. Returns the seconds until it was ready, or had failed, and those it served."""
        path = next(self._paths)
        self.address, self.welcome = f"unix:{path}", None
        self._move(MemberState.STARTING)
        began = trio.current_time()
        ready = None
        try:
            async with trio.open_nursery() as nursery:
                process = self._process = await nursery.start(run_process, self._spec, self._number, path)
                self.reason = await self._meet(process)
                if not self.reason:
                    ready = trio.current_time()
                    self._came_up(process)
                    await self._serve(process)
                nursery.cancel_scope.cancel()
        except* OSError as group:
            self.reason = f"it can't be started: {group.exceptions[0]}"
        ended = trio.current_time()
        return (ended - began, 0.0) if ready is None else (ready - began, ended - ready)

    async def _meet(self, process: ServerProcess) -> str:
        """Wait for the process to answer the handshake. Returns why it did not, or ''."""
        reason = ""
        with trio.move_on_after(self._spec.start_timeout) as limit:
            try:
                async with trio.open_nursery() as race:

                    async def end_race() -> None:
                        await process.ended.wait()
                        race.cancel_scope.cancel()

                    race.start_soon(end_race)
                    self.welcome = await self._greet(self.address)
                    race.cancel_scope.cancel()
            except* HANDSHAKE_ERRORS as group:
                reason = str(group.exceptions[0]) or type(group.exceptions[0]).__name__
        if limit.cancelled_caught:
            reason = f"it did not answer within {self._spec.start_timeout:g} s; does its command start a server"
            reason += " on the socket of OARLOCK_LISTEN? If it is only slow, raise start_timeout"
        elif reason:
            with trio.move_on_after(_DYING_GRACE):
                await process.ended.wait()
        if process.exit is not None:
            reason = f"it ended with {process.exit} before it was ready"
            if process.output.last:
                reason += f"; its last words: {process.output.last}"
        return reason

    def _came_up(self, process: ServerProcess) -> None:
        log.info("plugin server %s is up (pid %d)", self.label, process.pid)
        self._move(MemberState.UP)
        self.decided.set()

    async def _serve(self, process: ServerProcess) -> None:
        try:
            await process.ended.wait()
        except trio.Cancelled:
            self._move(MemberState.STOPPING)
            raise
        self.reason = f"it ended with {process.exit}"
        if process.output.last:
            self.reason += f"; its last words: {process.output.last}"

    async def _wait(self, starting: float, uptime: float) -> None:
        """Wait until the next try, and say so; in quarantine once, not at each try."""
        was_quarantined = self._backoff.is_quarantined
        delay = self._backoff.delay_after(starting=starting, uptime=uptime)
        self._next_try = trio.current_time() + delay
        if not self._backoff.is_quarantined:
            log.warning("plugin server %s: %s; next try in %.1f s", self.label, self.reason, delay)
        elif not was_quarantined:
            spec = self._spec
            log.error(
                "plugin server %s is in quarantine: %s; %d failures in %g s, from now on one try in %g s",
                *(self.label, self.reason, spec.quarantine_after, spec.quarantine_window, spec.restart_ceiling),
            )
        self._move(MemberState.QUARANTINED if self._backoff.is_quarantined else MemberState.WAITING)
        self.decided.set()
        await trio.sleep(delay)

    def _move(self, state: MemberState) -> None:
        self.state = state
        self._on_change()
