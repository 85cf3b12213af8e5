"""`oarlock health`: whether the gateway of a prefix runs, and how it is."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from oarlock.cli import options


@click.command()
@options.settings_file
@options.prefix
@click.option("--json", "as_json", is_flag=True, help="Print all that is known.")
@options.report_errors
def health(settings_file: Path | None, prefix: Path | None, as_json: bool) -> None:
    """Print the state of the gateway; exit status 1 when a worker or a plugin server is not up."""
    answer = options.ask(options.control_path(settings_file, prefix), "status")
    workers, servers = answer["workers"], answer["plugin_servers"]
    if as_json:
        click.echo(json.dumps(answer, indent=2))
    else:
        click.echo(f"oarlock {answer['version']} (pid {answer['pid']}) in {answer['prefix']}")
        click.echo(f"listening on {', '.join(answer['listen'])}, configuration {answer['configuration']}")
        for worker in workers:
            click.echo(f"worker {worker['number']}: {worker['state']} (pid {worker['pid']})")
        for name, server in sorted(servers.items()):
            why = f": {server['reason']}" if server.get("reason") else ""
            click.echo(f"plugin server {name}: {server['state']}{why}")
    up = all(server["state"] in ("up", "external") for server in servers.values())
    reached = all(
        worker["state"] == "serving"
        and all(seen["state"] == "up" for seen in worker.get("plugin_servers", {}).values())
        for worker in workers
    )
    sys.exit(0 if up and reached else 1)
