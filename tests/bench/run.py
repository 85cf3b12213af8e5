"""`make bench`: what a request costs, with nginx beside it in the same run.

An nginx answers as upstream; another nginx proxies to it (`proxy_pass`, keep-alive) for comparison; the gateway runs
with one worker. wrk drives each in short windows, in turn, several rounds; figures are medians. CPU per request (user
and system time of the processes named) is what to compare: it is stable where requests per second on a shared machine
are not.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psutil

HERE = Path(__file__).parent
BIN = Path(sys.executable).parent
BODY = "x" * 107
TICK = os.sysconf("SC_CLK_TCK")
CALLS = (0, 1, 5, 10, 20)

NGINX = """
daemon off; master_process off; worker_processes 1; pid {directory}/{name}.pid; error_log {directory}/{name}.log;
events {{ worker_connections 4096; }}
http {{
  access_log off; keepalive_requests 1000000000; client_body_temp_path {directory}/{name}-body;
  proxy_temp_path {directory}/{name}-proxy; fastcgi_temp_path {directory}/{name}-f;
  uwsgi_temp_path {directory}/{name}-u; scgi_temp_path {directory}/{name}-s;
  {http}
  server {{ listen 127.0.0.1:{port}; {server} }}
}}
"""

CONFIGURATION = """\
_format_version: "3.0"
services:
  - name: bench
    url: http://127.0.0.1:{upstream}
    routes:
      - {{name: plain, paths: [/plain]}}
"""

ROUTE = """\
      - name: calls-{calls}
        paths: [/calls-{calls}]
        plugins: [{{name: bench-calls, config: {{calls: {calls}}}}}]
"""

SETTINGS = """\
prefix: {directory}/run
declarative_config: {directory}/kong.yaml
listen: ["127.0.0.1:{port}"]
workers: 1
log: {{level: warn, access: "off"}}
plugin_servers:
  bench:
    command: ["{bin}/oarlock-python-pluginserver", "--plugins", "{plugins}"]
