"""JSON (RFC 8259) into a tree with lines."""

from __future__ import annotations

import re
from bisect import bisect_right
from json.decoder import scanstring  # type: ignore[attr-defined]  # what json.loads uses; typeshed leaves it out
from typing import Final

from oarlock.config.fields import At
from oarlock.config.source import MAX_DEPTH, Node, SourceError, checked_weight, duplicate_key, scalar

_SPACE: Final = re.compile(r"[ \t\n\r]*")
_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_WORDS: Final = {"true": True, "false": False, "null": None}
_WORD: Final = re.compile(r"[a-z]+")


def parse(text: str) -> Node:
    """Return the tree of one JSON value. Raises SourceError."""
    parser = _Parser(text)
    node, end = parser.value(parser.skip(0), ())
    if parser.skip(end) != len(text):
        raise parser.error(parser.skip(end), "text after the end of the JSON value")
    return node


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._line_starts = [0, *(match.end() for match in re.finditer("\n", text))]

    def skip(self, position: int) -> int:
        match = _SPACE.match(self._text, position)
        assert match is not None
        return match.end()

    def error(self, position: int, message: str) -> SourceError:
        line = self._line(position)
        column = position - self._line_starts[line - 1] + 1
        return SourceError(line, f"not JSON: {message} (column {column})")

    def value(self, position: int, at: At) -> tuple[Node, int]:
        if len(at) > MAX_DEPTH:
            raise SourceError(self._line(position), f"nested deeper than {MAX_DEPTH}", at)
        start = self._text[position : position + 1]
        if start == "{":
            return self._object(position, at)
        if start == "[":
            return self._array(position, at)
        if start == '"':
            content, end = self._string(position)
            return scalar(content, self._line(position)), end
        return self._number_or_word(position)

    def _object(self, position: int, at: At) -> tuple[Node, int]:
        node = Node({}, self._line(position), 1)
        position = self.skip(position + 1)
        while self._text[position : position + 1] != "}":
            if node.value:
                position = self._expect(",", position, "',' or '}'")
            key_line = self._line(position)
            if self._text[position : position + 1] != '"':
                raise self.error(position, "expected a key in double quotes")
            key, position = self._string(position)
            if key in node.value:
                raise duplicate_key(key, key_line, node.key_lines[key], at)
            position = self._expect(":", self.skip(position), "':'")
            node.value[key], position = self.value(position, (*at, key))
            node.key_lines[key] = key_line
            node.weight = checked_weight(node.weight + node.value[key].weight, key_line)
            position = self.skip(position)
        return node, position + 1

    def _array(self, position: int, at: At) -> tuple[Node, int]:
        node = Node([], self._line(position), 1)
        position = self.skip(position + 1)
        while self._text[position : position + 1] != "]":
            if node.value:
                position = self._expect(",", position, "',' or ']'")
            item, position = self.value(position, (*at, len(node.value)))
            node.value.append(item)
            node.weight = checked_weight(node.weight + item.weight, item.line)
            position = self.skip(position)
        return node, position + 1

    def _expect(self, character: str, position: int, what: str) -> int:
        if self._text[position : position + 1] != character:
            raise self.error(position, f"expected {what}")
        return self.skip(position + 1)

    def _string(self, position: int) -> tuple[str, int]:
        try:
            content, end = scanstring(self._text, position + 1, True)
        except ValueError as exc:
            raise self.error(position, str(exc).split(":")[0]) from None
        return scalar(content, self._line(position)).value, end

    def _number_or_word(self, position: int) -> tuple[Node, int]:
        line = self._line(position)
        number = _NUMBER.match(self._text, position)
        if number:
            written = number[0]
            if number[1] is not None or number[2] is not None:
                return scalar(float(written), line, written), number.end()
            return scalar(int(written) if len(written) <= 20 else 2**64, line, written), number.end()
        word = _WORD.match(self._text, position)
        if word and word[0] in _WORDS:
            return scalar(_WORDS[word[0]], line, word[0]), word.end()
        raise self.error(position, "expected a value")

    def _line(self, position: int) -> int:
        return bisect_right(self._line_starts, position)
