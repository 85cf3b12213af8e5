"""What the commands share: where settings come from, how errors are shown."""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, ParamSpec, TypeVar

import click

from oarlock import control_socket
from oarlock.config import settings as settings_module
from oarlock.config.settings import Settings
from oarlock.errors import ConfigurationInvalid, OarlockError

P = ParamSpec("P")
R = TypeVar("R")

_DEFAULT_FILE: Final = Path("oarlock.yaml")

settings_file = click.option(
    "-c",
    "--settings",
    "settings_file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Settings file (default: ./oarlock.yaml where it exists).",
)
prefix = click.option(
    "-p", "--prefix", type=click.Path(file_okay=False, path_type=Path), help="Working directory of the gateway."
)


def load_settings(file: Path | None, **flags: Any) -> Settings:
    """Settings from file, environment and flags; flags that were not given (None or empty) do not count.

    Raises:
        ConfigurationInvalid: with all that is wrong.
    """
    if file is None and _DEFAULT_FILE.exists():
        file = _DEFAULT_FILE
    given = {name: value for name, value in flags.items() if value not in (None, ())}
    return settings_module.load(file, os.environ, given)


def report_errors(command: Callable[P, R]) -> Callable[P, R]:
    """Print what went wrong, without a traceback, and exit with the status of the first error."""

    @functools.wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except* OarlockError as group:
            errors = _leaves(group)
            for error in errors:
                fail(error)
            status = errors[0].exit_code
        sys.exit(status)

    return run


def fail(error: OarlockError) -> None:
    """Show one error on standard error."""
    if isinstance(error, ConfigurationInvalid):
        count = len(error.problems)
        click.echo(f"Error: the configuration is not valid ({count} problem{'s'[: count > 1]})", err=True)
        for problem in error.problems:
            click.echo(f"  {problem}", err=True)
    else:
        click.echo(f"Error: {error}", err=True)


def _leaves(group: BaseExceptionGroup[OarlockError]) -> list[OarlockError]:
    found: list[OarlockError] = []
    for error in group.exceptions:
        found += _leaves(error) if isinstance(error, BaseExceptionGroup) else [error]
    return found


def control_path(file: Path | None, prefix: Path | None) -> Path:
    """Where the gateway of these settings listens for commands."""
    return load_settings(file, prefix=prefix).prefix / "control.sock"


def ask(path: Path, command: str, timeout: float = 60.0, **arguments: Any) -> dict[str, Any]:
    """Send a command to the running gateway and return its answer.

    Raises:
        OarlockError: it is not running, or refused; the text says why.
    """
    answer = control_socket.call(path, {"command": command, **arguments}, timeout)
    if not answer.get("ok"):
        raise OarlockError(answer.get("error", "no reason given"))
    return answer
