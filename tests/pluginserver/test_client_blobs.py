"""Values over 64 KiB: in chunks, within a window, before the message that needs them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import trio

from oarlock_pluginserver.blobs import ArrivingBlobs, LeavingBlobs, cut_out, put_back
from oarlock_pluginserver.errors import PdkError, ProtocolError
from oarlock_pluginserver.event import Outcome
from oarlock_pluginserver.protocol import messages as m
from support.plugin_server import FakePluginServer, Peer, Recorder, hosted, instance_of, new_event, welcome_fields

KIB = 1024
WINDOW = 256 * KIB
LARGE = bytes(range(256)) * 4 * 600  # 600 KiB


def chunks(event: int, stream: int, data: bytes, flags: int = 0) -> Iterator[m.Chunk]:
    for at in range(0, len(data), 64 * KIB):
        is_last = at + 64 * KIB >= len(data)
        yield m.Chunk(event, stream, data[at : at + 64 * KIB], flags | is_last)


async def played(fake: FakePluginServer, script: Any, handler: Recorder, **fields: Any) -> Outcome:
    outcomes: list[Outcome] = []
    with trio.fail_after(20):
        async with hosted(fake) as server, trio.open_nursery() as nursery:

            async def ask() -> None:
                outcomes.append(await server.handle(new_event(handler, instance_of(server))))

            nursery.start_soon(ask)
            peer = await fake.accept(**fields)
            await script(peer, (await peer.event()).event)
    return outcomes[0]


async def receive_blob(peer: Peer, stream: int) -> bytes:
    """Take a stream of the host, granting as it comes."""
    data = b""
    while True:
        chunk = await peer.receive(m.Chunk)
        assert chunk.stream == stream
        data += chunk.data
        if chunk.flags & m.CHUNK_END:
            return data
        await peer.send(m.Window(chunk.event, stream, len(chunk.data)))


async def test_a_large_result_comes_in_chunks_before_its_reply(tmp_path: Path) -> None:
    async def script(peer: Peer, event: int) -> None:
        await peer.send(m.Call(1, event, 52))
        assert await receive_blob(peer, 2) == LARGE
        assert await peer.receive(m.Reply) == m.Reply(1, {"body": m.Blob(2), "small": b"x"})
        await peer.send(m.Call(2, event, 53))
        assert (await receive_blob(peer, 4)).decode() == "é" * 40_000
        assert await peer.receive(m.Reply) == m.Reply(2, m.Blob(4))
        await peer.send(m.Done(event, m.DONE))

    handler = Recorder({52: {"body": LARGE, "small": b"x"}, 53: "é" * 40_000})
    outcome = await played(FakePluginServer(tmp_path / "s"), script, handler)
    assert outcome.error is None


async def test_other_replies_pass_a_large_one_that_waits_for_its_window(tmp_path: Path) -> None:
    async def script(peer: Peer, event: int) -> None:
        await peer.send(m.Call(1, event, 52), m.Call(2, event, 53))
        received = 0
        while True:
            message = await peer.receive()
            if isinstance(message, m.Reply):
                break
            received += len(message.data)
        assert message == m.Reply(2, "quick")
        assert received == WINDOW  # and not a byte more without a grant
        await peer.send(m.Window(event, 2, len(LARGE)))
        while not isinstance(message := await peer.receive(), m.Reply):
            received += len(message.data)
        assert (received, message) == (len(LARGE), m.Reply(1, m.Blob(2)))
        await peer.send(m.Done(event, m.DONE))

    outcome = await played(FakePluginServer(tmp_path / "s"), script, Recorder({52: LARGE, 53: "quick"}))
    assert outcome.error is None


async def test_without_streams_a_large_result_is_too_large(tmp_path: Path) -> None:
    async def script(peer: Peer, event: int) -> None:
        await peer.send(m.Call(1, event, 52))
        reply = await peer.receive(m.Reply)
        assert reply.error[0] == "too_large"
        await peer.send(m.Done(event, m.DONE))

    outcome = await played(FakePluginServer(tmp_path / "s"), script, Recorder({52: LARGE}), features=["fusion"])
    assert outcome.error is None


async def test_blobs_in_changes_arguments_and_exits_are_put_in_their_place(tmp_path: Path) -> None:
    async def script(peer: Peer, event: int) -> None:
        for stream, flags in ((3, 0), (5, m.CHUNK_TEXT), (7, 0)):
            for chunk in chunks(event, stream, LARGE if not flags else b"t" * 70_000, flags):
                await peer.send(chunk)
        await peer.send(m.Call(1, event, 52, [m.Blob(5)], [[95, m.Blob(3)]]))
        reply = None
        while not isinstance(reply, m.Reply):
            reply = await peer.receive()  # WINDOWs on the way
        await peer.send(m.Done(event, m.EXIT, [], [200, m.Blob(7), []]))

    handler = Recorder({52: 1})
    outcome = await played(FakePluginServer(tmp_path / "s"), script, handler)
    assert outcome.detail == (200, LARGE, [])
    assert handler.done == [("apply", 0, [[95, LARGE]]), ("call", 0, 52, ["t" * 70_000]), ("commit", 0, [])]


async def test_chunks_without_the_feature_end_the_connection(tmp_path: Path) -> None:
    fake = FakePluginServer(tmp_path / "s")
    with trio.fail_after(10):
        async with hosted(fake) as server, trio.open_nursery() as nursery:
            nursery.start_soon(server.handle, new_event(Recorder(), instance_of(server)))
            peer = await fake.accept(**{**welcome_fields(), "features": []})
            await peer.event()
            await peer.send(m.Chunk(1, 3, b"x"))
            (goodbye,) = await peer.closed()
            assert isinstance(goodbye, m.Drain)


def test_what_comes_is_granted_by_the_half_window() -> None:
    blobs = ArrivingBlobs(WINDOW, max_size=1 << 30, max_total=1 << 30)
    grants = [list(blobs.receive(m.Chunk(1, 3, bytes(64 * KIB)))) for _ in range(5)]
    assert grants == [[], [m.Window(1, 3, WINDOW // 2)], [], [m.Window(1, 3, WINDOW // 2)], []]


def test_past_the_total_nothing_is_granted_until_something_is_taken() -> None:
    blobs = ArrivingBlobs(WINDOW, max_size=1 << 30, max_total=100 * KIB)
    list(blobs.receive(m.Chunk(1, 3, bytes(64 * KIB), m.CHUNK_END)))
    for _ in range(4):
        assert list(blobs.receive(m.Chunk(2, 3, bytes(64 * KIB)))) == []
    with pytest.raises(ProtocolError, match="allowed are 0"):
        list(blobs.receive(m.Chunk(2, 3, b"x")))
    assert blobs.take(1, 3) == bytes(64 * KIB)
    assert list(blobs.forget(1)) == []  # still too much
    assert list(blobs.forget(2)) == []
    assert list(blobs.receive(m.Chunk(3, 3, bytes(64 * KIB)))) == []
    assert list(blobs.receive(m.Chunk(3, 5, bytes(32 * KIB)))) == []
    assert list(blobs.receive(m.Chunk(3, 7, bytes(32 * KIB)))) == []


def test_a_value_over_its_limit_is_swallowed_and_refused() -> None:
    blobs = ArrivingBlobs(WINDOW, max_size=100 * KIB, max_total=1 << 30)
    for _ in range(3):
        list(blobs.receive(m.Chunk(1, 3, bytes(64 * KIB))))
    list(blobs.receive(m.Chunk(1, 3, b"", m.CHUNK_END)))
    with pytest.raises(PdkError, match="too_large"):
        blobs.take(1, 3)


def test_what_an_event_left_is_forgotten_with_it() -> None:
    blobs = ArrivingBlobs(WINDOW, max_size=1 << 30, max_total=1 << 30)
    list(blobs.receive(m.Chunk(1, 3, b"x", m.CHUNK_END)))
    list(blobs.forget(1))
    assert not blobs.has(1)
    with pytest.raises(ProtocolError):
        blobs.take(1, 3)


def test_values_are_cut_out_at_any_depth_and_put_back() -> None:
    value = {"a": [b"x" * 100, "y" * 100, {"b": "small", "c": None}], "n": 1.5}
    streams = iter(range(2, 100, 2))
    cut, found = cut_out(value, 50, lambda: next(streams))
    assert cut == {"a": [m.Blob(2), m.Blob(4), {"b": "small", "c": None}], "n": 1.5}
    assert put_back(cut, found.__getitem__) == value


def test_a_leaving_message_waits_for_all_its_streams() -> None:
    leaving = LeavingBlobs(1, {2: b"a" * 10, 4: "b" * 10}, 6, b"frame")
    assert [(chunk.stream, chunk.data, chunk.flags) for chunk in leaving.next_chunks()] == [
        (2, b"aaaaaa", 0),
        (4, b"bbbbbb", m.CHUNK_TEXT),
    ]
    assert leaving.message is None
    assert not leaving.grant(6, 5)
    assert leaving.grant(4, 100)
    assert [(chunk.stream, chunk.flags) for chunk in leaving.next_chunks()] == [(4, m.CHUNK_TEXT | m.CHUNK_END)]
    assert leaving.message is None
    assert leaving.grant(2, 4)
    assert [(chunk.stream, chunk.flags) for chunk in leaving.next_chunks()] == [(2, m.CHUNK_END)]
    assert leaving.message == b"frame"
