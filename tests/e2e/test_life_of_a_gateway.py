"""Start, stop, reload, check and what is left behind."""

from __future__ import annotations

import signal
import socket
import threading
from pathlib import Path

import psutil

from support.gateway import Gateway, Upstream, eventually

PLUGINS = Path(__file__).parent / "plugins"

ONE = """\
services:
  - name: example
    url: {url}
    routes:
      - {{name: first, paths: [/{path}]}}
    plugins:
      - {{name: mark, config: {{word: {word}}}}}
"""


def sockets_of(gateway: Gateway) -> list[Path]:
    return [path for path in (gateway.directory / "run").rglob("*") if path.is_socket()]


def test_stop_leaves_no_process_and_no_socket(gateway: Gateway, upstream: Upstream) -> None:
    gateway.write(ONE.format(url=upstream.url, path="a", word="x"), plugins=PLUGINS)
    gateway.start()
    processes = gateway.processes()
    assert len(processes) >= 3
    assert sockets_of(gateway)
    done = gateway.command("stop")
    assert (done.returncode, done.stdout) == (0, "Oarlock stopped\n")
    assert psutil.wait_procs(processes, timeout=15)[1] == []
    assert sockets_of(gateway) == []


def test_sigkill_of_the_master_takes_everything_with_it(gateway: Gateway, upstream: Upstream) -> None:
    gateway.write(ONE.format(url=upstream.url, path="a", word="x"), "workers: 2\n", plugins=PLUGINS)
    gateway.start()
    master, *children = gateway.processes()
    assert len(children) >= 4
    master.kill()
    _, alive = psutil.wait_procs(children, timeout=15)
    assert alive == []
    eventually(lambda: not list((gateway.directory / "run" / "sockets").glob("*")), "the end of every plugin socket")
    gateway.start()  # what a killed master left does not hinder the next one
    assert gateway.request("/a").status == 200


def test_a_second_gateway_in_the_same_prefix_is_refused(gateway: Gateway, upstream: Upstream) -> None:
    gateway.write(ONE.format(url=upstream.url, path="a", word="x"), plugins=PLUGINS)
    gateway.start()
    done = gateway.command("start")
    assert done.returncode == 1
    assert "already running" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_taken_port_is_named_in_the_error(gateway: Gateway, upstream: Upstream) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        gateway.port = taken.getsockname()[1]
        gateway.write(ONE.format(url=upstream.url, path="a", word="x"))
        done = gateway.command("start")
    assert done.returncode == 1
    assert f"cannot listen on 127.0.0.1:{gateway.port}: the address is in use" in done.stderr
    assert "Traceback" not in done.stderr


def test_reload_puts_a_new_configuration_in_force_without_dropping_a_connection(
    gateway: Gateway, upstream: Upstream
) -> None:
    gateway.write(ONE.format(url=upstream.url, path="a", word="one"), "workers: 2\n", plugins=PLUGINS)
    gateway.start()
    failures: list[int] = []
    words: set[str] = set()
    stop = threading.Event()

    def keep_asking() -> None:
        while not stop.is_set():
            answer = gateway.request("/a")
            if answer.status != 200:
                failures.append(answer.status)
            else:
                words.add(answer.json["headers"]["x-mark"])

    clients = [threading.Thread(target=keep_asking) for _ in range(4)]
    for client in clients:
        client.start()
    for word in ("two", "three", "four"):
        gateway.write(ONE.format(url=upstream.url, path="a", word=word), "workers: 2\n", plugins=PLUGINS)
        done = gateway.command("reload")
        assert done.returncode == 0, done.stderr
        eventually(lambda word=word: word in words, f"requests with {word}")
    stop.set()
    for client in clients:
        client.join()
    assert failures == []


def test_a_wrong_configuration_is_refused_and_the_old_one_stays(gateway: Gateway, upstream: Upstream) -> None:
    gateway.write(ONE.format(url=upstream.url, path="a", word="one"), plugins=PLUGINS)
    gateway.start()
    before = gateway.status()["configuration"]
    gateway.write("services:\n  - {name: broken, url: 'http://x', retrys: 3}\n", plugins=PLUGINS)
    done = gateway.command("reload")
    assert done.returncode == 1
    assert "services[0].retrys" in done.stderr
    assert "retries" in done.stderr
    assert gateway.request("/a").status == 200
    assert gateway.status()["configuration"] == before


