"""Runs the phases of an exchange: sends events to plugin servers, goes on after runs that end early, and decides what a
plugin's failure means for the request.

A plugin is never skipped silently: one that fails, is late or is not there ends the request (`fail_closed`), or, where
its configuration says so, lets it go on as if it had not run (`fail_open`), with a line in the log either way.
"""

from __future__ import annotations

import logging
import time
from functools import partial
from typing import Final

from oarlock.pdk import after_response, answers, bodies, facts
from oarlock.pdk.caller import Caller, Environment
from oarlock.pdk.client import consumer_id_of
from oarlock.phases.handler import EventHandler
from oarlock.phases.plan import ACCESS, LOG, RESPONSE, REWRITE, Entry, Plans, Run, Stage, single
from oarlock.proxy.exchange import Answer, Exchange
from oarlock_pluginserver._generated.pdk_table import ERROR_STATUS, FACTS_BUDGET, LOG_LEVELS, PHASE_NAMES
from oarlock_pluginserver.errors import PdkError
from oarlock_pluginserver.event import Event, EventError, Outcome, OutcomeKind, Step

log = logging.getLogger("oarlock.phases")

RETRY_AFTER: Final = [(b"retry-after", b"1")]  # seconds: an overload is over sooner than a person notices

_MAY_HAVE_BEGUN: Final = EventError("lost", "it may have begun before its plugin server was lost")

# Levels of the `log` setting that have other names in the PDK.
_LEVEL_NAMES: Final = {"error": "err", "emerg": "alert"}


