"""Plugin configurations against schemas in Kong's language, with Kong's words."""

from __future__ import annotations

from typing import Any

import pytest

from oarlock.config.fields import show_path
from oarlock.config.plugin_schema import MAX_FIELDS, SchemaInvalid, check, compile_schema


def said(fields: Any, config: dict[str, Any]) -> dict[str, str]:
    """What is said of a configuration, by place."""
    return {show_path(fault.at): fault.message for fault in check(fields, config)[1]}


def filled(fields: Any, config: dict[str, Any]) -> dict[str, Any]:
    values, faults = check(fields, config)
    assert not faults
    return values


def field(**definition: Any) -> list[dict[str, Any]]:
    return [{"f": definition}]


@pytest.mark.parametrize(
    ("definition", "fits", "does_not", "message"),
    [
        ({"type": "string"}, "a", 5, "expected a string"),
        ({"type": "string"}, "a", "", "length must be at least 1"),
        ({"type": "number"}, 1.5, "1", "expected a number"),
        ({"type": "number"}, 1, True, "expected a number"),
        ({"type": "integer"}, 2.0, 2.5, "expected an integer"),
        ({"type": "boolean"}, False, 0, "expected a boolean"),
        ({"type": "array"}, [1], {"a": 1}, "expected an array"),
        ({"type": "set"}, [1], "a", "expected a set"),
        ({"type": "map"}, {"a": 1}, [1], "expected a map"),
        ({"type": "record", "fields": []}, {}, [1], "expected a record"),
        ({"type": "integer", "between": [1, 5]}, 5, 6, "value should be between 1 and 5"),
        ({"type": "integer", "gt": 0}, 1, 0, "value must be greater than 0"),
        ({"type": "integer", "eq": 3}, 3, 4, "value must be 3"),
        ({"type": "integer", "ne": 3}, 4, 3, "value must not be 3"),
        ({"type": "boolean", "eq": True}, True, False, "value must be true"),
        ({"type": "string", "len_min": 0}, "", 5, "expected a string"),
        ({"type": "string", "len_eq": 3}, "abc", "ab", "length must be 3"),
        ({"type": "string", "len_max": 3}, "é", "éé", "length must be at most 3"),
        ({"type": "array", "len_min": 1}, [1], [], "length must be at least 1"),
        ({"type": "string", "match": "^a+$"}, "aa", "ab", "invalid value: ab"),
        ({"type": "string", "not_match": "b"}, "aa", "ab", "invalid value: ab"),
        ({"type": "string", "match_none": [{"pattern": " ", "err": "no spaces"}]}, "a", "a b", "no spaces"),
        ({"type": "string", "match_all": [{"pattern": "^a"}, {"pattern": "b$", "err": "no b"}]}, "ab", "aa", "no b"),
        ({"type": "string", "match_any": {"patterns": ["^a", "^b"], "err": "a or b"}}, "bc", "cc", "a or b"),
        ({"type": "string", "starts_with": "/"}, "/a", "a", "should start with: /"),
        ({"type": "array", "contains": "x"}, ["x"], ["y"], "expected to contain: x"),
        ({"type": "string", "one_of": ["a", "b"]}, "a", "c", "expected one of: a, b"),
        ({"type": "integer", "one_of": [1, 2]}, 1, 3, "expected one of: 1, 2"),
        ({"type": "string", "not_one_of": ["a", "b"]}, "c", "b", "must not be one of: a, b"),
        ({"type": "string", "is_regex": True}, "a(b)", "a(b", "not a valid regex: a(b"),
        ({"type": "string", "uuid": True}, "6c0b5d2e-32a1-4b0f-8d0c-1f2e3d4c5b6a", "x", "expected a valid UUID"),
        ({"type": "number", "timestamp": True}, 5, -5, "expected a valid timestamp"),
        ({"type": "string", "match": "^a", "err": "begin with a"}, "a", "b", "begin with a"),
    ],
)
def test_an_attribute(definition: dict[str, Any], fits: object, does_not: object, message: str) -> None:
    assert said(field(**definition), {"f": fits}) == {}
    assert said(field(**definition), {"f": does_not}) == {"f": message}


