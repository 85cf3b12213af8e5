"""A destination of logs that is full, slow or gone costs log lines, never a request, and not the end either."""

from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from support.gateway import BIN, Gateway, Upstream, eventually, running_upstream
from support.raw import get_many

PLUGINS = Path(__file__).parents[1] / "e2e" / "plugins"
SERVICE = """\
services:
  - name: example
    url: {url}
    routes: [{{name: all, paths: [/]}}]
    plugins: [{{name: mark}}]
"""
REQUESTS = 1500  # lines of more than 100 bytes each: twice what a pipe holds


@pytest.fixture
def plain() -> Iterator[Upstream]:
    with running_upstream() as upstream:
        yield upstream


def ends_in_time(gateway: Gateway) -> None:
    """It ends by itself when it is told to, and leaves nothing."""
    processes = gateway.processes()
    assert gateway.process is not None
    gateway.process.terminate()
    _, alive = psutil.wait_procs(processes, timeout=30)
    assert alive == []


def test_an_access_log_on_a_full_disk_loses_lines_and_no_request(gateway: Gateway, plain: Upstream) -> None:
    gateway.write(SERVICE.format(url=plain.url), "log: {access: /dev/full}\n", plugins=PLUGINS)
    gateway.start()
    get_many(gateway.port, REQUESTS)
    eventually(lambda: "could not be written" in gateway.log, "the complaint")
    assert "No space left on device" in gateway.log
    get_many(gateway.port, REQUESTS)
    assert gateway.log.count("could not be written") == 1
    ends_in_time(gateway)


def no_reader(gateway: Gateway) -> None:
    """Nobody reads, and the pipe stays open."""


def reader_left(gateway: Gateway) -> None:
    assert gateway.process is not None
    assert gateway.process.stdout is not None
    gateway.process.stdout.close()


@pytest.mark.parametrize("happens", [no_reader, reader_left])
def test_standard_output_that_nobody_reads_holds_up_nothing(
    gateway: Gateway, plain: Upstream, happens: Callable[[Gateway], None]
) -> None:
    gateway.write(SERVICE.format(url=plain.url), plugins=PLUGINS)
    gateway.start(reads_output=False)
    happens(gateway)
    get_many(gateway.port, REQUESTS)
    assert gateway.command("reload").returncode == 0
    get_many(gateway.port, REQUESTS)
    ends_in_time(gateway)


def test_standard_error_that_nobody_reads_holds_up_nothing(gateway: Gateway, plain: Upstream) -> None:
    """The log goes there; the plugin logs a line for each request, the master those of the plugin server."""
    gateway.write(SERVICE.format(url=plain.url), "log: {level: debug, access: 'off'}\n", plugins=PLUGINS)
    reading, writing = socket.socketpair()  # as a pipe with a small buffer
    with reading, writing:
        writing.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        gateway.start(error_to=writing.fileno())
        get_many(gateway.port, REQUESTS)
        assert gateway.command("reload").returncode == 0
        assert gateway.command("plugins", "restart", "python").returncode == 0
        get_many(gateway.port, REQUESTS)
        ends_in_time(gateway)


def test_a_gateway_whose_first_words_nobody_wants_to_hear_serves_and_ends_well(
    gateway: Gateway, plain: Upstream
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        gateway.port = free.getsockname()[1]
    gateway.write(SERVICE.format(url=plain.url), plugins=PLUGINS)
    reading, writing = os.pipe()
    os.close(reading)
    process = subprocess.Popen(
        [str(BIN / "oarlock"), "start", "--settings", str(gateway.settings)],
        stdout=writing,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    os.close(writing)
    try:
        eventually(lambda: gateway.command("health").returncode == 0, "its health")
        get_many(gateway.port, REQUESTS)
        process.terminate()
        assert process.wait(30) == 0
    finally:
        process.kill()
        process.wait()
