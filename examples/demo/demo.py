"""`make demo`: an upstream, the gateway, a plugin in a process of its own, and a few requests through all of them.

Stays up until Ctrl-C, so that you can send requests of your own; leaves no process, socket or file behind.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
PLUGIN = HERE.parent / "python" / "hello"  # alone: its neighbours need packages of their own
BIN = Path(sys.executable).parent
QUIET = bool(os.environ.get("OARLOCK_DEMO_ONCE"))  # for the tests: end after the requests

CONFIGURATION = """\
_format_version: "3.0"
services:
  - name: example
    url: {upstream}
    routes:
      - name: everything
        paths: ["/"]
        strip_path: false
    plugins:
      - name: hello
        config:
          message: hello from another process
"""

SETTINGS = """\
prefix: {directory}/run
declarative_config: {directory}/kong.yaml
listen: ["127.0.0.1:{port}"]
workers: 1
log:
  level: warn
  access: "off"
plugin_servers:
  python:
    command: ["{bin}/oarlock-python-pluginserver", "--plugins", "{plugins}"]
"""


def main() -> None:
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with contextlib.ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="oarlock-demo-")))
        with contextlib.suppress(KeyboardInterrupt):
            upstream = start(stack, [sys.executable, str(HERE / "upstream.py"), str(usual_or_free(9000))], "upstream ")
            plugins = directory / "plugins"
            plugins.mkdir()
            (plugins / PLUGIN.name).symlink_to(PLUGIN)
            (directory / "kong.yaml").write_text(CONFIGURATION.format(upstream=upstream))
            settings = directory / "oarlock.yaml"
            settings.write_text(
                SETTINGS.format(directory=directory, port=usual_or_free(8000), bin=BIN, plugins=plugins)
            )
            proxy = start(stack, [str(BIN / "oarlock"), "start", "--settings", str(settings)], "proxy ")
            show(proxy, settings)
            print(f"\nTry it:  curl -i {proxy}/anything?name=you\nCtrl-C ends it.", flush=True)
            print(f"proxy {proxy}", flush=True)
            if not QUIET:
                signal.pause()
        print("\nstopping", flush=True)
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # one Ctrl-C is enough


def usual_or_free(port: int) -> int:
    """`port`, or a free one when something listens there already."""
    with socket.socket() as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            sock.bind(("127.0.0.1", port))
        except OSError:
            sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def start(stack: contextlib.ExitStack, command: list[str], prefix: str) -> str:
    """Start a process that ends with us and return what it prints after `prefix`."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True)
    stack.callback(end, process)
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith(prefix):
            return line.removeprefix(prefix).strip()
    raise SystemExit(f"{command[0]} ended with status {process.wait()} before it was ready; see above")


def end(process: subprocess.Popen[str]) -> None:
    process.terminate()
    try:
        process.wait(30)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    assert process.stdout is not None
    process.stdout.close()


def show(proxy: str, settings: Path) -> None:
    address = proxy.removeprefix("http://")
    requests = [
        ("GET", "/greeting?name=you", {"Accept": "text/plain"}, None),
        ("POST", "/orders", {"Content-Type": "application/json"}, b'{"item": 1}'),
        ("GET", "/forbidden", {"X-Hello-Exit": "403"}, None),
    ]
    for method, target, headers, body in requests:
        before = plugin_server(settings)
        connection = http.client.HTTPConnection(address, timeout=10)
        connection.request(method, target, body, headers)
        response = connection.getresponse()
        answer = response.read().decode("utf-8", "replace")
        connection.close()
        after = plugin_server(settings)

        print(f"\n=== {method} {target}")
        sent = [f"{method} {target} HTTP/1.1", f"host: {address}", *(f"{k.lower()}: {v}" for k, v in headers.items())]
        block("client -> gateway", sent)
        if response.headers.get("x-hello-from"):
            block("gateway -> upstream", answer.split("\r\n\r\n")[0].splitlines())
        else:
            print("  the plugin answered: nothing was sent upstream")
        block(
            "gateway -> client",
            [f"HTTP/1.1 {response.status} {response.reason}", *(f"{k.lower()}: {v}" for k, v in response.getheaders())],
        )
        events = after["events"] - before["events"]
        calls = after["calls"] - before["calls"]
        spent = after["handler_us"] - before["handler_us"]
        print(f"  plugin: pid {after['pid']}, {events} phases in {events + calls} round trips, {spent / 1000:.2f} ms")


def plugin_server(settings: Path) -> dict[str, int]:
    """What the gateway counts of the plugin server: phases run, calls beyond them, time spent."""
    done = subprocess.run(
        [str(BIN / "oarlock"), "health", "--json", "--settings", str(settings)], capture_output=True, text=True
    )
    status = json.loads(done.stdout)
    counted = status["workers"][0]["plugin_servers"]["python"]
    return {
        "pid": status["plugin_servers"]["python"]["members"][0]["pid"],
        **{name: int(counted[name]) for name in ("events", "calls", "handler_us")},
    }


def block(title: str, lines: list[str]) -> None:
    print(f"  {title}")
    for line in lines:
        print(f"    {line}")


if __name__ == "__main__":
    main()
