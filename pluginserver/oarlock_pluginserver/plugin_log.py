"""Log lines of plugins and of their servers: bounded in number, harmless in content, handed to who can write them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Final

from oarlock_pluginserver._generated import pdk_table as table
from oarlock_pluginserver.event import Event
from oarlock_pluginserver.output import LineBudget
from oarlock_pluginserver.protocol import messages as m

log = logging.getLogger("oarlock_pluginserver.plugin_log")

_DEBUG, _WARN, _ALERT = (table.LOG_LEVELS[name] for name in ("debug", "warn", "alert"))
_ESCAPES: Final = {number: f"\\x{number:02x}" for number in (*range(32), 127)} | {9: "\t", 10: "\\n", 13: "\\r"}
_PYTHON_LEVELS: Final = (logging.DEBUG, logging.INFO, logging.INFO, logging.WARNING, logging.ERROR)

Write = Callable[[int, str, Mapping[str, object] | None, str | None], None]  # level, text, fields, plugin


class PluginLog:
    """Takes the LOG messages of one plugin server. Lines of an event go to its handler, others to `write`."""

    def __init__(self, server: str, write: Write | None) -> None:
        self._server = server
        self._write = self._write_here if write is None else write
        self._budget = LineBudget(table.LOG_LINES_PER_SECOND)

    def write(self, now: float, event: Event | None, message: m.Log, plugin: str | None) -> None:
        """Pass a line on, unless there were too many within a second. `now` is in seconds, `plugin` outside events."""
        if not self._budget.take(now):
            return
        lost = message.lost + self._budget.take_dropped()
        text = message.text if isinstance(message.text, str) else message.text.decode("utf-8", "backslashreplace")
        text = text.translate(_ESCAPES)
        level = min(max(message.level, _DEBUG), _ALERT)
        try:
            if lost:
                self._write(_WARN, f"{lost} log lines were lost, there were too many", None, None)
            if event is not None:
                event.handler.log(event._step, level, text, message.fields)
            else:
                self._write(level, text, message.fields, plugin)
        except Exception:  # a bug of the host must not end the connection
            log.exception("plugin server %s: a log line could not be written", self._server)

    def _write_here(self, level: int, text: str, fields: Mapping[str, object] | None, plugin: str | None) -> None:
        about = f"plugin {plugin} of " if plugin else ""
        details = f" {dict(fields)!r}" if fields else ""
        python_level = _PYTHON_LEVELS[min(level, len(_PYTHON_LEVELS)) - 1]
        log.log(python_level, "%splugin server %s: %s%s", about, self._server, text, details)