def test_places_within_containers_are_named() -> None:
    schema = [
        {"rules": {"type": "array", "elements": {"type": "record", "fields": [{"n": {"type": "integer"}}]}}},
        {"by_name": {"type": "map", "keys": {"type": "string", "match": "^x"}, "values": {"type": "integer"}}},
    ]
    config = {"rules": [{"n": 1}, {"n": "a"}, {"m": 1}], "by_name": {"x": 1, "y": "b"}}
    assert said(schema, config) == {
        "rules[1].n": "expected an integer",
        "rules[2].m": "unknown field",
        "by_name.y": "expected an integer",
    }
    assert said(schema, {"by_name": {"y": 1}}) == {"by_name.y": "invalid value: y"}


def test_a_required_field_is_missing_when_it_is_absent_or_null() -> None:
    assert said(field(type="string", required=True), {}) == {"f": "required field missing"}
    assert said(field(type="string", required=True), {"f": None}) == {"f": "required field missing"}
    assert said(field(type="string"), {"f": None}) == {}


def test_an_unknown_field_gets_a_hint() -> None:
    _, (fault,) = check([{"timeout": {"type": "integer"}}], {"timeuot": 5})
    assert (fault.message, fault.hint) == ("unknown field", "did you mean 'timeout'?")


def test_defaults_are_filled_in_at_every_level_and_are_copies() -> None:
    schema = [
        {"n": {"type": "integer", "default": 5}},
        {"words": {"type": "array", "elements": {"type": "string"}, "default": ["a"]}},
        {"redis": {"type": "record", "required": True, "fields": [{"port": {"type": "integer", "default": 6379}}]}},
        {"optional": {"type": "record", "fields": [{"port": {"type": "integer", "default": 1}}]}},
        {"absent": {"type": "string"}},
    ]
    compiled = compile_schema(schema)
    config, _ = compiled.check({})
    assert config == {"n": 5, "words": ["a"], "redis": {"port": 6379}}
    config["words"].append("b")
    assert compiled.check({})[0]["words"] == ["a"]
    assert compiled.check({"optional": {}})[0]["optional"] == {"port": 1}


def test_a_default_is_checked_like_any_value() -> None:
    assert said(field(type="integer", default="x"), {}) == {"f": "expected an integer"}


def test_a_text_may_be_empty_when_that_is_its_default() -> None:
    assert filled(field(type="string", default="", required=True), {}) == {"f": ""}


def test_a_set_holds_each_value_once_and_whole_floats_become_integers() -> None:
    assert filled(field(type="set"), {"f": [1, 2, 1]}) == {"f": [1, 2]}
    whole = filled(field(type="integer"), {"f": 2.0})["f"]
    assert type(whole) is int


def test_any_and_json_take_anything() -> None:
    for kind in ("any", "json"):
        assert filled(field(type=kind), {"f": {"a": [1, None]}}) == {"f": {"a": [1, None]}}


CONDITIONAL = "failed conditional validation given value of field 'a'"


@pytest.mark.parametrize(
    ("relation", "fits", "does_not", "message"),
    [
        ({"at_least_one_of": ["a", "b"]}, {"a": 1}, {}, "at least one of these fields must be non-empty: 'a', 'b'"),
        (
            {"only_one_of": ["a", "b"]},
            {"b": 1},
            {"a": 1, "b": 1},
            "exactly one of these fields must be non-empty: 'a', 'b'",
        ),
        (
            {"mutually_exclusive": ["a", "b"]},
            {},
            {"a": 1, "b": 1},
            "only one or none of these fields must be set: 'a', 'b'",
        ),
        (
            {"mutually_required": ["a", "b"]},
            {"a": 1, "b": 1},
            {"a": 1},
            "all or none of these fields must be set: 'a', 'b'",
        ),
        (
            {"distinct": ["a", "b"]},
            {"a": 1, "b": 2},
            {"a": 1, "b": 1},
            "values of these fields must be distinct: 'a', 'b'",
        ),
        (
            {"mutually_exclusive_sets": {"set1": ["a"], "set2": ["b"]}},
            {"a": 1},
            {"a": 1, "b": 1},
            "these sets are mutually exclusive: ('a'), ('b')",
        ),
        (
            {
                "conditional": {
                    "if_field": "a",
                    "if_match": {"eq": 1},
                    "then_field": "b",
                    "then_match": {"required": True},
                }
            },
            {"a": 2},
            {"a": 1},
            CONDITIONAL,
        ),
        (
            {
                "conditional": {
                    "if_field": "a",
                    "if_match": {"gt": 5},
                    "then_field": "b",
                    "then_match": {"one_of": [1, 2]},
                }
            },
            {"a": 6, "b": 2},
            {"a": 6, "b": 3},
            CONDITIONAL,
        ),
        (
            {
                "conditional_at_least_one_of": {
                    "if_field": "a",
                    "if_match": {"eq": 1},
                    "then_at_least_one_of": ["b", "c"],
                }
            },
            {"a": 1, "c": 1},
            {"a": 1},
            "at least one of these fields must be non-empty: 'b', 'c'",
        ),
    ],
)
def test_a_relation_between_fields(
    relation: dict[str, Any], fits: dict[str, Any], does_not: dict[str, Any], message: str
) -> None:
    integers = [{name: {"type": "integer"}} for name in "abc"]
    record = {"type": "record", "fields": integers, "entity_checks": [relation]}
    schema = {"name": "p", "fields": [{"config": record}]}
    assert said(schema, fits) == {}
    assert said(schema, does_not) == {"": message}


