"""Which plugins run for a request, in what order, and which of them share an event."""

from __future__ import annotations

import gc
from itertools import product

import pytest

from oarlock.config.configuration import Configuration
from oarlock.config.plugin import Plugin, revision_of
from oarlock.config.route import Route
from oarlock.config.settings import PluginServerSettings
from oarlock.phases.compile import compile_plans
from oarlock.phases.selection import Selection, in_order
from oarlock_pluginserver.info import PhaseInfo
from support.phases import BOB, EVE, ROUTE, SERVICE, FakeServer, Pdk, environment, phases_of, plugin, uid


def nothing(pdk: Pdk) -> None:
    pass


ACCESS = {"access": nothing}

# Kong's precedence, most specific first (route, service, consumer).
SCOPES = {
    "route + service + consumer": {"route": ROUTE.id, "service": SERVICE.id, "consumer": BOB.id},
    "route + consumer": {"route": ROUTE.id, "consumer": BOB.id},
    "service + consumer": {"service": SERVICE.id, "consumer": BOB.id},
    "route + service": {"route": ROUTE.id, "service": SERVICE.id},
    "consumer": {"consumer": BOB.id},
    "route": {"route": ROUTE.id},
    "service": {"service": SERVICE.id},
    "global": {},
}


def test_larger_priorities_run_first_and_equal_ones_in_reverse_alphabetical_order() -> None:
    assert in_order({"a": 1, "b": 10, "c": 1, "d": 5}) == ["b", "d", "c", "a"]


@pytest.mark.parametrize(
    ("specific", "general"),
    [(one, other) for at, one in enumerate(SCOPES) for other in list(SCOPES)[at + 1 :]],
)
def test_the_more_specific_configuration_is_chosen(specific: str, general: str) -> None:
    both = [plugin("p", **SCOPES[general]), plugin("p", **SCOPES[specific])]
    chosen = Selection(both, {"p": 1}).choose("p", ROUTE.id, SERVICE.id, BOB.id)
    assert chosen is both[1]


@pytest.mark.parametrize("scope", SCOPES)
def test_a_configuration_applies_only_where_all_that_it_names_matches(scope: str) -> None:
    named = SCOPES[scope]
    selection = Selection([plugin("p", **named)], {"p": 1})
    for route, service, consumer in product((ROUTE.id, None), (SERVICE.id, None), (BOB.id, EVE.id, None)):
        ids = {"route": route, "service": service, "consumer": consumer}
        fits = all(ids[key] == value for key, value in named.items())
        assert (selection.choose("p", route, service, consumer) is not None) == fits


def test_a_disabled_configuration_lets_the_less_specific_one_through() -> None:
    off = plugin("p", route=ROUTE.id, enabled=False)
    on = plugin("p", service=SERVICE.id)
    assert Selection([off, on], {"p": 1}).choose("p", ROUTE.id, SERVICE.id, None) is on


def test_a_configuration_for_streams_alone_does_not_count_for_http() -> None:
    assert Selection([plugin("p", protocols=("tcp",))], {"p": 1}).names == ()


def names(phase: object) -> list[str]:
    return [entry.plugin.name for entry in phase.entries]  # type: ignore[attr-defined]


def test_neighbours_in_one_server_share_an_event_and_another_server_parts_them() -> None:
    one = FakeServer("one", ("a", 9, ACCESS), ("b", 8, ACCESS), ("d", 6, ACCESS))
    other = FakeServer("other", ("c", 7, ACCESS))
    phases = phases_of([one, other], [plugin(name) for name in "abcd"])
    runs = phases.plans.global_plan.access.runs
    assert [[entry.plugin.name for entry in run.entries] for run in runs] == [["a", "b"], ["b"], ["c"], ["d"]]


def test_who_needs_the_body_is_not_fused_behind_who_does_not() -> None:
    needs = PhaseInfo(needs=[58])
    server = FakeServer("s", ("auth", 9, ACCESS), phases={})
    reader = FakeServer("s", ("reader", 8, ACCESS), phases={"access": needs})
    server.plugins.update(reader.plugins)
    server.handlers.update(reader.handlers)
    runs = phases_of([server], [plugin("auth"), plugin("reader")]).plans.global_plan.access.runs
    assert [[entry.plugin.name for entry in run.entries] for run in runs] == [["auth"], ["reader"]]
    assert [run.needs_body for run in runs] == [False, True]


