"""Resident memory of all processes over many requests with a plugin: what grows with requests would show."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import psutil

from support.gateway import Gateway
from support.plugin_servers import gateway_processes, python_server, server_processes
from support.raw import get_many
from support.streams import streaming_upstream

PLUGINS = Path(__file__).parents[1] / "e2e" / "plugins"
SERVICE = """\
services:
  - name: example
    url: {url}
    routes:
      - {{name: all, paths: [/], strip_path: false, plugins: [{{name: mark}}]}}
      - {{name: exits, paths: [/exits], plugins: [{{name: who}}]}}
      - {{name: fails, paths: [/fails], plugins: [{{name: half}}]}}
"""

WARM_UP, REQUESTS = 5_000, 30_000
MAX_GROWTH = 4 << 20  # bytes: 140 for each request
FAILURES = 1_000
CONNECTIONS = 8


def test_memory_is_flat_over_requests_with_four_phases_of_a_plugin(gateway: Gateway) -> None:
    with streaming_upstream() as url:
        gateway.write(SERVICE.format(url=url), python_server(PLUGINS))
        gateway.start()
        [server] = server_processes(gateway)
        processes = {**gateway_processes(gateway), "plugin server": server}

        def load(count: int, failures: int) -> dict[str, int]:
            with ThreadPoolExecutor(CONNECTIONS) as pool:
                share = partial(get_many, gateway.port, count // CONNECTIONS, "/length/10")
                for done in [pool.submit(share) for _ in range(CONNECTIONS)]:
                    done.result()
            get_many(gateway.port, failures, "/exits", status=401)
            get_many(gateway.port, failures, "/fails", status=500)
            return {name: process.memory_info().rss for name, process in processes.items()}

        before = load(WARM_UP, 500)
        after = load(REQUESTS, FAILURES)
    for name, was in before.items():
        print(f"{name}: {was / 2**20:.1f} MiB, {(after[name] - was) / 2**20:+.2f} MiB after {REQUESTS} requests")
    assert all(after[name] - before[name] < MAX_GROWTH for name in before)
    assert psutil.pid_exists(server.pid)
