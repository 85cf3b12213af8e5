"""`oarlock-python-pluginserver`, `python -m oarlock_pdk`, and `serve` for scripts."""

from __future__ import annotations

import argparse
import asyncio
import io
import json
import logging
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from oarlock_pdk.errors import PluginError
from oarlock_pdk.folder import load_folder
from oarlock_pdk.listening import open_listener, remove_socket
from oarlock_pdk.members import run_members
from oarlock_pdk.plugin import Declaration, declare
from oarlock_pdk.server import MAX_EVENTS, Server, serve_until_told
from oarlock_pdk.version import VERSION

log: Final = logging.getLogger("oarlock_pdk")


def main(argv: Sequence[str] | None = None) -> int:
    """Serve a folder of plugins. Returns the exit status."""
    arguments = _parser().parse_args(argv)
    _set_up_output()
    address = arguments.socket or os.environ.get("OARLOCK_LISTEN")
    try:
        if arguments.processes > 1 and not arguments.dump:
            if not arguments.socket:
                raise PluginError("--processes needs --socket PATH, of which each member's path is made")
            common = ["--plugins", str(arguments.plugins), "--max-events", str(arguments.max_events)]
            return run_members(common, arguments.socket, arguments.processes)
        declarations, failed = load_folder(arguments.plugins)
        if arguments.dump:
            _dump(declarations)
            return 1 if failed else 0
        if not declarations:
            raise PluginError(f"{arguments.plugins} holds no plugin: a module with a subclass of oarlock_pdk.Plugin")
        _run(declarations, address, arguments.max_events)
    except PluginError as error:
        log.error("%s", error)
        return 1
    return 0


def serve(*plugins: type[Any], socket: str | None = None, max_events: int = MAX_EVENTS) -> None:
    """Serve these plugin classes until the gateway lets go, or SIGTERM.

    `socket` is a path to listen on; by default the gateway that started this program says where. `max_events` bounds
    the handlers that run at once, over all connections. With `--dump` on the command line the plugins are described
    instead.

    Raises:
        SystemExit: a plugin or the address can't be used; the reason is logged.
    """
    _set_up_output()
    try:
        declarations = [declare(plugin) for plugin in plugins]
        if "--dump" in sys.argv[1:]:
            _dump(declarations)
        else:
            _run(declarations, socket or os.environ.get("OARLOCK_LISTEN"), max_events)
    except PluginError as error:
        log.error("%s", error)
        raise SystemExit(1) from None


def _run(declarations: Sequence[Declaration], address: str | None, max_events: int) -> None:
    if not address:
        raise PluginError("where to listen? Start this from the gateway's settings, or give a socket: --socket PATH")
    server = Server(declarations, max_events)
    listener, path = open_listener(address)
    log.info("serves %s on %s", ", ".join(f"{d.name} {d.version}" for d in declarations), address)
    try:
        asyncio.run(serve_until_told(server, listener))
    finally:
        if path is not None:
            remove_socket(path)


def _set_up_output() -> None:
    """Let lines out as they are written: who reads them, reads a pipe."""
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s", stream=sys.stderr)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(line_buffering=True)


def _dump(declarations: Sequence[Declaration]) -> None:
    json.dump([declaration.describe() for declaration in declarations], sys.stdout, indent=2)
    print()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="oarlock-python-pluginserver", description="Serve a folder of Oarlock plugins written in Python."
    )
    parser.add_argument("--plugins", type=Path, required=True, metavar="DIR", help="folder of modules and packages")
    parser.add_argument("--socket", metavar="PATH", help="Unix socket to listen on (default: $OARLOCK_LISTEN)")
    parser.add_argument(
        "--processes", type=_count, default=1, metavar="N", help="members to start, each with its own socket"
    )
    parser.add_argument(
        "--max-events", type=_count, default=MAX_EVENTS, metavar="N", help="events at once (default %(default)s)"
    )
    parser.add_argument("--dump", action="store_true", help="describe the plugins as JSON and end")
    parser.add_argument("--version", action="version", version=VERSION)
    return parser


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return number
