"""Regular expressions of routes, over bytes.

They run on RE2, whose time is linear in the text: no request can make one slow. In the `traditional` flavour, whose
users may have written look-around and back references, what RE2 refuses runs on `regex` under a time limit.

Text is matched byte by byte, so that a byte that is not UTF-8 can't hide a path from the route that guards it; only a
pattern that itself speaks of characters beyond ASCII reads text as UTF-8.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any, Final

import re2
import regex

from oarlock.router.errors import PatternTimeout

log = logging.getLogger("oarlock.router")

Captures = tuple[tuple[bytes | None, ...], Mapping[str, bytes]]  # [0] of the first is the whole match; by name

_TIME_LIMIT: Final = 0.02  # seconds for one pattern of `regex` on one text; it holds the whole worker up
_ALWAYS_LITERAL: Final = frozenset(b"/-_~%:@!&',;= ") | frozenset(
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
)
_QUANTIFIERS: Final = frozenset(b"*+?{")


class PatternRefused(ValueError):
    """Not a regular expression that the flavour can run."""

    def __init__(self, source: str, reason: object) -> None:
        super().__init__(f"regular expression {source!r} can't be used: {reason}")


class Pattern:
    """One compiled pattern."""

    __slots__ = ("_compiled", "_is_linear", "_names", "prefix", "source")

    def __init__(self, source: str, backtracking: bool) -> None:
        """Compile `source`; with `backtracking`, what RE2 refuses is given to `regex`.

        Raises:
            PatternRefused: no engine takes it.
        """
        self.source = source
        self.prefix = literal_prefix(source.encode())  # every text that matches at its start begins with it
        self._is_linear = True
        self._compiled: Any
        try:
            self._compiled = re2.compile(source.encode(), _options(source))
        except re2.error as refused:
            if not backtracking:
                raise PatternRefused(source, _decoded(refused.args[0])) from None
            self._compiled = _compile_backtracking(source)
            self._is_linear = False
        self._names = {_decoded(name): number for name, number in self._compiled.groupindex.items()}

    def match(self, text: bytes) -> Captures | None:
        """Match at the start of `text`, whatever follows. Raises PatternTimeout (only with `backtracking`)."""
        found = self._compiled.match(text) if self._is_linear else self._run(self._compiled.match, text)
        if found is None:
            return None
        groups: tuple[bytes | None, ...] = (found.group(0), *found.groups())
        return groups, {name: value for name, at in self._names.items() if (value := groups[at]) is not None}

    def search(self, text: bytes) -> bool:
        """Whether `text` holds a match anywhere. Raises PatternTimeout (only with `backtracking`)."""
        if self._is_linear:
            return self._compiled.search(text) is not None
        return self._run(self._compiled.search, text) is not None

    def _run(self, run: Any, text: bytes) -> Any:
        try:
            return run(text, timeout=_TIME_LIMIT)
        except TimeoutError:
            log.error("regular expression %r backtracked for more than %g s", self.source, _TIME_LIMIT)
            raise PatternTimeout(self.source) from None


def literal_prefix(pattern: bytes) -> bytes:
    """Return bytes that every text begins with that `pattern` matches at its start; maybe fewer than there are."""
    if b"|" in pattern or b"(?" in pattern.replace(b"(?<", b"").replace(b"(?P<", b"").replace(b"(?:", b""):
        return b""  # an alternative, or flags that may change what a letter stands for
    start = 1 if pattern.startswith(b"^") else 0
    end = start
    while end < len(pattern) and pattern[end] in _ALWAYS_LITERAL:
        end += 1
    if end < len(pattern) and pattern[end] in _QUANTIFIERS and end > start:
        end -= 1
    return pattern[start:end]


def _options(source: str) -> Any:
    options = re2.Options()
    options.log_errors = False
    if source.isascii() and "\\p" not in source and "\\P" not in source:
        options.encoding = re2.Options.Encoding.LATIN1
    return options


def _compile_backtracking(source: str) -> Any:
    try:
        return regex.compile(source.encode(), regex.VERSION0)
    except (regex.error, OverflowError) as refused:
        raise PatternRefused(source, refused) from None


def _decoded(text: bytes | str) -> str:
    return text.decode(errors="replace") if isinstance(text, bytes) else text
