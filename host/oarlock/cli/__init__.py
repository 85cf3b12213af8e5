"""The command `oarlock`: one module a command, each parses its arguments and calls one function."""

from __future__ import annotations

import click

from oarlock import __version__
from oarlock.cli.check import check
from oarlock.cli.health import health
from oarlock.cli.plugin import plugin
from oarlock.cli.plugins import plugins
from oarlock.cli.start import start
from oarlock.cli.stop import reload, stop


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="oarlock %(version)s")
def main() -> None:
    """An API gateway whose plugins run outside it."""


@main.command()
def version() -> None:
    """Print the version."""
    click.echo(f"oarlock {__version__}")


for command in (start, stop, reload, check, health, plugins, plugin):
    main.add_command(command)
