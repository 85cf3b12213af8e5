"""A real gateway in processes of its own, and an upstream that remembers what it was asked."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, TypeVar

import psutil

BIN = Path(sys.executable).parent
ROOT = Path(__file__).parents[2]
PATIENCE = 20.0  # seconds until a test gives up waiting for something that should happen at once

T = TypeVar("T")


def eventually(look: Callable[[], T], what: str, patience: float = PATIENCE) -> T:
    """Look again and again until there is something true; for what happens in other processes."""
    deadline = time.monotonic() + patience
    while True:
        if found := look():
            return found
        if time.monotonic() > deadline:
            raise AssertionError(f"{what}: not within {patience:g} s")
        time.sleep(0.02)


@dataclass
class Seen:
    """A request as the upstream got it."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes


@dataclass
class Upstream:
    """Answers everything with 200 and the request as JSON; `seen` holds the requests in order."""

    port: int
    seen: list[Seen] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@contextlib.contextmanager
def running_upstream(context: ssl.SSLContext | None = None) -> Iterator[Upstream]:
    """An upstream for the block; with `context` it speaks TLS."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            seen = Seen(self.command, self.path, {k.lower(): v for k, v in self.headers.items()}, body)
            upstream.seen.append(seen)
            text = json.dumps({"method": seen.method, "target": seen.target, "headers": dict(seen.headers)}).encode()
            head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nx-upstream: yes\r\n"
            head += b"content-length: %d\r\n\r\n" % len(text)
            self.wfile.write(head if self.command == "HEAD" else head + text)

        do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = do_PATCH = do_OPTIONS = answer

        def log_message(self, format: str, *args: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 1024

        def handle_error(self, request: object, client_address: object) -> None:
            pass  # a peer that breaks off is what some tests are about

    with Server(("127.0.0.1", 0), Handler) as server:
        if context is not None:
            server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        upstream = Upstream(server.server_port)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield upstream
        finally:
            server.shutdown()
            thread.join()


@dataclass
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Gateway:
    """`oarlock start` in a directory of its own."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.settings = directory / "oarlock.yaml"
        self.configuration = directory / "kong.yaml"
        self.log_file = directory / "gateway.log"
        self.port = 0
        self.process: subprocess.Popen[str] | None = None
        self._reader: threading.Thread | None = None

    def write(self, configuration: str, settings: str = "", plugins: Path | None = None) -> None:
        """Write both files; `plugins` is a folder for a plugin server named `python`."""
        self.configuration.write_text('_format_version: "3.0"\n' + configuration)
        text = (
            f"prefix: {self.directory}/run\ndeclarative_config: {self.configuration}\n"
            f"listen: ['127.0.0.1:{self.port}']\n{settings}"
        )
        if "workers:" not in settings:
            text += "\nworkers: 1\n"
        if plugins is not None:
            text += (
                "\nplugin_servers:\n  python:\n"
                f"    command: ['{BIN}/oarlock-python-pluginserver', '--plugins', '{plugins}']\n"
                "    restart_initial: 0.05\n"
            )
        self.settings.write_text(text)

    def start(
        self,
        *arguments: str,
        environment: Mapping[str, str] | None = None,
        reads_output: bool = True,
        error_to: int | None = None,
    ) -> Gateway:
        """Start it and wait until it serves.

        Without `reads_output` nobody reads what it prints after that. `error_to` is a descriptor that gets the log.
        """
        self.stop()
        log = self.log_file.open("a")
        with log:
            self.process = subprocess.Popen(
                [str(BIN / "oarlock"), "start", "--settings", str(self.settings), *arguments],
                stdout=subprocess.PIPE,
                stderr=log if error_to is None else error_to,
                text=True,
                env={**os.environ, **(environment or {})},
                start_new_session=True,
            )
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if line.startswith("proxy "):
                self.port = int(line.rpartition(":")[2])
                if reads_output:  # the access log goes to standard output
                    self._reader = threading.Thread(target=self.process.stdout.read)
                    self._reader.start()
                return self
        raise AssertionError(f"the gateway ended with status {self.process.wait()}:\n{self.log}")

    def stop(self) -> None:
        """End it in an orderly way."""
        if self.process is not None:
            if self.process.poll() is None:
                self.process.send_signal(signal.SIGTERM)
                try:
                    self.process.wait(30)
                except subprocess.TimeoutExpired:
                    self.process.kill()
                    self.process.wait()
            if self._reader is not None:
                self._reader.join(10)
                self._reader = None
            assert self.process.stdout is not None
            self.process.stdout.close()

    @property
    def log(self) -> str:
        return self.log_file.read_text()

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run `oarlock` with our settings file."""
        return subprocess.run(
            [str(BIN / "oarlock"), *arguments, "--settings", str(self.settings)],
            capture_output=True,
            text=True,
            cwd=self.directory,
            check=False,
        )

    def status(self) -> Any:
        """What `oarlock health --json` says."""
        return json.loads(self.command("health", "--json").stdout)

    def request(
        self,
        target: str = "/",
        method: str = "GET",
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        timeout: float = 20.0,
    ) -> Answer:
        """Send one request on a connection of its own."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            connection.request(method, target, body, dict(headers or {}))
            response = connection.getresponse()
            return Answer(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read())
        finally:
            connection.close()

    def processes(self) -> list[psutil.Process]:
        """The master and everything that descends from it, as it is now."""
        assert self.process is not None
        master = psutil.Process(self.process.pid)
        return [master, *master.children(recursive=True)]


@contextlib.contextmanager
def gateway_in(directory: Path) -> Iterator[Gateway]:
    gateway = Gateway(directory)
    try:
        yield gateway
    finally:
        gateway.stop()
