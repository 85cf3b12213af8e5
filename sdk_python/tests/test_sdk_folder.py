"""A folder of plugins, and the commands that serve it, as processes of their own."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from .conftest import Gateway

PLUGIN = """
from oarlock_pdk import Plugin

class {name}(Plugin):
    def access(self, kong):
        print("printed by {name}")
        kong.service.request.set_header("x-by", "{name}")
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    plugins = tmp_path / "plugins"
    (plugins / "packed").mkdir(parents=True)
    (plugins / "packed" / "__init__.py").write_text("from packed.handlers import Packed\nPLUGIN = Packed\n")
    (plugins / "packed" / "handlers.py").write_text(PLUGIN.format(name="Packed"))
    (plugins / "two.py").write_text(PLUGIN.format(name="First") + PLUGIN.format(name="Second"))
    (plugins / "with_base.py").write_text(
        PLUGIN.format(name="_Base") + "\nclass Based(_Base):\n    'A plugin; what it derives from is none.'\n"
    )
    (plugins / "kongs.py").write_text(
        "PRIORITY = 9\nVERSION = '3'\n"
        + PLUGIN.format(name="Plugin").replace("(Plugin)", "(__import__('oarlock_pdk').Plugin)")
    )
    (plugins / "broken.py").write_text("import oarlock_pdk\nimport no_such_module\n")
    (plugins / "helper.py").write_text("raise RuntimeError('a file that is no plugin was run')\n")
    (plugins / "_hidden.py").write_text(PLUGIN.format(name="Hidden"))
    (plugins / "notes.txt").write_text("oarlock_pdk")
    return plugins


def command(folder: Path, *more: str) -> list[str]:
    return [sys.executable, "-m", "oarlock_pdk", "--plugins", str(folder), *more]


def test_plugins_are_found_and_a_broken_one_does_not_stop_the_others(folder: Path) -> None:
    done = subprocess.run(command(folder, "--dump"), capture_output=True, text=True, timeout=30)
    assert done.returncode == 1
    described = json.loads(done.stdout)
    assert [plugin["name"] for plugin in described] == ["kongs", "packed", "first", "second", "based"]
    assert (described[0]["priority"], described[0]["version"]) == (9, "3")
    assert "No module named 'no_such_module'" in done.stderr
    assert "broken.py" in done.stderr


def start(folder: Path, *more: str, **options: Any) -> subprocess.Popen[str]:
    pipe = subprocess.PIPE
    return subprocess.Popen(command(folder, *more), stdout=pipe, stderr=pipe, text=True, **options)


def connect(process: subprocess.Popen[str], *paths: Path) -> list[Gateway]:
    """Connect to the servers of a process once they have said that they serve."""
    assert process.stderr is not None
    gateways = []
    for _ in paths:
        while "serves kongs 3" not in (line := process.stderr.readline()):
            assert line, process.wait()
    for path in paths:
        sock = socket.socket(socket.AF_UNIX)
        sock.connect(str(path))
        gateways.append(Gateway(sock))
        gateways[-1].hello()
    return gateways


def test_a_server_listens_on_a_path_only_its_user_may_use_and_leaves_nothing_behind(folder: Path) -> None:
    path = folder.parent / "s.sock"
    with start(folder, "--socket", str(path)) as process:
        (gateway,) = connect(process, path)
        assert path.stat().st_mode & 0o777 == 0o600
        gateway.event("access", gateway.start("second"))
        assert gateway.receive("DONE")[2][0][2] == "Second"
        process.send_signal(signal.SIGTERM)
        assert gateway.receive("DRAIN") == [""]
        gateway.sock.close()
        output, _ = process.communicate(timeout=30)
        assert process.returncode == 0
    assert output == "printed by Second\n"
    assert not path.exists()


def test_a_managed_server_takes_the_socket_it_inherits_and_ends_with_its_stdin(folder: Path) -> None:
    path = folder.parent / "managed.sock"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()
        os.dup2(listener.fileno(), 63)
    environment = os.environ | {"OARLOCK_LISTEN": "fd:63", "OARLOCK_MEMBER": "2", "OARLOCK_SERVER_NAME": "demo"}
    process = start(folder, stdin=subprocess.PIPE, pass_fds=[63], env=environment)
    os.close(63)
    with process:
        (gateway,) = connect(process, path)
        server = gateway.welcome["server"]
        assert (server["name"], server["member"], server["pid"]) == ("demo", 2, process.pid)
        assert process.stdin is not None
        process.stdin.close()
        assert gateway.receive("DRAIN") == [""]
        gateway.sock.close()
        assert process.wait(timeout=30) == 0


def test_several_processes_have_a_socket_each_and_end_together(folder: Path) -> None:
    path = folder.parent / "many.sock"
    with start(folder, "--socket", str(path), "--processes", "2") as process:
        assert process.stdout is not None
        paths = [Path(process.stdout.readline().strip()) for _ in range(2)]
        assert [p.name for p in paths] == ["many.0.sock", "many.1.sock"]
        gateways = connect(process, *paths)
        assert [gateway.welcome["server"]["member"] for gateway in gateways] == [0, 1]
        assert len({gateway.welcome["server"]["pid"] for gateway in gateways}) == 2
        process.send_signal(signal.SIGTERM)
        for gateway in gateways:
            assert gateway.receive("DRAIN") == [""]
            gateway.sock.close()
        assert process.wait(timeout=30) == 0
    assert not any(p.exists() for p in paths)


@pytest.mark.parametrize(
    ("more", "text"),
    [
        ([], "where to listen?"),
        (["--socket", "tls://127.0.0.1:1"], "only Unix sockets are supported yet"),
        (["--socket", "/nonexistent/x.sock"], "/nonexistent/x.sock"),
        (["--processes", "2"], "--processes needs --socket"),
    ],
)
def test_a_server_that_cannot_listen_says_why(folder: Path, more: list[str], text: str) -> None:
    done = subprocess.run(command(folder, *more), capture_output=True, text=True, timeout=30)
    assert done.returncode == 1
    assert text in done.stderr
