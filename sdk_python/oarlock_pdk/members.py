"""Several members by hand: `--processes N` starts N servers, each a process of its own with a socket of its own.

They are started by exec, never forked from a process that has threads. A member that dies is started again, ever more
slowly. stdin of each is a pipe held here: when this process ends, whatever the way, the members notice and drain.
"""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import Final

log: Final = logging.getLogger("oarlock_pdk.members")

_FIRST_DELAY: Final = 0.5  # seconds
_LONGEST_DELAY: Final = 30.0
_HEALTHY: Final = 10.0  # seconds of life after which a death counts as the first
_GRACE: Final = 35.0  # seconds to drain


def member_path(path: str, member: int) -> str:
    """Return a member's own socket path: `/run/plugins.sock` -> `/run/plugins.0.sock`."""
    whole = Path(path.removeprefix("unix:"))
    return str(whole.with_name(f"{whole.stem}.{member}{whole.suffix}"))


def run_members(arguments: Sequence[str], path: str, count: int) -> int:
    """Run `count` members until SIGTERM or SIGINT and return the exit status. `arguments` are those of each member."""
    stop = threading.Event()

    def on_signal(number: int, frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, on_signal)
    keepers = [threading.Thread(target=_keep, args=(arguments, member_path(path, n), n, stop)) for n in range(count)]
    for keeper in keepers:
        keeper.start()
    print("\n".join(member_path(path, n) for n in range(count)), flush=True)
    for keeper in keepers:
        keeper.join()
    return 0


def _keep(arguments: Sequence[str], path: str, member: int, stop: threading.Event) -> None:
    delay = _FIRST_DELAY
    while not stop.is_set():
        started = time.monotonic()
        status = _run_once(arguments, path, member, stop)
        if stop.is_set():
            return
        if time.monotonic() - started > _HEALTHY:
            delay = _FIRST_DELAY
        log.error("member %d ended with status %d; it is started again in %.1f s", member, status, delay)
        stop.wait(delay)
        delay = min(2 * delay, _LONGEST_DELAY)


def _run_once(arguments: Sequence[str], path: str, member: int, stop: threading.Event) -> int:
    environment = os.environ | {"OARLOCK_MEMBER": str(member), "OARLOCK_LISTEN": f"unix:{path}"}
    command = [sys.executable, "-m", "oarlock_pdk", *arguments]
    with subprocess.Popen(command, stdin=subprocess.PIPE, env=environment) as process:
        ended = threading.Event()

        def wait() -> None:
            process.wait()
            ended.set()

        threading.Thread(target=wait, daemon=True).start()
        while not ended.wait(0.2):
            if stop.is_set():
                process.terminate()
                if not ended.wait(_GRACE):
                    process.kill()
                ended.wait()
        return process.returncode