class Phases:
    """The phases of one configuration. The walk of a request calls them in order."""

    def __init__(self, plans: Plans, environment: Environment, *, facts: bool = True) -> None:
        """Run `plans`. Without `facts` (setting `plugin_facts`) every PDK function is a call."""
        self.plans = plans
        self.has_rewrite = bool(plans.rewrite.entries)
        self._environment = environment
        self._sends_facts = facts
        level = environment.settings.log.level
        self._level = LOG_LEVELS[_LEVEL_NAMES.get(level, level)]
        self._max_body = environment.settings.limits.max_buffered_body

    async def rewrite(self, x: Exchange) -> None:
        """Run the global plugins before routing. Sets `x.answer` if one of them answers.

        Raises:
            oarlock.errors.ClientError: the request's body, which a plugin reads, is malformed, too large, too slow.
        """
        await self._run(x, REWRITE, self.plans.rewrite)

    def route(self, x: Exchange) -> None:
        """Set the plan of `x` from its route and service."""
        route, service = x.route, x.service
        x.plan = self.plans.of(None if route is None else route.id, None if service is None else service.id)

    async def access(self, x: Exchange) -> None:
        """Run the plugins of the plan before proxying. Sets `x.answer` if one of them answers. Raises as `rewrite`."""
        await self._run(x, ACCESS, x.plan.access)
        if x.plan.keeps_body and x.answer is None:
            await bodies.read_whole(x, self._max_body)

    async def response(self, x: Exchange) -> None:
        """Run the plugins of the plan over a buffered response. Sets `x.answer` if one of them replaces it."""
        await self._run(x, RESPONSE, x.plan.response)

    def log(self, x: Exchange) -> None:
        """Hand `x` to the log handlers of the plan, which nobody waits for. `x` is theirs from here on."""
        after_response.release(x)
        for run in x.plan.log.runs:
            event, _ = self._event(x, LOG, run)
            server = run.entries[0].server
            assert server is not None
            server.post_log(event)

    async def _run(self, x: Exchange, phase: int, stage: Stage) -> None:
        index = 0
        unsure = -1  # entries up to this place may have begun in a run that was lost: each goes alone, if at all
        while index < len(stage.entries) and not x.client_gone:
            run = stage.runs[index]
            first = run.entries[0]
            is_unsure = first.place <= unsure
            if first.unavailable or (is_unsure and not first.handlers[phase].may_rerun):
                error = EventError("unavailable", first.unavailable) if first.unavailable else _MAY_HAVE_BEGUN
                if not self._goes_on(x, phase, first, error):
                    return
                index += 1
                continue
            if is_unsure:
                run = single(first, phase)
            if run.needs_body and phase != RESPONSE:
                await bodies.read_whole(x, self._max_body)
            began = time.monotonic()
            handler, outcome = await self._ask(x, phase, run, rerun=is_unsure)
            replanned = handler.replanned
            if outcome.unsure:
                unsure = max(unsure, run.entries[-1].place)
            index += outcome.step
            last = stage.entries[index]
            if outcome.may_rerun and not x.client_gone:
                left = last.handlers[phase].budget - (time.monotonic() - began)
                if left > 0:
                    handler, outcome = await self._ask(x, phase, single(last, phase), rerun=True, budget=left)
                    replanned = replanned or handler.replanned
            if not self._settle(x, phase, handler, outcome, last):
                return
            index += 1
            if replanned and phase == ACCESS:
                stage = self._replanned(x, last.place)
                index = stage.start_after(last.place)
            if x.answer is not None:
                return
        if x.client_gone:
            self._answer(x, Answer(499, [], b"", "error"))
        else:
            await bodies.finish(x, self._max_body)

    async def _ask(
        self, x: Exchange, phase: int, run: Run, *, rerun: bool = False, budget: float | None = None
    ) -> tuple[EventHandler, Outcome]:
        """Send one event and wait for its outcome. `budget` (seconds) replaces that of a single step."""
        event, handler = self._event(x, phase, run, rerun=rerun, budget=budget)
        server = run.entries[0].server
        assert server is not None
        x.on_abandon = partial(event.cancel, "client_gone")
        try:
            return handler, await server.handle(event)
        finally:
            x.on_abandon = None

    def _event(
        self,
        x: Exchange,
        phase: int,
        run: Run,
        *,
        rerun: bool = False,
        budget: float | None = None,
    ) -> tuple[Event, EventHandler]:
        segments: list[bytes] = []
        has_omitted = False
        report = False
        if self._sends_facts:
            segments, has_omitted = facts.default_segments(x, phase)
            keys = list(run.needs)
            for learned in run.learned:
                report = learned.begin() or report
                keys += learned.keys
            if keys:
                room = FACTS_BUDGET - sum(map(len, segments))
                caller = Caller(x, phase, run.entries[0].plugin, self._environment)
                if more := facts.segment_of(caller, dict.fromkeys(keys), room):
                    segments.append(more)
        handler = EventHandler(x, phase, run.entries, self._environment, has_omitted)
        steps = run.steps if budget is None else (Step(run.steps[0].instance, budget),)
        return Event(phase, steps, segments, handler, self._level, report, rerun), handler

    def _settle(self, x: Exchange, phase: int, handler: EventHandler, outcome: Outcome, last: Entry) -> bool:
        """Do what the outcome says. Returns whether the request may go on as far as `last` is concerned."""
        try:
            match outcome.kind:
                case OutcomeKind.EXIT:
                    self._answer(x, answers.exit_answer(x, outcome.detail))
                case OutcomeKind.ERROR_PAGE:
                    self._answer(x, answers.error_answer(x, outcome.detail))
                case OutcomeKind.FAILED:
                    return self._goes_on(x, phase, last, outcome.error or EventError("internal"))
        except PdkError as error:
            handler.undo()
            return self._goes_on(x, phase, last, EventError("bad_change", f"its answer is not valid: {error.text}"))
        return True

    def _goes_on(self, x: Exchange, phase: int, entry: Entry, error: EventError) -> bool:
        """A plugin has failed: log it, and return whether the request goes on. If not, `x.answer` is set."""
        if error.code == "client_gone" or x.client_gone:
            self._answer(x, Answer(499, [], b"", "error"))
            return False
        name = entry.plugin.name
        opens = entry.fail_open_late if error.code == "deadline" else entry.fail_open
        log.error(
            "plugin %s failed in %s%s: %s%s, request: %s, plugin server: %s%s",
            name,
            PHASE_NAMES[phase],
            " (fail_open: the request goes on)" if opens else "",
            error.code,
            f": {error.text}" if error.text else "",
            x.id,
            error.server or (entry.server.name if entry.server is not None else "none"),
            f"\n{error.trace}" if error.trace else "",
        )
        if opens:
            return True
        status = ERROR_STATUS.get(error.code) or 500
        message = {503: f"plugin {name} is unavailable", 504: f"plugin {name} did not answer in time"}.get(status)
        self._answer(x, answers.failure_answer(x, status, message, RETRY_AFTER if error.code == "overload" else []))
        return False

    def _replanned(self, x: Exchange, place: int) -> Stage:
        """Select again what runs behind `place`, for the consumer that is known now."""
        route = None if x.route is None else x.route.id
        service = None if x.service is None else x.service.id
        x.plan = self.plans.reselected(x.plan, route, service, consumer_id_of(x), place)
        stage: Stage = x.plan.access
        return stage

    def _answer(self, x: Exchange, answer: Answer) -> None:
        if x.upstream_body is None and x.upstream_status:
            x.upstream_body = x.response_body  # what came from upstream stays readable
        x.answer = answer
        x.response_headers = answer.headers  # all that plugins set before is in it
