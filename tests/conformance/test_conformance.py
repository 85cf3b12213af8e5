"""Every PDK function in every phase where a plugin may use it, and in some where it may not, in every language.

The same requests give the same results, errors, upstream requests and responses, whether facts travel with events or
plugins have to ask for everything.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from conformance import cases, document
from conformance.bed import Bed, made
from conformance.cases import Case
from conformance.languages import LANGUAGES, Language

AVAILABLE = [language for language in LANGUAGES if not language.missing()]
CASES = cases.all_cases()


@pytest.fixture(
    scope="module",
    params=[(language, facts) for language in AVAILABLE for facts in (True, False)],
    ids=lambda param: f"{param[0].name}-{'facts' if param[1] else 'calls'}",
)
def bed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bed]:
    language, facts = request.param
    with made(language, facts, tmp_path_factory.mktemp("c")) as bed:
        yield bed


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_case_gives_what_the_reference_says(bed: Bed, case: Case) -> None:
    if bed.language.sdk in case.without:
        return  # docs/conformance.md says so
    differences = bed.run(case)
    assert not differences, "\n".join(differences)


@pytest.mark.parametrize("language", LANGUAGES, ids=lambda language: language.name)
def test_the_suite_runs_in_this_language(language: Language) -> None:
    if reason := language.missing():
        pytest.skip(reason)


def test_every_function_has_a_case_in_every_phase_where_a_plugin_may_use_it() -> None:
    covered = cases.covered()
    missing = [
        f"{name} in {phase}"
        for name, known in cases.functions().items()
        if "unavailable" not in known
        for phase in known["phases"]
        if phase not in covered.get(name, set())
    ]
    assert not missing, ", ".join(missing)


def test_the_functions_and_their_phases_are_those_of_the_table() -> None:
    expected = {name: (known["phases"], "unavailable" in known) for name, known in cases.functions().items()}
    described = {
        name: (cases.phases_of(function), not function.get("available", True))
        for name, function in cases.table().items()
    }
    assert expected == described


def test_the_page_in_docs_is_what_the_cases_give() -> None:
    assert document.PAGE.read_text() == document.render(), "run `python tests/conformance/document.py`"


def test_no_two_cases_have_the_same_name() -> None:
    names = [case.name for case in CASES]
    assert len(names) == len(set(names))


@pytest.mark.slow
def test_with_facts_nothing_is_asked_for_and_without_them_everything_is(bed: Bed) -> None:
    [case] = [case for case in CASES if case.name == "request: a path in UTF-8"]
    before = bed.calls()
    assert bed.run(case) == []
    asked = bed.calls() - before
    assert (asked == 0) == bed.facts, f"{asked} calls"
