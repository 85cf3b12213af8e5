"""One process of a plugin server, from start to end. Real processes throughout."""

from __future__ import annotations

import logging
import os
import signal
import socket
import stat
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
import trio
import trio.testing

from oarlock_pluginserver import launch
from oarlock_pluginserver.process import Exit, ServerProcess, run_process
from oarlock_pluginserver.spec import ServerSpec

WAIT = 30.0  # seconds after which a test has failed
PYTHON = (sys.executable, "-I", "-S", "-u", "-c")

SERVER = """
import socket
listener = socket.socket(fileno=3)
while True:
    listener.accept()[0].sendall(b"welcome")
"""


def spec(*command: str, **fields: Any) -> ServerSpec:
    return ServerSpec(name="hello", command=command, **fields)


async def run(spec: ServerSpec, path: Path) -> tuple[ServerProcess, Exit]:
    """Run it to its own end."""
    processes: list[ServerProcess] = []

    class Status:
        def started(self, process: ServerProcess) -> None:
            processes.append(process)

    with trio.fail_after(WAIT):
        status = await run_process(spec, 0, path, task_status=Status())  # type: ignore[arg-type]
    return processes[0], status


class Output(logging.Handler):
    """What the processes write, as it is logged; a test can wait for it."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.lines: list[str] = []
        self._more = trio.Event()

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage().partition(": ")[2])
        self._more.set()
        self._more = trio.Event()

    async def has(self, line: str, times: int = 1) -> None:
        """Wait until a line was written so many times."""
        with trio.fail_after(WAIT):
            while self.lines.count(line) < times:
                await self._more.wait()


@pytest.fixture
def output() -> Iterator[Output]:
    logger, handler = logging.getLogger("oarlock_pluginserver.output"), Output()
    logger.addHandler(handler)
    before, logger.level = logger.level, logging.INFO
    yield handler
    logger.setLevel(before)
    logger.removeHandler(handler)


async def has_ended(pid: int) -> None:
    """Wait until a process that runs now has ended; a zombie has."""
    pidfd = os.pidfd_open(pid)
    try:
        with trio.fail_after(WAIT):
            await trio.lowlevel.wait_readable(pidfd)
    finally:
        os.close(pidfd)


async def read(path: Path) -> bytes:
    async with await trio.open_unix_socket(path) as client:
        with trio.fail_after(WAIT):
            return bytes(await client.receive_some())


async def test_it_can_be_reached_as_soon_as_it_is_started(tmp_path: Path, nursery: trio.Nursery) -> None:
    await nursery.start(run_process, spec(*PYTHON, SERVER), 0, tmp_path / "a.sock")
    assert await read(tmp_path / "a.sock") == b"welcome"
    nursery.cancel_scope.cancel()


async def test_nobody_else_may_use_its_socket(tmp_path: Path, nursery: trio.Nursery) -> None:
    await nursery.start(run_process, spec("/bin/sleep", "1000"), 0, tmp_path / "a.sock")
    assert stat.S_IMODE((tmp_path / "a.sock").stat().st_mode) == 0o600
    nursery.cancel_scope.cancel()


async def test_it_is_told_who_it_is_and_nothing_else(tmp_path: Path) -> None:
    process, _ = await run(spec("/usr/bin/env", environment={"A": "1"}), tmp_path / "a.sock")
    assert sorted(process.output.lines) == [
        "A=1",
        f"OARLOCK_HOST_UID={os.getuid()}",
        "OARLOCK_LISTEN=fd:3",
        "OARLOCK_MEMBER=0",
        "OARLOCK_SERVER_NAME=hello",
    ]


async def test_its_output_is_logged_line_by_line_with_name_and_pid(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "oarlock_pluginserver.output")
    script = "echo fine; echo 'not \033[31mfine' >&2; printf unfinished"
    process, _ = await run(spec("/bin/sh", "-c", script), tmp_path / "a.sock")
    assert sorted((record.levelname, record.getMessage()) for record in caplog.records) == [
        ("INFO", f"hello/0[{process.pid}]: fine"),
        ("INFO", f"hello/0[{process.pid}]: unfinished"),
        ("Level 25", f"hello/0[{process.pid}]: not \\x1b[31mfine"),
    ]


async def test_a_flood_of_output_is_thinned_out_in_the_log_and_its_end_kept(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "oarlock_pluginserver.output")
    process, status = await run(spec("/usr/bin/seq", "50000"), tmp_path / "a.sock")
    assert status == Exit(0)
    assert process.output.lines[-1] == "50000"
    assert 1000 <= len(caplog.records) < 25_000


@pytest.mark.parametrize(
    ("script", "status", "words"),
    [
        ("exit 0", 0, "exit status 0"),
        ("exit 3", 3, "exit status 3"),
        ("kill -KILL $$", -9, "signal SIGKILL"),
        ("kill -SEGV $$", -11, "signal SIGSEGV"),
    ],
)
async def test_how_it_ended_is_told(tmp_path: Path, script: str, status: int, words: str) -> None:
    process, ended = await run(spec("/bin/sh", "-c", script), tmp_path / "a.sock")
    assert (ended.status, str(ended)) == (status, words)
    assert process.exit == ended
    assert process.ended.is_set()
    assert not (tmp_path / "a.sock").exists()


async def test_a_command_that_does_not_exist_is_an_exit_with_the_reason_in_its_output(tmp_path: Path) -> None:
    process, status = await run(spec("no-such-program"), tmp_path / "a.sock")
    assert status == Exit(127)
    assert process.output.last == "oarlock: can't run 'no-such-program': No such file or directory"


async def test_cancelling_lets_it_end_in_good_order_and_reads_what_it_says(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, output: Output
) -> None:
    code = """
