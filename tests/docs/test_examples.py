"""The examples work: the demonstration shows what the README says, and every example plugin is one."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import psutil
import pytest

from support.snippets import ROOT


@pytest.mark.slow
def test_the_demonstration_shows_a_plugin_at_work_and_leaves_nothing_behind() -> None:
    with tempfile.TemporaryDirectory(prefix="d-") as temporary:  # a short path: sockets lie in it
        done = subprocess.run(
            [sys.executable, ROOT / "examples" / "demo" / "demo.py"],
            env={**os.environ, "OARLOCK_DEMO_ONCE": "1", "TMPDIR": temporary},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert list(Path(temporary).iterdir()) == []
    first, second, third = done.stdout.split("\n=== ")[1:]
    assert "x-hello: hello from another process, you" in first
    assert "HTTP/1.1 200 OK" in second
    assert "nothing was sent upstream" in third
    assert "HTTP/1.1 403 Forbidden" in third
    assert re.search(r"^proxy http://127\.0\.0\.1:\d+$", done.stdout, re.MULTILINE)
    pids = {int(pid) for pid in re.findall(r"plugin: pid (\d+)", done.stdout)}
    assert pids
    assert not any(psutil.pid_exists(pid) for pid in pids)


def test_every_example_plugin_can_be_served() -> None:
    folder = ROOT / "examples" / "python"
    command = [sys.executable, "-W", "error", "-m", "oarlock_pdk", "--plugins", folder, "--dump"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    offered = done.stdout.count('"schema":')
    assert offered >= len([entry for entry in folder.iterdir() if entry.name[0] not in "._"])
