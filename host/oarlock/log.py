"""Where log lines go: written by a thread of their own, so that a slow or full destination never holds up a request.

A `LineWriter` owns one destination. What is put into it is written in order by its thread; when the destination is
slower than the gateway, up to `max_pending` bytes wait, and what comes then is dropped and counted.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import sys
import threading
from pathlib import Path
from typing import Final

MAX_TEXT: Final = 32 * 1024  # characters of one record
MAX_PENDING: Final = 8 * 1024 * 1024  # bytes that wait for a destination that does not take them

PLUGIN_OUTPUT: Final = "oarlock_pluginserver.output"  # what plugin servers write to stdout and stderr

NOTICE: Final = 25  # between INFO and WARNING, as in Kong
ALERT: Final = 60
_LEVELS: Final = {
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "notice": NOTICE,
    "warn": logging.WARNING,
    "error": logging.ERROR,
    "crit": logging.CRITICAL,
    "alert": ALERT,
    "emerg": ALERT,
}


class LineWriter:
    """Writes lines to a file descriptor from a thread of its own."""

    def __init__(self, fd: int, *, owns_fd: bool = False, max_pending: int = MAX_PENDING) -> None:
        self._fd = fd
        self._owns_fd = owns_fd
        self._max_pending = max_pending
        self._pending: list[bytes] = []
        self._pending_size = 0
        self._changed = threading.Condition()
        self._closing = False
        self._complained = False
        self.dropped = 0  # pieces that nobody will read
        self._thread = threading.Thread(target=self._write_all, name="oarlock-log", daemon=True)
        self._thread.start()

    @classmethod
    def to_file(cls, path: Path) -> LineWriter:
        """Append to the file at `path`, made when missing. Raises OSError."""
        return cls(os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o640), owns_fd=True)

    def put(self, lines: bytes) -> None:
        """Queue whole lines, each with its newline. Never waits for the destination."""
        with self._changed:
            if self._closing or self._pending_size + len(lines) > self._max_pending:
                self.dropped += 1
                return
            self._pending.append(lines)
            self._pending_size += len(lines)
            self._changed.notify()

    def close(self, timeout: float = 2.0) -> None:
        """Write what is queued, for at most `timeout` seconds, and end the thread."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._thread.join(timeout)
        if self._owns_fd and not self._thread.is_alive():
            os.close(self._fd)
            self._owns_fd = False

    def _write_all(self) -> None:
        while True:
            with self._changed:
                while not self._pending and not self._closing:
                    self._changed.wait()
                batch, self._pending, self._pending_size = b"".join(self._pending), [], 0
                if not batch:
                    return
            try:
                self._write(batch)
                self._complained = False
            except OSError as error:  # a full disk, a closed pipe: lines are lost, requests are not
                self.dropped += 1
                if not self._complained:
                    self._complained = True
                    with contextlib.suppress(OSError):
                        os.write(2, f"oarlock: a log line could not be written: {error}\n".encode())

    def _write(self, batch: bytes) -> None:
        view = memoryview(batch)
        while view:
            view = view[os.write(self._fd, view) :]


class _QueueingHandler(logging.Handler):
    def __init__(self, writer: LineWriter) -> None:
        super().__init__()
        self._writer = writer

    def emit(self, record: logging.LogRecord) -> None:
        self._writer.put((self.format(record) + "\n").encode("utf-8", "backslashreplace"))


def _bounded(text: str) -> str:
    """The text, cut if somebody tries to fill the disk with it."""
    return text if len(text) <= MAX_TEXT else f"{text[:MAX_TEXT]} [… {len(text) - MAX_TEXT} characters more]"


class _OneLine(logging.Formatter):
    """`time [level] process area: text`; control bytes in the text are escaped, so that nobody can forge a line."""

    _ESCAPES: Final = {
        code: f"\\x{code:02x}" for code in (*range(0x20), *range(0x7F, 0xA0)) if code not in (0x09, 0x0A)
    }

    def format(self, record: logging.LogRecord) -> str:
        text = _bounded(super().format(record))
        return text.translate(self._ESCAPES).replace("\n", "\n    ")


class _Json(logging.Formatter):
    """One JSON object a line: time (Unix seconds), level, process, area, message, and a traceback if there is one."""

    def __init__(self, process: str) -> None:
        super().__init__()
        self._process = process

    def format(self, record: logging.LogRecord) -> str:
        fields = {
            "time": round(record.created, 3),
            "level": record.levelname,
            "process": self._process,
            "area": record.name,
            "message": _bounded(record.getMessage()),
        }
        if record.exc_info:
            fields["traceback"] = _bounded(self.formatException(record.exc_info))
        return json.dumps(fields, ensure_ascii=False)


def set_up(level: str, process: str, style: str = "text") -> LineWriter:
    """Send all log records of this process to standard error.

    `level` is one of Kong's names, `process` says who writes ("worker/0"), `style` is "text", "json", or "short": for
    somebody who looks on, time of day and text alone.
    """
    logging.addLevelName(NOTICE, "notice")
    logging.addLevelName(ALERT, "alert")
    for name, number in _LEVELS.items():
        if number not in (NOTICE, ALERT):
            logging.addLevelName(number, name)
    writer = LineWriter(sys.stderr.fileno())
    handler = _QueueingHandler(writer)
    if style == "json":
        handler.setFormatter(_Json(process))
    elif style == "short":
        handler.setFormatter(_OneLine("%(asctime)s [%(levelname)s] %(message)s", "%H:%M:%S"))
    else:
        line = f"%(asctime)s.%(msecs)03d [%(levelname)s] {process} %(name)s: %(message)s"
        handler.setFormatter(_OneLine(line, "%Y-%m-%dT%H:%M:%S"))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(_LEVELS[level])
    logging.getLogger(PLUGIN_OUTPUT).setLevel(min(logging.INFO, _LEVELS[level]))  # print() is for somebody to read
    return writer
