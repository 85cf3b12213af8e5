"""PDK calls of one connection: CALL and REPLY, with the changes that come along and large values both ways. No I/O.

CALLs of an event are taken in the order they came: changes first, at once, then the call itself, whose result may come
later and out of order. Each CALL gets one REPLY, unless its event ended.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final

from oarlock_pluginserver._generated import pdk_table as table
from oarlock_pluginserver.blobs import ArrivingBlobs, LeavingBlobs, cut_out, put_back
from oarlock_pluginserver.errors import PdkError, ProtocolError
from oarlock_pluginserver.event import Event, EventState
from oarlock_pluginserver.ports import Shell
from oarlock_pluginserver.protocol import messages as m
from oarlock_pluginserver.protocol import oarlock_v1 as codec

log = logging.getLogger("oarlock_pluginserver.calls")

_EFFECTS: Final = frozenset(number for number, function in table.FUNCTIONS.items() if function.effect)
_REPLANS: Final = frozenset(number for number, function in table.FUNCTIONS.items() if function.replans)


class StepCalls:
    """What the PDK calls of an event left behind. Made with its first one."""

    __slots__ = ("cancel", "changes", "effect", "error", "leaving", "open", "replanned", "streams")

    def __init__(self) -> None:
        self.open = 0  # CALLs without REPLY, over all steps
        self.streams = 0  # opened by us for this event
        self.cancel: set[Callable[[], None]] = set()  # ends what still works on a result
        self.leaving: list[LeavingBlobs] = []
        self.start_step()

    def start_step(self) -> None:
        """Forget what concerned the step before."""
        self.changes = 0  # that came with CALLs
        self.effect = False  # something was begun that outlives the exchange
        self.replanned = False
        self.error: PdkError | None = None  # a change was invalid: the step has failed


class PendingCall:
    """A call whose result is awaited by the shell, which then calls `Calls.answer` or `Calls.refuse`."""

    __slots__ = ("awaitable", "call", "event", "seconds", "step")

    def __init__(self, call: int, event: Event, awaitable: Awaitable[object], seconds: float) -> None:
        self.call = call
        self.event = event
        self.step = event._step
        self.awaitable = awaitable
        self.seconds = seconds  # left of the step's budget


class Calls:
    """The calls of one connection. `max_frame` and `window` (bytes) are what the server takes."""

    def __init__(
        self,
        shell: Shell,
        arriving: ArrivingBlobs,
        clock: Callable[[], float],
        *,
        max_calls: int,
        max_frame: int,
        window: int,
        has_streams: bool,
    ) -> None:
        self._shell = shell
        self._arriving = arriving
        self._clock = clock
        self._max_calls = max_calls
        self._max_frame = max_frame
        self._window = window
        self._has_streams = has_streams
        self._highest = 0

    def check_id(self, call: m.Call) -> None:
        """Raises ProtocolError if the id of `call` is not higher than every one before."""
        if call.call <= self._highest:
            raise ProtocolError(f"CALL with id {call.call} after {self._highest}; ids rise")
        self._highest = call.call

    def receive(self, call: m.Call, event: Event, has_blobs: bool) -> None:
        """Take a CALL of a running event: apply its changes, begin it, answer it if the result is there.

        Raises:
            ProtocolError: too many at once, or changes that are none.
        """
        calls = event._calls
        if calls is None:
            calls = event._calls = StepCalls()
        if calls.open >= self._max_calls:
            raise ProtocolError(f"more than {self._max_calls} open CALLs of one event", code="limit")
        calls.open += 1
        try:
            self._apply(call, event, calls, has_blobs)
            args = self.put_back(event, call.args) if has_blobs else call.args
            if call.fn in _EFFECTS:
                calls.effect = True
            result = event.handler.call(event._step, call.fn, args)
        except PdkError as error:
            self.refuse(call.call, event, error)
            return
        except ProtocolError:
            raise
        except Exception:  # a bug in the host's function must end this call, not the connection
            log.exception("the host failed to answer %s", _name(call.fn))
            self.refuse(call.call, event, PdkError("internal", "the gateway failed to answer"))
            return
        if hasattr(result, "__await__"):
            left = max(0.0, event._deadline - self._clock())
            self._shell.run_call(PendingCall(call.call, event, result, left))
        else:
            self.answer(call.call, event, event._step, result)

    def answer(self, call: int, event: Event, step: int, result: object) -> None:
        """The result is there: send it, as a blob if it is large."""
        if event._state is not EventState.RUNNING or event._step != step:
            self.refuse(call, event, PdkError("gone"))
            return
        try:
            frame = codec.encode_reply(call, result)
            if len(frame) > table.BLOB_THRESHOLD:
                self._answer_large(call, event, result)
                return
        except PdkError as error:
            self.refuse(call, event, error)
        except (TypeError, ValueError) as exc:
            log.error("a result of type %s can't be sent: %s", type(result).__name__, exc)
            self.refuse(call, event, PdkError("internal", "the result can't be sent"))
        else:
            self._close(event)
            self._shell.write(frame)

    def refuse(self, call: int, event: Event | None, error: PdkError) -> None:
        """Send an error instead of a result."""
        self._close(event)
        code = error.code if error.code in table.ERROR_CODES else "internal"
        fields = [code, error.text] if error.text else [code]
        self._shell.write(codec.encode(m.Reply(call, None, fields)))

    def grant(self, event: Event, stream: int, size: int) -> None:
        """WINDOW came: go on with the blob on `stream`.

        Raises:
            ProtocolError: no such stream was ever opened.
        """
        calls = event._calls
        if calls is None or stream & 1 or not 0 < stream <= 2 * calls.streams:
            raise ProtocolError(f"WINDOW for stream {stream}, which was never opened")
        for blobs in tuple(calls.leaving):
            if blobs.grant(stream, size):
                self._send_chunks(event, calls, blobs)

    def put_back(self, event: Event, value: Any) -> Any:
        """Return `value`, of a message of `event`, with its blobs resolved. Raises ProtocolError and PdkError."""
        return put_back(value, lambda stream: self._arriving.take(event._id, stream))

    def forget(self, event: Event) -> None:
        """The event ended: what it left of its blobs is of no use."""
        if self._arriving.has(event._id):
            for window in self._arriving.forget(event._id):
                self._shell.write(codec.encode(window))

    @staticmethod
    def abandon(event: Event) -> None:
        """The event, or its current step, is over: what still works on results is cancelled."""
        if event._calls is not None:
            for cancel in tuple(event._calls.cancel):
                cancel()
            event._calls.leaving.clear()

    def _apply(self, call: m.Call, event: Event, calls: StepCalls, has_blobs: bool) -> None:
        """Check and apply the changes of `call`; from the first error on, the step has failed."""
        check_changes(call.changes)
        try:
            if calls.error is not None:
                raise calls.error
            if call.changes:
                changes = self.put_back(event, call.changes) if has_blobs else call.changes
                calls.changes += len(changes)
                if calls.changes > table.MAX_CHANGES:
                    raise PdkError("bad_change", f"more than {table.MAX_CHANGES} changes in one step")
                calls.replanned |= replans(changes)
                event.handler.apply(event._step, changes)
        except PdkError as error:
            calls.error = calls.error or PdkError("bad_change", error.text)
            raise

    def _answer_large(self, call: int, event: Event, result: object) -> None:
        calls = event._calls
        assert calls is not None
        if not self._has_streams:
            raise PdkError("too_large", f"a result over {table.BLOB_THRESHOLD} bytes needs the feature `streams`")

        def next_stream() -> int:
            calls.streams += 1
            return 2 * calls.streams

        value, blobs = cut_out(result, table.BLOB_THRESHOLD, next_stream)
        frame = codec.encode_reply(call, value)
        if len(frame) - 4 > self._max_frame:
            raise PdkError("too_large", f"a result of {len(frame)} bytes; the server takes {self._max_frame}")
        leaving = LeavingBlobs(event._id, blobs, self._window, frame)
        calls.leaving.append(leaving)
        self._send_chunks(event, calls, leaving)

    def _send_chunks(self, event: Event, calls: StepCalls, blobs: LeavingBlobs) -> None:
        for chunk in blobs.next_chunks():
            self._shell.write(codec.encode(chunk))
        if blobs.message is not None:
            calls.leaving.remove(blobs)
            self._close(event)
            self._shell.write(blobs.message)

    @staticmethod
    def _close(event: Event | None) -> None:
        if event is not None and event._calls is not None and event._calls.open:
            event._calls.open -= 1


def check_changes(changes: Sequence[Sequence[object]]) -> None:
    """Raises ProtocolError unless each change begins with the number of a function."""
    for change in changes:
        if type(change[0]) is not int:
            raise ProtocolError("a change that does not begin with the number of a function")


def replans(changes: Sequence[Sequence[object]]) -> bool:
    """Whether one of `changes` may change the plan, so that a fused run has to end behind it."""
    return any(change[0] in _REPLANS for change in changes)


def _name(fn: int) -> str:
    function = table.FUNCTIONS.get(fn)
    return function.name if function is not None else f"function {fn}"
