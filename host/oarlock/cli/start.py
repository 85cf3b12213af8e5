"""`oarlock start`: run the gateway in the foreground until it is told to stop."""

from __future__ import annotations

import contextlib
import functools
import os
import sys
from pathlib import Path

import click
import trio

from oarlock import __version__, log
from oarlock.cli import options
from oarlock.master import Master


@click.command()
@options.settings_file
@options.prefix
@click.option(
    "--config",
    "declarative_config",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Declarative configuration in Kong's format, YAML or JSON.",
)
@click.option("--listen", multiple=True, metavar="HOST:PORT", help="Where to take requests; may be repeated.")
@click.option("--workers", type=click.IntRange(0, 256), help="Worker processes; 0: everything in one process.")
@click.option("--log-level", type=click.Choice(["debug", "info", "notice", "warn", "error", "crit", "alert", "emerg"]))
@click.option("--accept-missing", multiple=True, metavar="NAME", help="Go on without this; may be repeated.")
@options.report_errors
def start(
    settings_file: Path | None,
    prefix: Path | None,
    declarative_config: Path | None,
    listen: tuple[str, ...],
    workers: int | None,
    log_level: str | None,
    accept_missing: tuple[str, ...],
) -> None:
    """Run the gateway in the foreground. Ctrl-C or `oarlock stop` ends it, SIGHUP or `oarlock reload` reloads."""
    read = functools.partial(
        options.load_settings,
        settings_file,
        prefix=prefix,
        declarative_config=declarative_config,
        listen=listen,
        workers=workers,
        accept_missing=accept_missing,
        **({"log.level": log_level} if log_level else {}),
    )
    settings = read()
    writer = log.set_up(settings.log.level, "master", settings.log.format)
    try:
        trio.run(_run, Master(settings, read))
    finally:
        writer.close()


async def _run(master: Master) -> None:
    async with trio.open_nursery() as nursery:
        await nursery.start(master.run)
        lines = [f"proxy http://{f'[{host}]' if ':' in host else host}:{port}" for host, port in master.addresses]
        lines.append(f"Oarlock {__version__} serves; prefix {master.settings.prefix}")
        with contextlib.suppress(OSError):  # nobody reads it (any more): no reason to stop serving
            os.write(sys.stdout.fileno(), "".join(f"{line}\n" for line in lines).encode())