"""


@dataclass
class Variant:
    """One thing that is driven, and what was read off it, a figure a round."""

    name: str
    url: str
    processes: dict[str, int]  # label -> pid
    headers: tuple[str, ...] = ()
    rates: list[float] = field(default_factory=list)
    p50: list[float] = field(default_factory=list)
    p99: list[float] = field(default_factory=list)
    cpu: dict[str, list[float]] = field(default_factory=dict)  # µs per request
    errors: int = 0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="about two minutes")
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--json", type=Path, help="write the figures there")
    arguments = parser.parse_args()
    missing = [tool for tool in ("nginx", "wrk") if shutil.which(tool) is None]
    if missing:
        sys.exit(f"the bench needs {' and '.join(missing)} (make test-tools installs them)")
    rounds, seconds = (3, 3) if arguments.quick else (5, 6)
    with tempfile.TemporaryDirectory(prefix="oarlock-bench-") as name, contextlib.ExitStack() as stack:
        variants = start_all(Path(name), stack)
        for variant in variants:
            drive(variant, arguments.connections, 1, record=False)
        for _ in range(rounds):
            for variant in variants:
                drive(variant, arguments.connections, seconds, record=True)
        report(variants)
        if arguments.json:
            arguments.json.write_text(json.dumps([vars(variant) for variant in variants], indent=2))


def start_all(directory: Path, stack: contextlib.ExitStack) -> list[Variant]:
    upstream, nginx, port = free_port(), free_port(), free_port()
    answer = f'location / {{ return 200 "{BODY}"; default_type text/plain; }}'
    stack.enter_context(run_nginx(directory, "upstream", upstream, "", answer))
    pool = f"upstream u {{ server 127.0.0.1:{upstream}; keepalive 128; keepalive_requests 1000000000; }}"
    proxy = 'location / { proxy_pass http://u; proxy_http_version 1.1; proxy_set_header Connection ""; }'
    nginx_pid = stack.enter_context(run_nginx(directory, "proxy", nginx, pool, proxy))
    configuration = CONFIGURATION.format(upstream=upstream) + "".join(ROUTE.format(calls=calls) for calls in CALLS)
    (directory / "kong.yaml").write_text(configuration)
    settings = directory / "oarlock.yaml"
    settings.write_text(SETTINGS.format(directory=directory, port=port, bin=BIN, plugins=HERE / "plugins"))
    master = subprocess.Popen(
        [str(BIN / "oarlock"), "start", "-c", str(settings)], stdout=subprocess.PIPE, start_new_session=True
    )
    stack.callback(end, master)
    assert master.stdout is not None
    if not any(line.startswith(b"proxy ") for line in master.stdout):
        sys.exit("the gateway did not start; see above")
    status = json.loads(
        subprocess.run([BIN / "oarlock", "health", "--json", "-c", settings], capture_output=True, check=True).stdout
    )
    worker = status["workers"][0]["pid"]
    server = status["plugin_servers"]["bench"]["members"][0]["pid"]
    base = f"http://127.0.0.1:{port}"
    return [
        Variant("nginx proxy_pass", f"http://127.0.0.1:{nginx}/", {"gateway": nginx_pid}),
        Variant("no plugin", f"{base}/plain", {"gateway": worker}),
        *(
            Variant(f"{calls} PDK calls", f"{base}/calls-{calls}", {"gateway": worker, "plugin": server})
            for calls in CALLS
        ),
    ]


@contextlib.contextmanager
def run_nginx(directory: Path, name: str, port: int, http: str, server: str) -> Iterator[int]:
    path = directory / f"{name}.conf"
    path.write_text(NGINX.format(directory=directory, name=name, port=port, http=http, server=server))
    process = subprocess.Popen(["nginx", "-c", str(path), "-p", str(directory)], stderr=subprocess.DEVNULL)
    try:
        wait_for(port)
        yield process.pid
    finally:
        end(process)


def end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    process.wait(30)
    if process.stdout is not None:
        process.stdout.close()


def wait_for(port: int) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    sys.exit(f"nothing listens on port {port} after 30 s")


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def drive(variant: Variant, connections: int, seconds: int, *, record: bool) -> None:
    before = {label: cpu_seconds(pid) for label, pid in variant.processes.items()}
    headers = [word for header in variant.headers for word in ("-H", header)]
    wrk = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", *headers, variant.url]
    output = subprocess.run(wrk, capture_output=True, text=True, check=True).stdout
    spent = {label: cpu_seconds(pid) - before[label] for label, pid in variant.processes.items()}
    bad = re.search(r"Non-2xx or 3xx responses: (\d+)", output)
    lost = re.search(r"Socket errors: (.*)", output)
    if bad or lost:
        variant.errors += int(bad[1]) if bad else 1
        print(f"{variant.name}: {bad[0] if bad else ''} {lost[0] if lost else ''}", file=sys.stderr)
    if not record:
        return
    requests = int(re.search(r"(\d+) requests in", output)[1])  # type: ignore[index]
    variant.rates.append(float(re.search(r"Requests/sec:\s+([\d.]+)", output)[1]))  # type: ignore[index]
    variant.p50.append(latency(output, "50%"))
    variant.p99.append(latency(output, "99%"))
    for label, value in spent.items():
        variant.cpu.setdefault(label, []).append(value / requests * 1e6)


def latency(output: str, percentile: str) -> float:
    """Milliseconds."""
    number, unit = re.search(rf"{percentile}\s+([\d.]+)(us|ms|s)", output).groups()  # type: ignore[union-attr]
    return float(number) * {"us": 1e-3, "ms": 1.0, "s": 1e3}[unit]


def report(variants: list[Variant]) -> None:
    base = statistics.median(variants[0].cpu["gateway"])
    print(f"\npython {sys.version.split()[0]}, {os.cpu_count()} cores; medians; CPU in µs per request")
    print("| | req/s | p50 ms | p99 ms | gateway CPU | nginx ÷ this | plugin CPU | RSS MiB | errors |")
    print("|---|---|---|---|---|---|---|---|---|")
    for variant in variants:
        gateway = statistics.median(variant.cpu["gateway"])
        plugin = statistics.median(variant.cpu["plugin"]) if "plugin" in variant.cpu else None
        rss = " + ".join(f"{psutil.Process(pid).memory_info().rss / 2**20:.0f}" for pid in variant.processes.values())
        print(
            f"| {variant.name} | {statistics.median(variant.rates):,.0f} | {statistics.median(variant.p50):.2f} "
            f"| {statistics.median(variant.p99):.2f} | {gateway:.1f} | {base / gateway:.2f} "
            f"| {f'{plugin:.1f}' if plugin is not None else ''} | {rss} | {variant.errors} |"
        )


if __name__ == "__main__":
    main()
