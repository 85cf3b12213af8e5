"""Reading YAML and JSON: values, lines, and files that mean harm."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oarlock.config import source
from oarlock.config.fields import Fault
from oarlock.config.source import read_bytes, read_file
from oarlock.errors import ConfigurationInvalid, Problem


def plain(text: str, suffix: str = ".yaml") -> Any:
    return read_bytes(text.encode(), "f", suffix).plain()


def refusal(text: str | bytes, suffix: str = ".yaml") -> Problem:
    with pytest.raises(ConfigurationInvalid) as caught:
        read_bytes(text if isinstance(text, bytes) else text.encode(), "f", suffix)
    (problem,) = caught.value.problems
    return problem


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("no", "no"),
        ("on", "on"),
        ("yes", "yes"),
        ("true", True),
        ("~", None),
        ("", None),
        ("0644", "0644"),
        ("0o17", 15),
        ("0x1F", 31),
        ("-7", -7),
        ("1.10", 1.1),
        ("1e3", 1000.0),
        ("1_000", "1_000"),
        ("12:30:45", "12:30:45"),
        ("2024-01-01", "2024-01-01"),
        ("'1'", "1"),
        ('"null"', "null"),
        ("!!str 5", "5"),
        ("~/regex", "~/regex"),
    ],
)
def test_scalars_of_yaml_follow_the_core_schema_of_1_2(written: str, value: object) -> None:
    found = plain(f"a: {written}\n")["a"]
    assert found == value
    assert type(found) is type(value)


def test_keys_are_text_as_written() -> None:
    assert plain("404: a\nno: b\n1.10: c\n") == {"404": "a", "no": "b", "1.10": "c"}


def test_aliases_and_merge_keys_work_and_what_stands_there_wins() -> None:
    text = "x: &a {p: 1, q: 2}\ny: {<<: *a, q: 3}\nz: {<<: [*a, {p: 5, r: 6}]}\nw: *a\n"
    document = plain(text)
    assert document["y"] == {"p": 1, "q": 3}
    assert document["z"] == {"p": 1, "q": 2, "r": 6}
    assert document["w"] == {"p": 1, "q": 2}


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("a: 1\nb: 2\na: 3\n", 3, "duplicate key 'a': it stands in line 1 already"),
        ("a: 1\nb: [\n", 3, "not YAML"),
        ("a: 1\n\tb: 2\n", 2, "not YAML"),
        ("a: 1\nb: !vault x\n", 2, "tag '!vault' is not known here"),
        ("a: !!binary aGk=\n", 1, "tag 'binary' is not known here"),
        ("a: 1\n---\nb: 2\n", 2, "a second YAML document"),
        ("a: &x\n  b: *x\n", 2, "stands within its own anchor"),
        ("a: *x\n", 1, "has no anchor"),
        ("a: 1\nb: .inf\n", 2, "not a finite number"),
        ("a: 18446744073709551616\n", 1, "does not fit 64 bits"),
        ("a: " + "9" * 10000, 1, "does not fit 64 bits"),
        ('a: "\\ud800"\n', 1, "surrogate"),
        ("a: 1\nb: \x07\n", 2, "control character"),
        ("? [a]\n: b\n", 1, "a key must be text"),
        ("[" * 3000, 1, "nested deeper than 64"),
        ("- " * 3000 + "x", 1, "nested deeper than 64"),
        ("a: {<<: 5}\n", 1, "to merge"),
    ],
)
def test_yaml_is_refused_with_its_line(text: str, line: int, message: str) -> None:
    problem = refusal(text)
    assert problem.line == line
    assert message in problem.message


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ('{"a": 1,\n "a": 2}', 2, "duplicate key 'a': it stands in line 1 already"),
        ('{"a": 1', 1, "expected ',' or '}'"),
        ('{"a": [1,]}', 1, "expected a value"),
        ('{"a": 1,}', 1, "expected a key in double quotes"),
        ("{'a': 1}", 1, "expected a key in double quotes"),
        ('{"a": NaN}', 1, "expected a value"),
        ('{"a": 01}', 1, "expected ',' or '}'"),
        ('{"a": 1e999}', 1, "not a finite number"),
        ('{"a": 18446744073709551616}', 1, "does not fit 64 bits"),
        ('{"a": "\\ud800"}', 1, "surrogate"),
        ('{"a": "x\ny"}', 1, "Invalid control character"),
        ('{"a": 1}\n{', 2, "after the end"),
        ("", 1, "expected a value"),
        ('{"a":' * 3000, 1, "nested deeper than 64"),
    ],
)
def test_json_is_refused_with_its_line(text: str, line: int, message: str) -> None:
    problem = refusal(text, ".json")
    assert problem.line == line
    assert message in problem.message


def test_an_alias_bomb_is_refused_without_being_expanded() -> None:
    levels = [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 30)]
    assert "once aliases are expanded" in refusal("a0: &a0 [x, x]\n" + "\n".join(levels)).message


def test_a_bomb_of_long_texts_is_refused_as_well() -> None:
    aliases = ", ".join(["*t"] * 5000)
    assert "once aliases are expanded" in refusal(f"t: &t {'x' * 100_000}\nu: [{aliases}]\n").message


def test_a_file_past_the_size_limit_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(source, "MAX_SIZE", 2**20)
    (tmp_path / "f.yaml").write_bytes(b"#" * (2**20 + 1))
    with pytest.raises(ConfigurationInvalid, match="larger than 1 MiB"):
        read_file(tmp_path / "f.yaml")


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationInvalid, match=r"absent\.yaml: cannot be read: No such file"):
        read_file(tmp_path / "absent.yaml")


def test_bytes_that_are_not_utf_8_are_refused_with_their_line() -> None:
    problem = refusal(b"a: 1\nb: \xff\n")
    assert (problem.line, problem.message) == (2, "not UTF-8")


def test_the_line_of_a_place_is_that_of_its_key() -> None:
    document = read_bytes(b"services:\n- name: a\n  routes:\n\n  - paths:\n    - /a\n    - /b\n", "f")
    assert document.problem(Fault(("services", 0, "routes"), "", "")).line == 3
    assert document.problem(Fault(("services", 0, "routes", 0, "paths", 1), "", "")).line == 7
    assert document.problem(Fault(("services", 0, "nothing"), "", "")).line == 2


def test_a_value_is_shown_as_it_is_written() -> None:
    problem = read_bytes(b"a: 1.10\n", "f").problem(Fault(("a",), 1.1, "text"))
    assert str(problem) == "f:1: a: expected text, found 1.10"


_numbers = st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False)
_values = st.recursive(
    st.none() | st.booleans() | _numbers | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(_values, st.sampled_from([None, 2]))
def test_json_is_read_as_the_standard_library_reads_it(value: object, indent: int | None) -> None:
    assert plain(json.dumps(value, indent=indent), ".json") == value


@given(st.text(alphabet="ab:-[]{},&*!|>'\"%@~#? \n\t\\x0\ud7ff", max_size=60))
def test_any_text_gives_a_value_or_a_refusal(text: str) -> None:
    for suffix in (".yaml", ".json"):
        with contextlib.suppress(ConfigurationInvalid):
            read_bytes(text.encode(), "f", suffix)
