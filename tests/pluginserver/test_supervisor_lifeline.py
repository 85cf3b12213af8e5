"""Whatever ends the master, nothing that it started outlives it: no process, no socket. Real processes throughout."""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a process that left its group can't be followed"),
    pytest.mark.timeout(60),
]

PR_SET_CHILD_SUBREAPER = 36  # linux/prctl.h

SERVER = """
import os, signal, socket, sys, time
how = sys.argv[1]
if how in ("deaf", "family"):
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
if how == "family":
    for kind in ("group", "session", "daemon"):
        child = os.fork()
        if child == 0:
            if kind == "session":
                os.setsid()
            if kind == "daemon" and os.fork():
                os._exit(0)
            time.sleep(1000)
        if kind == "daemon":
            os.waitpid(child, 0)
listener = socket.socket(fileno=3)
while True:
    listener.accept()[0].sendall(b"here I am")
"""

MASTER = """
import json, sys
from pathlib import Path
import trio
from oarlock_pluginserver.info import HostInfo, Welcome
from oarlock_pluginserver.spec import ServerSpec
from oarlock_pluginserver.supervisor import Supervisor

async def read_line(address, host, timeout):
    async with await trio.open_unix_socket(address.removeprefix("unix:")) as stream:
        await stream.receive_some()
    return Welcome()

async def main(directory, how, server):
    spec = ServerSpec(name="hello", command=(sys.executable, "-I", "-S", "-c", server, how), processes=2)
    async with trio.open_nursery() as nursery:
        supervisor = Supervisor(spec, Path(directory), HostInfo(), lambda _: None, handshake=read_line)
        await nursery.start(supervisor.run)
        print(json.dumps(supervisor.status()), flush=True)

trio.run(main, *sys.argv[1:])
"""


Start = Callable[[Path, str], "subprocess.Popen[bytes]"]

bystanders: set[int] = set()  # children of this process that belong to other tests


@pytest.fixture
def start_master() -> Iterator[Start]:
    """Start masters. This process is then the parent of all that a dead master leaves, so as to see it end."""
    masters: list[subprocess.Popen[bytes]] = []

    def start(directory: Path, how: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-c", MASTER, str(directory), how, SERVER]
        masters.append(subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL))
        return masters[-1]

    bystanders.clear()
    bystanders.update(child.pid for child in psutil.Process().children())
    prctl = ctypes.CDLL(None).prctl
    prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    yield start
    prctl(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0)
    for master in masters:
        if master.poll() is None:
            master.kill()
            master.communicate()


def is_up(master: subprocess.Popen[bytes]) -> bool:
    """Wait for the start of a master and return whether its members are up."""
    assert master.stdout is not None
    return json.loads(master.stdout.readline())["state"] == "up"


def family(master: subprocess.Popen[bytes]) -> list[psutil.Process]:
    return psutil.Process(master.pid).children(recursive=True)


def what_is_left(master: subprocess.Popen[bytes], directory: Path) -> list[Path]:
    """Wait for the end of the master and of all that it had started; return what is in the directory of its sockets."""
    master.communicate()
    while orphans := [child.pid for child in psutil.Process().children() if child.pid not in bystanders]:
        for pid in orphans:  # each is our child now
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, 0)
    return list(directory.glob("*"))


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGSEGV, signal.SIGINT])
def test_a_master_that_ends_leaves_no_process_and_no_socket(start_master: Start, tmp_path: Path, number: int) -> None:
    master = start_master(tmp_path, "polite")
    assert is_up(master)
    assert len(family(master)) == 4  # a launcher and a server for each member
    assert len(list(tmp_path.iterdir())) == 2
    master.send_signal(number)
    assert what_is_left(master, tmp_path) == []


@pytest.mark.parametrize(("how", "processes"), [("deaf", 4), ("family", 10)])
def test_servers_that_ignore_sigterm_or_have_forked_do_not_outlive_a_killed_master(
    start_master: Start, tmp_path: Path, how: str, processes: int
) -> None:
    master = start_master(tmp_path, how)
    assert is_up(master)
    assert len(family(master)) == processes
    master.kill()
    assert what_is_left(master, tmp_path) == []


def test_a_suspended_server_does_not_outlive_a_killed_master(start_master: Start, tmp_path: Path) -> None:
    master = start_master(tmp_path, "polite")
    assert is_up(master)
    for process in family(master):
        if not process.children():
            process.suspend()
    master.kill()
    assert what_is_left(master, tmp_path) == []


def test_a_master_that_is_killed_while_it_ends_its_servers_leaves_nothing(start_master: Start, tmp_path: Path) -> None:
    master = start_master(tmp_path, "deaf")
    assert is_up(master)
    master.send_signal(signal.SIGINT)
    master.kill()
    assert what_is_left(master, tmp_path) == []


@pytest.mark.parametrize("moment", range(12))
def test_a_master_that_is_killed_while_it_starts_its_servers_leaves_nothing(
    start_master: Start, tmp_path: Path, moment: int
) -> None:
    master = start_master(tmp_path / "sockets", "polite")
    while not (tmp_path / "sockets").exists():  # the master makes its directory, then starts launchers
        assert master.poll() is None
    time.sleep(moment * 0.006)  # the launchers start, sockets are bound, orders given, servers started
    master.kill()
    assert what_is_left(master, tmp_path / "sockets") == []
