"""`oarlock plugin`: what it writes is a plugin whose tests pass and that changes traffic, in each language."""

from __future__ import annotations

import contextlib
import http.client
import os
import re
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from oarlock.cli.plugin import LANGUAGES
from oarlock.scaffold.errors import ToolMissing
from support.gateway import BIN, ROOT, Answer, Gateway, Upstream, eventually

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]  # a first build in Go compiles its standard library

NAME = "say-hi"
SOURCE = {"python": "plugins/say_hi.py", "go": "main.go", "js": "plugin.js"}
BREAKS = {"python": "def (", "go": "func {", "js": "export {"}  # appended to a source, as a slip of the author would


def oarlock(*words: str | Path, directory: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [BIN / "oarlock", *words], cwd=directory, capture_output=True, text=True, check=False, timeout=240
    )


@pytest.fixture(params=sorted(SOURCE))
def lang(request: pytest.FixtureRequest) -> str:
    language = LANGUAGES[request.param]
    try:
        for needed in (language.preparation, language.tests):
            needed(ROOT / "examples")
    except ToolMissing as missing:
        pytest.skip(str(missing))
    return str(request.param)


@pytest.fixture
def place() -> Iterator[Path]:
    """A directory with a short path, for sockets lie in it: for plugins, and, in `tmp`, for what the command needs."""
    directory = Path(tempfile.mkdtemp(prefix="p-"))
    (directory / "tmp").mkdir()
    yield directory
    shutil.rmtree(directory)


@pytest.fixture
def written(place: Path, lang: str) -> Path:
    done = oarlock("plugin", "new", "--lang", lang, NAME, directory=place)
    assert done.returncode == 0, done.stderr
    assert f"wrote {NAME}/README.md" in done.stdout
    return place / NAME


@dataclass
class Run:
    """`oarlock plugin run`, and what it has printed so far."""

    process: subprocess.Popen[bytes]
    output_file: Path

    @property
    def output(self) -> str:
        return self.output_file.read_text()

    def says(self, text: str, times: int = 1) -> None:
        def look() -> bool:
            assert self.process.poll() is None or self.output.count(text) >= times, self.output
            return self.output.count(text) >= times

        eventually(look, f"{text!r} in the output", patience=120)

    def request(self, headers: Mapping[str, str]) -> Answer:
        port = re.search(r"^proxy http://127\.0\.0\.1:(\d+)$", self.output, re.MULTILINE)
        assert port, self.output
        connection = http.client.HTTPConnection("127.0.0.1", int(port[1]), timeout=20)
        with contextlib.closing(connection):
            connection.request("GET", "/path?a=1", headers=dict(headers))
            response = connection.getresponse()
            return Answer(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read())

    def end(self, number: int) -> None:
        """Send a signal as a terminal does, and check that nothing is left."""
        processes = psutil.Process(self.process.pid).children(recursive=True)
        self.process.send_signal(number)
        assert self.process.wait(30) == 0, self.output
        assert psutil.wait_procs(processes, timeout=15)[1] == []
        assert list(self.output_file.with_name("tmp").iterdir()) == []
        assert not re.search("^Traceback", self.output, re.MULTILINE)  # of the command, not of a plugin


Start = Callable[..., Run]


@pytest.fixture
def start(place: Path) -> Iterator[Start]:
    with contextlib.ExitStack() as stack:

        def run(*words: str | Path) -> Run:
            file = place / "output"
            output = stack.enter_context(file.open("wb"))
            process = subprocess.Popen(
                [BIN / "oarlock", "plugin", "run", *words],
                stdout=output,
                stderr=subprocess.STDOUT,
                env={**os.environ, "TMPDIR": str(place / "tmp")},
                start_new_session=True,
            )
            stack.callback(process.wait)
            stack.callback(process.kill)
            return Run(process, file)

        yield run


def test_the_tests_of_a_new_plugin_pass_and_fail_when_it_is_broken(written: Path, lang: str) -> None:
    done = oarlock("plugin", "test", directory=written)
    assert done.returncode == 0, done.stdout + done.stderr
    source = written / SOURCE[lang]
    source.write_text(source.read_text().replace("403", "418"))
    done = oarlock("plugin", "test", written)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "418" in done.stdout + done.stderr


