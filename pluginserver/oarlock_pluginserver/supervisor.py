"""A plugin server as the master sees it: its members and where they can be reached.

The supervisor of a managed server keeps `processes` members up, each with a socket of its own, in a directory that only
the gateway's user may enter. That of a server which somebody else runs knows its addresses and no more.
"""

from __future__ import annotations

import contextlib
import dataclasses
import itertools
import os
import secrets
import socket
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any, Final

import trio

from oarlock_pluginserver.errors import InvalidSpec, ServerFailed
from oarlock_pluginserver.handshake import inspect
from oarlock_pluginserver.info import HostInfo, Welcome
from oarlock_pluginserver.member import HANDSHAKE_ERRORS, Member, MemberState
from oarlock_pluginserver.process import MAX_PATH
from oarlock_pluginserver.spec import ServerSpec

HANDOVER: Final = 1.0  # seconds that a member and its replacement are both told of

Handshake = Callable[[str, HostInfo, float], Awaitable[Welcome]]  # address, who asks, seconds


async def _moved_after_a_moment(address: str) -> None:
    await trio.sleep(HANDOVER)


class Supervisor:
    """One plugin server: starts it, watches it, replaces it, and says where it is."""

    def __init__(
        self,
        spec: ServerSpec,
        directory: Path,
        host_info: HostInfo,
        on_change: Callable[[Supervisor], None],
        *,
        handshake: Handshake = inspect,
        moved: Callable[[str], Awaitable[None]] = _moved_after_a_moment,
    ) -> None:
        """The sockets are made in `directory`, which several supervisors may share.

        `on_change` is called after each change of `addresses` or of a member's state; it must not raise. `moved` waits
        until the workers use a new address, or have had the time to; then the member that it replaces is ended.

        Raises:
            InvalidSpec: a socket's path in `directory` would be too long.
        """
        self.spec = spec
        self._directory = directory.absolute()
        self._host_info = host_info
        self._on_change = on_change
        self._handshake = handshake
        self._moved = moved
        # Never a name that a master before us used: its launchers may be about to remove their files.
        self._names = (f"{secrets.token_hex(3)}-{serial}.sock" for serial in itertools.count(1))
        self._members: list[Member] = []
        self._incoming: list[Member] = []  # will each replace one of the members
        self._replacing = trio.Lock()
        self._nursery: trio.Nursery | None = None
        longest = os.fsencode(self._directory / f"{spec.name}.{spec.processes}.ffffff-999999.sock")
        if spec.is_managed and len(longest) > MAX_PATH:
            raise InvalidSpec(
                *(spec.name, "directory", str(directory)),
                f"a shorter one: the path of a Unix socket has at most {MAX_PATH} bytes",
            )

    @property
    def addresses(self) -> list[str]:
        """Where the members that are up can be reached: "unix:/path". Of a server that others run, all there are."""
        if not self.spec.is_managed:
            return list(self.spec.socket)
        return [member.address for member in self._all() if member.is_up]

    @property
    def welcomes(self) -> dict[str, Welcome]:
        """What each managed member that is up said of itself, by its address."""
        return {member.address: member.welcome for member in self._all() if member.is_up and member.welcome}

    async def run(self, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """Run the server until cancelled; then no process and no socket of it is left.

        Started: every member is up, or has failed at its first start (and is tried again).

        Raises:
            OSError: the directory can't be made, or belongs to another user.
        """
        if not self.spec.is_managed:
            task_status.started()
            await trio.sleep_forever()
        _prepare(self._directory, self.spec.name)
        async with trio.open_nursery() as nursery:
            self._nursery = nursery
            self._members = [self._start(number) for number in range(self.spec.processes)]
            for member in self._members:
                await member.decided.wait()
            task_status.started()
            await trio.sleep_forever()

    async def restart(self) -> None:
        """Replace every member by a new process, one after the other, each new one up before the old one is dropped.

        Raises:
            ServerFailed: a new process did not come up, or somebody else runs the server; the members that were not
                replaced yet go on as before.
        """
        self._require_managed()
        for number in range(len(self._members)):
            await self._replace(number)

    async def replace(self, address: str) -> None:
        """Replace the member at `address` as `restart` does; nothing happens if no member is there any more.

        Raises:
            ServerFailed: as in `restart`.
        """
        self._require_managed()
        for number, member in enumerate(self._members):
            if member.address == address:
                await self._replace(number)

    def status(self) -> dict[str, Any]:
        """What an operator wants to know, as plain data; times are seconds."""
        members = [member.status() for member in self._all()]
        return {
            "name": self.spec.name,
            "managed": self.spec.is_managed,
            "state": self._state(),
            "reason": next((member.reason for member in self._members if not member.is_up and member.reason), ""),
            "addresses": self.addresses,
            "members": members,
        }

    def _state(self) -> str:
        if not self.spec.is_managed:
            return "external"
        states = [member.state for member in self._members]
        if MemberState.UP in states:
            return "up" if set(states) == {MemberState.UP} else "degraded"
        order = (MemberState.STARTING, MemberState.WAITING, MemberState.QUARANTINED, MemberState.STOPPING)
        return str(next((state for state in order if state in states), MemberState.STOPPED))

    def _all(self) -> list[Member]:
        return [*self._members, *self._incoming]

    def _start(self, number: int, *, is_replacement: bool = False) -> Member:
        assert self._nursery is not None
        paths = self._paths(number)
        member = Member(self.spec, number, paths, self._greet, self._changed, is_replacement=is_replacement)
        self._nursery.start_soon(member.run)
        return member

    async def _replace(self, number: int) -> None:
        async with self._replacing:
            new = self._start(number, is_replacement=True)
            self._incoming.append(new)
            try:
                await new.decided.wait()
                if not new.is_up:
                    raise ServerFailed(self.spec.name, new.reason)
                await self._moved(new.address)
            finally:
                self._incoming.remove(new)
                leaving = new
                if new.is_up:
                    self._members[number], leaving = new, self._members[number]
                self._changed()
                leaving.stop()
            await leaving.ended.wait()

    async def _greet(self, address: str) -> Welcome:
        return await self._handshake(address, self._host_info, self.spec.start_timeout)

    def _paths(self, number: int) -> Iterator[Path]:
        return (self._directory / f"{self.spec.name}.{number}.{name}" for name in self._names)

    def _changed(self) -> None:
        self._on_change(self)

    def _require_managed(self) -> None:
        if not self.spec.is_managed:
            raise ServerFailed(self.spec.name, "somebody else runs it: its sockets are all that is known")


async def probe(spec: ServerSpec, directory: Path, host_info: HostInfo, *, handshake: Handshake = inspect) -> Welcome:
    """Ask a server what it is: start one process of it, or take its first address, read WELCOME, and end it again.

    Raises:
        ServerFailed: there was no answer, and why.
    """
    if not spec.is_managed:
        try:
            with trio.fail_after(spec.start_timeout):
                return await handshake(spec.socket[0], host_info, spec.start_timeout)
        except HANDSHAKE_ERRORS as error:
            raise ServerFailed(spec.name, str(error) or "it did not answer in time") from error
    one = dataclasses.replace(spec, processes=1)
    supervisor = Supervisor(one, directory, host_info, lambda _: None, handshake=handshake)
    welcomes: list[Welcome] = []
    reason = ""
    try:
        async with trio.open_nursery() as nursery:
            await nursery.start(supervisor.run)
            welcomes, reason = list(supervisor.welcomes.values()), supervisor.status()["reason"]
            nursery.cancel_scope.cancel()
    except* OSError as group:
        reason = str(group.exceptions[0])
    if not welcomes:
        raise ServerFailed(spec.name, reason)
    return welcomes[0]


def _prepare(directory: Path, name: str) -> None:
    """Make the directory, let nobody else in, and remove what a server of this name may have left there."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    if directory.stat().st_uid != os.geteuid():
        raise PermissionError(f"{directory} belongs to another user: sockets in it would not be safe")
    directory.chmod(0o700)
    for path in directory.glob(f"{name}.*.sock"):
        if _is_stale(path):
            path.unlink(missing_ok=True)


def _is_stale(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as probing, contextlib.suppress(BlockingIOError):
        probing.setblocking(False)
        try:
            probing.connect(os.fspath(path))
        except ConnectionRefusedError:
            return True
    return False
