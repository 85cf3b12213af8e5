"""`oarlock check`: everything that `start` would refuse, without serving traffic."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import click
import trio

from oarlock import preflight
from oarlock.cli import options
from oarlock.errors import ConfigurationInvalid
from oarlock.loader import LoadRequest, load
from oarlock.plugin_servers import probe_all


@click.command()
@click.argument("declarative_config", required=False, type=click.Path(dir_okay=False, path_type=Path))
@options.settings_file
@click.option("--offline", is_flag=True, help="Do not start plugin servers; plugin configuration stays unchecked.")
@click.option("--accept-missing", multiple=True, metavar="NAME", help="Go on without this; may be repeated.")
@options.report_errors
def check(
    declarative_config: Path | None, settings_file: Path | None, offline: bool, accept_missing: tuple[str, ...]
) -> None:
    """Check settings and configuration; plugin servers are asked for the schemas of their plugins.

    Exit status 0: valid; 2: not valid; 1: it could not be told, or a plugin server did not answer.
    """
    settings = options.load_settings(
        settings_file, declarative_config=declarative_config, accept_missing=accept_missing
    )
    preflight.check(settings)
    failures: dict[str, str] = {}
    plugins = None
    if offline:
        click.echo("plugin configuration is not checked (--offline)", err=True)
    else:
        with tempfile.TemporaryDirectory(prefix="oarlock-check-") as directory:
            plugins, failures = trio.run(probe_all, settings, Path(directory))
    result = load(LoadRequest(settings=settings, plugins=plugins))
    for warning in result.warnings:
        click.echo(f"warning: {warning}", err=True)
    for name, failure in failures.items():
        click.echo(f"Error: plugin server {name}: {failure}", err=True)
    if result.problems:
        options.fail(ConfigurationInvalid(result.problems))
        sys.exit(ConfigurationInvalid.exit_code)
    if failures:
        sys.exit(1)
    click.echo(f"configuration at {settings.declarative_config} is valid")
