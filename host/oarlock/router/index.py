"""Candidates by path: those whose path can begin a request path, found without trying each.

A candidate stands under its prefix: its plain path, or what every text begins with that its regular expression matches.
The prefixes of an index form one sorted list. Every entry that is a prefix of a request path is also a prefix of the
greatest entry not above the request path. So one binary search finds the start of a chain, from each entry to its
longest proper prefix in the list, that holds them all.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Generator, Iterable
from typing import TYPE_CHECKING, Final

from oarlock.proxy.exchange import Headers
from oarlock.router.conditions import Conditions
from oarlock.router.pattern import Pattern
from oarlock.router.slices import sorted_in_slices

if TYPE_CHECKING:
    from oarlock.router.match import Match

UNRANKED: Final = 1 << 62  # comes after every rank


class Candidate:
    """A route with one of its paths. `rank` 0 wins over all others."""

    __slots__ = ("conditions", "match", "methods", "pattern", "prefix", "rank")

    def __init__(
        self,
        match: Match,
        methods: frozenset[bytes] | None,
        pattern: Pattern | None,
        conditions: Conditions | None,
    ) -> None:
        self.rank = UNRANKED
        self.match = match  # complete, but for what a pattern captures
        self.methods = methods  # None: any
        self.pattern = pattern  # None: a plain path, or no path at all
        self.prefix = match.matched_path if pattern is None else pattern.prefix
        self.conditions = conditions


class _Node:
    """A prefix, its candidates, and the way to the prefixes of it."""

    __slots__ = ("best", "best_above", "candidates", "parent", "prefix", "sure")

    def __init__(self, prefix: bytes, candidates: list[Candidate], parent: _Node | None) -> None:
        first = candidates[0]
        is_sure = first.methods is None and first.conditions is None and first.pattern is None
        self.prefix = prefix
        self.candidates = candidates  # best first
        self.best = first.rank
        self.sure = first.match if is_sure else None  # the best candidate's, where it asks for nothing but the prefix
        self.parent = parent
        self.best_above = UNRANKED  # best rank among the parents
        if parent is not None:
            self.best_above = min(parent.best_above, parent.best)


class PathIndex:
    """The candidates of one host."""

    __slots__ = ("_by_prefix", "best", "has_conditions", "has_patterns", "nodes", "prefixes")

    def __init__(self) -> None:
        self.best = UNRANKED
        self.has_conditions = False
        self.has_patterns = False
        self.prefixes: list[bytes] = []  # sorted
        self.nodes: list[_Node] = []  # of the prefixes at the same places
        self._by_prefix: dict[bytes, list[Candidate]] = {}

    def add(self, candidate: Candidate) -> None:
        """Take a candidate in. They come best first; after the last one, `build`."""
        self.best = min(self.best, candidate.rank)
        self.has_conditions |= candidate.conditions is not None
        self.has_patterns |= candidate.pattern is not None
        self._by_prefix.setdefault(candidate.prefix, []).append(candidate)

    def build(self) -> Generator[None, None, None]:
        """Chain the prefixes up."""
        self.prefixes = yield from sorted_in_slices(self._by_prefix)
        node: _Node | None = None
        for prefix in self.prefixes:
            while node is not None and not prefix.startswith(node.prefix):
                node = node.parent
            node = _Node(prefix, self._by_prefix[prefix], node)
            self.nodes.append(node)
            yield
        self._by_prefix = {}


def search(
    indexes: Iterable[PathIndex], method: bytes, scheme: str, path: bytes, headers: Headers, sni: str | None
) -> tuple[Match | None, bool]:
    """Return the match of the best candidate in indexes that stand best first, and whether a pattern was tried.

    One function, for it is run for each request: 10,000 routes cost one binary search and a few comparisons. Among so
    many, what costs is to touch objects that no cache of the processor has: hence `sure`, and the order of the tests.

    Raises:
        PatternTimeout: a backtracking pattern took too long.
    """
    rank = UNRANKED
    found: Match | None = None
    tried = False
    for index in indexes:
        if found is not None and index.best >= rank:
            break
        at = bisect_right(index.prefixes, path)
        node = index.nodes[at - 1] if at else None
        while node is not None:
            if not path.startswith(node.prefix):
                pass
            elif node.sure is not None:
                if found is None or node.best < rank:
                    rank = node.best
                    found = node.sure
            else:
                for candidate in node.candidates:
                    if candidate.rank >= rank:
                        break
                    if candidate.methods is not None and method not in candidate.methods:
                        continue
                    if candidate.conditions is not None and not candidate.conditions.hold(headers, scheme, sni):
                        continue
                    if candidate.pattern is None:
                        found = candidate.match
                    else:
                        tried = True
                        captures = candidate.pattern.match(path)
                        if captures is None:
                            continue
                        found = candidate.match.with_captures(captures)
                    rank = candidate.rank
                    break
            parent = node.parent
            if parent is None or node.best_above >= rank:
                break
            node = parent
    return found, tried