def test_relations_at_the_top_of_kongs_schema_name_fields_of_config() -> None:
    schema = {
        "fields": [{"config": {"type": "record", "fields": [{"a": {"type": "integer"}}, {"b": {"type": "integer"}}]}}],
        "entity_checks": [{"at_least_one_of": ["config.a", "config.b"]}],
    }
    assert said(schema, {"b": 1}) == {}
    assert said(schema, {}) == {"": "at least one of these fields must be non-empty: 'config.a', 'config.b'"}


@pytest.mark.parametrize("schema", [None, [], {}, {"name": "p", "fields": []}, {"fields": {}}])
def test_a_plugin_without_fields_takes_none(schema: object) -> None:
    assert said(schema, {}) == {}
    assert said(schema, {"a": 1}) == {"a": "unknown field"}


def test_a_plugin_pins_scopes_to_null() -> None:
    schema = {"fields": [{"consumer": {"type": "foreign", "eq": None}}, {"config": {"type": "record", "fields": []}}]}
    assert compile_schema(schema).no_scope == {"consumer"}


def test_keywords_that_are_not_known_are_warned_of_and_change_nothing() -> None:
    schema = field(type="string", shorthand_fields=[], custom_validator="x", description="known", referenceable=True)
    compiled = compile_schema(schema)
    assert sorted(compiled.warnings) == [
        "config.f.custom_validator: unknown schema keyword, without effect",
        "config.f.shorthand_fields: unknown schema keyword, without effect",
    ]
    assert compiled.check({"f": "a"})[1] == []


def test_a_pattern_of_lua_or_one_that_re2_refuses_is_warned_of() -> None:
    assert "a Lua pattern" in compile_schema(field(type="string", match="^%d+$")).warnings[0]
    assert "does not compile" in compile_schema(field(type="string", match="(?=a)")).warnings[0]


@pytest.mark.parametrize(
    "schema",
    [
        5,
        "text",
        [5],
        [{"a": 1}],
        [{"a": {"type": "string"}, "b": {"type": "string"}}],
        [{"a": {"type": "lambda"}}],
        [{"a": {"type": ["string"]}}],
        [{"a": {"type": "integer", "between": [1]}}],
        [{"a": {"type": "integer", "between": "x"}}],
        [{"a": {"type": "integer", "gt": "x"}}],
        [{"a": {"type": "string", "one_of": "abc"}}],
        [{"a": {"type": "string", "match": "a" * 2000}}],
        [{"a": {"type": "string", "match": 5}}],
        [{"a": {"type": "string", "match_any": []}}],
        [{"a": {"type": "record", "fields": [], "entity_checks": 5}}],
        [{f"a{number}": {"type": "string"}} for number in range(MAX_FIELDS + 1)],
    ],
)  # fmt: skip
def test_a_schema_that_cannot_be_used_is_refused(schema: object) -> None:
    with pytest.raises(SchemaInvalid):
        compile_schema(schema)


def test_a_schema_that_is_nested_too_deep_is_refused() -> None:
    schema: dict[str, Any] = {"type": "string"}
    for _ in range(1000):
        schema = {"type": "array", "elements": schema}
    with pytest.raises(SchemaInvalid, match="deeper than"):
        compile_schema([{"a": schema}])


def test_a_hostile_pattern_takes_linear_time() -> None:
    compiled = compile_schema(field(type="string", match="^(a+)+$"))
    assert compiled.check({"f": "a" * 50_000 + "b"})[1]
