"""`oarlock stop` and `oarlock reload`: commands to a gateway that runs."""

from __future__ import annotations

import time
from pathlib import Path

import click

from oarlock import control_socket
from oarlock.cli import options
from oarlock.errors import OarlockError


@click.command()
@options.settings_file
@options.prefix
@click.option("--timeout", type=float, default=60.0, show_default=True, help="Seconds to wait for its end.")
@options.report_errors
def stop(settings_file: Path | None, prefix: Path | None, timeout: float) -> None:
    """Let the gateway finish the requests in flight, and end it."""
    path = options.control_path(settings_file, prefix)
    pid = options.ask(path, "stop")["pid"]
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        try:
            options.ask(path, "status", timeout=timeout)
        except control_socket.NotRunning:
            click.echo("Oarlock stopped")
            return
        except OarlockError:
            pass  # it ended while it answered: the next try says so
        time.sleep(0.05)
    raise OarlockError(f"process {pid} did not end within {timeout:g} s; a second `oarlock stop` ends it at once")


@click.command()
@options.settings_file
@options.prefix
@options.report_errors
def reload(settings_file: Path | None, prefix: Path | None) -> None:
    """Apply the files as they are now; what is wrong is refused, and what was in force stays."""
    answer = options.ask(options.control_path(settings_file, prefix), "reload", timeout=300.0)
    for warning in answer["warnings"]:
        click.echo(f"warning: {warning}", err=True)
    for name in answer["needs_restart"]:
        click.echo(f"warning: setting {name} changed: it takes effect at the next start", err=True)
    click.echo(f"Oarlock reloaded: configuration {answer['configuration']} is in force")
