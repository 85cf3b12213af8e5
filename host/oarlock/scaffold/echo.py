"""The upstream of a throw-away gateway: answers each request with what it got, as JSON."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final

_LARGEST_SHOWN: Final = 64 * 1024  # bytes of a body


class _Echo(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "oarlock-echo"
    sys_version = ""

    def answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        headers: dict[str, str | list[str]] = {}
        for name in self.headers:
            values = self.headers.get_all(name) or []
            headers[name.lower()] = values[0] if len(values) == 1 else values
        seen = {
            "method": self.command,
            "target": self.path,
            "headers": headers,
            "body": body[:_LARGEST_SHOWN].decode("utf-8", "replace"),
        }
        text = json.dumps(seen, indent=2, ensure_ascii=False).encode() + b"\n"
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(text)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = answer

    def log_message(self, format: str, *args: object) -> None:
        pass  # the author reads the plugin's lines


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        pass  # the gateway broke off, because its client did


@contextlib.contextmanager
def echo_upstream() -> Iterator[str]:
    """Serve on a free port of 127.0.0.1 for the block; yields the URL."""
    with _Server(("127.0.0.1", 0), _Echo) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, name="oarlock-echo")
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