def test_sighup_reloads_and_its_refusal_is_in_the_log(gateway: Gateway, upstream: Upstream) -> None:
    gateway.write(ONE.format(url=upstream.url, path="a", word="one"), plugins=PLUGINS)
    gateway.start()
    assert gateway.process is not None
    gateway.write(ONE.format(url=upstream.url, path="b", word="one"), plugins=PLUGINS)
    gateway.process.send_signal(signal.SIGHUP)
    eventually(lambda: gateway.request("/b").status == 200, "the new route")
    gateway.configuration.write_text("_format_version: '3.0'\nservices: 7\n")
    gateway.process.send_signal(signal.SIGHUP)
    eventually(lambda: "reload refused" in gateway.log, "the refusal")
    assert gateway.request("/b").status == 200


def test_plugin_configuration_is_checked_against_the_schema_that_the_plugin_declares(
    gateway: Gateway, upstream: Upstream
) -> None:
    gateway.write(ONE.format(url=upstream.url, path="a", word="[1]"), plugins=PLUGINS)
    done = gateway.command("check")
    assert done.returncode == 2
    assert "config.word" in done.stderr
    assert "expected a string" in done.stderr
    offline = gateway.command("check", "--offline")
    assert offline.returncode == 0
    assert "not checked" in offline.stderr
    started = gateway.command("start")
    assert started.returncode == 2
    assert "config.word" in started.stderr


def test_check_leaves_nothing_running(gateway: Gateway, upstream: Upstream) -> None:
    gateway.write(ONE.format(url=upstream.url, path="a", word="x"), plugins=PLUGINS)
    before = {process.pid for process in psutil.process_iter()}
    assert gateway.command("check").returncode == 0
    mine = [
        process
        for process in psutil.process_iter(["cmdline"])
        if process.pid not in before and str(PLUGINS) in " ".join(process.info["cmdline"] or ())
    ]
    assert mine == []


def test_plugins_and_health_tell_what_runs(gateway: Gateway, upstream: Upstream) -> None:
    gateway.write(ONE.format(url=upstream.url, path="a", word="x"), plugins=PLUGINS)
    gateway.start()
    listed = gateway.command("plugins")
    assert listed.returncode == 0
    assert any(line.split()[:3] == ["mark", "1.2.3", "50"] for line in listed.stdout.splitlines())
    health = gateway.command("health")
    assert health.returncode == 0, health.stdout
    assert "plugin server python: up" in health.stdout
    gateway.stop()
    gone = gateway.command("health")
    assert gone.returncode == 1
    assert "not running" in gone.stderr


def test_one_process_serves_everything_with_workers_0(gateway: Gateway, upstream: Upstream) -> None:
    gateway.write(ONE.format(url=upstream.url, path="a", word="x"), "workers: 0\n", plugins=PLUGINS)
    gateway.start()
    assert gateway.request("/a").status == 200
    assert gateway.status()["workers"][0]["pid"] == gateway.processes()[0].pid
    gateway.stop()
    assert gateway.process is not None
    assert gateway.process.returncode == 0


def test_a_request_in_flight_is_finished_before_the_gateway_ends(gateway: Gateway, upstream: Upstream) -> None:
    configuration = ONE.format(url=upstream.url, path="a", word="x").replace(
        "- {name: mark, config: {word: x}}", "- {name: slow, config: {seconds: 1.0}}"
    )
    gateway.write(configuration, plugins=PLUGINS)
    gateway.start()
    answers: list[int] = []
    client = threading.Thread(target=lambda: answers.append(gateway.request("/a").status))
    client.start()
    eventually(lambda: gateway.status()["workers"][0]["plugin_servers"]["python"]["events"], "the event")
    gateway.stop()
    client.join()
    assert answers == [200]


def test_a_worker_that_dies_is_replaced(gateway: Gateway, upstream: Upstream) -> None:
    gateway.write(ONE.format(url=upstream.url, path="a", word="x"), plugins=PLUGINS)
    gateway.start()
    pid = gateway.status()["workers"][0]["pid"]
    psutil.Process(pid).kill()
    assert gateway.request("/a").status == 200  # it waited in the listening socket, which the master keeps open
    status = gateway.status()["workers"][0]
    assert status["pid"] != pid
    assert status["restarts"] == 1
    assert "signal SIGKILL" in gateway.log
