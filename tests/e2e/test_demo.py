"""The demonstration, run as a person runs it."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from support.gateway import ROOT, eventually

DEMO = ROOT / "examples" / "demo" / "demo.py"


class Demo:
    """One run, with a directory of its own for temporary files."""

    def __init__(self, directory: Path, **environment: str) -> None:
        self.directory = directory
        self.process = subprocess.Popen(
            [sys.executable, str(DEMO)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=ROOT,
            env={**os.environ, "TMPDIR": str(directory), **environment},
            start_new_session=True,
        )
        self.lines: list[str] = []
        self._family: set[psutil.Process] = set()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line.rstrip("\n"))
            with contextlib.suppress(psutil.NoSuchProcess):
                self._family |= set(psutil.Process(self.process.pid).children(recursive=True))

    @property
    def output(self) -> str:
        return "\n".join(self.lines)

    def wait_for(self, start: str) -> str:
        def look() -> str | None:
            assert self.process.poll() is None or any(line.startswith(start) for line in self.lines), self.output
            return next((line for line in self.lines if line.startswith(start)), None)

        found = eventually(look, f"a line that starts with {start!r}")
        assert found is not None
        return found

    def end(self) -> int:
        """Wait for its end."""
        status = self.process.wait(60)
        self._reader.join(10)
        return status

    def assert_nothing_is_left(self) -> None:
        assert len(self._family) >= 4, "upstream, master, worker, plugin server"
        _, alive = psutil.wait_procs(self._family, timeout=20)
        assert alive == []
        assert list(self.directory.iterdir()) == []

    def kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self._reader.join(10)
        assert self.process.stdout is not None
        self.process.stdout.close()


@pytest.fixture
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("d")


@contextlib.contextmanager
def demo(directory: Path, **environment: str) -> Iterator[Demo]:
    run = Demo(directory, **environment)
    try:
        yield run
    finally:
        run.kill()


def assert_shows_what_happened(output: str) -> None:
    for title in ("=== GET /greeting?name=you", "=== POST /orders", "=== GET /forbidden"):
        assert title in output
    assert output.count("  client -> gateway") == 3
    assert output.count("  gateway -> upstream") == 2
    assert output.count("  gateway -> client") == 3
    assert "    x-hello: hello from another process, you" in output
    assert "    HTTP/1.1 403 Forbidden" in output
    assert "  the plugin answered: nothing was sent upstream" in output
    pids = set(re.findall(r"  plugin: pid (\d+), 1 phases? in 1 round trips?, [0-9.]+ ms", output))
    assert len(pids) == 1
    assert re.search(r"(?m)^proxy http://127\.0\.0\.1:\d+$", output)


def test_it_shows_requests_and_what_the_plugin_did_and_leaves_nothing_behind(directory: Path) -> None:
    with demo(directory, OARLOCK_DEMO_ONCE="1") as run:
        assert run.end() == 0, run.output
        assert_shows_what_happened(run.output)
        run.assert_nothing_is_left()


def ask(url: str) -> str:
    """The status line and the rest of a response to GET /anything."""
    host, _, port = url.removeprefix("proxy http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=20) as sock:
        sock.sendall(b"GET /anything?name=me HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        pieces = []
        while data := sock.recv(65536):
            pieces.append(data)
    return b"".join(pieces).decode()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_stays_up_until_it_is_ended_and_leaves_nothing_behind(directory: Path, number: signal.Signals) -> None:
    with demo(directory) as run:
        proxy = run.wait_for("proxy ")
        answer = ask(proxy)
        assert answer.startswith("HTTP/1.1 200 OK\r\n")
        assert "x-hello: hello from another process, me" in answer
        run.process.send_signal(number)
        assert run.end() == 0, run.output
        run.assert_nothing_is_left()
        assert "Traceback" not in run.output


def test_ctrl_c_before_it_is_up_leaves_nothing_behind(directory: Path) -> None:
    with demo(directory) as run:
        eventually(lambda: list(directory.iterdir()), "its directory")
        run.process.send_signal(signal.SIGINT)
        run.end()
        assert list(directory.iterdir()) == []
        assert "Traceback" not in run.output


@contextlib.contextmanager
def taken(port: int) -> Iterator[None]:
    """Somebody listens on the port, we or another program."""
    with contextlib.ExitStack() as stack:
        with contextlib.suppress(OSError):
            stack.enter_context(socket.create_server(("127.0.0.1", port)))
        yield


def test_it_finds_other_ports_where_the_usual_ones_are_taken(directory: Path) -> None:
    with taken(8000), taken(9000), demo(directory, OARLOCK_DEMO_ONCE="1") as run:
        assert run.end() == 0, run.output
        assert_shows_what_happened(run.output)
        assert "http://127.0.0.1:8000\n" not in run.output
        assert "host: 127.0.0.1:9000" not in run.output
        run.assert_nothing_is_left()
