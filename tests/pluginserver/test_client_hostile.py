"""A plugin server that breaks the protocol loses its connection and its events; the worker and other members go on."""

from __future__ import annotations

import logging
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import trio
from hypothesis import given, settings
from hypothesis import strategies as st

from oarlock_pluginserver._generated.pdk_table import FUNCTIONS
from oarlock_pluginserver.errors import HandshakeFailed, ProtocolError
from oarlock_pluginserver.event import Outcome
from oarlock_pluginserver.handshake import inspect
from oarlock_pluginserver.info import HostInfo
from oarlock_pluginserver.protocol import messages as m
from oarlock_pluginserver.protocol import oarlock_v1 as codec
from oarlock_pluginserver.protocol.structure import check_structure, looks_plain
from support.plugin_server import FakePluginServer, Peer, Recorder, hosted, instance_of, new_event, welcome_fields


def frame(body: bytes) -> bytes:
    return len(body).to_bytes(4, "big") + body


HOSTILE: dict[str, Callable[[m.Event], bytes]] = {
    "garbage": lambda event: frame(b"\xc1" * 100),
    "text": lambda event: b"HTTP/1.1 200 OK\r\n\r\n",
    "an empty frame": lambda event: bytes(4),
    "a huge frame": lambda event: b"\x7f\xff\xff\xff",
    "an unknown message": lambda event: frame(b"\x92\x7f\x01"),
    "a message of the host": lambda event: codec.encode(m.Cancel(event.event, "deadline")),
    "a second WELCOME": lambda event: codec.encode(m.Welcome(welcome_fields())),
    "a second DRAIN": lambda event: codec.encode(m.Drain("")) * 2,
    "DONE for an event that never was": lambda event: codec.encode(m.Done(99, m.DONE)),
    "DONE twice": lambda event: codec.encode(m.Done(event.event, m.DONE)) * 2,
    "`next` behind the last step": lambda event: codec.encode(m.Done(event.event, m.NEXT)),
    "CALL for an event that never was": lambda event: codec.encode(m.Call(1, 99, 40)),
    "a CALL whose id does not rise": lambda event: codec.encode(m.Call(2, 1, 40)) + codec.encode(m.Call(2, 1, 40)),
    "STARTED for an instance that runs": lambda event: codec.encode(m.Started(1)),
    "STARTED for an instance that never was": lambda event: codec.encode(m.Started(7)),
    "CHUNK on the host's stream": lambda event: codec.encode(m.Chunk(event.event, 2, b"x")),
    "CHUNK behind the end": lambda event: codec.encode(m.Chunk(event.event, 3, b"x", 1)) * 2,
    "CHUNK over 64 KiB": lambda event: codec.encode(m.Chunk(event.event, 3, bytes(65537))),
    "CHUNK for an event that never was": lambda event: codec.encode(m.Chunk(99, 3, b"x")),
    "too many streams": lambda event: b"".join(codec.encode(m.Chunk(event.event, 2 * n + 3, b"x")) for n in range(65)),
    "WINDOW for a stream that was not opened": lambda event: codec.encode(m.Window(event.event, 2, 1)),
    "a blob that never came": lambda event: codec.encode(m.Done(event.event, m.EXIT, [], [200, m.Blob(3)])),
    "a blob that has not ended": lambda event: (
        codec.encode(m.Chunk(event.event, 3, b"x")) + codec.encode(m.Done(event.event, m.EXIT, [], [200, m.Blob(3)]))
    ),
    "a blob used twice": lambda event: (
        codec.encode(m.Chunk(event.event, 3, b"x", 1))
        + codec.encode(m.Done(event.event, m.DONE, [[60, m.Blob(3)], [60, m.Blob(3)]]))
    ),
    "a text blob that is not UTF-8": lambda event: (
        codec.encode(m.Chunk(event.event, 3, b"\xff", 5)) + codec.encode(m.Done(event.event, m.DONE, [[60, m.Blob(3)]]))
    ),
    "a blob in a log line": lambda event: codec.encode(m.Log(event.event, 3, "x", {"a": m.Blob(3)})),
    "a change without a function": lambda event: codec.encode(m.Done(event.event, m.DONE, [["60"]])),
    "an exit without a status": lambda event: codec.encode(m.Done(event.event, m.EXIT, [], ["200"])),
    "an exit with headers that are no array": lambda event: codec.encode(
        m.Done(event.event, m.EXIT, [], [200, b"", "a"])
    ),
    "a failure whose code is a number": lambda event: codec.encode(m.Done(event.event, m.FAILED, [], [7])),
    "a WELCOME of the wrong type": lambda event: frame(b"\x92\x02\xa1x"),
}


