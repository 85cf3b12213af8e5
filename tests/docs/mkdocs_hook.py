"""Hooks of the site (mkdocs.yml): info strings of snippets become captions, files beside `docs/` become pages."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File, Files

ROOT = Path(__file__).parents[2]
BESIDE = {  # file of the repository -> page
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
    "proto/PROTOCOL.md": "protocol-reference.md",
    "sdk_python/README.md": "sdk-python.md",
}
_FENCE = re.compile(r"^```(\w+) +([^\n`]+)$", re.MULTILINE)


def on_files(files: Files, config: Any) -> Files:
    for source, page in BESIDE.items():
        text = (ROOT / source).read_text(encoding="utf-8")
        files.append(File.generated(config, page, content=re.sub(r"\]\((?:\.\./)*docs/", "](", text)))
    return files


def on_page_markdown(markdown: str, **_: Any) -> str:
    for source, page in BESIDE.items():
        markdown = re.sub(rf"\]\((?:\.\./)?{re.escape(source)}", f"]({page}", markdown)
    return _FENCE.sub(_caption, markdown)


def _caption(match: re.Match[str]) -> str:
    options = dict(word.partition("=")[::2] for word in shlex.split(match[2]))
    title = options.get("title")
    return f"`{title}`\n\n```{match[1]}" if title else f"```{match[1]}"
