"""Plugin servers that break the protocol: each costs its own requests, never the worker, and the log names it."""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from oarlock_pluginserver.protocol import messages as m
from support.gateway import eventually
from support.hostile import Script, done, leaving, say_nothing, sending, sending_bytes
from support.plugin_server import Peer
from support.plugin_servers import cpu_spent, gateway_processes

if TYPE_CHECKING:
    from security.conftest import Siege


def frame(body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + body


async def close(peer: Peer, event: m.Event) -> None:
    await peer.stream.aclose()


async def half_a_frame(peer: Peer, event: m.Event) -> None:
    await peer.stream.send_all(struct.pack(">I", 1000) + b"\x93")


async def endless_logs(peer: Peer, event: m.Event) -> None:
    for _ in range(20_000):
        await peer.send(m.Log(event.event, 5, "noise\n[error] forged: line \x1b[2J"))
    await peer.send(m.Done(event.event, m.DONE))


async def endless_calls(peer: Peer, event: m.Event) -> None:
    for number in range(1, 5_000):
        await peer.send(m.Call(number, event.event, 133, []))


async def calls_without_reading(peer: Peer, event: m.Event) -> None:
    """Ask for the same large thing again and again, and read no answer."""
    for number in range(1, 100_000):
        await peer.send(m.Call(number, event.event, 51, [1000]))


async def stale_call(peer: Peer, event: m.Event) -> None:
    await peer.send(m.Done(event.event, m.DONE), m.Call(1, event.event, 44, []))


def raw(data: bytes) -> Script:
    return Script(sending_bytes(data))


def says(*messages: Any) -> Script:
    return Script(sending(*messages))


# What breaks the protocol: the event is lost, the connection is ended.
BREACHES: dict[str, Script] = {
    "a-dunder": says(done(["__class__", "x"])),
    "no-function": says(done([[1], "x"])),
    "exit-status-word": says(leaving("200", "x", [])),
    "exit-status-nan": says(leaving(float("nan"), "x", [])),
    "exit-headers-word": says(leaving(200, "x", "a: b")),
    "exit-body-number": says(leaving(200, 7, [])),
    "window-for-no-stream": says(lambda event: m.Window(event, 77, 2**40)),
    "garbage": raw(b"\x00\x00\x00\x10" + b"\xff" * 16),
    "http": raw(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
    "empty-frame": raw(b"\0\0\0\0"),
    "huge-frame": raw(struct.pack(">I", 0xFFFFFFFF) + b"x" * 100),
    "deep": raw(frame(b"\x96\x11\x01\x01" + b"\x91" * 60_000 + b"\xc0")),
    "map-bomb": raw(frame(b"\x92\x18\xdf\xff\xff\xff\xff")),
    "bin-bomb": raw(frame(b"\x92\x18\xc6\xff\xff\xff\xff")),
    "extension": raw(frame(b"\x96\x11\x01\x01\xc7\x04\x63abcd\xc0\x00")),
    "not-utf8": raw(frame(b"\x94\x14\x01\x01\xa2\xff\xfe")),
    "surrogates": raw(frame(b"\x94\x18\x01\x05\xa3\xed\xa0\x80")),
    "unknown-message": raw(frame(b"\x92\x63\x01")),
    "hosts-message": says(m.Reply(1, "x")),
    "second-welcome": says(m.Welcome({"version": 1})),
    "unknown-event": says(m.Done(999_999, m.DONE)),
    "event-0": says(m.Done(0, m.DONE)),
    "call-unknown-event": says(m.Call(1, 999_999, 44, [])),
    "next-of-last-step": says(lambda event: m.Done(event, m.NEXT)),
    "pong-lies": raw(frame(b"\x93\x05\xcf\xff\xff\xff\xff\xff\xff\xff\xff\x01")),
    "closes": Script(close),
}

# What is well-formed and does not fit: the event fails, the connection stays.
MISFITS: dict[str, Script] = {
    "fails": says(
        lambda event: m.Done(event, m.FAILED, [], ["failed", "on purpose\n[crit] forged", "Traceback\x1b[2J"])
    ),
    "odd-outcome": says(lambda event: m.Done(event, 77, [], ["odd"])),
    "unknown-function": says(done([9999, "x"])),
    "reserved-function": says(done([2**52, "x"])),
    "not-in-this-phase": says(done([72, "body"])),
    "a-fact-as-change": says(done([44])),
    "an-outcome-as-change": says(done([69, 200, "x", []])),
    "wrong-type": says(done([64, "200"])),
    "too-many-arguments": says(done([60, "a", "b", "c", "d"])),
    "names-no-string": says(done([63, [["a"], "b"]])),
    "names-a-map": says(done([63, [{"a": 1}, "b"]])),
    "valid-then-invalid": says(done([60, "x-kept", "no"], [90, "x-kept", "no"], [60, "bad name", "b"])),
    "too-many-changes": says(done(*[[60, f"x-{n}", "v"] for n in range(20_000)])),
    "exit-names-a-list": says(leaving(200, "x", [["a"], "b"])),
    "exit-status-huge": says(leaving(2**52, "x", [])),
    "exit-status-100": says(leaving(100, "x", [])),
    "exit-status-101": says(leaving(101, "x", ["upgrade", "websocket"])),
    "exit-status-0": says(leaving(0, "x", [])),
    "exit-status-negative": says(leaving(-200, "x", [])),
    "exit-headers-odd": says(leaving(200, "x", ["a"])),
    "exit-body-bytes-in-json": says(leaving(200, {"a": b"\xff\xfe"}, [])),
    "error-status-200": says(leaving(200, "x", [], outcome=m.ERROR_PAGE)),
    "error-type-unknown": says(leaving(500, "x", ["content-type", "image/png"], outcome=m.ERROR_PAGE)),
}

LATE: dict[str, Script] = {
    "endless-calls": Script(endless_calls),
    "calls-without-reading": Script(calls_without_reading),
    "never-answers": Script(say_nothing),
    "half-a-frame": Script(half_a_frame),
    "stream-that-nobody-names": says(lambda event: m.Chunk(event, 77, b"x" * 1000)),
    "pongs-only": says(*[m.Pong(nonce, 0, 0) for nonce in range(100)]),
}

FINE: dict[str, Script] = {
    "consumer-of-its-own": says(done([27, {"id": "nobody", "username": ["x"]}, None])),
    "exit-with-more": says(leaving(200, "x", [], "y", "z")),
    "endless-logs": Script(endless_logs),
    "long-log": says(lambda event: m.Log(event, 5, "y" * 1_000_000), done()),
    "done-twice": says(done(), done()),
    "call-after-done": Script(stale_call),
    "junk-reads": says(
        lambda event: m.Done(event, m.DONE, [], None, 2**53 - 1, 2**53 - 1, [None, {"a": []}, [[]], -1])
    ),
    "long-names": says(done([60, "x-" + "n" * 100_000, "v"], [62, "x-" + "n" * 100_000])),
}


async def greet_garbage(peer: Peer) -> None:
    await peer.stream.send_all(b"SSH-2.0-OpenSSH_9.2p1\r\n")


async def greet_with_silence(peer: Peer) -> None:
    await peer.receive()


async def greet_with_the_door(peer: Peer) -> None:
    """Close at once."""


async def greet_with_drain(peer: Peer) -> None:
    await peer.send(m.Drain("version", "I am too old for this\n[crit] forged"))


async def greet_with_everything(peer: Peer) -> None:
    await peer.stream.send_all(frame(b"\x92\x02\xc6" + struct.pack(">I", 40_000_000)) + b"x" * 40_000_000)


async def greet_with_wrong_types(peer: Peer) -> None:
    await peer.send(m.Welcome({"version": "one", "plugins": 7}))


# Not even a handshake.
STRANGERS: dict[str, Script] = {
    "greets-with-garbage": Script(greet=greet_garbage),
    "greets-with-silence": Script(greet=greet_with_silence),
    "greets-with-the-door": Script(greet=greet_with_the_door),
    "greets-with-drain": Script(greet=greet_with_drain),
    "greets-with-everything": Script(greet=greet_with_everything),
    "greets-with-wrong-types": Script(greet=greet_with_wrong_types),
    "claims-another": Script(
        sending(done()), welcome={"plugins": [{"name": "never-answers", "phases": {"access": {}}}]}
    ),
    "claims-too-much": Script(sending(done()), welcome={"limits": {"max_events": 2**60}}),
    "deep-schema": Script(
        sending(done()),
        welcome={"plugins": [{"name": "deep-schema", "schema": [[[[[[[[["x"]]]]]]]]], "phases": {"access": {}}}]},
    ),
}

SCRIPTS = {**BREACHES, **MISFITS, **LATE, **FINE, **STRANGERS}


def logged(siege: Siege, name: str, *texts: str) -> bool:
    """Whether a line of the log names this plugin server and says one of these."""
    return any(
        f"plugin server {name}:" in line or line.endswith(f"plugin server: {name}")
        for line in siege.gateway.log.splitlines()
        if any(text in line for text in texts)
    )


def ask(siege: Siege, name: str, *, expected: int) -> None:
    """Ask until the server was there to be asked, and got `expected` for it."""
    started = siege.upstream.seen.copy()
    answers: list[int] = []

    def look() -> bool:
        answers.append(siege.gateway.request(f"/{name}").status)
        return answers[-1] != 503 or expected == 503

    eventually(look, f"an answer of {name}")
    assert answers[-1] == expected
    if expected >= 500:
        assert siege.upstream.seen == started, "the request went past the plugin"


def each(scripts: dict[str, Script]) -> Callable[..., Any]:
    return pytest.mark.parametrize("name", list(scripts))


@each(BREACHES)
def test_a_breach_of_protocol_fails_the_request_ends_the_connection_and_is_logged(siege: Siege, name: str) -> None:
    ask(siege, name, expected=500)
    eventually(lambda: logged(siege, name, "protocol error at", "lost at"), "the line of the log")
    assert siege.gateway.request("/plain").status == 200


@each(MISFITS)
def test_what_a_plugin_may_not_do_fails_its_request_and_nothing_of_it_is_done(siege: Siege, name: str) -> None:
    ask(siege, name, expected=500)
    eventually(lambda: f"plugin {name} failed in access" in siege.gateway.log, "the line of the log")
    answer = siege.gateway.request(f"/{name}")
    assert answer.status == 500
    assert "x-kept" not in answer.headers
    assert siege.gateway.status()["workers"][0]["plugin_servers"][name]["members"][0]["connects"] == 1


@each(LATE)
def test_a_server_that_does_not_answer_costs_the_deadline(siege: Siege, name: str) -> None:
    ask(siege, name, expected=504)
    eventually(lambda: logged(siege, name, "deadline"), "the line of the log")


@each(FINE)
def test_noise_round_a_good_answer_does_no_harm(siege: Siege, name: str) -> None:
    ask(siege, name, expected=200)


@each(STRANGERS)
def test_a_server_that_is_none_makes_its_routes_503(siege: Siege, name: str) -> None:
    ask(siege, name, expected=503)
    assert any(name in line for line in siege.gateway.log.splitlines())


def test_no_line_of_the_log_was_forged(siege: Siege) -> None:
    for line in siege.gateway.log.splitlines():
        assert not line.startswith(("[error] forged", "[crit] forged"))
        assert "\x1b" not in line
        assert len(line) < 100_000


def test_round_hostile_servers_the_worker_comes_to_rest(siege: Siege) -> None:
    spent = cpu_spent(gateway_processes(siege.gateway).values(), 4.0)
    print(f"CPU of master and worker in 4 s beside {len(SCRIPTS)} hostile servers: {spent:.3f} s")
    assert spent < 1.0
