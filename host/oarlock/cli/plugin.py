"""`oarlock plugin`: write a plugin, run its tests, try it behind a throw-away gateway."""

from __future__ import annotations

import json
import logging
import shlex
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import click
import trio

from oarlock import log
from oarlock.cli import options
from oarlock.scaffold.errors import NotAPlugin
from oarlock.scaffold.go import Go
from oarlock.scaffold.javascript import JavaScript
from oarlock.scaffold.languages import Language
from oarlock.scaffold.names import PluginName
from oarlock.scaffold.python import Python

LANGUAGES: Final[Mapping[str, Language]] = {language.name: language for language in (Go(), JavaScript(), Python())}

_directory = click.argument(
    "directory", default=".", type=click.Path(exists=True, file_okay=False, resolve_path=True, path_type=Path)
)


@click.group()
def plugin() -> None:
    """Write, test and try a plugin."""


@plugin.command()
@click.argument("name")
@click.option("--lang", type=click.Choice(sorted(LANGUAGES)), required=True, help="What to write it in.")
@click.option(
    "--directory", type=click.Path(path_type=Path), help="Where to write it; must not exist (default: ./NAME)."
)
@options.report_errors
def new(name: str, lang: str, directory: Path | None) -> None:
    """Write a small plugin called NAME, with a test, a README and files to start a gateway with."""
    from oarlock.scaffold.create import create

    language = LANGUAGES[lang]
    plugin_name = PluginName(name)
    target = directory or Path(name)
    for path in create(language, plugin_name, target):
        click.echo(f"wrote {target / path}")
    where = shlex.quote(str(target))
    click.echo(f"\nTry it:  oarlock plugin test {where}\n         oarlock plugin run {where}")


@plugin.command()
@_directory
@options.report_errors
def test(directory: Path) -> None:
    """Run the tests of the plugin in DIRECTORY with its language's own tool; the exit status is that tool's."""
    language = _language_of(directory)
    for command in (language.preparation(directory), language.tests(directory)):
        if command is not None and (status := command.run()) != 0:
            sys.exit(status if status > 0 else 128 - status)


@plugin.command()
@_directory
@click.option("--config", "config_text", metavar="JSON", help="Configuration of the plugin (default: its own).")
@click.option("--upstream", metavar="URL", help="Where requests go (default: a server that answers with the request).")
@options.report_errors
def run(directory: Path, config_text: str | None, upstream: str | None) -> None:
    """Run the plugin in DIRECTORY behind a throw-away gateway until Ctrl-C; a changed file restarts it."""
    from oarlock.scaffold.trial import LOG_LEVEL, Trial

    trial = Trial(
        language=_language_of(directory),
        directory=directory,
        config=_read_config(config_text),
        upstream=upstream,
        say=_say,
    )
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # while the gateway runs, it takes both
    writer = log.set_up(LOG_LEVEL, "gateway", "short")
    logging.getLogger().handlers[0].addFilter(_concerns_the_author)
    try:
        trio.run(trial.run)
    except* KeyboardInterrupt:
        pass  # before the gateway was there to be stopped
    finally:
        writer.close()


def _say(line: str) -> None:
    click.echo(line)
    sys.stdout.flush()


def _concerns_the_author(record: logging.LogRecord) -> bool:
    """Lines of the plugin and its server, and what the gateway complains of."""
    return record.levelno >= logging.WARNING or record.name in ("oarlock.plugin", log.PLUGIN_OUTPUT)


def _language_of(directory: Path) -> Language:
    for language in LANGUAGES.values():  # those first that a file names: scripts in Python lie about everywhere
        if language.owns(directory):
            return language
    raise NotAPlugin(
        f"{directory} holds no plugin: neither go.mod nor package.json nor a *.py file, here or in plugins/"
    )


def _read_config(text: str | None) -> Mapping[str, Any] | None:
    if text is None:
        return None
    try:
        config = json.loads(text)
    except ValueError as error:
        raise click.BadParameter(f"not JSON: {error}", param_hint="--config") from None
    if not isinstance(config, dict):
        raise click.BadParameter("expected a JSON object", param_hint="--config")
    return config
