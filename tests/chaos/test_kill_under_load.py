"""Plugin servers that are killed, replaced or never come up, under constant load: no request gets past the plugin."""

from __future__ import annotations

import contextlib
from pathlib import Path

import psutil
import pytest

from support.gateway import Gateway, eventually
from support.load import CheckingUpstream, Load, load
from support.plugin_servers import cpu_spent, gateway_processes, python_server, server_processes

PLUGINS = Path(__file__).parent / "plugins"

SERVICE = """\
services:
  - name: example
    url: {url}
    routes:
      - name: everything
        paths: [/]
    plugins: [{{name: witness}}]
"""

DEADLINE = "{name: witness, deadlines: {access: 500}}"
OUTAGE = {200, 500, 503}  # done; lost in mid-event; nobody to ask


def assert_nothing_got_past_the_plugin(upstream: CheckingUpstream, load: Load) -> None:
    print(f"served upstream: {upstream.served}, by status: {dict(load.statuses)}, refusals: {dict(load.refusals)}")
    assert upstream.unmarked == []
    assert load.broken == []


@pytest.mark.parametrize("processes", [1, 2])
def test_sigkill_under_load_lets_nothing_past_the_plugin_and_traffic_recovers(
    gateway: Gateway, upstream: CheckingUpstream, processes: int
) -> None:
    gateway.write(SERVICE.format(url=upstream.url), python_server(PLUGINS, more=f"    processes: {processes}\n"))
    gateway.start()
    with load(gateway.port) as clients:
        for _ in range(4):
            clients.let_pass()
            victim = server_processes(gateway)[0]
            victim.kill()
            eventually(
                lambda gone=victim: (
                    len(alive := server_processes(gateway)) == processes and gone not in alive and alive
                ),
                "the next process",
            )
            clients.let_pass()
    assert_nothing_got_past_the_plugin(upstream, clients)
    assert set(clients.statuses) <= OUTAGE
    assert gateway.log.count("it ended with signal SIGKILL") == 4
    assert sum(member["restarts"] for member in gateway.status()["plugin_servers"]["python"]["members"]) == 4
    assert gateway.status()["workers"][0]["restarts"] == 0


def test_a_member_that_hangs_costs_deadlines_and_the_others_serve_on(
    gateway: Gateway, upstream: CheckingUpstream
) -> None:
    configuration = SERVICE.format(url=upstream.url).replace("{name: witness}", DEADLINE)
    gateway.write(configuration, python_server(PLUGINS, more="    processes: 2\n"))
    gateway.start()
    with load(gateway.port) as clients:
        clients.let_pass()
        hung = server_processes(gateway)[0]
        hung.suspend()
        eventually(lambda: clients.statuses[504] >= 3, "a few passed deadlines")
        clients.let_pass(200)
        with contextlib.suppress(psutil.NoSuchProcess):  # the gateway may have replaced it
            hung.resume()
        clients.let_pass(200)
    assert_nothing_got_past_the_plugin(upstream, clients)
    assert set(clients.statuses) <= {*OUTAGE, 504}
    assert "plugin witness failed in access: deadline" in gateway.log


def test_all_members_killed_at_once_recover_by_themselves(gateway: Gateway, upstream: CheckingUpstream) -> None:
    gateway.write(SERVICE.format(url=upstream.url), "workers: 2\n" + python_server(PLUGINS, more="    processes: 2\n"))
    gateway.start()
    with load(gateway.port) as clients:
        for _ in range(3):
            clients.let_pass()
            victims = server_processes(gateway)
            assert len(victims) == 2
            for victim in victims:
                victim.kill()
            psutil.wait_procs(victims, timeout=20)
            clients.let_pass()
            eventually(lambda: len(server_processes(gateway)) == 2, "both processes")
    assert_nothing_got_past_the_plugin(upstream, clients)
    assert set(clients.statuses) <= OUTAGE


def test_killing_the_launcher_takes_the_server_with_it_and_lets_nothing_past_the_plugin(
    gateway: Gateway, upstream: CheckingUpstream
) -> None:
    gateway.write(SERVICE.format(url=upstream.url), python_server(PLUGINS))
    gateway.start()
    with load(gateway.port) as clients:
        for _ in range(2):
            clients.let_pass()
            [server] = server_processes(gateway)
            launcher = server.parent()
            assert launcher is not None
            launcher.kill()
            _, alive = psutil.wait_procs([server], timeout=20)
            assert alive == []
            clients.let_pass()
    assert_nothing_got_past_the_plugin(upstream, clients)
    assert set(clients.statuses) <= OUTAGE