def test_log_handlers_have_events_of_their_own() -> None:
    server = FakeServer("s", ("a", 2, {"log": nothing}), ("b", 1, {"log": nothing}))
    runs = phases_of([server], [plugin("a"), plugin("b")]).plans.global_plan.log.runs
    assert [len(run.entries) for run in runs] == [1, 1]


def test_a_plugin_has_a_part_only_in_the_phases_that_it_declares() -> None:
    server = FakeServer("s", ("a", 1, {"response": nothing}))
    plan = phases_of([server], [plugin("a")]).plans.global_plan
    assert (plan.has_access, plan.has_response, plan.has_log, plan.buffers_response) == (False, True, False, True)


def test_rewrite_runs_global_configurations_alone() -> None:
    server = FakeServer("s", ("a", 1, {"rewrite": nothing}), ("b", 1, {"rewrite": nothing}))
    phases = phases_of([server], [plugin("a"), plugin("b", route=ROUTE.id)])
    assert names(phases.plans.rewrite) == ["a"]


def test_routes_that_no_plugin_names_share_one_plan() -> None:
    server = FakeServer("s", ("a", 1, ACCESS))
    other = Route(id=uid("other"), paths=("/b",))
    plans = phases_of([server], [other, plugin("a", route=ROUTE.id)]).plans
    assert plans.of(other.id, None) is plans.global_plan
    assert names(plans.of(ROUTE.id, SERVICE.id).access) == ["a"]
    assert plans.of(None, None) is plans.global_plan


def consumer_plans() -> tuple[object, list[Plugin]]:
    server = FakeServer("s", ("auth", 9, ACCESS), ("high", 10, ACCESS), ("low", 5, ACCESS), ("last", 1, ACCESS))
    entities = [
        plugin("auth"),
        plugin("high"),
        plugin("high", consumer=BOB.id),
        plugin("low"),
        plugin("low", consumer=BOB.id),
        plugin("last", consumer=BOB.id),
    ]
    return phases_of([server], entities).plans, entities


def test_a_consumer_changes_what_has_not_run_and_leaves_what_has() -> None:
    plans, (auth, high, _, low, low_of_bob, last_of_bob) = consumer_plans()
    plan = plans.of(ROUTE.id, SERVICE.id)  # type: ignore[attr-defined]
    assert [entry.plugin for entry in plan.entries] == [high, auth, low]
    place = plan.entries[1].place
    again = plans.reselected(plan, ROUTE.id, SERVICE.id, BOB.id, place)  # type: ignore[attr-defined]
    assert [entry.plugin for entry in again.entries] == [high, auth, low_of_bob, last_of_bob]
    assert again.access.entries[again.access.start_after(place)].plugin is low_of_bob


def test_a_consumer_that_no_configuration_names_changes_nothing() -> None:
    plans, _ = consumer_plans()
    plan = plans.global_plan  # type: ignore[attr-defined]
    assert plans.reselected(plan, ROUTE.id, SERVICE.id, EVE.id, 0) is plan  # type: ignore[attr-defined]


def test_the_plan_of_a_consumer_is_made_once() -> None:
    plans, _ = consumer_plans()
    plan = plans.global_plan  # type: ignore[attr-defined]
    first = plans.reselected(plan, ROUTE.id, SERVICE.id, BOB.id, 0)  # type: ignore[attr-defined]
    assert plans.reselected(plan, ROUTE.id, SERVICE.id, BOB.id, 0) is first  # type: ignore[attr-defined]


def test_a_plugin_that_no_server_provides_keeps_its_place_with_the_reason() -> None:
    plan = phases_of([FakeServer("s")], [plugin("missing")]).plans.global_plan
    (entry,) = plan.access.entries
    assert entry.unavailable == "no plugin server provides missing; not there yet: s"
    assert plan.has_access
    assert not plan.has_log


def test_a_configuration_that_does_not_fit_the_schema_makes_its_plugin_unavailable() -> None:
    schema = [{"limit": {"type": "integer", "required": True}}]
    server = FakeServer("s", ("a", 1, ACCESS), schema=schema)
    (entry,) = phases_of([server], [plugin("a", config={"limit": "many"})]).plans.global_plan.access.entries
    assert entry.unavailable.startswith("its configuration does not fit the schema: config.limit")
    assert not server.instances


