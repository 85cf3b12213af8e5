"""The cases of the conformance suite: data in `cases/*.json`, in the format that `cases/README.md` describes."""

from __future__ import annotations

import functools
import json
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).parents[2]
FOLDER: Final = Path(__file__).parent / "cases"
PHASES: Final = ("rewrite", "access", "response", "log")  # where a plugin outside the gateway can see an HTTP request


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One call of a script and what is to come of it; or something else to do, which leaves no result."""

    function: str = ""  # without `kong.`
    args: Sequence[Any] = ()
    result: Any = None
    error: Sequence[str] = ()  # code and, if given, what the text contains
    ends: bool = False  # the handler: there is no result
    other: Mapping[str, Any] = field(default_factory=dict)
    languages: Mapping[str, Any] = field(default_factory=dict)  # language -> what differs, with the reason

    @classmethod
    def read(cls, given: Mapping[str, Any], where: str) -> Step:
        unknown = given.keys() - {"call", "is", "error", "ends", "raise", "sleep", "in"}
        assert not unknown, f"{where}: unknown keys of a step: {', '.join(sorted(unknown))}"
        if "call" not in given:
            return cls(other=given, ends="raise" in given)
        return cls(
            function=given["call"][0],
            args=given["call"][1:],
            result=given.get("is"),
            error=given.get("error", ()),
            ends=given.get("ends", False),
            languages=given.get("in", {}),
        )

    def as_sent(self) -> Mapping[str, Any]:
        return self.other or {"call": self.function, "args": self.args}


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One request with its script and everything that is to come of it."""

    name: str
    scripts: Mapping[str, Sequence[Step]]  # by handler: `access`, `second.access` …
    request: Mapping[str, Any]
    answer: Mapping[str, Any] | None  # what the upstream says
    response: Mapping[str, Any]
    upstream: Mapping[str, Any] | None  # what the upstream is asked; None: nothing
    checks_upstream: bool
    log: Sequence[Sequence[Any]] | None  # lines that plugins write: level, text
    without: Mapping[str, str]  # language -> why this case can't be written in it

    def __str__(self) -> str:
        return self.name


def _read(entry: Mapping[str, Any], file: str) -> Iterator[Case]:
    name = f"{file}: {entry['name']}"
    known = {"name", "phases", "each", "steps", "script", "request", "answer", "response", "upstream", "log", "without"}
    assert not entry.keys() - known, f"{name}: unknown keys {', '.join(sorted(entry.keys() - known))}"
    if "script" in entry:
        variants = [("", entry["script"])]
    else:
        phases = PHASES if entry["phases"] == "all" else entry["phases"]
        # `each`: a request for each phase, because what one handler does the next one would see
        groups = [[phase] for phase in phases] if entry.get("each") else [phases]
        variants = [
            (f" in {group[0]}" if entry.get("each") else "", dict.fromkeys(group, entry["steps"])) for group in groups
        ]
    for suffix, scripts in variants:
        yield Case(
            name=name + suffix,
            scripts={handler: tuple(Step.read(step, name) for step in steps) for handler, steps in scripts.items()},
            request=entry.get("request", {}),
            answer=entry.get("answer"),
            response=entry.get("response", {}),
            upstream=entry.get("upstream"),
            checks_upstream="upstream" in entry,
            log=entry.get("log"),
            without=entry.get("without", {}),
        )


def written() -> list[Case]:
    """Return the cases of all files."""
    return [
        case
        for path in sorted(FOLDER.glob("*.json"))
        if path.name not in ("functions.json",)
        for entry in json.loads(path.read_text())
        for case in _read(entry, path.stem)
    ]


def functions() -> dict[str, Any]:
    """Return `cases/functions.json`: for each function the phases that the reference allows and arguments that fit."""
    found: dict[str, Any] = json.loads((FOLDER / "functions.json").read_text())
    return found


@functools.cache
def _pdk() -> Any:
    with (ROOT / "proto" / "pdk.toml").open("rb") as file:
        return tomllib.load(file)


def table() -> dict[str, Any]:
    """Return the functions of `proto/pdk.toml` that plugins call, by name without `kong.`; `log` is `kong.log`."""
    return {
        "log" if function["name"] == "kong.log" else function["name"].removeprefix("kong."): function
        for function in _pdk()["function"]
        if function.get("external", True)
    }


def phases_of(function: dict[str, Any]) -> list[str]:
    """Return the phases of an HTTP request in which the table allows a function."""
    sets = _pdk()["phase_sets"]
    named = [phase for given in function["phases"] for phase in sets.get(given, [given])]
    return [phase for phase in PHASES if phase in named]


def refusals() -> list[Case]:
    """Return a case for each phase: every function that can't be used in it, called; and those that are not there."""
    described = table()
    cases = []
    for phase in PHASES:
        wrong = [
            Step(
                function=name,
                args=known["args"],
                error=("wrong_phase", f"function cannot be called in {phase} phase (only in: "),
            )
            for name, known in functions().items()
            if "unavailable" not in known and phase not in known["phases"]
        ]
        missing = [
            Step(function=name, args=known["args"], error=("unsupported", described[name]["reason"]))
            for name, known in functions().items()
            if "unavailable" in known and (phase in known["phases"] or not known["phases"])
        ]
        for what, steps in (("functions of other phases", wrong), ("functions that are not there yet", missing)):
            # a script travels in a header: not too long a one
            for start in range(0, len(steps), 25):
                cases.append(
                    Case(
                        name=f"refusals: {what} in {phase}, {start // 25 + 1}",
                        scripts={phase: steps[start : start + 25]},
                        request={},
                        answer=None,
                        response={},
                        upstream=None,
                        checks_upstream=False,
                        log=None,
                        without={},
                    )
                )
    return cases


def all_cases() -> list[Case]:
    return [*written(), *refusals()]


def covered() -> dict[str, set[str]]:
    """Return the phases in which each function is called by some case that does not expect it to be refused there."""
    found: dict[str, set[str]] = {}
    for case in written():
        for handler, steps in case.scripts.items():
            for step in steps:
                if step.function and step.error[:1] not in (("wrong_phase",), ["wrong_phase"]):
                    found.setdefault(step.function, set()).add(handler.removeprefix("second."))
    return found
