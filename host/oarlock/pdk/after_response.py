"""What the log phase keeps of an exchange once the response is gone: all that a PDK function may still ask for.

Kong answers a few functions from a snapshot there and fails the others. Here the exchange itself is kept until the last
log event has ended, so every function goes on working; only what none of them may read any more, and what holds on to
the connection, is let go.
"""

from __future__ import annotations

from typing import Final

from oarlock.proxy.exchange import Exchange

MAX_BODIES: Final = 16 * 2**20  # bytes of response bodies that waiting log events hold, per worker
RELEASED: Final = "after_response.released"  # in `x.cache`: the upstream's body was let go
_HELD: Final = "after_response.held"


class _Held:
    """Counts a body for as long as its exchange waits."""

    __slots__ = ("size",)

    total = 0  # bytes

    def __init__(self, size: int) -> None:
        self.size = size
        _Held.total += size

    def __del__(self) -> None:
        _Held.total -= self.size


def release(x: Exchange) -> None:
    """Let go of what no log handler may read. The upstream's body stays while there is room for all that wait."""
    body = x.upstream_body
    if body is None and x.answer is None:
        body = x.response_body
    if x.answer is not None:
        x.answer.body = b""
    x.body_reader = x.received_body = x.body = x.response_body = x.on_abandon = None
    x.cache.clear()
    x.upstream_body = body
    if body is not None:
        if _Held.total + len(body) <= MAX_BODIES:
            x.cache[_HELD] = _Held(len(body))
        else:
            x.upstream_body = None
            x.cache[RELEASED] = True
