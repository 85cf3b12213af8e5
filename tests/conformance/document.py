"""docs/conformance.md, written from the cases: `.venv/bin/python tests/conformance/document.py`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

sys.path.insert(0, str(Path(__file__).parents[1]))

from conformance import cases  # found once its folder is on the path

PAGE: Final = cases.ROOT / "docs" / "conformance.md"
LANGUAGES: Final = {"python": "Python", "go": "Go", "js": "JavaScript"}
FILES: Final = {"python": "conformance.py", "go": "go.mod", "js": "package.json"}
PLUGINS: Final = Path(__file__).parent / "plugins"

_HEAD: Final = """\
<!-- GENERATED from tests/conformance/cases by tests/conformance/document.py; do not edit. -->
# Conformance of the SDKs

The same plugin, written in each language, runs the same {count} scripts, each with the events' facts and once more with
`plugin_facts: false`, when it has to ask for everything. Results, error codes, what the upstream is asked and what the
client gets are compared with what Kong's reference says. `.venv/bin/python -m pytest tests/conformance` runs it.

Python's plugin runs twice: with plain handlers and with `async` ones.

A cell names the languages in which a function is shown to work in a phase: P Python, G Go, J JavaScript. **–** means
that Kong does not allow it there; that a call is then refused with `wrong_phase` is shown as well.

| function | rewrite | access | response | log |
|---|---|---|---|---|
"""

_MISSING: Final = """
## Not there yet

These are answered `unsupported`, in every language and phase:

"""

_DIFFERENT: Final = """
## What is different in a language

| language | what | why |
|---|---|---|
"""

_NOTES: Final = """
Arguments of a wrong type are `bad_args` in Python and JavaScript; in Go the compiler refuses them. `Exit` and `Error`
return nothing in Go: with wrong arguments they panic with the error. Where Kong's Go PDK
gives an empty text for nil, `Lookup…` tells the two apart, and `…Any` takes and gives what has several types; the suite
uses those, and holds the plain ones against them.
"""


def render() -> str:
    """Return the whole page."""
    written = cases.all_cases()
    lines = [_HEAD.format(count=len(written)).rstrip("\n"), *_rows(), _MISSING.rstrip("\n"), "", *_missing()]
    lines += [_DIFFERENT.rstrip("\n"), *_differences(), _NOTES.rstrip("\n")]
    return "\n".join(lines) + "\n"


def _rows() -> Iterator[str]:
    languages = "".join(name[0] for key, name in LANGUAGES.items() if (PLUGINS / key / FILES[key]).exists())
    covered = cases.covered()
    for name, known in sorted(cases.functions().items()):
        if "unavailable" in known:
            continue
        cells = [
            "–" if phase not in known["phases"] else languages if phase in covered.get(name, ()) else "no case"
            for phase in cases.PHASES
        ]
        yield f"| {_link(name)} | {' | '.join(cells)} |"


def _missing() -> Iterator[str]:
    described = cases.table()
    reasons: dict[str, list[str]] = {}
    for name, known in sorted(cases.functions().items()):
        if "unavailable" in known:
            reasons.setdefault(described[name]["reason"], []).append(f"`kong.{name}`")
    for reason, names in reasons.items():
        yield f"- {reason}: {', '.join(names)}"


def _differences() -> Iterator[str]:
    seen = set()
    for case in cases.written():
        steps = [step for steps in case.scripts.values() for step in steps]
        name = case.name
        for phase in cases.PHASES:
            name = name.removesuffix(f" in {phase}")
        found = [(language, f"no case “{name}”", reason) for language, reason in case.without.items()]
        found += [
            (language, f"`kong.{step.function}` in “{name}”", differs["because"])
            for step in steps
            for language, differs in step.languages.items()
        ]
        for language, what, reason in found:
            if (language, what) not in seen:
                seen.add((language, what))
                yield f"| {LANGUAGES[language]} | {what} | {reason} |"


def _link(name: str) -> str:
    return "`kong.log`" if name == "log" else f"`kong.{name}`"


if __name__ == "__main__":
    PAGE.write_text(render())
