"""The fenced snippets of our documents, and a reader who follows a page from top to bottom.

An info string says what a snippet is: the language, then words and `key=value` pairs.

| info string | what the reader does |
|---|---|
| `LANGUAGE title=PATH` | saves it as PATH; a YAML file is checked by the real loader as well |
| `yaml title=PATH invalid` | the same; the loader must refuse it |
| `yaml` | nothing: a part of a settings or configuration file, checked by the real loader |
| `python` | runs it; what lies in `plugins` can be imported |
| `sh` | types it; each command must succeed |
| `sh background` | types it in another terminal and waits until it says where it listens |
| `console` | types what follows `$ ` and compares what comes out; `…`: anything, alone in its line: any lines |
| `ANY norun="why"` | nothing, for the reason given |

The ports 8000 (the gateway) and 9000 (an upstream) stand for two free ones.
"""

from __future__ import annotations

import contextlib
import os
import random
import re
import select
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from oarlock.config import declarative, settings
from oarlock.config.drafts import KINDS
from oarlock.config.source import read_bytes
from oarlock.errors import ConfigurationInvalid

ROOT: Final = Path(__file__).parents[2]
BIN: Final = Path(sys.executable).parent

_FENCE: Final = re.compile(
    r"^(?P<ticks>`{3,})(?P<info>[^\n`]*)\n(?P<text>.*?)^(?P=ticks)[ ]*$", re.MULTILINE | re.DOTALL
)
_OPTIONS: Final = {"title", "norun", "background", "invalid"}
_PORTS: Final = ("8000", "9000")
_PATIENCE: Final = 30.0  # seconds for one command
_READY: Final = re.compile(r"^\w+ http://", re.MULTILINE)
_DONE: Final = "--- done:"


@dataclass(frozen=True, slots=True)
class Snippet:
    """One fenced block and what its info string says."""

    place: str  # file:line
    language: str
    options: Mapping[str, str]
    text: str

    @property
    def kind(self) -> str:
        """How it is checked; "" when it is not and nobody says why."""
        if self.options.get("norun"):
            return "norun"
        if "title" in self.options:
            return "file"
        if "background" in self.options:
            return "background" if self.language == "sh" else ""
        return self.language if self.language in ("yaml", "python", "sh", "console") else ""


def snippets_of(page: Path, info: Mapping[int, str] | None = None) -> list[Snippet]:
    """Return the snippets of a page. `info` gives some of them, by number, another info string."""
    text = page.read_text(encoding="utf-8")
    found = []
    for number, match in enumerate(_FENCE.finditer(text)):
        words = shlex.split((info or {}).get(number, match["info"]))
        options = dict(word.partition("=")[::2] for word in words[1:])
        place = f"{page.relative_to(ROOT)}:{text.count(chr(10), 0, match.start()) + 1}"
        assert set(options) <= _OPTIONS, f"{place}: {match['info']!r}: an option that nobody knows"
        found.append(Snippet(place, words[0] if words else "", options, match["text"]))
    return found


def check_yaml(text: str, directory: Path) -> None:
    """Load a settings or configuration file, or a part of one, as the gateway does. Raises ConfigurationInvalid."""
    names = set(read_bytes(text.encode()).plain())
    if names & {*KINDS, "_format_version"}:
        version = "" if "_format_version" in names else '_format_version: "3.0"\n'
        declarative.load(version + text)
    else:
        file = directory / "part-of-settings.yaml"
        file.write_text(text, encoding="utf-8")
        settings.load(file, {}, {})


