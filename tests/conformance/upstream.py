"""The upstreams of the conformance suite: three servers that write down what they are asked.

The header `x-answer` of a request says in JSON what to answer: `status`, `headers` (pairs), `body`, `delay` in seconds.
"""

from __future__ import annotations

import contextlib
import json
import ssl
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import trustme


@dataclass
class Asked:
    """A request as an upstream got it."""

    server: str
    method: str
    target: str
    headers: list[tuple[str, str]]  # names in lower case, in order
    body: bytes


@dataclass
class Upstreams:
    """`main` and `other` speak plain HTTP, `tls` has a certificate that nobody trusts."""

    ports: dict[str, int] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)


def _handler(name: str, upstreams: Upstreams) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def __getattr__(self, attribute: str) -> Any:
            if attribute.startswith("do_"):
                return self.answer
            raise AttributeError(attribute)

        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            headers = [(key.lower(), value) for key, value in self.headers.items()]
            upstreams.asked.append(Asked(name, self.command, self.path, headers, body))
            answer = json.loads(self.headers.get("x-answer") or "{}")
            time.sleep(answer.get("delay", 0))
            content = answer.get("body", json.dumps({"upstream": name})).encode()
            lines = answer.get("headers", [["Content-Type", "application/json"]])
            head = f"HTTP/1.1 {answer.get('status', 200)} X\r\nX-Upstream: {name}\r\n"
            head += "".join(f"{key}: {value}\r\n" for key, value in lines)
            head += f"Content-Length: {len(content)}\r\n\r\n"
            with contextlib.suppress(OSError):  # a gateway that did not wait
                self.wfile.write(head.encode("latin-1") + (b"" if self.command == "HEAD" else content))

        def log_message(self, format: str, *args: object) -> None:
            pass

    return Handler


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        pass  # a gateway that refuses our certificate


@contextlib.contextmanager
def running_upstreams() -> Iterator[Upstreams]:
    """Three upstreams for the block."""
    upstreams = Upstreams()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("localhost", "127.0.0.1").configure_cert(context)
    with contextlib.ExitStack() as stack:
        for name in ("main", "other", "tls"):
            server = stack.enter_context(_Server(("127.0.0.1", 0), _handler(name, upstreams)))
            if name == "tls":
                server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
            upstreams.ports[name] = server.server_port
            thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
            thread.start()
            stack.callback(thread.join)
            stack.callback(server.shutdown)
        yield upstreams
