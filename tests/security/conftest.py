"""Fixtures of the security tests: one gateway, and next to it every plugin server that a test file describes."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from support.gateway import Gateway, Upstream, gateway_in, running_upstream
from support.hostile import Script, running_scripts

Surround = Callable[[Mapping[str, Script]], "contextlib.AbstractContextManager[Siege]"]


class Siege:
    """A gateway with a route `/NAME` for each script, and `/plain` that no plugin sees."""

    def __init__(self, gateway: Gateway, upstream: Upstream) -> None:
        self.gateway = gateway
        self.upstream = upstream
        self.worker = gateway.status()["workers"][0]["pid"]

    @property
    def port(self) -> int:
        return self.gateway.port

    def assert_unharmed(self) -> None:
        """The worker that began still serves."""
        assert self.gateway.request("/plain").status == 200
        status = self.gateway.status()["workers"][0]
        assert (status["pid"], status["restarts"]) == (self.worker, 0)
        assert "this is a defect" not in self.gateway.log


@contextlib.contextmanager
def surrounded(scripts: Mapping[str, Script], directory: Path) -> Iterator[Siege]:
    routes = "".join(
        f"      - name: {name}\n        paths: [/{name}]\n"
        f"        plugins: [{{name: {name}, deadlines: {{{script.phase}: 2000}}}}]\n"
        for name, script in scripts.items()
    )
    with (
        running_upstream() as upstream,
        running_scripts(scripts, directory) as sockets,
        gateway_in(directory) as gateway,
    ):
        servers = "".join(
            f"  {name}:\n    socket: [{path}]\n    plugins: [{name}]\n    start_timeout: 1\n"
            for name, path in sockets.items()
        )
        configuration = (
            f"services:\n  - name: s\n    url: {upstream.url}\n    routes:\n      - {{name: plain, paths: [/plain]}}\n"
        )
        gateway.write(configuration + routes, f"plugin_servers:\n{servers}" if servers else "")
        gateway.start()
        yield Siege(gateway, upstream)


@pytest.fixture(scope="module")
def siege(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Siege]:
    """All of the module's SCRIPTS at once, round one gateway."""
    with surrounded(request.module.SCRIPTS, tmp_path_factory.mktemp("s")) as siege:
        yield siege
        siege.assert_unharmed()