def test_a_new_plugin_runs_behind_a_throw_away_gateway_and_is_restarted_when_it_changes(
    written: Path, lang: str, start: Start
) -> None:
    if preparation := LANGUAGES[lang].preparation(written):
        assert preparation.run() == 0
    before = sorted(written.rglob("*"))
    run = start(written, "--config", '{"message": "good day"}')
    run.says("proxy http://")
    answer = run.request({"x-user": "ann"})
    assert (answer.status, answer.headers[f"x-{NAME}"]) == (200, "was here")
    assert answer.json["headers"][f"x-{NAME}"] == "good day, ann"
    assert answer.json["target"] == "/path?a=1"
    assert run.request({"x-user": "blocked"}).json == {"message": "not you"}
    run.says(f"[{NAME}] greets ann")

    source = written / SOURCE[lang]
    good = source.read_text().replace("was here", "is here now")
    source.write_text(good)
    run.says("plugin restarted")
    assert run.request({}).headers[f"x-{NAME}"] == "is here now"

    source.write_text(f"{good}\n{BREAKS[lang]}\n")
    run.says("not restarted, the plugin runs as it was")
    assert run.request({}).headers[f"x-{NAME}"] == "is here now"
    source.write_text(good)
    run.says("plugin restarted", times=2)

    run.end(signal.SIGINT)
    assert [path for path in sorted(written.rglob("*")) if path not in before and path.name != "go.sum"] == []


def test_the_files_of_a_new_plugin_are_ready_for_oarlock_start(
    written: Path, lang: str, gateway: Gateway, upstream: Upstream
) -> None:
    if lang == "go":
        build = LANGUAGES["go"].build(written, written)
        assert build is not None
        assert build.run() == 0
    elif preparation := LANGUAGES[lang].preparation(written):
        assert preparation.run() == 0
    configuration = written / "kong.yaml"
    configuration.write_text(configuration.read_text().replace("http://127.0.0.1:9000", upstream.url))
    gateway.settings = written / "oarlock.yaml"
    gateway.start("--listen", "127.0.0.1:0")
    answer = gateway.request(headers={"x-user": "ann"})
    assert (answer.status, answer.headers[f"x-{NAME}"]) == (200, "was here")
    assert upstream.seen[0].headers[f"x-{NAME}"] == "hello, ann"


def test_a_changed_plugin_may_have_another_schema_and_another_name(place: Path, start: Start) -> None:
    assert oarlock("plugin", "new", "--lang", "python", NAME, directory=place).returncode == 0
    run = start(place / NAME)
    run.says("proxy http://")
    source = place / NAME / SOURCE["python"]
    changed = source.read_text().replace('message: str = "hello"', 'word: str = "salut"')
    source.write_text(changed.replace(f'name = "{NAME}"', 'name = "other"').replace("config.message", "config.word"))
    run.says("plugin restarted")
    assert run.request({}).json["headers"][f"x-{NAME}"] == "salut, stranger"
    run.end(signal.SIGTERM)


def test_requests_go_to_the_upstream_that_was_given(place: Path, start: Start, upstream: Upstream) -> None:
    run = start(ROOT / "examples" / "python" / "hello", "--upstream", f"{upstream.url}/base")
    run.says("proxy http://")
    assert run.request({}).status == 200
    assert upstream.seen[0].target == "/base/path?a=1"
    run.end(signal.SIGINT)


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["--config", '{"mesage": "hi"}'], "unknown field; did you mean 'message'?"),
        (["--upstream", "ftp://x"], "expected a URL"),
    ],
)
def test_what_the_gateway_refuses_ends_the_command_and_leaves_nothing(
    place: Path, start: Start, words: list[str], complaint: str
) -> None:
    assert oarlock("plugin", "new", "--lang", "python", NAME, directory=place).returncode == 0
    run = start(place / NAME, *words)
    assert run.process.wait(60) == (2 if "ftp" in words[1] else 1)
    assert complaint in run.output
    assert list((place / "tmp").iterdir()) == []


def test_a_plugin_that_does_not_start_ends_the_command_with_its_traceback(place: Path, start: Start) -> None:
    (place / "broken.py").write_text("from oarlock_pdk import Plugin\nraise RuntimeError('on purpose')\n")
    run = start(place)
    assert run.process.wait(60) == 1
    assert "RuntimeError: on purpose" in run.output
    assert "Error: the plugin server did not start" in run.output


def test_new_does_not_touch_a_directory_that_exists(place: Path) -> None:
    done = oarlock("plugin", "new", "--lang", "python", NAME, "--directory", "tmp", directory=place)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "Error: tmp exists already: name another place with --directory, or remove it\n"
