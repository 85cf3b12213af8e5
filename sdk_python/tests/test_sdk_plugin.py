"""What a plugin class declares, and what the gateway is told of it."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

import pytest

from oarlock_pdk import AsyncKong, ConfigError, Kong, Plugin, PluginError, between, len_min, match, nonblocking, secret
from oarlock_pdk.pdk import BY_NAME, PHASES
from oarlock_pdk.plugin import Mode, declare
from oarlock_pdk.schema import build, schema_of


class Colour(enum.Enum):
    RED = "red"
    BLUE = "blue"


@dataclass(frozen=True)
class Inner:
    host: str
    port: Annotated[int, between(1, 65535)] = 80


@dataclass(frozen=True)
class Everything:
    word: str
    inner: Inner
    count: int = 3
    rate: float = 1.5
    on: bool = True
    maybe: Annotated[str | None, match("^x")] = None
    choice: Literal["a", "b"] = "a"
    colour: Colour = Colour.BLUE
    words: Annotated[list[str], len_min(1)] = field(default_factory=lambda: ["one"])
    numbers: tuple[int, ...] = ()
    tags: frozenset[str] = frozenset({"b", "a"})
    table: dict[str, float] = field(default_factory=dict)
    inners: list[Inner] = field(default_factory=list)
    password: Annotated[str | None, secret()] = None


INNER = [{"host": {"type": "string", "required": True}}]
INNER.append({"port": {"type": "integer", "between": [1, 65535], "default": 80, "required": True}})


def test_a_dataclass_becomes_a_schema_list() -> None:
    text = {"type": "string", "required": True}
    assert schema_of(Everything) == [
        {"word": text},
        {"inner": {"type": "record", "fields": INNER, "required": True}},
        {"count": {"type": "integer", "default": 3, "required": True}},
        {"rate": {"type": "number", "default": 1.5, "required": True}},
        {"on": {"type": "boolean", "default": True, "required": True}},
        {"maybe": {"type": "string", "match": "^x"}},
        {"choice": {"type": "string", "one_of": ["a", "b"], "default": "a", "required": True}},
        {"colour": {"type": "string", "one_of": ["red", "blue"], "default": "blue", "required": True}},
        {"words": {"type": "array", "elements": text, "len_min": 1, "default": ["one"], "required": True}},
        {
            "numbers": {
                "type": "array",
                "elements": {"type": "integer", "required": True},
                "default": [],
                "required": True,
            }
        },
        {"tags": {"type": "set", "elements": text, "default": ["a", "b"], "required": True}},
        {
            "table": {
                "type": "map",
                "keys": {"type": "string"},
                "values": {"type": "number", "required": True},
                "default": {},
                "required": True,
            }
        },
        {"inners": {"type": "array", "elements": {"type": "record", "fields": INNER}, "default": [], "required": True}},
        {"password": {"type": "string", "encrypted": True, "referenceable": True}},
    ]


def test_a_configuration_becomes_the_dataclass() -> None:
    values = {"word": "w", "inner": {"host": "h"}, "rate": 2, "count": 4.0, "colour": "red", "tags": ["x"]}
    values |= {"inners": [{"host": "i", "port": 1}], "maybe": None, "numbers": [1, 2], "words": None}
    assert build(Everything, values) == Everything(
        word="w",
        inner=Inner("h"),
        rate=2.0,
        count=4,
        colour=Colour.RED,
        tags=frozenset({"x"}),
        inners=[Inner("i", 1)],
        numbers=(1, 2),
    )


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"word": None}, "config.word: a value is required"),
        ({"inner": {"host": 1}}, "config.inner.host: text is expected, not 1"),
        ({"count": 1.5}, "config.count: a whole number is expected, not 1.5"),
        ({"on": 1}, "config.on: true or false is expected, not 1"),
        ({"choice": "c"}, "config.choice: 'c' is not one of 'a', 'b'"),
        ({"inners": [{"host": "h"}, {}]}, "config.inners[1].host: a value is required"),
        ({"words": "one"}, "config.words: a list is expected, not 'one'"),
        ({"wrd": 1}, "config.wrd: there is no such field"),
    ],
)
def test_what_does_not_fit_is_named_with_its_path(change: dict[str, Any], text: str) -> None:
    with pytest.raises(ConfigError) as caught:
        build(Everything, {"word": "w", "inner": {"host": "h"}} | change)
    assert text in str(caught.value)


class KeyAuth(Plugin):
    """Checks a key.

    In a header.
    """

    version = "2.1.0"
    priority = 1250
    needs = ("kong.client.get_consumer", ("request.get_header", "X-Key"))
    rerun = ("access",)

    def access(self, kong: Kong) -> None: ...

    async def log(self, kong: AsyncKong) -> None: ...

    @nonblocking
    def rewrite(self, kong: Kong) -> None: ...


def test_the_gateway_is_told_name_phases_needs_and_documentation() -> None:
    declaration = declare(KeyAuth)
    consumer, header = BY_NAME["kong.client.get_consumer"].number, BY_NAME["kong.request.get_header"].number
    assert declaration.describe() == {
        "name": "key-auth",
        "version": "2.1.0",
        "priority": 1250,
        "schema": [],
        "phases": {
            "rewrite": {"needs": [[header, "x-key"]], "rerun": False},
            "access": {"needs": [consumer, [header, "x-key"]], "rerun": True},
            "log": {"needs": [consumer, [header, "x-key"]], "rerun": False},
        },
        "documentation": "Checks a key.\n\nIn a header.",
    }
    modes = {PHASES["rewrite"]: Mode.LOOP, PHASES["access"]: Mode.THREAD, PHASES["log"]: Mode.TASK}
    assert {number: phase.mode for number, phase in declaration.phases.items()} == modes


def test_the_words_of_kong_plugins_are_understood() -> None:
    class Old(Plugin):
        VERSION = "0.9"
        PRIORITY = 7
        Schema = ({"message": {"type": "string"}},)

        def access(self, kong: Kong) -> None: ...

    declaration = declare(Old)
    assert (declaration.version, declaration.priority, declaration.schema) == ("0.9", 7, Old.Schema)
    assert declaration.configure({"message": "hi"}) == {"message": "hi"}


def _class(**attributes: Any) -> type[Plugin]:
    handler = {} if "no_handler" in attributes else {"access": lambda self, kong: None}
    return type("Made", (Plugin,), handler | attributes)


@pytest.mark.parametrize(
    ("attributes", "text"),
    [
        ({"no_handler": True}, "has no handler"),
        ({"name": "No Spaces"}, "name 'No Spaces'"),
        ({"priority": "high"}, "priority 'high'"),
        ({"Config": dict}, "not a dataclass"),
        ({"needs": ["kong.vault.get"]}, "'kong.vault.get' is not a PDK function that returns a fact"),
        ({"needs": ["kong.request.get_header"]}, "can't be called with ()"),
        ({"needs": {"access": ["kong.response.get_status"]}}, "can't be used in access"),
        ({"needs": {"acess": []}}, "'acess' is no phase"),
        ({"rerun": ["acess"]}, "'acess' is no phase"),
        ({"request_body": lambda self, kong: None}, "not supported yet"),
    ],
)
def test_a_class_that_declares_what_cannot_be_is_refused(attributes: dict[str, Any], text: str) -> None:
    with pytest.raises(PluginError) as caught:
        declare(_class(**attributes))
    assert text in str(caught.value)


def test_fields_that_a_configuration_cannot_hold_are_refused() -> None:
    @dataclass
    class Config:
        when: complex = 0j

    with pytest.raises(PluginError, match=r"Config\.when"):
        declare(_class(Config=Config))
