"""What our documents tell a reader to do, works: every snippet is run or checked."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from support.snippets import ROOT, a_reader, snippets_of

PAGES = [
    *("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "sdk_python/README.md"),
    *sorted(str(path.relative_to(ROOT)) for path in (ROOT / "docs").glob("*.md")),
]

# Of the SDK's own README, whose fences name a language alone: its first snippet is the plugin that the others use.
INFO = {"sdk_python/README.md": {0: "python title=plugins/greet.py"}}


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES)
def test_the_snippets_of(page: str) -> None:
    snippets = snippets_of(ROOT / page, INFO.get(page))
    if any(snippet.kind == "console" and "curl" in snippet.text for snippet in snippets) and not shutil.which("curl"):
        pytest.skip("needs curl (make test-tools)")
    if not snippets:
        return
    with a_reader() as reader:
        for snippet in snippets:
            reader.follow(snippet)
        _load_plugins(reader.directory)


def test_a_snippet_that_is_not_run_says_why() -> None:
    silent = [
        snippet.place for page in PAGES for snippet in snippets_of(ROOT / page, INFO.get(page)) if not snippet.kind
    ]
    assert silent == []


def _load_plugins(directory: Path) -> None:
    """Plugins of the page that no command has started: each must at least be one."""
    for folder in directory.glob("**/plugins"):
        command = [sys.executable, "-W", "error", "-m", "oarlock_pdk", "--plugins", folder, "--dump"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
