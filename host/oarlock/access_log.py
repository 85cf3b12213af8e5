"""The access log: one line a request, made and written in batches.

On the request path an exchange is only appended to a list. A task turns the list into lines a few times a second and
hands them to a `LineWriter`; it sleeps while there is nothing to write.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec
import trio

from oarlock.log import LineWriter
from oarlock.proxy.exchange import Exchange, Headers

_INTERVAL: Final = 0.25  # seconds between batches
_MAX_WAITING: Final = 20_000  # exchanges kept for the next batch; more are dropped and counted
_CONTROL: Final = {code: f"\\x{code:02x}" for code in (*range(0x20), 0x22, 0x5C, *range(0x7F, 0xA0))}


class AccessLog:
    """Where finished exchanges are noted. `append` is all that the request path calls."""

    def __init__(self, destination: str, style: str = "text") -> None:
        """`destination`: `-` for standard output, `off`, or a path. `style`: `text` (as Kong's) or `json`.

        Raises:
            OSError: the file can't be opened.
        """
        self._writer = _open(destination)
        self._format: Callable[[Exchange], bytes] = _json_line if style == "json" else _text_line
        self._waiting: list[Exchange] = []
        self._wake: trio.Event | None = None
        self.dropped = 0

    def append(self, x: Exchange) -> None:
        """Note a finished exchange."""
        if self._writer is None:
            return
        if len(self._waiting) >= _MAX_WAITING:
            self.dropped += 1
            return
        self._waiting.append(x)
        if self._wake is not None:
            self._wake.set()
            self._wake = None

    async def run(self) -> None:
        """Write what is appended, until cancelled; then write the rest."""
        try:
            while True:
                if not self._waiting:
                    self._wake = event = trio.Event()
                    await event.wait()
                await trio.sleep(_INTERVAL)
                self.flush()
        finally:
            self.flush()
            if self._writer is not None:
                self._writer.close()
                self._writer = None

    def flush(self) -> None:
        """Hand what waits to the writer."""
        waiting, self._waiting = self._waiting, []
        if self._writer is not None and waiting:
            self._writer.put(b"".join(map(self._format, waiting)))


def _open(destination: str) -> LineWriter | None:
    if destination == "off":
        return None
    return LineWriter(1) if destination == "-" else LineWriter.to_file(Path(destination))


def _header(headers: Headers, wanted: bytes) -> str:
    for name, value in headers:
        if name == wanted:
            return _quoted(value)
    return "-"


def _quoted(value: bytes) -> str:
    """As nginx writes it: quotes, backslashes and control bytes as \\xNN, so that a client can't forge a field."""
    return value.decode("utf-8", "backslashreplace").translate(_CONTROL)


def _time(x: Exchange) -> str:
    return time.strftime("%d/%b/%Y:%H:%M:%S %z", time.localtime(x.started_ms / 1000))


def _text_line(x: Exchange) -> bytes:
    request = f"{_quoted(x.method)} {_quoted(x.raw_target)} HTTP/{x.http_version}" if x.method else ""
    why = f' error: "{_quoted(x.note_error.encode())}"' if x.note_error else ""
    return (
        f'{x.forwarded_ip} - - [{_time(x)}] "{request}" {x.sent_status} {x.response_size} '
        f'"{_header(x.received_headers, b"referer")}" "{_header(x.received_headers, b"user-agent")}" '
        f'kong_request_id: "{x.id}"{why}\n'
    ).encode()


def _json_line(x: Exchange) -> bytes:
    record = {
        "started_at": x.started_ms,
        "client_ip": x.forwarded_ip,
        "method": _quoted(x.method),
        "target": _quoted(x.raw_target),
        "http_version": x.http_version,
        "status": x.sent_status,
        "upstream_status": x.upstream_status or None,
        "request_size": x.request_size,
        "response_size": x.response_size,
        "duration_ms": round((x.sent_at - x.started) * 1000, 3) if x.sent_at else None,
        "route": (x.route.name or x.route.id) if x.route is not None else None,
        "service": (x.service.name or x.service.id) if x.service is not None else None,
        "request_id": x.id,
        "error": x.note_error or None,
    }
    return msgspec.json.encode(record) + b"\n"
