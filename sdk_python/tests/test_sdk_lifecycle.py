"""Deadlines, cancelling, credits, draining, instances, health and large values, with a scripted gateway."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import pytest

from oarlock_pdk import AsyncKong, ConfigError, Gone, Kong, Plugin
from oarlock_pdk.codec import Blob, blob
from oarlock_pdk.errors import PluginError
from oarlock_pdk.pdk import MESSAGES
from oarlock_pdk.plugin import declare
from oarlock_pdk.server import Server

Serve = Callable[..., Any]
Fn = Callable[[str], int]

FAILED = 4


class Waits(Plugin):
    """Waits until it is ended, in the way its phase says."""

    entered: ClassVar[threading.Event]
    release: ClassVar[threading.Event]
    ends: ClassVar[list[str]]

    def __init__(self, config: Any) -> None:
        Waits.entered, Waits.release, Waits.ends = threading.Event(), threading.Event(), []

    def access(self, kong: Kong) -> None:  # in a call
        try:
            kong.vault.get("{vault://env/token}")
        except Gone:
            Waits.ends.append("gone")
            raise

    async def rewrite(self, kong: AsyncKong) -> None:  # in its own await
        Waits.entered.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            Waits.ends.append("cancelled")
            with pytest.raises(Gone):
                await kong.request.get_method()
            raise

    def response(self, kong: Kong) -> None:  # where nothing can reach it
        Waits.entered.set()
        Waits.release.wait(10)
        kong.log.warn("not reached")

    def log(self, kong: Kong) -> None:
        self.response(kong)


class Slow(Plugin):
    may_start: ClassVar[threading.Event]
    stopped: ClassVar[threading.Event]

    def start(self) -> None:
        Slow.may_start.wait(10)

    def stop(self) -> None:
        Slow.stopped.set()

    def access(self, kong: Kong) -> None: ...


def test_cancel_wakes_a_thread_that_waits_for_an_answer(serve: Serve) -> None:
    gateway = serve(Waits).gateway()
    event = gateway.event("access", gateway.start("waits"))
    call = gateway.receive("CALL")[0]
    gateway.send("CANCEL", event, "client_gone")
    done = gateway.receive("DONE")
    assert done[:3] == [event, FAILED, []]
    assert done[3] == ["cancelled", "client_gone"]
    assert Waits.ends == ["gone"]
    gateway.send("REPLY", call, None, ["gone"])
    gateway.send("PING", 7)
    assert gateway.receive("PONG") == [7, 0, 0]


def test_cancel_ends_a_task_once_and_done_follows_its_cleanup(serve: Serve) -> None:
    gateway = serve(Waits).gateway()
    event = gateway.event("rewrite", gateway.start("waits"))
    assert Waits.entered.wait(10)
    gateway.send("CANCEL", event, "deadline")
    assert gateway.receive("DONE")[3] == ["cancelled", "deadline"]
    assert Waits.ends == ["cancelled"]


@pytest.mark.parametrize("phase", ["access", "rewrite"])
def test_the_budget_ends_a_handler_without_the_gateway(serve: Serve, phase: str) -> None:
    gateway = serve(Waits).gateway()
    gateway.event(phase, gateway.start("waits"), budget=30)
    if phase == "access":
        gateway.receive("CALL")
    assert gateway.receive("DONE")[3][0] == "deadline"


def test_a_stuck_handler_keeps_its_credit_and_shows_in_pong(serve: Serve) -> None:
    gateway = serve(Waits, max_events=1).gateway()
    assert gateway.welcome["limits"]["max_events"] == 1
    instance = gateway.start("waits")
    stuck = gateway.event("response", instance, budget=20)
    assert Waits.entered.wait(10)
    refused = gateway.event("response", instance)
    assert gateway.receive("DONE")[:4] == [refused, FAILED, [], ["refused", "1 events run"]]
    gateway.send("CANCEL", stuck, "deadline")
    gateway.send("PING", 1)
    assert gateway.receive("PONG")[:2] == [1, 1]
    Waits.release.set()
    assert gateway.receive("DONE")[:3] == [stuck, FAILED, []]
    assert gateway.logs == []


def test_a_server_whose_threads_are_stuck_drains_so_that_it_is_replaced(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("oarlock_pdk.server._STUCK_AFTER", 0.05)
    gateway = serve(Waits, max_events=8).gateway()
    instance = gateway.start("waits")
    for _ in range(2):
        gateway.event("response", instance, budget=10)
    assert gateway.receive("DRAIN") == [""]
    Waits.release.set()
    assert [gateway.receive("DONE")[3][0] for _ in range(2)] == ["deadline", "deadline"]


def test_an_object_nobody_waits_for_any_more_is_ended(serve: Serve) -> None:
    Slow.may_start, Slow.stopped = threading.Event(), threading.Event()
    server = serve(Slow)
    gateway = server.gateway()
    gateway.send("START", {"instance": 1, "plugin": "slow", "key": "a", "config": {}})
    gateway.send("PING", 1)
    assert gateway.receive("PONG")[0] == 1
    gateway.send("DRAIN", "auth")
    assert gateway.is_closed()
    Slow.may_start.set()
    assert Slow.stopped.wait(10)


def test_log_events_have_credits_and_threads_of_their_own(serve: Serve) -> None:
    gateway = serve(Waits, max_events=1).gateway()
    instance = gateway.start("waits")
    gateway.event("response", instance)
    assert Waits.entered.wait(10)
    gateway.event("log", instance)
    Waits.release.set()
    assert sorted(gateway.receive("DONE")[0] for _ in range(2)) == [1, 2]


def test_credits_are_divided_among_the_workers_that_will_come(serve: Serve) -> None:
    gateway = serve(Waits, max_events=16).gateway(peers=4)
    assert gateway.welcome["limits"]["max_events"] == 4


def test_draining_lets_what_runs_end_and_refuses_the_rest(serve: Serve) -> None:
    server = serve(Waits)
    gateway = server.gateway()
    instance = gateway.start("waits")
    running = gateway.event("response", instance)
    assert Waits.entered.wait(10)
    server.drain()
    assert gateway.receive("DRAIN") == [""]
    crossing = gateway.event("response", instance)
    assert gateway.receive("DONE")[:4] == [crossing, FAILED, [], ["refused", "this server drains"]]
    gateway.send("START", {"instance": 9, "plugin": "waits", "key": "x", "config": {}})
    assert gateway.receive("STARTED")[1][0] == "refused"
    Waits.release.set()
    assert gateway.receive("DONE")[:2] == [running, 1]
    gateway.sock.close()
    server.wait()


@dataclass
class Limits:
    low: int
    high: int = 10


class Configured(Plugin):
    @dataclass
    class Config:
        word: str
        limits: Limits | None = None

    made: ClassVar[list[Configured]] = []
    stopped: ClassVar[threading.Event] = threading.Event()

    def __init__(self, config: Configured.Config) -> None:
        self.config = config
        Configured.made.append(self)

    async def start(self) -> None:
        if self.config.word == "later":
            raise RuntimeError("the database is away")
        if self.config.word == "never":
            raise ConfigError("word: never is no word")

    def stop(self) -> None:
        Configured.stopped.set()

    def access(self, kong: Kong) -> None:
        kong.service.request.set_header("x-word", self.config.word)


def test_equal_configurations_of_one_entity_share_an_object_until_the_last_connection_closes_it(serve: Serve) -> None:
    Configured.made.clear()
    Configured.stopped.clear()
    server = serve(Configured)
    first, second = server.gateway(), server.gateway()
    config = {"word": "hi", "limits": {"low": 1, "high": 10}}
    instances = [gateway.start("configured", config, "a:1") for gateway in (first, second)]
    first.start("configured", config, "b:1")
    assert len(Configured.made) == 2
    assert Configured.made[0].config == Configured.Config("hi", Limits(1, 10))
    first.send("CLOSE", instances[0])
    second.event("access", instances[1])
    assert second.receive("DONE")[2][0][2] == "hi"
    assert not Configured.stopped.is_set()
    second.sock.close()
    assert Configured.stopped.wait(10)


@pytest.mark.parametrize(
    ("config", "code", "text"),
    [
        ({"word": 3}, "bad_config", "config.word: text is expected, not 3"),
        ({}, "bad_config", "config.word: a value is required"),
        ({"word": "a", "limits": {"low": "x"}}, "bad_config", "config.limits.low: a whole number is expected, not 'x'"),
        ({"word": "never"}, "bad_config", "word: never is no word"),
        ({"word": "later"}, "start_failed", "RuntimeError: the database is away"),
    ],
)
def test_an_instance_that_cannot_be_says_why(serve: Serve, config: dict[str, Any], code: str, text: str) -> None:
    gateway = serve(Configured).gateway()
    gateway.send("START", {"instance": 1, "plugin": "configured", "key": "a", "config": config})
    assert gateway.receive("STARTED") == [1, [code, text]]


def test_events_for_instances_that_do_not_run_are_not_started(serve: Serve) -> None:
    gateway = serve(Waits).gateway()
    event = gateway.event("access", 5)
    assert gateway.receive("DONE")[:4] == [event, FAILED, [], ["no_instance", "instance 5 does not run here"]]


class Large(Plugin):
    def access(self, kong: Kong) -> None:
        body = kong.request.get_raw_body()
        kong.service.request.set_raw_body(body.upper())


def test_large_values_travel_in_chunks_within_the_window_both_ways(serve: Serve, fn: Fn) -> None:
    gateway = serve(Large).gateway(limits={"window": 100_000})
    event = gateway.event("access", gateway.start("large"))
    call = gateway.receive("CALL")[0]
    body = b"abcdefgh" * 100_000
    room = gateway.welcome["limits"]["window"]
    for place in range(0, len(body), 65536):
        piece = body[place : place + 65536]
        while room < len(piece):
            _, stream, granted = gateway.receive("WINDOW")
            assert stream == 2
            room += granted
        room -= len(piece)
        gateway.send("CHUNK", event, 2, piece, 1 if place + 65536 >= len(body) else 0)
    gateway.send("REPLY", call, blob(2))
    message = gateway.next_message()
    while message[0] == MESSAGES["WINDOW"]:
        message = gateway.next_message()
    back, window = bytearray(), 100_000
    while True:
        _, _, stream, piece, flags = message
        back += piece
        window -= len(piece)
        assert stream == 3
        assert window >= 0
        if flags & 1:
            break
        if window < 65536:
            gateway.send("WINDOW", event, 3, 100_000 - window)
            window = 100_000
        message = gateway.next_message()
    assert bytes(back) == body.upper()
    assert gateway.receive("DONE")[:3] == [event, 1, [[fn("service.request.set_raw_body"), Blob(3)]]]


@pytest.mark.parametrize(("stream", "size"), [(3, 1), (0, 1), (2, 65537)])
def test_a_chunk_that_may_not_be_is_a_protocol_error(serve: Serve, stream: int, size: int) -> None:
    gateway = serve(Large).gateway()
    event = gateway.event("access", gateway.start("large"))
    gateway.receive("CALL")
    gateway.send("CHUNK", event, stream, bytes(size))
    assert gateway.receive("DRAIN")[0] == "protocol"
    assert gateway.is_closed()


@pytest.mark.parametrize(
    ("messages", "code"),
    [
        ([("PING", 1)], "protocol"),
        ([("HELLO", "kong", {})], "protocol"),
        ([("HELLO", "oarlock", {"versions": [2, 3]})], "version"),
    ],
)
def test_a_handshake_that_cannot_be_ends_with_a_reason(serve: Serve, messages: list[Any], code: str) -> None:
    gateway = serve(Waits).connect()
    for message in messages:
        gateway.send(*message)
    assert gateway.receive("DRAIN")[0] == code
    assert gateway.is_closed()


@pytest.mark.parametrize(
    "message",
    [
        ("EVENT", 0, 3, [1, 1]),
        ("CANCEL", 99, "deadline"),
        ("REPLY", 99, None),
        ("CLOSE", 99),
        ("WELCOME", {}),
        (77, 1),
        ("START", {"instance": 0}),
    ],
)
def test_what_the_protocol_forbids_ends_the_connection_and_nothing_else(serve: Serve, message: tuple[Any, ...]) -> None:
    server = serve(Configured)
    gateway, other = server.gateway(), server.gateway()
    gateway.send(*message)
    assert gateway.receive("DRAIN")[0] == "protocol"
    assert gateway.is_closed()
    other.event("access", other.start("configured", {"word": "on"}))
    assert other.receive("DONE")[1] == 1


def test_a_gateway_that_falls_silent_is_taken_for_dead(serve: Serve) -> None:
    gateway = serve(Waits).gateway(ping_ms=20)
    gateway.event("rewrite", gateway.start("waits"))
    assert gateway.is_closed()


def test_other_users_are_refused(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("oarlock_pdk.server.peer_uid", lambda sock: 12345)
    gateway = serve(Waits).connect()
    assert gateway.receive("DRAIN")[0] == "auth"
    monkeypatch.setenv("OARLOCK_HOST_UID", "12345")
    assert serve(Waits).gateway().welcome["version"] == 1


def test_two_plugins_of_one_name_are_refused() -> None:
    with pytest.raises(PluginError, match="two plugins are called 'waits'"):
        Server([declare(Waits), declare(Waits)])
