"""Where a server listens: a socket that the supervisor passed on, or a path of its own."""

from __future__ import annotations

import contextlib
import os
import socket
from pathlib import Path

from oarlock_pdk.errors import PluginError


def open_listener(address: str) -> tuple[socket.socket, Path | None]:
    """Return a listening socket for `fd:N`, `unix:/path` or a plain path, and the path to remove at the end, if any.

    Raises:
        PluginError: the address can't be used; the text says why.
    """
    if address.startswith("fd:"):
        try:
            return socket.socket(fileno=int(address.removeprefix("fd:"))), None
        except (ValueError, OSError) as error:
            raise PluginError(f"{address}: no listening socket was passed on ({error})") from error
    if "://" in address:
        raise PluginError(f"{address}: only Unix sockets are supported yet; give unix:/path")
    path = Path(address.removeprefix("unix:"))
    if not path.is_absolute():
        path = Path.cwd() / path
    return _listen(path), path


def remove_socket(path: Path) -> None:
    """Remove a socket file; it may be gone already."""
    with contextlib.suppress(FileNotFoundError):
        path.unlink()


def _listen(path: Path) -> socket.socket:
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        if path.is_socket():
            if _answers(path):
                raise PluginError(f"{path}: another server listens there")
            path.unlink()  # left behind by a server that was killed
        before = os.umask(0o177)  # 0600 from the start: there is no moment in which others could connect
        try:
            listener.bind(str(path))
        finally:
            os.umask(before)
        listener.listen(128)
    except OSError as error:
        listener.close()
        raise PluginError(f"{path}: {error.strerror or error}") from error
    except PluginError:
        listener.close()
        raise
    return listener


def _answers(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        try:
            probe.connect(str(path))
        except (ConnectionRefusedError, FileNotFoundError):
            return False
    return True
