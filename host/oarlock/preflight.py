"""Whether what the settings name can be used on this machine: files and the prefix. Looked at before anything starts.

What would otherwise end a worker at its start, or fail each request to some upstream, is an error with its setting.
"""

from __future__ import annotations

import os
import ssl
from collections.abc import Iterator
from pathlib import Path

from oarlock.config.settings import Settings
from oarlock.errors import ConfigurationInvalid, OarlockError, Problem
from oarlock_pluginserver.process import MAX_PATH


def check(settings: Settings) -> None:
    """Raises ConfigurationInvalid with all that can't be used."""
    problems = [Problem(file="settings", line=0, path=path, message=why) for path, why in _unusable(settings)]
    if problems:
        raise ConfigurationInvalid(problems)


def make_prefix(prefix: Path) -> None:
    """Make the gateway's working directory, or find that it is there and can be written to.

    Raises:
        OarlockError: it can't be, and why.
    """
    try:
        prefix.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OarlockError(f"prefix {prefix} can't be made: {error.strerror}") from error
    if not os.access(prefix, os.W_OK | os.X_OK):
        raise OarlockError(f"prefix {prefix} can't be written to")


def _unusable(settings: Settings) -> Iterator[tuple[str, str]]:
    control = os.fsencode(settings.prefix / "control.sock")
    if len(control) > MAX_PATH:
        yield "prefix", f"{len(control) - MAX_PATH} bytes too long: the path of a socket in it has at most {MAX_PATH}"
    sockets = settings.prefix / "sockets"
    if sockets.exists() and not sockets.is_dir():
        yield "prefix", f"{sockets} is in the way of the directory of that name"
    if settings.trusted_certificate is not None:
        try:
            ssl.create_default_context(cafile=str(settings.trusted_certificate))
        except ssl.SSLError as error:
            yield "trusted_certificate", f"{settings.trusted_certificate} holds no certificates in PEM: {error.reason}"
        except OSError as error:
            yield "trusted_certificate", f"{settings.trusted_certificate} can't be read: {error.strerror}"
    if settings.log.access not in ("-", "off") and (why := _unwritable(Path(settings.log.access))):
        yield "log.access", f"{settings.log.access} {why}"


def _unwritable(path: Path) -> str:
    """Why nothing can be appended to the file at `path`, which may not be there yet; "" if it can."""
    if path.is_dir():
        return "is a directory"
    if path.exists():
        return "" if os.access(path, os.W_OK) else "can't be written to"
    if not path.parent.is_dir():
        return "can't be made: there is no such directory"
    return "" if os.access(path.parent, os.W_OK | os.X_OK) else "can't be made: the directory can't be written to"
