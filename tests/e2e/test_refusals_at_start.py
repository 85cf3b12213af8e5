"""What keeps a gateway from starting is said in a line, without a traceback, and nothing is left behind."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from support.gateway import BIN, Gateway, Upstream, eventually

SERVICE = "services: [{{name: s, url: {url}, routes: [{{name: r, paths: [/]}}]}}]\n"


def refused(gateway: Gateway, *arguments: str) -> tuple[int, str]:
    """Exit status and standard error of a start that must not come about."""
    done = subprocess.run(
        [str(BIN / "oarlock"), "start", "--settings", str(gateway.settings), *arguments],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert "Traceback" not in done.stderr
    return done.returncode, done.stderr


@pytest.fixture
def written(gateway: Gateway, upstream: Upstream) -> Gateway:
    gateway.write(SERVICE.format(url=upstream.url))
    return gateway


@pytest.mark.parametrize(
    ("setting", "text"),
    [
        ("trusted_certificate: /no/such.pem", "trusted_certificate: /no/such.pem can't be read"),
        ("trusted_certificate: kong.yaml", "kong.yaml holds no certificates in PEM"),
        ("log: {access: /no/such/directory/access.log}", "access.log can't be made: there is no such directory"),
        ("log: {access: /}", "log.access: / is a directory"),
        ("resolver: {nameservers: [dns.example]}", "resolver.nameservers[0]: expected an IP address"),
    ],
)
def test_a_setting_that_can_not_be_used_here_is_named_by_start_and_by_check(
    gateway: Gateway, upstream: Upstream, setting: str, text: str
) -> None:
    gateway.write(SERVICE.format(url=upstream.url), setting)
    status, shown = refused(gateway)
    assert status == 2
    assert text in shown
    checked = gateway.command("check", "--offline")
    assert checked.returncode == 2
    assert text in checked.stderr


def a_file(prefix: Path) -> Path:
    prefix.write_text("")
    return prefix / "below"


def a_long_one(prefix: Path) -> Path:
    return prefix / ("x" * 108)


def one_with(name: str) -> Callable[[Path], Path]:
    def make(prefix: Path) -> Path:
        (prefix / name).mkdir(parents=True)
        return prefix

    return make


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (a_file, "can't be made: Not a directory"),
        (a_long_one, "bytes too long: the path of a socket in it has at most"),
        (one_with("control.sock"), "control.sock: Is a directory"),
        (one_with("master.pid"), "master.pid: Is a directory"),
    ],
)
def test_a_prefix_that_can_not_be_used_is_refused_with_the_reason(
    written: Gateway, tmp_path: Path, make: Callable[[Path], Path], text: str
) -> None:
    status, shown = refused(written, "--prefix", str(make(tmp_path / "p")))
    assert status in (1, 2)
    assert text in shown


def test_a_settings_file_that_is_no_object_is_refused(written: Gateway) -> None:
    written.settings.write_text("[]\n")
    status, shown = refused(written)
    assert status == 2
    assert "expected an object with settings" in shown


@pytest.mark.parametrize("by_command", [False, True], ids=["SIGTERM", "oarlock stop"])
def test_a_gateway_that_still_starts_is_stopped_at_once(gateway: Gateway, upstream: Upstream, by_command: bool) -> None:
    never_ready = "plugin_servers: {never: {command: [sleep, '100'], start_timeout: 100}}"
    gateway.write(SERVICE.format(url=upstream.url), never_ready)
    sockets = gateway.directory / "run" / "sockets"
    command = [str(BIN / "oarlock"), "start", "--settings", str(gateway.settings)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        eventually(lambda: sockets.is_dir() and list(sockets.iterdir()), "the start of the plugin server")
        if by_command:
            done = gateway.command("stop")
            assert (done.returncode, done.stdout) == (0, "Oarlock stopped\n")
        else:
            process.send_signal(signal.SIGTERM)
        _, shown = process.communicate(timeout=15)
    assert process.returncode == 1
    assert "it was stopped before it served" in shown
    assert "Traceback" not in shown
    assert list(sockets.iterdir()) == []


def test_a_reload_with_settings_that_can_not_be_read_changes_nothing(written: Gateway) -> None:
    written.start()
    written.settings.unlink()
    written.settings.mkdir()
    assert written.process is not None
    written.process.send_signal(signal.SIGHUP)
    eventually(lambda: "reload refused, the configuration in force stays" in written.log, "the refusal")
    assert written.request("/").status == 200
