"""Regular expressions by google-re2: matching takes time linear in the text, whoever wrote the pattern."""

from __future__ import annotations

from typing import Any, Final

import re2

_MAX_MEMORY: Final = 1 << 20  # bytes for a compiled pattern


def _options() -> Any:
    options = re2.Options()
    options.log_errors = False
    options.max_mem = _MAX_MEMORY
    return options


_OPTIONS: Final = _options()


def compile_re2(pattern: str) -> Any:
    """Return the compiled pattern. Raises re2.error."""
    return re2.compile(pattern, _OPTIONS)


def refused_by_re2(pattern: str) -> str | None:
    """Return why google-re2 does not take a pattern, None when it does."""
    try:
        compile_re2(pattern)
    except re2.error as exc:
        reason = exc.args[0] if exc.args else "it gives no reason"
        return reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)
    return None
