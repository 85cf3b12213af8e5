"""Long computations in short steps: generators that yield after each bit of work, and return the result.

Whoever drives one may do something else at each yield; `run` does nothing else.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Generator, Iterable
from itertools import islice
from typing import Any, Final, TypeVar

T = TypeVar("T")

_CHUNK: Final = 256  # entries sorted between two yields: well under a millisecond


def _itself(item: Any) -> Any:
    return item


def run(work: Generator[None, None, T]) -> T:
    """Run `work` to its end and return its result."""
    while True:
        try:
            next(work)
        except StopIteration as end:
            result: T = end.value
            return result


def sorted_in_slices(items: Iterable[T], key: Callable[[T], Any] = _itself) -> Generator[None, None, list[T]]:
    """Sort, as `sorted` does (equal entries keep their order), in slices."""
    source = iter(items)
    chunks: list[list[T]] = []
    while chunk := list(islice(source, _CHUNK)):
        chunks.append(sorted(chunk, key=key))
        yield
    result: list[T] = []
    merged = heapq.merge(*chunks, key=key)
    while part := list(islice(merged, _CHUNK)):
        result += part
        yield
    return result