class Reader:
    """Follows one page in a directory of their own, which looks like a checkout that was set up."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        (directory / ".venv").symlink_to(sys.prefix)
        (directory / "examples").symlink_to(ROOT / "examples")
        self._ports = dict(zip(_PORTS, _free_ports(len(_PORTS)), strict=True))
        self._shell = subprocess.Popen(
            ["bash", "--noprofile", "--norc"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=directory,
            env=self._environment(),
            start_new_session=True,
        )
        self._logs: list[Path] = []

    def follow(self, snippet: Snippet) -> None:
        """Do what the snippet says. Raises AssertionError with its place when something else comes out."""
        try:
            match snippet.kind:
                case "norun":
                    pass
                case "file":
                    self._save(snippet)
                case "yaml":
                    check_yaml(snippet.text, self.directory)
                case "python":
                    self._run_python(snippet)
                case "sh":
                    self._type(f"set -e\n{self._with_ports(snippet.text)}set +e")
                case "background":
                    self._start(snippet)
                case "console":
                    self._compare(snippet)
                case _:
                    raise AssertionError("it is neither run nor says why not (norun=…)")
        except Exception as error:
            raise AssertionError(f"{snippet.place}: {error}\n{self._said()}") from error

    def close(self) -> None:
        """End what was started, as Ctrl-C would."""
        with contextlib.suppress(AssertionError, OSError):
            self._type("kill $(jobs -p) 2>/dev/null; wait")
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._shell.pid, signal.SIGKILL)
        assert self._shell.stdin is not None
        assert self._shell.stdout is not None
        with contextlib.suppress(OSError):
            self._shell.stdin.close()
        self._shell.stdout.close()
        self._shell.wait()

    def _environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("OARLOCK_", "PYTHON"))}
        return {
            **kept,
            "PATH": f"{BIN}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
            "OARLOCK_PROXY_LISTEN": f"127.0.0.1:{self._ports['8000']}",  # for settings that name no address
            "PYTHONUNBUFFERED": "1",
            "COLUMNS": "120",
        }

    def _save(self, snippet: Snippet) -> None:
        path = self.directory / snippet.options["title"]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(self._with_ports(snippet.text), encoding="utf-8")
        if snippet.language == "yaml":
            try:
                check_yaml(snippet.text, self.directory)
            except ConfigurationInvalid:
                if "invalid" not in snippet.options:
                    raise
            else:
                assert "invalid" not in snippet.options, "it is valid"

    def _run_python(self, snippet: Snippet) -> None:
        file = self.directory / "snippet.py"
        file.write_text(snippet.text, encoding="utf-8")
        run = "import runpy; runpy.run_path('snippet.py', run_name='snippet')"
        done = subprocess.run(
            [sys.executable, "-W", "error", "-c", run],
            cwd=self.directory,
            env={**self._environment(), "PYTHONPATH": "plugins"},
            capture_output=True,
            text=True,
            timeout=_PATIENCE,
            check=False,
        )
        assert done.returncode == 0, done.stderr

    def _start(self, snippet: Snippet) -> None:
        log = self.directory / f"background-{len(self._logs)}.log"
        self._logs.append(log)
        self._type(f"{{ {self._with_ports(snippet.text).strip()}\n}} >{log} 2>&1 </dev/null &")
        until = time.monotonic() + _PATIENCE
        while not (log.exists() and _READY.search(log.read_text())):
            alive = self._type("jobs -r %%").strip()
            assert alive, "it ended before it was ready"
            assert time.monotonic() < until, f"it is not ready after {_PATIENCE:g} s"
            time.sleep(0.05)

    def _compare(self, snippet: Snippet) -> None:
        for command, expected in _dialogues(snippet.text):
            output = self._type(self._with_ports(command))
            for usual, free in self._ports.items():
                output = output.replace(free, usual)
            text = "".join(f"{line.rstrip()}\n" for line in output.replace("\r", "").strip("\n").splitlines())
            assert _as_pattern(expected).fullmatch(text), f"$ {command}\nexpected\n{expected}\ngot\n{text}"

    def _type(self, command: str) -> str:
        """Have the shell run a command; returns what it wrote, to either output."""
        assert self._shell.stdin is not None
        assert self._shell.stdout is not None
        self._shell.stdin.write(f"{command}\necho; echo '{_DONE}'\n".encode())
        self._shell.stdin.flush()
        fd, output, until = self._shell.stdout.fileno(), b"", time.monotonic() + _PATIENCE
        end = f"\n{_DONE}\n".encode()
        while not output.endswith(end):
            ready, _, _ = select.select([fd], [], [], max(0.0, until - time.monotonic()))
            assert ready, f"{command}\ndid not end within {_PATIENCE:g} s:\n{output.decode(errors='replace')}"
            data = os.read(fd, 65536)
            assert data, f"{command}\nfailed:\n{output.decode(errors='replace')}"
            output += data
        return output.removesuffix(end).decode(errors="replace")

    def _with_ports(self, text: str) -> str:
        return re.sub(rf"(?<![\d.])({'|'.join(_PORTS)})(?!\d)", lambda match: self._ports[match[1]], text)

    def _said(self) -> str:
        return "\n".join(f"{log.name}:\n{log.read_text()}" for log in self._logs if log.exists())


@contextlib.contextmanager
def a_reader() -> Iterator[Reader]:
    directory = Path(tempfile.mkdtemp(prefix="d-"))  # a short path: sockets lie in it
    reader = Reader(directory)
    try:
        yield reader
    finally:
        reader.close()
        shutil.rmtree(directory, ignore_errors=True)


def _dialogues(text: str) -> Iterator[tuple[str, str]]:
    """Cut a console into commands (`$ `, continued behind a backslash) and what came out."""
    command: list[str] = []
    output: list[str] = []
    for line in text.splitlines():
        if line.startswith("$ "):
            if command:
                yield "\n".join(command), "\n".join(output)
            command, output = [line.removeprefix("$ ")], []
        elif command and not output and command[-1].endswith("\\"):
            command.append(line)
        else:
            assert command, "a console begins with a command: `$ …`"
            output.append(line.rstrip())
    if command:
        yield "\n".join(command), "\n".join(output)


def _as_pattern(expected: str) -> re.Pattern[str]:
    """A pattern for what was written, each line of it with its end."""
    lines = expected.splitlines()
    return re.compile(
        "".join(r"(?:.*\n)*" if line == "…" else ".*".join(map(re.escape, line.split("…"))) + r"\n" for line in lines)
    )


def _free_ports(count: int) -> list[str]:
    """Ports below those that the kernel gives away, so that nobody takes them between this and their use."""
    found: list[str] = []
    while len(found) < count:
        port = random.randrange(20000, 32000)
        with socket.socket() as sock, contextlib.suppress(OSError):
            sock.bind(("127.0.0.1", port))
            found.append(str(port))
    return found