import os, signal, sys
signal.signal(signal.SIGTERM, lambda *_: (os.write(1, b"drained\\n"), sys.exit(0)))
os.write(1, b"ready\\n")
signal.pause()
"""
    async with trio.open_nursery() as nursery:
        process = await nursery.start(run_process, spec(*PYTHON, code), 0, tmp_path / "a.sock")
        await output.has("ready")
        nursery.cancel_scope.cancel()
    assert process.exit == Exit(0)
    assert process.output.last == "drained"
    assert [record for record in caplog.records if record.name == "oarlock_pluginserver.process"] == []
    assert not (tmp_path / "a.sock").exists()


async def test_what_does_not_end_within_the_grace_is_killed_with_all_it_started(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, output: Output
) -> None:
    code = """
import os, signal
signal.signal(signal.SIGTERM, signal.SIG_IGN)
for _ in range(3):
    if os.fork() == 0:
        break
os.write(1, b"ready\\n")
while True:
    signal.pause()
"""
    async with trio.open_nursery() as nursery:
        process = await nursery.start(run_process, spec(*PYTHON, code, stop_grace=0.1), 0, tmp_path / "a.sock")
        await output.has("ready", times=4)
        children = psutil.Process(process.pid).children()
        nursery.cancel_scope.cancel()
    assert process.exit == Exit(-signal.SIGKILL)
    assert len(children) == 3
    assert not any(child.is_running() for child in children)
    assert "did not end within 0.1 s of SIGTERM: it is killed" in caplog.text


async def test_a_launcher_that_is_killed_takes_its_server_along(tmp_path: Path, nursery: trio.Nursery) -> None:
    process = await nursery.start(run_process, spec(*PYTHON, SERVER), 0, tmp_path / "a.sock")
    launcher = psutil.Process(process.pid).parent()
    assert launcher is not None
    async with trio.open_nursery() as waiting:
        waiting.start_soon(has_ended, process.pid)
        await trio.testing.wait_all_tasks_blocked()
        launcher.kill()
        await process.ended.wait()
    assert not (tmp_path / "a.sock").exists()


async def test_its_address_refuses_as_soon_as_it_is_dead(tmp_path: Path, nursery: trio.Nursery) -> None:
    process = await nursery.start(run_process, spec(*PYTHON, SERVER), 0, tmp_path / "a.sock")
    os.kill(process.pid, signal.SIGKILL)
    with trio.fail_after(WAIT):
        await process.ended.wait()
    with socket.socket(socket.AF_UNIX) as client, pytest.raises(OSError, match=r"refused|No such file"):
        client.connect(str(tmp_path / "a.sock"))


async def test_its_standard_input_stays_open_for_as_long_as_the_host_is_there(
    tmp_path: Path, nursery: trio.Nursery, output: Output
) -> None:
    code = """
import select, sys
print("open" if select.select([0], [], [], 0)[0] == [] else "at its end")
import signal
signal.pause()
"""
    await nursery.start(run_process, spec(*PYTHON, code), 0, tmp_path / "a.sock")
    await output.has("open")
    nursery.cancel_scope.cancel()


async def test_a_socket_that_cannot_be_made_is_an_error_and_leaves_no_process(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        await run_process(spec("/bin/sleep", "1000"), 0, tmp_path / "nowhere" / "a.sock")
    assert psutil.Process().children(recursive=True) == []


async def test_a_launcher_that_does_not_work_is_an_error_with_its_own_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(launch, "__file__", "/nowhere/launch.py")
    with pytest.raises(OSError, match=r"did not start its server: .*can't open file '/nowhere/launch.py'"):
        await run_process(spec("/bin/sleep", "1000"), 0, tmp_path / "a.sock")
    assert psutil.Process().children(recursive=True) == []


async def test_a_process_takes_no_descriptor_with_it_when_it_ends(tmp_path: Path) -> None:
    await run(spec("/bin/true"), tmp_path / "a.sock")
    before = psutil.Process().num_fds()
    for _ in range(3):
        await run(spec("/bin/true"), tmp_path / "a.sock")
    assert psutil.Process().num_fds() == before