def test_a_killed_server_that_stays_down_costs_nothing_and_answers_503_with_the_reason(
    gateway: Gateway, upstream: CheckingUpstream
) -> None:
    settings = python_server(PLUGINS).replace("restart_initial: 0.05", "restart_initial: 60")
    gateway.write(SERVICE.format(url=upstream.url), settings.replace("restart_ceiling: 1\n", "restart_ceiling: 60\n"))
    gateway.start()
    [server] = server_processes(gateway)
    with load(gateway.port) as clients:
        clients.let_pass()
        server.kill()
        eventually(lambda: clients.statuses[503] > 100, "answers with 503")
    assert_nothing_got_past_the_plugin(upstream, clients)
    assert set(clients.statuses) <= OUTAGE
    assert "signal SIGKILL" in gateway.log
    answer = gateway.request("/", headers={"x-serial": "1"})
    assert (answer.status, answer.json["message"]) == (503, "plugin witness is unavailable")
    status = gateway.status()["plugin_servers"]["python"]
    assert status["state"] == "waiting"
    assert "signal SIGKILL" in status["reason"]
    spent = cpu_spent(gateway.processes(), 4.0)
    print(f"CPU of master and worker in 4 s without a plugin server: {spent:.3f} s")
    assert spent < 0.4
    refused = upstream.served
    assert gateway.request("/", headers={"x-serial": "2"}).status == 503
    assert upstream.served == refused


def test_a_server_that_exits_at_once_costs_nothing_and_takes_down_its_own_routes_alone(
    gateway: Gateway, upstream: CheckingUpstream
) -> None:
    configuration = f"""\
services:
  - name: example
    url: {upstream.url}
    routes:
      - {{name: broken, paths: [/broken], plugins: [{{name: nothing-has-it}}]}}
      - {{name: good, paths: [/good], plugins: [{{name: witness}}]}}
"""
    settings = python_server(PLUGINS) + (
        "  broken:\n    command: ['/bin/sh', '-c', 'echo out of coffee >&2; exit 7']\n    plugins: [nothing-has-it]\n"
    )
    gateway.write(configuration, settings)
    gateway.start()
    answer = gateway.request("/broken")
    assert answer.status == 503
    assert b"nothing-has-it" in answer.body
    assert "exit status 7" in gateway.log
    assert "out of coffee" in gateway.log
    with load(gateway.port, target="/good") as clients:
        clients.let_pass(100)
    assert_nothing_got_past_the_plugin(upstream, clients)
    assert set(clients.statuses) == {200}
    eventually(lambda: gateway.status()["plugin_servers"]["broken"]["state"] == "quarantined", "quarantine")
    status = gateway.status()["plugin_servers"]["broken"]
    assert "exit status 7 before it was ready; its last words: out of coffee" in status["reason"]
    spent = cpu_spent(gateway_processes(gateway).values(), 4.0)
    print(f"CPU of master and worker in 4 s beside a server that can't start: {spent:.3f} s")
    assert spent < 0.4


def test_restart_replaces_every_process_under_load_with_0_failed_requests(
    gateway: Gateway, upstream: CheckingUpstream
) -> None:
    gateway.write(SERVICE.format(url=upstream.url), "workers: 2\n" + python_server(PLUGINS, more="    processes: 2\n"))
    gateway.start()
    with load(gateway.port) as clients:
        for _ in range(3):
            clients.let_pass()
            before = server_processes(gateway)
            done = gateway.command("plugins", "restart", "python")
            assert done.returncode == 0, done.stderr
            after = server_processes(gateway)
            assert len(after) == 2
            assert not set(before) & set(after)
            clients.let_pass()
    assert_nothing_got_past_the_plugin(upstream, clients)
    assert set(clients.statuses) == {200}


def test_reload_with_another_command_under_load_has_0_failed_requests(
    gateway: Gateway, upstream: CheckingUpstream
) -> None:
    gateway.write(SERVICE.format(url=upstream.url), python_server(PLUGINS))
    gateway.start()
    with load(gateway.port) as clients:
        for generation in (2, 3, 4):
            clients.let_pass()
            before = server_processes(gateway)
            settings = python_server(PLUGINS, command=["/usr/bin/env", f"GENERATION={generation}"])
            gateway.write(SERVICE.format(url=upstream.url), settings)
            done = gateway.command("reload")
            assert done.returncode == 0, done.stderr
            eventually(lambda now=str(generation): upstream.generations[now] > 20, f"generation {generation}")
            _, alive = psutil.wait_procs(before, timeout=20)
            assert alive == []
            clients.let_pass()
    assert_nothing_got_past_the_plugin(upstream, clients)
    assert set(clients.statuses) == {200}


def test_reload_with_a_command_that_does_not_start_keeps_what_was_there(
    gateway: Gateway, upstream: CheckingUpstream
) -> None:
    gateway.write(SERVICE.format(url=upstream.url), python_server(PLUGINS))
    gateway.start()
    with load(gateway.port) as clients:
        clients.let_pass()
        gateway.write(SERVICE.format(url=upstream.url), python_server(PLUGINS, command=["/bin/false"]))
        done = gateway.command("reload")
        assert done.returncode == 1
        assert "plugin server python, which serves now, would not with these settings" in done.stderr
        assert "exit status 1" in done.stderr
        clients.let_pass()
        gateway.write(SERVICE.format(url=upstream.url), python_server(PLUGINS))
        assert gateway.command("reload").returncode == 0
        clients.let_pass()
    assert_nothing_got_past_the_plugin(upstream, clients)
    assert set(clients.statuses) == {200}
