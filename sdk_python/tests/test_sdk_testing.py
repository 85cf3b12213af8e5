"""The test kit for plugin authors."""

from __future__ import annotations

import asyncio
from typing import Any, ClassVar

import pytest

from oarlock_pdk import AsyncKong, Kong, PdkError, Plugin, PluginError, nonblocking
from oarlock_pdk.testing import Exchange, Request, Response, run


class Everything(Plugin):
    def access(self, kong: Kong) -> None:
        consumer = kong.client.load_consumer("bob", True)
        kong.client.authenticate(consumer, None)
        kong.service.request.set_headers({"x-id": consumer["id"], "x-n": [1, "2"] and ["1", "2"]})
        kong.service.request.set_query({"b": "2", "a": ["x y", True], "c": False})
        kong.service.request.set_raw_body(kong.request.get_raw_body().upper())
        kong.ctx.shared.set("who", {"name": kong.client.get_consumer()["username"]})
        kong.log.notice("hello ", 1)

    async def response(self, kong: AsyncKong) -> None:
        who = await kong.ctx.shared.get("who")
        await kong.response.set_header("x-who", who["name"])
        kong.response.set_header("x-was", await kong.response.get_header("Content_Type"))

    @nonblocking
    def rewrite(self, kong: Kong) -> None:
        kong.service.request.set_header("x-half", "done")
        kong.request.get_header("x-half")
        raise ValueError("no")

    def log(self, kong: Kong) -> None:
        kong.vault.get("{vault://env/x}")


ANSWERS: dict[str, Any] = {"kong.client.load_consumer": lambda name, by_name: {"id": "c-1", "username": name}}


@pytest.mark.parametrize("facts", [True, False])
def test_a_handler_does_the_same_with_and_without_facts(facts: bool) -> None:
    request = Request("POST", "/a", "q=1", {"x-user": "bob"}, b"body")
    result = run(Everything, "access", request=request, answers=ANSWERS, facts=facts)
    assert result.outcome == "done"
    assert result.request_headers == {"host": "localhost", "x-user": "bob", "x-id": "c-1", "x-n": ["1", "2"]}
    assert result.exchange.query == "a&a=x%20y&b=2"
    assert result.exchange.body == b"BODY"
    assert result.exchange.shared == {"who": {"name": "bob"}}
    assert result.logs == [(3, "hello 1")]
    assert ("kong.client.load_consumer", ["bob", True]) in result.calls


def test_an_exchange_goes_from_phase_to_phase() -> None:
    exchange = Exchange(Request(), Response(404, {"Content-Type": "text/plain"}), ANSWERS)
    run(Everything, "access", exchange=exchange)
    result = run(Everything, "response", exchange=exchange)
    assert result.response_headers == {"content-type": "text/plain", "x-who": "bob", "x-was": "text/plain"}


def test_what_a_handler_raises_comes_out_and_nothing_was_changed() -> None:
    exchange = Exchange()
    with pytest.raises(ValueError, match="no"):
        run(Everything, "rewrite", exchange=exchange)
    assert exchange.request_headers == [("host", "localhost")]


def test_what_the_kit_does_not_know_is_asked_of_the_test() -> None:
    with pytest.raises(PdkError, match="give one: answers"):
        run(Everything, "log")
    assert run(Everything, "log", answers={"kong.vault.get": "secret"}).calls == [
        ("kong.vault.get", ["{vault://env/x}"])
    ]


class Lifetime(Plugin):
    seen: ClassVar[list[str]] = []

    async def start(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.seen.append("start")

    async def access(self, kong: AsyncKong) -> None:
        assert asyncio.get_running_loop() is self.loop
        self.seen.append("access")
        await kong.response.exit(200)

    def stop(self) -> None:
        self.seen.append("stop")


def test_start_and_stop_run_around_the_handler_on_its_loop() -> None:
    assert run(Lifetime, "access").outcome == "exit"
    assert Lifetime.seen == ["start", "access", "stop"]


def test_a_phase_without_handler_is_refused() -> None:
    with pytest.raises(PluginError, match="no handler for 'certificate'"):
        run(Everything, "certificate")
