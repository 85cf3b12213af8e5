"""Two ways to wait for the answer to a call: in a thread, or as an awaitable on the loop."""

from __future__ import annotations

import asyncio
import threading
from typing import Any, Protocol

from oarlock_pdk.bridge import PendingCall
from oarlock_pdk.errors import Gone, PdkError

Answer = tuple[Any, tuple[str, str] | None]  # result, or None and [code, text]


class Waiter(Protocol):
    """Who asked. `deliver` and `abandon` are called on the loop, at most one of them counts."""

    call: PendingCall

    def deliver(self, answer: Answer) -> None:
        """Hand over the gateway's answer."""

    def abandon(self) -> None:
        """Wake who waits: the event is over and there will be no answer."""


class ThreadWaiter:
    """A thread waits."""

    __slots__ = ("_answer", "_answered", "call")

    def __init__(self, call: PendingCall) -> None:
        self.call = call
        self._answer: Answer | None = None
        self._answered = threading.Lock()
        self._answered.acquire()

    def wait(self) -> Any:
        """Return the result. Raises PdkError; Gone if the event is over."""
        self._answered.acquire()
        if self._answer is None:
            raise Gone("the event is over")
        result, error = self._answer
        if error is not None:
            raise failure(error)
        return self.call.result(result)

    def deliver(self, answer: Answer) -> None:
        if self._answer is None and self._answered.locked():
            self._answer = answer
            self._answered.release()

    def abandon(self) -> None:
        if self._answer is None and self._answered.locked():
            self._answered.release()


class FutureWaiter:
    """A task awaits `future`."""

    __slots__ = ("call", "future")

    def __init__(self, call: PendingCall, loop: asyncio.AbstractEventLoop) -> None:
        self.call = call
        self.future: asyncio.Future[Any] = loop.create_future()

    def deliver(self, answer: Answer) -> None:
        if self.future.done():
            return
        result, error = answer
        if error is not None:
            self.future.set_exception(failure(error))
            return
        try:
            self.future.set_result(self.call.result(result))
        except PdkError as problem:
            self.future.set_exception(problem)

    def abandon(self) -> None:
        self.future.cancel()


def failure(error: tuple[str, str]) -> BaseException:
    """Return what the code of a REPLY is raised as."""
    code, text = error
    return Gone(text or "the event is over") if code == "gone" else PdkError(code, text)
