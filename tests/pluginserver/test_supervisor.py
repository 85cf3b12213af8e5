"""A plugin server under supervision: up, down, replaced, in quarantine. Real processes, a small protocol."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import stat
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest
import trio

from oarlock_pluginserver.errors import HandshakeFailed, InvalidSpec, ServerFailed
from oarlock_pluginserver.info import HostInfo, ServerInfo, Welcome
from oarlock_pluginserver.spec import ServerSpec
from oarlock_pluginserver.supervisor import Supervisor, probe

WAIT = 30.0  # seconds after which a test has failed
PYTHON = (sys.executable, "-I", "-S", "-u", "-c")

SERVER = """
import os, socket, sys
for path in sys.argv[1:]:
    if os.path.exists(path):
        sys.exit("refusing to start because of " + path)
listener = socket.socket(fileno=3)
while True:
    listener.accept()[0].sendall(b"member " + os.environ["OARLOCK_MEMBER"].encode())
"""


async def read_name(address: str, host: HostInfo, timeout: float) -> Welcome:
    """A handshake with `SERVER`: the name that it gives to whoever connects."""
    async with await trio.open_unix_socket(address.removeprefix("unix:")) as stream:
        name = (await stream.receive_some()).decode()
    if not name:
        raise HandshakeFailed(address, "unavailable", "it closed the connection")
    return Welcome(server=ServerInfo(name=name))


class Watched:
    """A supervisor whose changes a test can wait for."""

    def __init__(self, directory: Path, *command: str, **fields: Any) -> None:
        spec = ServerSpec(name="hello", command=command or None, **{"restart_initial": 0.01, **fields})
        self.history: list[list[str]] = []  # addresses after each change
        self.moved: list[str] = []
        self._changed = trio.Event()
        self.supervisor = Supervisor(
            spec, directory, HostInfo(), self._on_change, handshake=read_name, moved=self._move_at_once
        )

    def _on_change(self, supervisor: Supervisor) -> None:
        if not self.history or self.history[-1] != supervisor.addresses:
            self.history.append(supervisor.addresses)
        self._changed.set()
        self._changed = trio.Event()

    async def _move_at_once(self, address: str) -> None:
        self.moved.append(address)

    async def until(self, reached: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """Wait for a status and return it."""
        with trio.fail_after(WAIT):
            while not reached(status := self.supervisor.status()):
                await self._changed.wait()
        return status

    @property
    def pids(self) -> list[int]:
        return [member["pid"] for member in self.supervisor.status()["members"]]


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "sockets"


@pytest.fixture
def existing_directory(directory: Path) -> Path:
    directory.mkdir(mode=0o755)
    return directory


def contents(directory: Path) -> list[Path]:
    return list(directory.glob("*"))


# Up and down


async def test_once_started_every_member_has_answered_at_an_address_of_its_own(
    directory: Path, nursery: trio.Nursery
) -> None:
    server = Watched(directory, *PYTHON, SERVER, processes=3)
    await nursery.start(server.supervisor.run)
    assert server.supervisor.status()["state"] == "up"
    names = [welcome.server.name for welcome in server.supervisor.welcomes.values()]
    assert sorted(names) == ["member 0", "member 1", "member 2"]
    assert sorted(server.supervisor.addresses) == sorted(f"unix:{path}" for path in contents(directory))
    assert len(set(server.pids)) == 3
    nursery.cancel_scope.cancel()


async def test_nobody_else_may_enter_the_directory(existing_directory: Path, nursery: trio.Nursery) -> None:
    await nursery.start(Watched(existing_directory, *PYTHON, SERVER).supervisor.run)
    assert stat.S_IMODE(os.stat(existing_directory).st_mode) == 0o700
    nursery.cancel_scope.cancel()


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give files away")
async def test_a_directory_of_another_user_is_not_used(existing_directory: Path) -> None:
    os.chown(existing_directory, 12345, 12345)
    with pytest.raises(PermissionError, match="belongs to another user"):
        await Watched(existing_directory, *PYTHON, SERVER).supervisor.run()


async def test_a_stopped_server_leaves_no_process_and_no_socket(directory: Path) -> None:
    server = Watched(directory, *PYTHON, SERVER, processes=2)
    async with trio.open_nursery() as nursery:
        await nursery.start(server.supervisor.run)
        nursery.cancel_scope.cancel()
    assert server.supervisor.status()["state"] == "stopped"
    assert server.supervisor.addresses == []
    assert contents(directory) == []
    assert psutil.Process().children(recursive=True) == []


async def test_the_address_of_a_killed_process_is_withdrawn_and_another_one_comes_by_itself(
    directory: Path, nursery: trio.Nursery
) -> None:
    server = Watched(directory, *PYTHON, SERVER, processes=2)
    await nursery.start(server.supervisor.run)
    first, second = server.supervisor.addresses
    os.kill(server.pids[0], signal.SIGKILL)
    status = await server.until(lambda status: status["state"] == "degraded")
    assert status["addresses"] == [second]
    assert status["reason"] == "it ended with signal SIGKILL"
    status = await server.until(lambda status: status["state"] == "up")
    assert first not in status["addresses"]
    assert status["members"][0]["restarts"] == 1
    assert status["reason"] == ""
    nursery.cancel_scope.cancel()


# Failures


async def test_a_server_that_fails_at_once_does_not_keep_the_others_from_starting(
    directory: Path, nursery: trio.Nursery
) -> None:
    server = Watched(directory, "/bin/sh", "-c", "echo no licence >&2; exit 3", restart_initial=20)
    await nursery.start(server.supervisor.run)
    status = server.supervisor.status()
    assert status["state"] == "waiting"
    assert status["reason"] == "it ended with exit status 3 before it was ready; its last words: no licence"
    (member,) = status["members"]
    assert (member["pid"], member["last_exit"], member["last_output"]) == (None, "exit status 3", ["no licence"])
    assert 10 < member["next_try"] <= 20
    nursery.cancel_scope.cancel()


async def test_a_server_that_keeps_failing_is_put_in_quarantine_and_left_alone(
    directory: Path, tmp_path: Path, nursery: trio.Nursery, caplog: pytest.LogCaptureFixture
) -> None:
    starts = tmp_path / "starts"
    script = ("/bin/sh", "-c", f"echo x >> {starts}; exit 1")
    server = Watched(directory, *script, quarantine_after=4, restart_ceiling=1000)
    await nursery.start(server.supervisor.run)
    status = await server.until(lambda status: status["state"] == "quarantined")
    assert starts.read_text().count("x") == 4
    assert 700 < status["members"][0]["next_try"] <= 1000
    assert status["reason"] == "it ended with exit status 1 before it was ready"
    assert [record.getMessage() for record in caplog.records if record.levelname == "ERROR"] == [
        "plugin server hello/0 is in quarantine: it ended with exit status 1 before it was ready; "
        "4 failures in 120 s, from now on one try in 1000 s"
    ]
    nursery.cancel_scope.cancel()


async def test_a_command_that_does_not_exist_is_named_in_the_reason(directory: Path, nursery: trio.Nursery) -> None:
    server = Watched(directory, "no-such-program")
    await nursery.start(server.supervisor.run)
    assert "can't run 'no-such-program': No such file or directory" in server.supervisor.status()["reason"]
    nursery.cancel_scope.cancel()


async def test_a_server_that_does_not_answer_in_time_is_ended_and_the_setting_named(
    directory: Path, nursery: trio.Nursery
) -> None:
    server = Watched(directory, "/bin/sleep", "1000", start_timeout=0.1, restart_initial=20)
    await nursery.start(server.supervisor.run)
    status = server.supervisor.status()
    assert "within 0.1 s" in status["reason"]
    assert "raise start_timeout" in status["reason"]
    assert status["members"][0]["last_exit"] == "signal SIGTERM"
    nursery.cancel_scope.cancel()


async def test_a_server_that_breaks_off_the_handshake_is_ended_with_that_reason(
    directory: Path, nursery: trio.Nursery
) -> None:
    code = "import signal, socket; socket.socket(fileno=3).accept()[0].close(); signal.pause()"
    server = Watched(directory, *PYTHON, code, restart_initial=20)
    await nursery.start(server.supervisor.run)
    assert "it closed the connection (unavailable)" in server.supervisor.status()["reason"]
    assert psutil.Process().children(recursive=True) == []
    nursery.cancel_scope.cancel()


async def test_a_process_that_dies_in_the_handshake_is_reported_by_its_exit(
    directory: Path, nursery: trio.Nursery
) -> None:
    code = "import socket, sys; socket.socket(fileno=3).accept(); sys.exit('no database')"
    server = Watched(directory, *PYTHON, code, restart_initial=20)
    await nursery.start(server.supervisor.run)
    assert server.supervisor.status()["reason"] == (
        "it ended with exit status 1 before it was ready; its last words: no database"
    )
    nursery.cancel_scope.cancel()


async def test_a_process_that_cannot_be_started_is_a_failure_like_any_other(
    directory: Path, nursery: trio.Nursery
) -> None:
    server = Watched(directory, *PYTHON, SERVER)
    await nursery.start(server.supervisor.run)
    shutil.rmtree(directory)
    os.kill(server.pids[0], signal.SIGKILL)
    status = await server.until(lambda status: "can't be started" in status["reason"])
    assert "No such file or directory" in status["reason"]
    os.mkdir(directory)
    await server.until(lambda status: status["state"] == "up")
    nursery.cancel_scope.cancel()


# Replacement


async def test_a_restart_replaces_every_member_and_there_is_always_one_to_go_to(
    directory: Path, nursery: trio.Nursery
) -> None:
    server = Watched(directory, *PYTHON, SERVER, processes=2)
    await nursery.start(server.supervisor.run)
    (a, b), pids = server.supervisor.addresses, server.pids
    server.history.clear()
    with trio.fail_after(WAIT):
        await server.supervisor.restart()
    c, d = server.supervisor.addresses
    assert server.history == [[a, b], [a, b, c], [c, b], [c, b, d], [c, d]]
    assert server.moved == [c, d]
    assert not set(pids) & set(server.pids)
    assert not any(psutil.pid_exists(pid) for pid in pids)
    assert len(contents(directory)) == 2
    nursery.cancel_scope.cancel()


async def test_a_restart_that_fails_changes_nothing_and_says_why(
    directory: Path, tmp_path: Path, nursery: trio.Nursery
) -> None:
    obstacle = tmp_path / "obstacle"
    server = Watched(directory, *PYTHON, SERVER, str(obstacle), processes=2)
    await nursery.start(server.supervisor.run)
    addresses, pids = server.supervisor.addresses, server.pids
    obstacle.touch()
    with pytest.raises(ServerFailed, match=r"'hello' did not come up: .* refusing to start because of"):
        await server.supervisor.restart()
    await server.until(lambda status: len(status["members"]) == 2)
    assert (server.supervisor.addresses, server.pids) == (addresses, pids)
    nursery.cancel_scope.cancel()


async def test_a_restart_that_is_given_up_leaves_the_old_members(directory: Path, nursery: trio.Nursery) -> None:
    server = Watched(directory, *PYTHON, SERVER)
    await nursery.start(server.supervisor.run)
    addresses = server.supervisor.addresses
    with trio.move_on_after(0):
        await server.supervisor.restart()
    await server.until(lambda status: len(status["members"]) == 1)
    assert server.supervisor.addresses == addresses
    nursery.cancel_scope.cancel()


async def test_a_restart_brings_a_server_back_from_quarantine_at_once(
    directory: Path, tmp_path: Path, nursery: trio.Nursery
) -> None:
    obstacle = tmp_path / "obstacle"
    obstacle.touch()
    server = Watched(directory, *PYTHON, SERVER, str(obstacle), quarantine_after=1, restart_ceiling=1000)
    await nursery.start(server.supervisor.run)
    assert server.supervisor.status()["state"] == "quarantined"
    obstacle.unlink()
    with trio.fail_after(WAIT):
        await server.supervisor.restart()
    assert server.supervisor.status()["state"] == "up"
    nursery.cancel_scope.cancel()


async def test_one_member_can_be_replaced_by_its_address(directory: Path, nursery: trio.Nursery) -> None:
    server = Watched(directory, *PYTHON, SERVER, processes=2)
    await nursery.start(server.supervisor.run)
    (a, b), (_, pid) = server.supervisor.addresses, server.pids
    with trio.fail_after(WAIT):
        await server.supervisor.replace(a)
        await server.supervisor.replace("unix:/gone/meanwhile")
    assert a not in server.supervisor.addresses
    assert b in server.supervisor.addresses
    assert server.pids[1] == pid
    nursery.cancel_scope.cancel()


# Servers that others run


async def test_a_server_that_others_run_is_its_addresses_and_nothing_is_started(
    directory: Path, nursery: trio.Nursery
) -> None:
    server = Watched(directory, socket=("/run/a.sock", "/run/b.sock"))
    await nursery.start(server.supervisor.run)
    status = server.supervisor.status()
    assert (status["state"], status["managed"], status["members"]) == ("external", False, [])
    assert server.supervisor.addresses == ["unix:/run/a.sock", "unix:/run/b.sock"]
    assert contents(directory) == []
    with pytest.raises(ServerFailed, match="somebody else runs it"):
        await server.supervisor.restart()
    nursery.cancel_scope.cancel()


# The directory


def test_a_path_that_no_socket_can_have_is_refused_before_anything_starts(tmp_path: Path) -> None:
    with pytest.raises(InvalidSpec, match=r"at most 10\d bytes"):
        Watched(tmp_path / ("x" * 100), *PYTHON, SERVER)


async def test_what_a_master_left_behind_is_removed_and_what_lives_is_not(
    existing_directory: Path, nursery: trio.Nursery
) -> None:
    directory = existing_directory
    stale, alive, foreign = (directory / name for name in ("hello.0.1.sock", "hello.0.2.sock", "other.0.1.sock"))
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(alive))
        listener.listen()
        for path in (stale, foreign):
            with socket.socket(socket.AF_UNIX) as dead:
                dead.bind(str(path))
        server = Watched(directory, *PYTHON, SERVER)
        await nursery.start(server.supervisor.run)
        assert alive.exists()
        assert foreign.exists()
        assert not stale.exists()
        assert server.supervisor.status()["state"] == "up"
        nursery.cancel_scope.cancel()


# Asking what a server is


async def test_a_probe_returns_what_the_server_says_and_leaves_nothing(directory: Path) -> None:
    spec = ServerSpec(name="hello", command=(*PYTHON, SERVER), processes=4)
    with trio.fail_after(WAIT):
        welcome = await probe(spec, directory, HostInfo(), handshake=read_name)
    assert welcome.server.name == "member 0"
    assert contents(directory) == []
    assert psutil.Process().children(recursive=True) == []


async def test_a_probe_of_a_broken_server_says_why(directory: Path) -> None:
    spec = ServerSpec(name="hello", command=("/bin/sh", "-c", "exit 3"))
    with pytest.raises(ServerFailed, match="'hello' did not come up: it ended with exit status 3"):
        await probe(spec, directory, HostInfo(), handshake=read_name)


async def test_a_probe_of_a_server_that_others_run_asks_at_its_address(directory: Path, tmp_path: Path) -> None:
    spec = ServerSpec(name="hello", socket=(str(tmp_path / "no.sock"),))
    with pytest.raises(ServerFailed, match="No such file"):
        await probe(spec, directory, HostInfo(), handshake=read_name)
