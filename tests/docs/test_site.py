"""The site is built from `docs/` and a few files beside it, without a warning."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from support.snippets import ROOT


def test_the_site_is_built_without_a_warning(tmp_path: Path) -> None:
    done = subprocess.run(  # not --quiet: that hides the warnings from --strict as well
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", tmp_path / "site"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    page = (tmp_path / "site" / "plugins-python" / "index.html").read_text(encoding="utf-8")
    assert "<code>plugins/budget.py</code>" in page  # what an info string says, and not the string itself
    assert "title=plugins" not in page
    assert (tmp_path / "site" / "protocol-reference" / "index.html").exists()
