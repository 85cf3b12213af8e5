"""What the router raises."""

from __future__ import annotations

from collections.abc import Sequence

from oarlock.errors import ClientError, OarlockError


class RouterError(OarlockError):
    """Some routes can't be compiled. `problems` has a sentence for each, naming the route and the pattern."""

    exit_code = 2

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = list(problems)


class PatternTimeout(ClientError):
    """A request made a regular expression of a route backtrack past its time limit.

    It is answered 500 and goes nowhere: counting it as "no match" would let it past the route that was to guard it.
    """

    def __init__(self, pattern: str) -> None:
        super().__init__(500, "An unexpected error occurred")
        self.pattern = pattern
