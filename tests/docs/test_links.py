"""Every link in our documents leads somewhere, and every setting they name exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from oarlock.config.plugin_server_settings import PluginServerSettings
from oarlock.config.settings import Limits, LogSettings, ResolverSettings
from support.snippets import ROOT

PAGES = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "sdk_python/README.md")),
    ROOT / "proto/PROTOCOL.md",
    *sorted((ROOT / "docs").glob("*.md")),
]
_FENCED = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#{1,6} +(.*?) *#*$", re.MULTILINE)
_GROUPS = {
    "limits": Limits,
    "log": LogSettings,
    "resolver": ResolverSettings,
    "plugin_servers.NAME": PluginServerSettings,
}
_SETTING = re.compile(r"`(limits|log|resolver|plugin_servers\.NAME)\.(\w+)")


def anchors_of(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub and the site make them."""
    headings = _HEADING.findall(_FENCED.sub("", page.read_text(encoding="utf-8")))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_the_links_of(page: Path) -> None:
    broken = []
    for link in _LINK.findall(_FENCED.sub("", page.read_text(encoding="utf-8"))):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (anchor and anchor not in anchors_of(target)):
            broken.append(link)
    assert broken == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_the_settings_named_on(page: Path) -> None:
    named = _SETTING.findall(page.read_text(encoding="utf-8"))
    assert [f"{group}.{name}" for group, name in named if name not in _GROUPS[group].__dataclass_fields__] == []
