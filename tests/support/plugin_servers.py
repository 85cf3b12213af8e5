"""Settings of plugin servers for tests, and their processes."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence

import psutil

from support.gateway import BIN, Gateway

PROGRAM = "oarlock-python-pluginserver"


def python_server(plugins: object, *, environment: str = "{}", more: str = "", command: Sequence[str] = ()) -> str:
    """The settings of a plugin server named `python` that comes back fast and is never given up."""
    words = [*command, f"{BIN}/{PROGRAM}", "--plugins", str(plugins)]
    return (
        f"plugin_servers:\n  python:\n    command: {words!r}\n    environment: {environment}\n"
        f"    restart_initial: 0.05\n    restart_ceiling: 1\n    quarantine_after: 1000\n{more}"
    )


def server_processes(gateway: Gateway) -> list[psutil.Process]:
    """The processes of plugin servers that run now, without their launchers."""
    found = []
    for process in gateway.processes():
        try:
            words = process.cmdline()
            if any(word.endswith(PROGRAM) for word in words) and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except psutil.NoSuchProcess:
            pass  # it ended while we looked
    return found


def gateway_processes(gateway: Gateway) -> dict[str, psutil.Process]:
    """The master and the workers, by what they are."""
    status = gateway.status()
    workers = {f"worker {worker['number']}": psutil.Process(worker["pid"]) for worker in status["workers"]}
    return {"master": psutil.Process(status["pid"]), **workers}


def cpu_spent(processes: Iterable[psutil.Process], seconds: float) -> float:
    """Seconds of CPU that these processes use while `seconds` pass: a measurement, not a wait."""

    def spent() -> float:
        return sum(times.user + times.system for times in (process.cpu_times() for process in processes))

    processes = tuple(processes)
    before = spent()
    time.sleep(seconds)
    return spent() - before