def test_an_instance_gets_its_configuration_with_defaults_and_nothing_else() -> None:
    schema = [{"limit": {"type": "integer", "default": 5}}, {"name": {"type": "string"}}]
    server = FakeServer("s", ("a", 1, ACCESS), schema=schema)
    entity = plugin("a", config={"name": "n"}, instance_name="mine")
    phases = phases_of([server], [entity])
    (instance,) = server.instances
    assert (instance.plugin, instance.name) == ("a", "mine")
    assert instance.key == f"{entity.id}:{revision_of(instance.config)}"
    assert instance.config == {"limit": 5, "name": "n"}
    del phases


def test_a_plugin_whose_defaults_changed_gets_a_new_instance() -> None:
    keys = set()
    for default in (5, 6):
        schema = [{"limit": {"type": "integer", "default": default}}]
        server = FakeServer("s", ("a", 1, ACCESS), schema=schema)
        phases = phases_of([server], [plugin("a")])
        keys |= {instance.key for instance in server.instances}
        del phases
    assert len(keys) == 2


def test_instances_are_given_back_when_nobody_has_the_plans_any_more() -> None:
    server = FakeServer("s", ("a", 1, ACCESS))
    phases = phases_of([server], [plugin("a")])
    (instance,) = server.instances
    assert not instance.is_closed
    del phases
    gc.collect()
    assert instance.is_closed


def test_budgets_and_policies_come_from_the_plugin_then_from_its_server() -> None:
    server = FakeServer("s", ("a", 2, ACCESS), ("b", 1, ACCESS))
    entities = [plugin("a", deadlines={"access": 0.25}, on_error="fail_open"), plugin("b")]
    settings = {"deadlines": {"access": 2.0}, "on_timeout": "fail_open"}
    entries = phases_of([server], entities, s=settings).plans.global_plan.access.entries
    assert [entry.handlers[3].budget for entry in entries] == [0.25, 2.0]
    assert [(entry.fail_open, entry.fail_open_late) for entry in entries] == [(True, True), (False, True)]


def test_a_server_provides_only_what_is_assigned_to_it(caplog: pytest.LogCaptureFixture) -> None:
    server = FakeServer("s", ("a", 1, ACCESS))
    (entry,) = phases_of([server], [plugin("a")], s={"plugins": ("b",)}).plans.global_plan.access.entries
    assert entry.unavailable
    assert "claims plugin a, which is not assigned to it" in caplog.text


def test_an_empty_configuration_has_empty_plans() -> None:
    assert Configuration().plugins == {}
    phases = phases_of([], [])
    assert not phases.has_rewrite
    assert not phases.plans.global_plan.has_access


@pytest.mark.parametrize("scope", [name for name in SCOPES if "consumer" in name])
def test_a_consumers_configuration_of_a_plugin_that_is_away_is_never_passed_over(scope: str) -> None:
    """Its priority is unknown, so it must also refuse behind whoever tells the consumer."""
    server = FakeServer("s", ("auth", 9, ACCESS), ("last", -1, ACCESS))
    away = plugin("away", **SCOPES[scope])
    plans = phases_of([server], [plugin("auth"), plugin("last"), away]).plans
    plan = plans.of(ROUTE.id, SERVICE.id)
    assert names(plan.access) == ["auth", "last"]
    place = plan.entries[0].place
    again = plans.reselected(plan, ROUTE.id, SERVICE.id, BOB.id, place)
    assert names(again.access) == ["auth", "last", "away"]
    assert again.access.entries[-1].unavailable
    assert names(plans.reselected(plan, ROUTE.id, SERVICE.id, EVE.id, place).access) == ["auth", "last"]


def test_a_plugin_that_is_away_refuses_before_all_others_and_once() -> None:
    server = FakeServer("s", ("auth", 9, ACCESS))
    plans = phases_of([server], [plugin("auth"), plugin("away"), plugin("away", route=ROUTE.id)]).plans
    assert names(plans.global_plan.access) == ["away", "auth"]
    assert names(plans.of(ROUTE.id, None).access) == ["away", "auth"]


def test_a_server_of_the_settings_that_never_came_up_is_named_as_the_reason() -> None:
    env = environment(plugin_servers={"far": PluginServerSettings(command=("x",))})
    plans = compile_plans(Configuration.of([plugin("missing")]), {}, env.settings)
    assert plans.global_plan.access.entries[0].unavailable.endswith("not there yet: far")
