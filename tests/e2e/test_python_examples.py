"""The examples in Python: their own tests, and each behind a real gateway."""

from __future__ import annotations

import contextlib
import json
import socket
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from support.gateway import BIN, ROOT, Gateway, Upstream, eventually

EXAMPLES = ROOT / "examples" / "python"


@pytest.mark.parametrize("name", ["auth", "transform"])
def test_the_tests_of_an_example_pass(name: str) -> None:
    done = subprocess.run(
        [BIN / "oarlock", "plugin", "test", EXAMPLES / name], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


@dataclass
class TokenService:
    """Knows ann's token and one of somebody that the gateway does not know."""

    url: str
    connections: int = 0
    open_connections: int = 0
    tokens: list[str] = field(default_factory=list)
    is_well: bool = True


@pytest.fixture
def service() -> Iterator[TokenService]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def setup(self) -> None:
            super().setup()
            service.connections += 1
            service.open_connections += 1

        def finish(self) -> None:
            super().finish()
            service.open_connections -= 1

        def do_GET(self) -> None:
            token = self.headers["authorization"]
            service.tokens.append(token)
            known = {"Bearer a": "ann", "Bearer z": "zoe"}.get(token)
            body = json.dumps({"username": known} if known else {}).encode()
            self.send_response((200 if known else 401) if service.is_well else 500)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        service = TokenService(f"http://127.0.0.1:{server.server_port}/owner")
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield service
        server.shutdown()
        thread.join()


AUTH = """\
services:
  - name: example
    url: {upstream}
    routes: [{{name: all, paths: [/]}}]
    plugins: [{{name: auth, config: {{url: "{url}", timeout: {timeout}}}}}]
consumers:
  - {{username: ann, custom_id: "7"}}
"""


def test_auth_lets_in_whom_another_service_knows(gateway: Gateway, upstream: Upstream, service: TokenService) -> None:
    gateway.write(AUTH.format(upstream=upstream.url, url=service.url, timeout=5000), plugins=EXAMPLES)
    gateway.start()
    for _ in range(5):
        assert gateway.request(headers={"authorization": "Bearer a"}).status == 200
    for headers in ({}, {"authorization": "Bearer b"}, {"authorization": "Bearer z"}):
        refused = gateway.request(headers=headers)
        assert (refused.status, refused.headers["www-authenticate"]) == (401, "Bearer")
    assert len(upstream.seen) == 5
    assert upstream.seen[0].headers["x-consumer-username"] == "ann"
    assert "authorization" not in upstream.seen[0].headers
    assert service.tokens == ["Bearer a"] * 5 + ["Bearer b", "Bearer z"]
    assert service.connections == 1  # one session for all requests
    service.is_well = False
    assert gateway.request(headers={"authorization": "Bearer a"}).status == 503
    gateway.stop()
    eventually(lambda: service.open_connections == 0, "the end of the session")
    assert "Unclosed" not in gateway.log


def test_auth_does_not_wait_for_a_service_that_is_silent(gateway: Gateway, upstream: Upstream) -> None:
    with contextlib.closing(socket.create_server(("127.0.0.1", 0))) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        gateway.write(AUTH.format(upstream=upstream.url, url=url, timeout=100), plugins=EXAMPLES)
        gateway.start()
        assert gateway.request(headers={"authorization": "Bearer a"}).status == 503
    eventually(
        lambda: "the token service does not answer as it should: TimeoutError" in gateway.log, "the reason in the log"
    )
    assert upstream.seen == []


TRANSFORM = """\
services:
  - name: example
    url: {upstream}
    routes: [{{name: all, paths: [/]}}]
    plugins: [{{name: transform, config: {{add: {{via: gateway}}, remove: [headers]}}}}]
"""


def test_transform_changes_a_json_body_both_ways(gateway: Gateway, upstream: Upstream) -> None:
    gateway.write(TRANSFORM.format(upstream=upstream.url), plugins=EXAMPLES)
    gateway.start()
    as_json = {"content-type": "application/json"}
    answer = gateway.request("/a", "POST", as_json, json.dumps({"item": "ä" * 100_000}).encode())
    assert json.loads(upstream.seen[0].body) == {"item": "ä" * 100_000, "via": "gateway"}
    assert answer.json == {"method": "POST", "target": "/a"}
    assert int(answer.headers["content-length"]) == len(answer.body)
    assert gateway.request("/a", "POST", as_json, b"[").status == 400
    assert gateway.request("/a", "POST", {"content-type": "text/plain"}, b"{}").status == 200
    assert upstream.seen[1].body == b"{}"
    assert gateway.request("/a", "HEAD").status == 200
