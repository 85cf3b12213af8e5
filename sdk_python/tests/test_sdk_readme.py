"""Every Python snippet of the README runs, in its order, as a reader would try them."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

README = Path(__file__).parents[1] / "README.md"
SNIPPETS = re.findall(r"```python\n(.*?)```", README.read_text(), re.DOTALL)


def test_the_snippets_run(tmp_path: Path) -> None:
    plugin, *others = SNIPPETS
    folder = tmp_path / "plugins"
    folder.mkdir()
    (folder / "greet.py").write_text(plugin)
    for place, snippet in enumerate(others):
        script = folder / f"snippet_{place}.py"
        script.write_text(snippet.replace("serve(Hello)", "pass"))
        subprocess.run([sys.executable, "-W", "error", script], check=True, cwd=folder, timeout=30)


def test_the_first_plugin_is_described_by_the_command(tmp_path: Path) -> None:
    (tmp_path / "greet.py").write_text(SNIPPETS[0])
    command = [sys.executable, "-m", "oarlock_pdk", "--plugins", tmp_path, "--dump"]
    output = subprocess.run(command, check=True, capture_output=True, text=True, timeout=30).stdout
    assert '"name": "greet"' in output
    assert '"default": "hello"' in output
