"""What is packed: the wheels are installed in an empty environment, and their commands run."""

from __future__ import annotations

import subprocess
import sys
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_wheels_bring_working_commands_into_an_empty_environment(tmp_path: Path) -> None:
    for source in (ROOT, ROOT / "sdk_python"):
        pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(tmp_path), str(source)]
        subprocess.run(pip, check=True)
    environment = tmp_path / "env"
    venv.create(environment, with_pip=True)
    wheels = [str(wheel) for wheel in tmp_path.glob("*.whl")]
    assert len(wheels) == 2
    subprocess.run([environment / "bin" / "pip", "install", "--quiet", *wheels], check=True)
    for command, printed in (
        (["oarlock", "version"], "oarlock 0.1.0\n"),
        (
            ["oarlock", "plugin", "new", "--lang", "go", "hi"],
            "wrote hi/.gitignore\nwrote hi/README.md\nwrote hi/go.mod\n",
        ),
        (["oarlock", "plugin", "new", "--lang", "python", "ho"], "wrote ho/"),
        (["oarlock", "plugin", "test", "ho"], ""),  # with unittest: pytest is not there
        (["oarlock-python-pluginserver", "--help"], "usage: oarlock-python-pluginserver"),
    ):
        done = subprocess.run(
            [environment / "bin" / command[0], *command[1:]], capture_output=True, text=True, check=True, cwd=tmp_path
        )
        assert done.stdout.startswith(printed)
    listed = subprocess.run(
        [environment / "bin" / "python", "-c", "import host"], capture_output=True, cwd=tmp_path, check=False
    )
    assert listed.returncode != 0, "the wheel packs host/ itself, not what is in it"
