"""What a process writes to its standard output and error: bytes in, lines for a log out, no I/O.

The process may be broken or hostile: a line has a bounded length, lines come at a bounded rate, and no byte of them can
move a terminal's cursor or forge another line.
"""

from __future__ import annotations

import re
from collections import deque
from typing import Final

MAX_LINE: Final = 8 * 1024  # bytes
TAIL_LINES: Final = 20
LINES_PER_SECOND: Final = 1000.0

_CONTROL: Final = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029]")  # all but tab


class LineCutter:
    """Cuts one stream into lines, however it arrives. Of a line beyond `max_line` bytes the rest is only counted."""

    def __init__(self, max_line: int = MAX_LINE) -> None:
        self._max_line = max_line
        self._line = bytearray()
        self._dropped = 0  # bytes of the line that is being read

    def feed(self, data: bytes | bytearray) -> list[str]:
        """Return the lines that are complete now, without their ends and safe to print."""
        *complete, rest = data.split(b"\n")
        lines = []
        for part in complete:
            self._append(part)
            lines.append(self._take())
        self._append(rest)
        return lines

    def end(self) -> list[str]:
        """Return the last line if it has no end: nothing more will come."""
        return [self._take()] if self._line else []

    def _append(self, part: bytes | bytearray) -> None:
        room = self._max_line - len(self._line)
        self._line += part[:room]
        self._dropped += max(0, len(part) - room)

    def _take(self) -> str:
        text = printable(self._line.removesuffix(b"\r").decode(errors="backslashreplace"))
        if self._dropped:
            text += f" [… {self._dropped} bytes more]"
        self._line.clear()
        self._dropped = 0
        return text


class LineBudget:
    """Lets `per_second` lines through on average, as many at once, and counts the others."""

    def __init__(self, per_second: float = LINES_PER_SECOND) -> None:
        self._per_second = per_second
        self._left = per_second
        self._at = 0.0
        self._dropped = 0

    def take(self, now: float) -> bool:
        """Whether one more line may pass at `now`, seconds on any clock that does not go back."""
        self._left = min(self._per_second, self._left + (now - self._at) * self._per_second)
        self._at = now
        if self._left < 1:
            self._dropped += 1
            return False
        self._left -= 1
        return True

    def take_dropped(self) -> int:
        """Return how many lines did not pass since the last call."""
        dropped, self._dropped = self._dropped, 0
        return dropped


class Tail:
    """The last lines of a process's output: what it said before it ended."""

    def __init__(self, lines: int = TAIL_LINES) -> None:
        self._lines: deque[str] = deque(maxlen=lines)

    def append(self, line: str) -> None:
        """Keep `line`, and forget the oldest when there are too many."""
        self._lines.append(line)

    @property
    def lines(self) -> list[str]:
        """The lines, oldest first."""
        return list(self._lines)

    @property
    def last(self) -> str:
        """The last line that says something, or ''."""
        return next((line.strip() for line in reversed(self._lines) if line.strip()), "")


def printable(text: str) -> str:
    """Return `text` with control characters escaped as in Python's string literals."""
    return _CONTROL.sub(lambda match: match[0].encode("unicode_escape").decode(), text)
