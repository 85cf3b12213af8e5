"""One event: its steps run one after the other, each handler where it belongs, each with a DONE of its own.

A run begins on the loop. A step whose handler is plain goes to a thread, and the steps behind it stay there while they
are plain; an async one gets a task that serves the async ones behind it. Frames leave from wherever the step ran.
"""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Awaitable, Callable
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final

from oarlock_pdk.bridge import AsyncBridge, Bridge, LoopBridge, NeedsThread, PendingCall, SyncBridge
from oarlock_pdk.codec import encode
from oarlock_pdk.errors import Ended, Gone, PdkError
from oarlock_pdk.facts import Facts, keys_on_wire
from oarlock_pdk.instance import Handler, Instance
from oarlock_pdk.messages import CALL, DONE, DONE_OK, FAILED, LOG, NEXT, REPORT_READS, EventMessage
from oarlock_pdk.pdk import BLOB_THRESHOLD, DONE_HOLD_MS, PHASES, AsyncKong, Kong
from oarlock_pdk.plugin import Mode
from oarlock_pdk.streams import Incoming, Outgoing
from oarlock_pdk.waiting import Answer, FutureWaiter, ThreadWaiter, Waiter

if TYPE_CHECKING:
    from oarlock_pdk.connection import Connection

_TRACE_LIMIT: Final = 16 * 1024  # characters
_TEXT_LIMIT: Final = 32 * 1024
_HERE: Final = str(Path(__file__).parent)
_LOG_PHASE: Final = PHASES["log"]


class Step:
    """An instance with its number on the connection and the time it may take."""

    __slots__ = ("budget", "instance", "number")

    def __init__(self, number: int, instance: Instance, budget: float) -> None:
        self.number = number
        self.instance = instance
        self.budget = budget  # seconds


