"""The examples in each language side by side: requests per second, CPU per request, memory after many events.

`python tests/bench/languages.py [--events N]`. With `--events`, each plugin server handles that many events after a
warm-up of 50,000, and its resident memory is printed before and after.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import psutil
from run import BIN, Variant, drive, end, free_port, run_nginx

ROOT = Path(__file__).parents[2]
WARM_UP = 50_000  # events
EXAMPLES = ("hello", "auth", "transform")

SETTINGS = """\
prefix: {directory}/run
declarative_config: {directory}/kong.yaml
listen: ["127.0.0.1:{port}"]
workers: 1
log: {{level: error, access: "off"}}
plugin_servers:
  {language}: {{command: {command}}}
"""

CONFIGURATION = """\
_format_version: "3.0"
services:
  - name: bench
    url: http://127.0.0.1:{upstream}
    routes:
"""


CONSUMERS = "consumers: [{username: bob}]\n"


def commands(directory: Path) -> dict[str, dict[str, list[str]]]:
    """language -> example -> command of its plugin server, for the toolchains that are here."""
    python = [str(BIN / "oarlock-python-pluginserver"), "--plugins", str(ROOT / "examples" / "python")]
    found = {"python": dict.fromkeys(EXAMPLES, python)}
    if go := shutil.which("go"):
        for example in EXAMPLES:
            package = f"./examples/{example}"
            subprocess.run([go, "build", "-o", directory / example, package], cwd=ROOT / "sdk_go", check=True)
        found["go"] = {example: [str(directory / example)] for example in EXAMPLES}
    if node := shutil.which("node"):
        server = str(ROOT / "sdk_js" / "bin" / "oarlock-js-pluginserver.js")
        javascript = [node, server, "--plugins", str(ROOT / "sdk_js" / "examples")]
        found["javascript"] = dict.fromkeys(EXAMPLES, javascript)
    return found


@contextlib.contextmanager
def gateway(directory: Path, upstream: int, language: str, example: str, command: list[str]):
    directory.mkdir()
    port = free_port()
    config = f"url: 'http://127.0.0.1:{upstream}/owner'" if example == "auth" else ""
    route = f"      - {{name: {example}, paths: [/], plugins: [{{name: {example}, config: {{{config}}}}}]}}\n"
    (directory / "kong.yaml").write_text(CONFIGURATION.format(upstream=upstream) + route + CONSUMERS)
    settings = directory / "oarlock.yaml"
    text = SETTINGS.format(directory=directory, port=port, language=language, command=json.dumps(command))
    settings.write_text(text)
    start = [str(BIN / "oarlock"), "start", "-c", str(settings)]
    master = subprocess.Popen(start, stdout=subprocess.PIPE, start_new_session=True)
    try:
        assert master.stdout is not None
        if not any(line.startswith(b"proxy ") for line in master.stdout):
            sys.exit("the gateway did not start; see above")
        health = [str(BIN / "oarlock"), "health", "--json", "-c", str(settings)]
        status = json.loads(subprocess.run(health, capture_output=True, check=True).stdout)
        worker = status["workers"][0]["pid"]
        server = status["plugin_servers"][language]["members"][0]["pid"]
        url, processes = f"http://127.0.0.1:{port}/", {"gateway": worker, "plugin": server}
        yield Variant(f"{example}, {language}", url, processes, ("authorization: Bearer t-1",))
    finally:
        end(master)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=0)
    parser.add_argument("--languages", nargs="+", default=["python", "go", "javascript"])
    arguments = parser.parse_args()
    token = 'location /owner { default_type application/json; return 200 "{\\"username\\": \\"bob\\"}"; }'
    answer = token + ' location / { default_type application/json; return 200 "{\\"items\\": [1, 2, 3]}"; }'
    with tempfile.TemporaryDirectory(prefix="oarlock-bench-") as name, contextlib.ExitStack() as stack:
        directory = Path(name)
        upstream = free_port()
        stack.enter_context(run_nginx(directory, "upstream", upstream, "", answer))
        variants = [
            stack.enter_context(gateway(directory / f"{language}-{example}", upstream, language, example, command))
            for language, examples in commands(directory).items()
            for example, command in examples.items()
            if language in arguments.languages
            if not arguments.events or example == "hello"
        ]
        if arguments.events:
            for variant in variants:
                remember(variant, arguments.events)
            return
        for record in (False, True, True, True):
            for variant in variants:
                drive(variant, 64, 3 if record else 1, record=record)
        print("| example | req/s | p50 ms | p99 ms | gateway CPU µs | plugin server CPU µs | errors |")
        print("|---|---|---|---|---|---|---|")
        for variant in variants:
            rate, p50, p99, own, plugin = (
                sorted(values)[len(values) // 2]
                for values in (variant.rates, variant.p50, variant.p99, variant.cpu["gateway"], variant.cpu["plugin"])
            )
            figures = f"{rate:,.0f} | {p50:.2f} | {p99:.2f} | {own:.0f} | {plugin:.0f} | {variant.errors}"
            print(f"| {variant.name} | {figures} |")


def remember(variant: Variant, events: int) -> None:
    """Print the plugin server's memory before and after that many events."""
    server = psutil.Process(variant.processes["plugin"])
    before = 0.0
    done = 0
    for target in (WARM_UP, WARM_UP + events):
        before = server.memory_info().rss / 2**20
        while done < target:
            wrk = ["wrk", "-t1", "-c32", "-d5s", variant.url]
            output = subprocess.run(wrk, capture_output=True, text=True, check=True).stdout
            done += int(re.search(r"(\d+) requests in", output)[1])  # type: ignore[index]
    after = server.memory_info().rss / 2**20
    print(
        f"{variant.name}: {done:,} events, {before:.1f} MiB after the warm-up, {after:.1f} MiB at the end", flush=True
    )


if __name__ == "__main__":
    main()
