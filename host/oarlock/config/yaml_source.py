"""YAML into a tree with lines.

Scalars are read by the core schema of YAML 1.2: `yes`, `on`, `12:30` and dates are text, and so is a number with a
leading zero, which YAML 1.1 takes for octal. Merge keys (`<<`) of YAML 1.1 work. Tags other than those of the core
schema are refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentEndEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)
from ruamel.yaml.reader import ReaderError

from oarlock.config.fields import At
from oarlock.config.source import MAX_DEPTH, Node, SourceError, checked_weight, duplicate_key, scalar

_INTEGER: Final = re.compile(r"[-+]?(?:0|[1-9][0-9]*)")
_RADIX: Final = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT: Final = re.compile(r"[-+]?(?:\.[0-9]+|(?:0|[1-9][0-9]*)(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_NOT_FINITE: Final = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_WORDS: Final = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_TOO_LARGE: Final = 2**64  # refused by `scalar`
_CORE: Final = "tag:yaml.org,2002:"


def parse(text: str) -> Node:
    """Return the tree of the one document in `text`. Raises SourceError."""
    try:
        return _Composer(YAML(typ="safe", pure=True).parse(text)).document()
    except ReaderError as exc:
        line = text.count("\n", 0, exc.position) + 1
        raise SourceError(line, f"not YAML: control character {exc.character!r}") from None
    except MarkedYAMLError as exc:
        mark = exc.problem_mark or exc.context_mark
        line = mark.line + 1 if mark else 0
        raise SourceError(line, f"not YAML: {exc.problem or exc.context}") from None
    except (YAMLError, ValueError, OverflowError, RecursionError, AssertionError, IndexError) as exc:
        # what the scanner lets escape on odd input: a \U escape past Unicode, an endless number in %YAML …
        raise SourceError(0, f"not YAML: {str(exc).splitlines()[0] if str(exc) else type(exc).__name__}") from None


def resolve(written: str) -> Any:
    """Return what a scalar without quotes stands for."""
    if written in _WORDS:
        return _WORDS[written]
    if _INTEGER.fullmatch(written):
        return int(written) if len(written) <= 20 else _TOO_LARGE
    if _RADIX.fullmatch(written) and len(written) <= 24:
        return int(written, 0)
    if _FLOAT.fullmatch(written) or _NOT_FINITE.fullmatch(written):
        return float(written.replace(".inf", "inf").replace(".nan", "nan") if written[-1].islower() else written)
    return written


class _Composer:
    """Turns parser events into nodes; nothing is read past a limit."""

    def __init__(self, events: Iterator[Any]) -> None:
        self._events = events
        self._anchors: dict[str, Node | None] = {}  # None while the anchored value is still open

    def document(self) -> Node:
        next(self._events)  # stream start
        event = next(self._events)
        if isinstance(event, StreamEndEvent):
            return Node({}, 1, 1)  # an empty file
        assert isinstance(event, DocumentStartEvent)
        root = self._value(next(self._events), ())
        end = next(self._events)
        assert isinstance(end, DocumentEndEvent)
        after = next(self._events)
        if not isinstance(after, StreamEndEvent):
            raise SourceError(_line(after), "a second YAML document: expected one")
        return root

    def _value(self, event: Any, at: At) -> Node:
        if isinstance(event, AliasEvent):
            return self._aliased(event)
        anchor = event.anchor
        if anchor is not None:
            self._anchors[anchor] = None
        if len(at) > MAX_DEPTH:
            raise SourceError(_line(event), f"nested deeper than {MAX_DEPTH}", at)
        if isinstance(event, ScalarEvent):
            node = self._scalar(event)
        elif isinstance(event, SequenceStartEvent):
            node = self._sequence(event, at)
        else:
            assert isinstance(event, MappingStartEvent)
            node = self._mapping(event, at)
        if anchor is not None:
            self._anchors[anchor] = node
        return node

    def _aliased(self, event: Any) -> Node:
        if event.anchor not in self._anchors:
            raise SourceError(_line(event), f"alias '*{event.anchor}' has no anchor before it")
        node = self._anchors[event.anchor]
        if node is None:
            raise SourceError(_line(event), f"alias '*{event.anchor}' stands within its own anchor")
        return node

    def _scalar(self, event: Any) -> Node:
        tag = _tag(event)
        line = _line(event)
        if tag == "str" or (tag is None and not event.implicit[0]):
            return scalar(event.value, line)
        if tag is None or tag in ("int", "float", "bool", "null"):
            return scalar(resolve(event.value), line, event.value)
        raise SourceError(line, f"tag '{tag}' is not known here")

    def _sequence(self, event: Any, at: At) -> Node:
        _known_tag(event, "seq")
        node = Node([], _line(event), 1)
        while not isinstance(item := next(self._events), SequenceEndEvent):
            child = self._value(item, (*at, len(node.value)))
            node.value.append(child)
            node.weight = checked_weight(node.weight + child.weight, _line(item))
        return node

    def _mapping(self, event: Any, at: At) -> Node:
        _known_tag(event, "map")
        node = Node({}, _line(event), 1)
        merged: list[Node] = []
        while not isinstance(key := next(self._events), MappingEndEvent):
            line = _line(key)
            if not isinstance(key, ScalarEvent):
                raise SourceError(line, "a key must be text", at)
            name = scalar(key.value, line).value
            child = self._value(next(self._events), (*at, name))
            if name == "<<" and key.implicit[0]:
                merged += self._to_merge(child, line, at)
                continue
            if name in node.value:
                raise duplicate_key(name, line, node.key_lines[name], at)
            self._add(node, name, child, line)
        for source in merged:
            for name, child in source.value.items():
                if name not in node.value:
                    self._add(node, name, child, source.key_lines[name])
        return node

    @staticmethod
    def _add(node: Node, name: str, child: Node, line: int) -> None:
        node.value[name] = child
        node.key_lines[name] = line
        node.weight = checked_weight(node.weight + child.weight, line)

    @staticmethod
    def _to_merge(child: Node, line: int, at: At) -> list[Node]:
        sources = child.value if isinstance(child.value, list) else [child]
        if not all(isinstance(source.value, dict) for source in sources):
            raise SourceError(line, "expected an object or a list of objects to merge", (*at, "<<"))
        return list(sources)


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1


def _tag(event: Any) -> str | None:
    """Return the core schema's name of an explicit tag, None without one."""
    tag = event.tag
    if tag is None:
        return None
    text = str(tag)
    if text == "!":
        return "str" if isinstance(event, ScalarEvent) else None
    return text.removeprefix(_CORE)


def _known_tag(event: Any, expected: str) -> None:
    tag = _tag(event)
    if tag not in (None, expected):
        raise SourceError(_line(event), f"tag '{tag}' is not known here")