class EventRun:
    """An EVENT from its receipt to its final DONE."""

    def __init__(self, connection: Connection, message: EventMessage, steps: list[Step], now: float) -> None:
        self.id = message.event
        self.level = message.level
        self.received = now
        self.deadline = now + steps[0].budget  # loop time; of the step that runs
        self.ending: tuple[str, str] | None = None  # why it is being ended: code and text of its DONE
        self.ending_since = 0.0
        self.steps = steps
        self.is_log = message.phase == _LOG_PHASE
        self._connection = connection
        self._phase = message.phase
        self._index = 0
        self._facts = Facts(message.facts, bool(message.flags & REPORT_READS))
        self._bridge: Bridge | None = None
        self._step_started = now
        self._waited = 0.0
        self._held: list[bytes] = []  # `next` DONEs that leave with what follows
        self._held_logs: list[tuple[int, str, dict[str, Any] | None]] | None = None
        self._task: asyncio.Task[None] | None = None
        self._task_runs = False
        self._waiters: set[Waiter] = set()
        self._unasked: list[Waiter] = []  # calls beyond what the gateway takes at once
        self._outgoing: Outgoing | None = None
        self.incoming: Incoming | None = None

    # -- running -------------------------------------------------------------------------------------------------

    def advance(self) -> None:
        """Run steps on the loop until one has to go elsewhere or the last one has ended."""
        while True:
            handler = self._handler()
            error: BaseException | None
            if handler is None:
                self._begin(SyncBridge)
                error = _no_handler()
            elif handler.mode is Mode.TASK:
                self._task = self._connection.loop.create_task(self._in_task())
                return
            elif not handler.runs_on_loop():
                self._to_thread()
                return
            else:
                error = self._on_loop(handler)
                if isinstance(error, NeedsThread):
                    handler.had_to_ask()
                    self._to_thread()
                    return
            if not self._end_step(error):
                return

    def _on_loop(self, handler: Handler) -> BaseException | None:
        """Run a @nonblocking handler; NeedsThread: nothing of it counts, it has to begin again."""
        bridge = self._begin(LoopBridge)
        mark = self._facts.mark()
        self._held_logs = []
        error = _run_plain(handler, Kong(bridge))
        lines, self._held_logs = self._held_logs, None
        if bridge.is_over and bridge.outcome is None:
            self._facts.go_back(mark)
            return NeedsThread()
        for line in lines:
            self.log(*line)
        return error

    def _to_thread(self) -> None:
        self._write_held()
        connection = self._connection
        connection.deadlines.watch(self, on_loop=True)
        (connection.log_pool if self.is_log else connection.pool).submit(self._in_thread)

    def _in_thread(self) -> None:
        while True:
            handler = self._handler()
            bridge = self._begin(SyncBridge)
            error = None
            if self.ending is None:
                self._connection.deadlines.watch(self, on_loop=False)
                error = _run_plain(handler, Kong(bridge)) if handler is not None else _no_handler()
            if not self._end_step(error):
                return
            self._write_held()
            following = self._handler()
            if following is None or following.mode is Mode.TASK:
                self._connection.loop.call_soon_threadsafe(self.advance)
                return

    async def _in_task(self) -> None:
        self._task_runs = True
        handler = self._handler()
        while handler is not None and handler.mode is Mode.TASK:
            bridge = self._begin(AsyncBridge)
            error = await self._run_async(handler, bridge) if self.ending is None else None
            if not self._end_step(error):
                return
            handler = self._handler()
        self._task = None
        self.advance()

    async def _run_async(self, handler: Handler, bridge: Bridge) -> BaseException | None:
        connection = self._connection
        connection.deadlines.watch(self, on_loop=True)
        timer = connection.loop.call_later(DONE_HOLD_MS / 1000, self._write_held) if self._held else None
        try:
            await handler.call(AsyncKong(bridge))
        except BaseException as error:  # noqa: BLE001  whatever a plugin raises ends its event, not the server
            return error
        finally:
            if timer is not None:
                timer.cancel()
        return None

    def _handler(self) -> Handler | None:
        return self.steps[self._index].instance.handlers.get(self._phase)

    def _begin(self, kind: type[Bridge]) -> Bridge:
        step = self.steps[self._index]
        now = self._connection.loop.time()
        self._waited = 0.0 if self._index else now - self.received
        self._step_started = now
        if self._index:
            self.deadline = now + step.budget
        self._bridge = bridge = kind(self, self._facts, self._phase, step.number, self._connection.hello.pdk)
        if self.ending is not None:
            bridge.is_over = True
        return bridge

    # -- ending --------------------------------------------------------------------------------------------------

    def cancel(self, code: str, text: str) -> None:
        """End the handler: it gets Gone, or CancelledError in a task; DONE follows when it has ended. On the loop."""
        if self.ending is not None:
            return
        self.ending = (code, text)
        self.ending_since = self._connection.loop.time()
        if self._bridge is not None:
            self._bridge.is_over = True
        with self._connection.outbox.lock:
            waiters = [*self._waiters, *self._unasked]
            self._unasked.clear()
        for waiter in waiters:
            waiter.abandon()
        if self._task is not None and self._task_runs:
            self._task.cancel()

    def expire(self) -> None:
        """The budget of the step is used up."""
        self.cancel(
            "deadline", f"{self.steps[self._index].instance.declaration.name}: the time for this phase is used up"
        )

    def _end_step(self, error: BaseException | None) -> bool:
        """Send the step's DONE; False if it was the last one."""
        bridge = self._bridge
        assert bridge is not None
        bridge.is_over = True
        outcome, detail = DONE_OK, None
        if self.ending is not None:
            outcome, detail = FAILED, list(self.ending)
        elif error is not None and not (bridge.outcome and isinstance(error, (Ended, Gone))):
            outcome, detail = FAILED, _failure(error)
        elif bridge.outcome is not None:
            outcome, detail = bridge.outcome
        elif self._index + 1 < len(self.steps) and not bridge.replans:
            outcome = NEXT
        changes = [] if outcome == FAILED else bridge.take_changes()
        took = self._connection.loop.time() - self._step_started
        message = [DONE, self.id, outcome, changes, detail, int(took * 1e6), int(self._waited * 1e6)]
        if self._facts.reads is not None:
            message.append(keys_on_wire(self._facts.reads))
            self._facts.reads = set()
        elif message[-1] == 0:
            message.pop()
        if outcome == NEXT:
            self._index += 1
            self._send(message, hold=True)
            return True
        self._bridge = self._task = None  # no cycle is left for the garbage collector
        self._send(message, self._release)
        return False

    def _release(self) -> None:
        self._connection.ended(self)

    # -- what bridges ask for ------------------------------------------------------------------------------------

    def call_and_wait(self, call: PendingCall) -> Any:
        waiter = ThreadWaiter(call)
        self._ask(waiter)
        return waiter.wait()

    def call(self, call: PendingCall) -> Awaitable[Any]:
        waiter = FutureWaiter(call, self._connection.loop)
        self._ask(waiter)
        return waiter.future

    def log(self, level: int, text: str, fields: dict[str, Any] | None = None) -> None:
        if self._held_logs is not None:
            self._held_logs.append((level, text, fields))
            return
        self._write_held()
        if fields is not None and len(encode([fields])) > _TEXT_LIMIT:
            fields = None
        self._connection.outbox.write_log([LOG, self.id, level, clean(text)[:_TEXT_LIMIT], fields, 0])

    def answer(self, waiter: Waiter, answer: Answer) -> None:
        """Hand over a REPLY, on the loop, and ask what waited for room."""
        self._waiters.discard(waiter)
        if self.incoming is not None and answer[1] is None:
            answer = self.incoming.resolve(answer[0]), None
        waiter.deliver(answer)
        if self._unasked:
            with self._connection.outbox.lock:
                following = self._unasked.pop(0) if self._unasked else None
            if following is not None:
                self._ask(following)

    def _ask(self, waiter: Waiter) -> None:
        connection = self._connection
        call = waiter.call
        with connection.outbox.lock:
            if self.ending is not None:
                raise Gone(self.ending[1])
            if len(self._waiters) >= connection.hello.max_calls:
                self._unasked.append(waiter)
                return
            self._waiters.add(waiter)
            self._write_held()
            message = [CALL, connection.last_call + 1, self.id, call.number, call.args, call.changes]
            frame = encode(message)
            if len(frame) <= BLOB_THRESHOLD and not self._outgoing:
                connection.last_call += 1
                connection.asked[connection.last_call] = (self, waiter)
                connection.outbox.write(frame)
                return
            try:
                self._send_large([CALL, 0, self.id, call.number, call.args, call.changes], waiter=waiter)
            except PdkError:
                self._waiters.discard(waiter)
                raise

    # -- sending -------------------------------------------------------------------------------------------------

    def granted(self, stream: int, count: int) -> None:
        """Take a WINDOW, on the loop."""
        with self._connection.outbox.lock:
            if self._outgoing:
                self._outgoing.grant(stream, count)
                self._write_outgoing()

    def _write_held(self) -> None:
        if self._held:
            frames, self._held = self._held, []
            self._connection.outbox.write(b"".join(frames))

    def _send(self, message: list[Any], before: Callable[[], None] | None = None, hold: bool = False) -> None:
        """Send a DONE, or hold it until the next frame; `before` runs when it is about to leave."""
        frame = encode(message)
        if len(frame) > BLOB_THRESHOLD or self._outgoing:
            try:
                with self._connection.outbox.lock:
                    self._send_large(message, before)
            except PdkError as error:
                self._send([DONE, self.id, FAILED, [], [error.code, error.text], *message[5:7]], self._release)
            return
        if before is not None:
            before()
        if not hold and not self._held:
            self._connection.outbox.write(frame)
            return
        self._held.append(frame)
        if not hold:
            self._write_held()

    def _send_large(
        self, message: list[Any], before: Callable[[], None] | None = None, waiter: Waiter | None = None
    ) -> None:
        """Send a message whose large values travel in chunks, behind what this event is still sending."""
        connection = self._connection
        if self._outgoing is None:
            self._outgoing = Outgoing(self.id, connection.hello.window)
        if "streams" in connection.features:
            message = [*message[:3], *(self._outgoing.extract(field) for field in message[3:])]
        size = len(encode(message))
        if size > connection.hello.max_frame:
            raise PdkError("too_large", f"{size} bytes in one message; the gateway takes {connection.hello.max_frame}")

        def build() -> bytes:
            if before is not None:
                before()
            if waiter is not None:
                connection.last_call += 1
                connection.asked[connection.last_call] = (self, waiter)
                message[1] = connection.last_call
            return encode(message)

        self._write_held()
        self._outgoing.append(build)
        self._write_outgoing()

    def _write_outgoing(self) -> None:
        assert self._outgoing is not None
        for frame in self._outgoing.take():
            self._connection.outbox.write(frame)


def _run_plain(handler: Handler, kong: Kong) -> BaseException | None:
    try:
        handler.call(kong)
    except BaseException as error:  # noqa: BLE001  whatever a plugin raises ends its event, not the server
        return error
    return None


def _no_handler() -> PdkError:
    return PdkError("failed", "the plugin has no handler for this phase")


def _failure(error: BaseException) -> list[str]:
    """Return code, text and traceback of what a handler raised."""
    if isinstance(error, Gone):
        return ["gone", clean(str(error)), ""]
    text = traceback.format_exception_only(error)[-1].strip()
    trace = "".join(traceback.format_exception(type(error), error, _of_plugin(error.__traceback__)))
    return ["failed", clean(text)[:1024], clean(trace)[-_TRACE_LIMIT:]]


def _of_plugin(trace: TracebackType | None) -> TracebackType | None:
    """Skip the SDK's own frames, down to where the plugin begins."""
    start = trace
    while start is not None and start.tb_frame.f_code.co_filename.startswith(_HERE):
        start = start.tb_next
    return start or trace


def clean(text: str) -> str:
    """Return a text that UTF-8 can hold: lone surrogates are written as escapes."""
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode()
