"""`oarlock plugins`: the plugins of a running gateway, and their servers."""

from __future__ import annotations

from pathlib import Path

import click

from oarlock.cli import options


@click.group(invoke_without_command=True)
@options.settings_file
@options.prefix
@click.pass_context
@options.report_errors
def plugins(context: click.Context, settings_file: Path | None, prefix: Path | None) -> None:
    """List the plugins that the plugin servers of the running gateway offer."""
    path = context.obj = options.control_path(settings_file, prefix)
    if context.invoked_subcommand is not None:
        return
    servers = options.ask(path, "status")["plugin_servers"]
    rows = [
        (plugin, str(info["version"]), str(info["priority"]), ",".join(info["phases"]), name, server["state"])
        for name, server in sorted(servers.items())
        for plugin, info in sorted(server["plugins"].items())
    ]
    table = [("PLUGIN", "VERSION", "PRIORITY", "PHASES", "SERVER", "STATE"), *rows]
    widths = [max(len(row[column]) for row in table) for column in range(6)]
    for row in table:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
    for name, server in sorted(servers.items()):
        if server.get("reason"):
            click.echo(f"plugin server {name} is {server['state']}: {server['reason']}", err=True)


@plugins.command()
@click.argument("name")
@options.settings_file
@options.prefix
@click.pass_obj
@options.report_errors
def restart(path: Path, name: str, settings_file: Path | None, prefix: Path | None) -> None:
    """Replace every process of plugin server NAME, each new one up before the old one is dropped."""
    if settings_file is not None or prefix is not None:  # given behind the subcommand
        path = options.control_path(settings_file, prefix)
    answer = options.ask(path, "restart", timeout=300.0, name=name)
    click.echo(f"plugin server {name} restarted: {answer['state']}")
