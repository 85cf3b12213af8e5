"""Read a configuration and say all that is wrong with it: in a process of its own, or in `oarlock check`.

The master never parses a declarative file itself: a hostile or huge one can cost this process its memory and nothing
else. What comes back is a snapshot that workers decode, or the problems.

`python -m oarlock.loader` reads a pickled `LoadRequest` from standard input and writes a pickled `LoadResult`.
"""

from __future__ import annotations

import pickle
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final

import trio

from oarlock.config.settings import Settings
from oarlock.errors import ConfigurationInvalid, OarlockError, Problem
from oarlock_pluginserver.info import PluginInfo

_TIMEOUT: Final = 120.0  # seconds for the whole file


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadRequest:
    """What to read, and what the plugin servers said of themselves."""

    settings: Settings
    plugins: Mapping[str, PluginInfo] | None  # by plugin name; None: unknown, plugin configuration stays unchecked


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadResult:
    """`problems` empty: `snapshot` is to be put in force."""

    snapshot: bytes
    version: str
    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...]


def load(request: LoadRequest) -> LoadResult:
    """Read, check and compile the configuration. Never raises for what a file may contain."""
    from oarlock.config import declarative
    from oarlock.router.compile import RouterError, compile_router

    settings = request.settings
    source = settings.declarative_config
    try:
        if source is None:
            raise OarlockError("no configuration: set `declarative_config`, OARLOCK_DECLARATIVE_CONFIG or --config")
        configuration, warnings = declarative.load(
            source, request.plugins, frozenset(settings.accept_missing), flavor=settings.router_flavor
        )
        compile_router(configuration.routes.values(), configuration.services, settings.router_flavor)
    except ConfigurationInvalid as invalid:
        return LoadResult(snapshot=b"", version="", problems=tuple(invalid.problems), warnings=())
    except (RouterError, OarlockError, OSError) as error:
        problem = Problem(file=str(source or ""), line=0, path="", message=str(error))
        return LoadResult(snapshot=b"", version="", problems=(problem,), warnings=())
    return LoadResult(
        snapshot=configuration.encode(),
        version=configuration.version,
        problems=(),
        warnings=tuple(warnings),
    )


async def load_in_process(request: LoadRequest) -> LoadResult:
    """The same in a process of its own.

    Raises:
        OarlockError: the process died or took longer than two minutes.
    """
    run = partial(
        trio.run_process,
        [sys.executable, "-m", "oarlock.loader"],
        stdin=pickle.dumps(request),
        capture_stdout=True,
        check=False,
        start_new_session=True,
    )
    with trio.move_on_after(_TIMEOUT) as waited:
        done: subprocess.CompletedProcess[bytes] = await run()
    if waited.cancelled_caught:
        raise OarlockError(f"reading {request.settings.declarative_config} took longer than {_TIMEOUT:g} s")
    if done.returncode != 0:
        raise OarlockError(
            f"the process that reads {request.settings.declarative_config} ended with status {done.returncode}; "
            f"what it printed is in the log"
        )
    result = pickle.loads(done.stdout)
    assert isinstance(result, LoadResult)
    return result


if __name__ == "__main__":
    from oarlock import loader  # the class that is pickled must be known by its real name, not as __main__'s

    sys.stdout.buffer.write(pickle.dumps(loader.load(pickle.load(sys.stdin.buffer))))
