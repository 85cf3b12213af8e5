"""Another program than the gateway can host plugins: this package and an object that answers PDK calls are enough."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import trio

from oarlock_pluginserver._generated.pdk_table import BY_NAME, PHASES
from oarlock_pluginserver.errors import PdkError
from oarlock_pluginserver.event import Event, OutcomeKind, Step
from oarlock_pluginserver.info import HostInfo
from oarlock_pluginserver.pdk_handler import SimplePdk
from oarlock_pluginserver.protocol import messages as m
from oarlock_pluginserver.server import PluginServer
from support.plugin_server import FakePluginServer, Peer

GET_HEADER = BY_NAME["kong.request.get_header"].number
SET_HEADER = BY_NAME["kong.response.set_header"].number

PLUGIN = """
from oarlock_pdk import Kong, Plugin

class Greet(Plugin):
    def access(self, kong: Kong) -> None:
        kong.response.set_header("x-greeting", f"hello, {kong.request.get_header('x-user')}")
"""

PROGRAM = """
import sys; sys.modules["oarlock"] = None  # the gateway is not needed
from pathlib import Path
import trio
from oarlock_pluginserver._generated.pdk_table import PHASES
from oarlock_pluginserver.event import Event, Step
from oarlock_pluginserver.info import HostInfo
from oarlock_pluginserver.pdk_handler import SimplePdk
from oarlock_pluginserver.server import PluginServer
from oarlock_pluginserver.spec import ServerSpec, base_environment
from oarlock_pluginserver.supervisor import Supervisor

async def main(plugins: str, sockets: Path) -> None:
    command = (sys.executable, "-m", "oarlock_pdk", "--plugins", plugins)
    spec = ServerSpec(name="greeter", command=command, environment=base_environment())
    async with trio.open_nursery() as nursery:
        supervisor = Supervisor(spec, sockets, HostInfo(), lambda changed: None)
        await nursery.start(supervisor.run)
        server, pdk = PluginServer("greeter", HostInfo()), SimplePdk({"kong.request.get_header": lambda name: "bob"})
        server.set_members(supervisor.addresses)
        await nursery.start(server.run)
        step = Step(server.instance("greet", "1", {}), budget=5.0)
        print(await server.handle(Event(PHASES["access"], [step], facts=[], handler=pdk)), pdk.changes)
        nursery.cancel_scope.cancel()

trio.run(main, sys.argv[1], Path(sys.argv[2]))
"""


def test_a_program_of_ten_lines_runs_a_plugin_in_a_process_of_its_own(tmp_path: Path) -> None:
    plugins = tmp_path / "plugins"
    plugins.mkdir()
    (plugins / "greet.py").write_text(PLUGIN)
    arguments = [sys.executable, "-c", PROGRAM, str(plugins), str(tmp_path / "sockets")]
    ended = subprocess.run(arguments, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 0, ended.stderr
    assert "[('kong.response.set_header', ('x-greeting', 'hello, bob'))]" in ended.stdout
    assert not list(tmp_path.glob("sockets/*"))


async def play(fake: FakePluginServer, *messages: object) -> None:
    """Answer one event: the messages, a REPLY awaited behind each CALL."""
    peer: Peer = await fake.accept()
    await peer.event()
    for message in messages:
        await peer.send(message)
        if isinstance(message, m.Call):
            await peer.receive(m.Reply)


async def hosted_by(fake: FakePluginServer, pdk: SimplePdk) -> OutcomeKind:
    """The ten lines, for a server that somebody else runs."""
    async with trio.open_nursery() as nursery:
        server = PluginServer("hello", HostInfo())
        server.set_members([fake.address])
        await nursery.start(server.run)
        outcome = await server.handle(Event(PHASES["access"], [Step(server.instance("hello", "1", {}), 5.0)], [], pdk))
        nursery.cancel_scope.cancel()
    await fake.close()
    return outcome.kind


async def test_changes_that_came_with_a_call_count_when_the_event_ends_well(tmp_path: Path) -> None:
    async def answer(name: str) -> str:
        return f"{name}!"

    fake, pdk = FakePluginServer(tmp_path / "s"), SimplePdk({"kong.request.get_header": answer})
    call = m.Call(1, 1, GET_HEADER, ["x-user"], [[SET_HEADER, "a", "1"]])
    with trio.fail_after(10):
        async with trio.open_nursery() as nursery:
            nursery.start_soon(play, fake, call, m.Log(1, 3, "hi"), m.Done(1, m.DONE, [[SET_HEADER, "b", "2"]]))
            assert await hosted_by(fake, pdk) is OutcomeKind.DONE
    assert pdk.changes == [("kong.response.set_header", ("a", "1")), ("kong.response.set_header", ("b", "2"))]
    assert pdk.lines == [(3, "hi")]


async def test_nothing_counts_when_it_fails(tmp_path: Path) -> None:
    fake, pdk = FakePluginServer(tmp_path / "s"), SimplePdk({"kong.request.get_header": "bob"})
    call = m.Call(1, 1, GET_HEADER, ["x-user"], [[SET_HEADER, "a", "1"]])
    with trio.fail_after(10):
        async with trio.open_nursery() as nursery:
            nursery.start_soon(play, fake, call, m.Done(1, m.FAILED, [], ["failed", "boom"]))
            assert await hosted_by(fake, pdk) is OutcomeKind.FAILED
    assert pdk.changes == []


def test_what_the_table_of_answers_does_not_have_is_unsupported() -> None:
    with pytest.raises(PdkError, match="get_header"):
        SimplePdk().call(0, GET_HEADER, ["x-user"])
    with pytest.raises(PdkError, match="bad_change"):
        SimplePdk().apply(0, [[GET_HEADER, "x-user"]])
