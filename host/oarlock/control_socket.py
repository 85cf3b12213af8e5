"""`PREFIX/control.sock`: how the command line speaks to a running master. One JSON line each way, then the end.

Only root and the user that runs the master are answered; the kernel says who is calling (SO_PEERCRED).
"""

from __future__ import annotations

import json
import logging
import os
import socket
import struct
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, Final

import trio

from oarlock.errors import OarlockError

log = logging.getLogger("oarlock.control")

MAX_LINE: Final = 1024 * 1024  # bytes
_CALL_TIMEOUT: Final = 10.0  # seconds for a caller to send its line
_LAST_WORDS: Final = 1.0  # seconds to send an answer
_MAX_CALLERS: Final = 32
_UCRED: Final = struct.Struct("3i")  # pid, uid, gid

Command = Callable[[Mapping[str, Any]], Awaitable[Mapping[str, Any]]]


class NotRunning(OarlockError):
    """Nobody answers on the control socket of this prefix."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"Oarlock is not running in {path.parent}: nothing answers on {path}")


def bind(path: Path) -> socket.socket:
    """A listening socket at `path` (mode 0600), replacing a stale one. The caller holds the lock of the prefix.

    Raises:
        OarlockError: nothing can listen there.
    """
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    old = os.umask(0o177)
    try:
        path.unlink(missing_ok=True)
        sock.bind(str(path))
    except OSError as error:
        sock.close()
        raise OarlockError(f"cannot listen on {path}: {error.strerror or error}") from error
    finally:
        os.umask(old)
    sock.listen(_MAX_CALLERS)
    return sock


async def serve(listener: socket.socket, commands: Mapping[str, Command]) -> None:
    """Answer callers until cancelled. A command's OarlockError becomes its answer; another error is logged as ours."""
    limit = trio.Semaphore(_MAX_CALLERS)
    with trio.socket.from_stdlib_socket(listener) as accepting:
        async with trio.open_nursery() as nursery:
            while True:
                await limit.acquire()
                sock, _ = await accepting.accept()
                nursery.start_soon(_answer, trio.SocketStream(sock), commands, limit)


async def _answer(stream: trio.SocketStream, commands: Mapping[str, Command], limit: trio.Semaphore) -> None:
    try:
        async with stream:
            uid = _UCRED.unpack(stream.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _UCRED.size))[1]
            if uid not in (0, os.getuid()):
                log.warning("control socket: refused a caller with uid %d", uid)
                return
            with trio.fail_after(_CALL_TIMEOUT):
                line = await _read_line(stream)
            answer = await _execute(line, commands)
            with trio.move_on_after(_LAST_WORDS, shield=True):  # also when the command was to end all this
                await stream.send_all(json.dumps(answer).encode() + b"\n")
    except (trio.BrokenResourceError, trio.TooSlowError, OSError) as error:
        log.info("control socket: a caller went away: %r", error)
    finally:
        limit.release()


async def _execute(line: bytes, commands: Mapping[str, Command]) -> Mapping[str, Any]:
    try:
        request = json.loads(line)
        command = commands[request["command"]]
    except (ValueError, KeyError, TypeError):
        return {"ok": False, "error": f"not a command; known are {', '.join(sorted(commands))}"}
    try:
        return {"ok": True, **await command(request)}
    except OarlockError as error:
        return {"ok": False, "error": str(error)}
    except Exception as error:
        log.exception("command %s failed", request["command"])
        return {"ok": False, "error": f"internal error: {error!r}"}


async def _read_line(stream: trio.SocketStream) -> bytes:
    buffer = b""
    while not buffer.endswith(b"\n"):
        data = await stream.receive_some(65536)
        if not data or len(buffer) > MAX_LINE:
            return buffer
        buffer += data
    return buffer


def call(path: Path, request: Mapping[str, Any], timeout: float = 60.0) -> dict[str, Any]:
    """Send one command to the master of a prefix and return its answer.

    Raises:
        NotRunning: nobody listens there.
        OarlockError: no whole answer within `timeout` seconds.
    """
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as sock:
        sock.settimeout(timeout)
        try:
            sock.connect(str(path))
        except OSError as error:
            raise NotRunning(path) from error
        try:
            sock.sendall(json.dumps(request).encode() + b"\n")
            with sock.makefile("rb") as answers:
                line = answers.readline()
        except OSError as error:
            raise OarlockError(f"the gateway did not answer within {timeout:g} s ({error})") from error
    if not line.endswith(b"\n"):
        raise OarlockError("the gateway ended before it answered; its log says why")
    answer = json.loads(line)
    assert isinstance(answer, dict)
    return answer