async def answered_with(fake: FakePluginServer, attack: bytes) -> tuple[list[Any], list[Outcome], Recorder]:
    """Answer an event with `attack`, then serve another one on a new connection."""
    outcomes: list[Outcome] = []
    recorder = Recorder()
    with trio.fail_after(10):
        async with hosted(fake) as server, trio.open_nursery() as nursery:
            instance = instance_of(server)

            async def ask(handler: Recorder) -> None:
                outcomes.append(await server.handle(new_event(handler, instance)))

            nursery.start_soon(ask, recorder)
            peer = await fake.accept()
            event = await peer.event()
            assert event.event == 1
            await peer.stream.send_all(attack)
            said = await peer.closed()
            again = await fake.accept()  # the worker is alive and connects again
            nursery.start_soon(ask, Recorder())
            await again.send(m.Done((await again.event()).event, m.DONE))
    return said, outcomes, recorder


@pytest.mark.parametrize("name", HOSTILE)
async def test_what_the_protocol_forbids_ends_the_connection_alone(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    attack = HOSTILE[name](m.Event(1, 3, [1, 1]))
    said, outcomes, recorder = await answered_with(FakePluginServer(tmp_path / "s"), attack)
    goodbye = said[-1]
    assert isinstance(goodbye, m.Drain)
    assert goodbye.code in ("protocol", "limit")
    assert len(outcomes) == 2
    assert outcomes[1].error is None
    errors = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert len(errors) == 1
    assert "fake" in errors[0].getMessage()
    if outcomes[0].error is not None:
        assert outcomes[0].error.code == "lost"
        assert recorder.done[-1] == ("roll back", 0)
    else:  # it had ended well before the attack began
        assert recorder.done == [("commit", 0, [])]


async def test_a_run_that_goes_on_behind_a_step_that_may_have_changed_the_plan_is_forbidden(tmp_path: Path) -> None:
    replans = next(number for number, function in FUNCTIONS.items() if function.replans)
    fake = FakePluginServer(tmp_path / "s")
    with trio.fail_after(10):
        async with hosted(fake) as server, trio.open_nursery() as nursery:
            nursery.start_soon(server.handle, new_event(Recorder(), instance_of(server), instance_of(server)))
            peer = await fake.accept()
            event = await peer.event()
            await peer.send(m.Done(event.event, m.NEXT, [[replans, None, None]]))
            assert [type(message) for message in await peer.closed()] == [m.Drain]


async def test_more_open_calls_than_allowed_end_the_connection(tmp_path: Path) -> None:
    fake = FakePluginServer(tmp_path / "s")
    with trio.fail_after(10):
        async with hosted(fake, host=HostInfo(max_calls=4)) as server, trio.open_nursery() as nursery:
            nursery.start_soon(server.handle, new_event(Recorder({40: trio.sleep_forever}), instance_of(server)))
            peer = await fake.accept()
            await peer.event()
            await peer.send(*(m.Call(number, 1, 40) for number in range(1, 6)))
            (goodbye,) = await peer.closed()
            assert goodbye.code == "limit"


async def test_messages_about_events_that_have_ended_are_taken_as_the_tables_say(tmp_path: Path) -> None:
    fake = FakePluginServer(tmp_path / "s")
    with trio.fail_after(10):
        async with hosted(fake) as server, trio.open_nursery() as nursery:
            instance = instance_of(server)
            nursery.start_soon(server.handle, new_event(Recorder(), instance))
            peer = await fake.accept()
            await peer.event()
            await peer.send(m.Done(1, m.DONE))
            await peer.send(m.Chunk(1, 3, b"x"), m.Window(1, 2, 5), m.Log(1, 3, "late"), m.Call(1, 1, 40))
            assert await peer.receive() == m.Reply(1, None, ["gone"])
            nursery.start_soon(server.handle, new_event(Recorder(), instance))
            await peer.send(m.Done((await peer.event()).event, m.DONE))


async def test_a_server_that_says_it_closes_is_believed(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    said, outcomes, _ = await answered_with(
        FakePluginServer(tmp_path / "s"), codec.encode(m.Drain("limit", "too much of it"))
    )
    assert said == []
    assert outcomes[0].error is not None
    assert outcomes[0].error.code == "lost"
    assert "too much of it" in caplog.text


async def test_a_server_that_never_answers_pings_is_lost(tmp_path: Path) -> None:
    fake = FakePluginServer(tmp_path / "s")
    with trio.fail_after(10):
        async with hosted(fake, host=HostInfo(ping_interval=0.02)) as server, trio.open_nursery() as nursery:
            outcomes = []

            async def ask() -> None:
                outcomes.append(await server.handle(new_event(Recorder(), instance_of(server))))

            nursery.start_soon(ask)
            peer = await fake.accept()
            await peer.event()
            pings = [await peer.receive(m.Ping) for _ in range(3)]
            assert [ping.nonce for ping in pings] == [1, 2, 3]
            assert await peer.closed() == []
            while not outcomes:
                await trio.lowlevel.checkpoint()
            assert outcomes[0].error.code == "lost"


async def test_a_server_that_answers_pings_is_kept_however_idle(tmp_path: Path) -> None:
    fake = FakePluginServer(tmp_path / "s")
    with trio.fail_after(10):
        async with hosted(fake, host=HostInfo(ping_interval=0.01)) as server:
            peer = await fake.accept()
            for nonce in range(1, 12):
                assert await peer.receive(m.Ping) == m.Ping(nonce)
                await peer.send(m.Pong(nonce, 2, 1500))
            assert server.state == "up"
            assert server.statistics()["members"][0]["oldest_there"] == 1.5


async def test_a_server_that_talks_without_being_talked_to_is_still_pinged(tmp_path: Path) -> None:
    fake = FakePluginServer(tmp_path / "s")
    with trio.fail_after(10):
        async with hosted(fake, host=HostInfo(ping_interval=0.02)):
            peer = await fake.accept()
            async with trio.open_nursery() as nursery:

                async def talk() -> None:
                    while True:
                        await peer.send(m.Log(0, 1, "la"))
                        await trio.sleep(0.005)

                nursery.start_soon(talk)
                await peer.receive(m.Ping)
                nursery.cancel_scope.cancel()


@pytest.mark.parametrize("name", ["garbage", "a WELCOME of the wrong type", "a huge frame", "a second DRAIN"])
async def test_a_handshake_with_rubbish_fails_and_is_tried_again(tmp_path: Path, name: str) -> None:
    fake = FakePluginServer(tmp_path / "s")
    with trio.fail_after(10):
        async with hosted(fake) as server:
            peer = await fake.accept(welcome=False)
            await peer.receive(m.Hello)
            await peer.stream.send_all(HOSTILE[name](m.Event(1, 3, [1, 1])))
            await peer.closed()
            await fake.accept()
            while server.state != "up":
                await trio.lowlevel.checkpoint()


@pytest.mark.parametrize(
    "fields",
    [
        {"version": 2},
        {"version": "1"},
        {"plugins": [{"name": "a"}, {"name": "a"}]},
        {"plugins": [{"priority": 3}]},
        {"plugins": [{"name": "a", "phases": {"access": {"rerun": "yes"}}}]},
        {"limits": {"max_events": 0}},
        {"limits": {"max_frame": 1000}},
        {"features": "fusion"},
        {"server": []},
    ],
    ids=repr,
)
async def test_a_welcome_with_wrong_fields_is_a_protocol_error(tmp_path: Path, fields: dict[str, Any]) -> None:
    fake = FakePluginServer(tmp_path / "s")
    with trio.fail_after(10):
        async with trio.open_nursery() as nursery:
            nursery.start_soon(lambda: fake.accept(**fields))
            with pytest.raises(ProtocolError, match="WELCOME"):
                await inspect(fake.address, HostInfo(), 5.0)
    await fake.close()


async def test_inspect_tells_what_a_server_is_and_closes(tmp_path: Path) -> None:
    fake = FakePluginServer(tmp_path / "s")
    hellos: list[m.Hello] = []

    async def play() -> None:
        peer = await fake.accept(welcome=False)
        hellos.append(await peer.receive(m.Hello))
        await peer.send(m.Welcome({"plugins": [{"name": "hello", "future": 1}], "future": {}, "features": ["warp"]}))
        assert await peer.closed() == []

    with trio.fail_after(10):
        async with trio.open_nursery() as nursery:
            nursery.start_soon(play)
            welcome = await inspect(fake.address, HostInfo(version="9"), 5.0)
    assert [plugin.name for plugin in welcome.plugins] == ["hello"]
    assert welcome.features == frozenset()
    assert hellos[0].fields["role"] == "inspect"
    await fake.close()


async def test_inspect_says_why_a_server_refuses(tmp_path: Path) -> None:
    fake = FakePluginServer(tmp_path / "s")

    async def refuse() -> None:
        peer = await fake.accept(welcome=False)
        await peer.receive(m.Hello)
        await peer.send(m.Drain("version", "I speak 2 to 3"))

    with trio.fail_after(10):
        async with trio.open_nursery() as nursery:
            nursery.start_soon(refuse)
            with pytest.raises(HandshakeFailed, match="I speak 2 to 3") as caught:
                await inspect(fake.address, HostInfo(), 5.0)
    assert caught.value.code == "version"
    await fake.close()


async def test_a_server_that_does_not_answer_the_handshake_is_given_up(tmp_path: Path) -> None:
    fake = FakePluginServer(tmp_path / "s")
    with trio.fail_after(10), pytest.raises(HandshakeFailed, match="no answer"):
        await inspect(fake.address, HostInfo(), 0.05)
    await fake.close()


async def test_a_server_that_asks_much_and_reads_nothing_is_cut_off(tmp_path: Path) -> None:
    fake = FakePluginServer(tmp_path / "s")
    body = bytes(60_000)
    with trio.fail_after(20):
        async with hosted(fake) as server, trio.open_nursery() as nursery:
            outcomes = []

            async def ask() -> None:
                outcomes.append(await server.handle(new_event(Recorder({52: body}), instance_of(server))))

            nursery.start_soon(ask)
            peer = await fake.accept()
            await peer.event()

            async def flood() -> None:
                number = 0
                while True:
                    number += 1
                    await peer.send(m.Call(number, 1, 52))

            with pytest.raises(trio.BrokenResourceError):
                await flood()
            while not outcomes:
                await trio.lowlevel.checkpoint()
            assert outcomes[0].error.code == "lost"


def test_a_count_that_lies_allocates_nothing() -> None:
    for body in (b"\x92\x11\xdd\xff\xff\xff\xff", b"\x92\x11\xdf\x7f\xff\xff\xff", b"\x92\x11\xdc\xff\xff"):
        assert not looks_plain(body)
        with pytest.raises(ProtocolError, match="declared"):
            check_structure(body)


def test_an_excerpt_shows_the_bytes_near_the_fault_and_no_more() -> None:
    secret = b"Bearer abcdefghijklmnopqrstuvwxyz"
    body = b"\x93\x11\xd9" + bytes([len(secret)]) + secret + b"\xd9\x40" + b"x" * 64 + b"\xcb\x7f\xf8" + bytes(6)
    with pytest.raises(ProtocolError) as caught:
        codec.Decoder.from_server().decode(body[:2] + body[2:])
    assert secret.hex() not in str(caught.value)
    assert f"frame of {len(body)} bytes, type 17" in str(caught.value)


@settings(deadline=None, max_examples=300)
@given(st.binary(min_size=1, max_size=200), st.integers(0, 2**32))
def test_no_bytes_make_the_codec_raise_anything_else(noise: bytes, seed: int) -> None:
    chance = random.Random(seed)
    good = bytearray(codec.encode(m.Done(7, 1, [[60, "a", {"b": [1, 2.5, None, b"x"]}]], [200, "x", []], 3))[4:])
    for _ in range(3):
        good[chance.randrange(len(good))] = chance.randrange(256)
    for body in (noise, bytes(good), bytes(good) + noise, b"\x97\x11" + noise):
        for decoder in (codec.Decoder.from_server(), codec.Decoder.from_host()):
            try:
                decoder.decode(body)
            except ProtocolError as error:
                assert len(error.excerpt) < 200  # noqa: PT017


async def test_peers_of_other_connections_are_not_disturbed(tmp_path: Path) -> None:
    bad, good = FakePluginServer(tmp_path / "a"), FakePluginServer(tmp_path / "b")
    with trio.fail_after(10):
        async with hosted(bad, good) as server, trio.open_nursery() as nursery:
            outcomes: list[Outcome] = []
            instance = instance_of(server)

            async def ask() -> None:
                outcomes.append(await server.handle(new_event(Recorder(), instance)))

            hostile, honest = await bad.accept(), await good.accept()
            nursery.start_soon(ask)
            event = await honest.event()
            await hostile.stream.send_all(b"\xff" * 100)
            await _goodbye(hostile)
            await honest.send(m.Done(event.event, m.DONE))
            while not outcomes:
                await trio.lowlevel.checkpoint()
            assert outcomes[0].error is None


async def _goodbye(peer: Peer) -> None:
    assert isinstance((await peer.closed())[-1], m.Drain)
