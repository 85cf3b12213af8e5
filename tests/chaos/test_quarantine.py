"""A plugin server that can't start is in quarantine, with a reason, and comes back by itself once it can."""

from __future__ import annotations

from pathlib import Path

from support.gateway import BIN, Gateway, Upstream, eventually

PLUGINS = Path(__file__).parents[1] / "e2e" / "plugins"

ROUTES = """\
services:
  - name: example
    url: {url}
    routes:
      - {{name: marked, paths: [/marked], plugins: [{{name: mark}}]}}
      - {{name: plain, paths: [/plain]}}
"""

SETTINGS = """\
plugin_servers:
  python:
    command: [/bin/sh, -c, 'test -e {ready} || {{ echo not ready yet; exit 3; }}; exec {server} --plugins {plugins}']
    restart_initial: 0.05
    restart_ceiling: 0.5
    quarantine_after: 3
"""


def test_a_server_in_quarantine_serves_again_by_itself_once_it_can(gateway: Gateway, upstream_server: Upstream) -> None:
    upstream_server.seen.clear()
    ready = gateway.directory / "ready"
    server = BIN / "oarlock-python-pluginserver"
    gateway.write(ROUTES.format(url=upstream_server.url), SETTINGS.format(ready=ready, server=server, plugins=PLUGINS))
    gateway.start()

    def state() -> str:
        return str(gateway.status()["plugin_servers"]["python"]["state"])

    eventually(lambda: state() == "quarantined", "the quarantine")
    status = gateway.status()["plugin_servers"]["python"]
    assert status["members"][0]["last_exit"] == "exit status 3"
    assert "not ready yet" in str(status["members"][0]["last_output"])
    assert gateway.command("health").returncode == 1
    assert gateway.request("/marked").status == 503
    assert gateway.request("/plain").status == 200
    assert [seen.target for seen in upstream_server.seen] == ["/"]

    ready.touch()
    eventually(lambda: gateway.request("/marked").status == 200, "the plugin")
    assert upstream_server.seen[-1].headers["x-mark"] == "seen"
    eventually(lambda: state() == "up", "the end of the quarantine")
