"""A gateway with one language's conformance plugin and three upstreams; runs cases one after the other."""

from __future__ import annotations

import contextlib
import json
import re
import socket
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from http.client import HTTPResponse
from pathlib import Path
from typing import Any, Final

from conformance.cases import Case, Step
from conformance.languages import Language
from conformance.matching import Known, difference, filled
from conformance.upstream import Asked, Upstreams, running_upstreams
from support.gateway import Gateway, eventually, gateway_in

NODE: Final = "5b1a9c0e-1111-4222-8333-444455556666"
MAIN: Final = "0c8f5a3e-7b1d-4c55-9d3f-000000000001"
DEFAULT_ROUTE: Final = "0c8f5a3e-7b1d-4c55-9d3f-000000000002"
ALICE: Final = "0c8f5a3e-7b1d-4c55-9d3f-000000000003"
PLUGIN: Final = "0c8f5a3e-7b1d-4c55-9d3f-000000000004"
UNTYPED: Final = "untyped"  # in a typed language: its compiler refuses such an argument
TRUSTED: Final = "127.0.0.2"  # a peer whose X-Forwarded-* headers count

CONFIGURATION: Final = """\
plugins:
  - name: conformance-rewrite
consumers:
  - {{id: {alice}, username: alice, custom_id: a-1}}
upstreams:
  - name: another
    targets: [{{target: "127.0.0.1:{other_port}"}}]
  - name: unreachable
    targets: [{{target: "127.0.0.1:{closed_port}"}}, {{target: "127.0.0.1:{closed_too_port}"}}]
services:
  - name: main
    id: {main}
    url: http://127.0.0.1:{main_port}
    plugins:
      - {{name: conformance, id: {plugin}}}
      - name: conformance-second
    routes:
      - {{name: default, id: {default_route}, paths: [/], strip_path: false, protocols: [http]}}
      - {{name: stripped, paths: [/stripped], protocols: [http]}}
      - {{name: both, paths: [/both], strip_path: false, protocols: [http, https]}}
      - {{name: preserved, paths: [/preserved], strip_path: false, preserve_host: true, protocols: [http]}}
      - {{name: captures, paths: ["~/captures/(?<first>[^/]+)/([0-9]+)"], strip_path: false, protocols: [http]}}
  - name: streaming
    url: http://127.0.0.1:{main_port}
    plugins:
      - name: conformance-streaming
    routes:
      - {{name: streaming, paths: [/streaming], strip_path: false, protocols: [http]}}
  - name: dead
    url: http://127.0.0.1:{closed_port}
    retries: 0
    plugins:
      - name: conformance
    routes:
      - {{name: dead, paths: [/dead], strip_path: false, protocols: [http]}}
routes:
  - name: serviceless
    paths: [/serviceless]
    strip_path: false
    protocols: [http]
    plugins:
      - name: conformance
"""

SETTINGS: Final = """\
plugin_facts: {facts}
node_id: {node}
trusted_ips: ['{trusted}']
port_maps: ['8443:{port}']
log: {{level: info, format: json}}
plugin_servers:
  {language}:
    command: {command}
    environment: {environment}
    start_timeout: 20
    restart_initial: 0.05
"""

_PLUGIN_LINE: Final = re.compile(
    r"\[(?P<plugin>conformance[^\]]*)\] (?P<text>.*), request: (?P<id>[0-9a-f]{32}), phase: .*", re.DOTALL
)


@dataclass
class Came:
    """The response as the client got it."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes


class Bed:
    """What the cases lie on."""

    def __init__(
        self,
        language: Language,
        facts: bool,
        gateway: Gateway,
        upstreams: Upstreams,
        results: Path,
        known: Known,
    ) -> None:
        self.language = language
        self.facts = facts
        self.gateway = gateway
        self._upstreams = upstreams
        self._results = results.open()
        self._log = gateway.log_file.open()
        self._known = dict(known)
        self._runs = 0
        self._rest = ""

    def close(self) -> None:
        self._results.close()
        self._log.close()

    def calls(self) -> int:
        """How many PDK calls the plugin has made since the gateway began."""
        [worker] = self.gateway.status()["workers"]
        found: int = worker["plugin_servers"][self.language.name]["calls"]
        return found

    def run(self, case: Case) -> list[str]:
        """Send the request of a case. Returns all that is different from what is expected."""
        self._runs += 1
        run = str(self._runs)
        self._upstreams.asked.clear()
        self._log.seek(0, 2)
        with self._connection(case) as connection:
            known = self._known | {"client_port": connection.getsockname()[1]}
            script = json.dumps(
                {"case": run}
                | {
                    handler: [filled(dict(step.as_sent()), known, is_sent=True) for step in steps]
                    for handler, steps in case.scripts.items()
                },
                separators=(",", ":"),
            )
            known["script"] = script
            came = _ask(connection, case, script, known)
        known["request_id"] = dict(came.headers).get("x-kong-request-id", "")
        differences = [_response(case.response, came, known)]
        if case.checks_upstream:
            differences.append(self._upstream(case.upstream, known))
        for handler, results in self._recorded(run, case.scripts).items():
            differences += self._steps(handler, case.scripts[handler], results, known)
        if case.log is not None:
            differences.append(difference(filled(case.log, known), self._lines(known, len(case.log)), "log"))
        return [found for found in differences if found]

    def _connection(self, case: Case) -> socket.socket:
        source = TRUSTED if case.request.get("from") == "trusted" else "127.0.0.1"
        return socket.create_connection(("127.0.0.1", self.gateway.port), timeout=20, source_address=(source, 0))

    def _recorded(self, run: str, scripts: Mapping[str, Sequence[Step]]) -> dict[str, list[Any]]:
        """What the plugin wrote down; the `log` handler comes after the response."""
        found: dict[str, list[Any]] = {}

        def is_there() -> bool:
            text = self._rest + self._results.read()
            *lines, self._rest = text.split("\n")
            for line in map(json.loads, lines):
                if line["case"] == run:
                    found[line["handler"]] = line["results"]
            return found.keys() >= scripts.keys()

        try:
            eventually(is_there, f"handlers {sorted(scripts)} of case {run}")
        except AssertionError as error:
            tail = self.gateway.log[-3000:]
            raise AssertionError(f"{error}; there are {sorted(found)}\n{tail}") from None
        return found

    def _steps(self, handler: str, steps: Sequence[Step], results: list[Any], known: Known) -> Iterator[str]:
        expected = [step for step in steps if step.function and not step.ends]
        if len(expected) != len(results):
            yield f"{handler}: {len(expected)} results are expected, not {results!r}"
            return
        for place, (step, result) in enumerate(zip(expected, results, strict=True)):
            where = f"{handler}[{place}] {step.function}{tuple(step.args)!r}"
            differs = step.languages.get(self.language.sdk, {})
            error = differs.get("error", step.error if "is" not in differs else ())
            if error:
                code, *texts = error
                got = result.get("error", [None, ""])
                if got[0] == UNTYPED and code == "bad_args":
                    continue
                if got[0] != code or any(filled(text, known) not in got[1] for text in texts):
                    yield f"{where}: error {list(error)!r} is expected, not {result!r}"
            elif "error" in result:
                yield f"{where}: no error is expected, not {result['error']!r}"
            else:
                yield difference(filled(differs.get("is", step.result), known), result["result"], where)

    def _upstream(self, expected: Mapping[str, Any] | None, known: Known) -> str:
        asked = self._upstreams.asked
        if expected is None:
            return f"upstream: it was asked {asked[0]}" if asked else ""
        if not asked:
            return "upstream: it was not asked"
        last: Asked = asked[-1]
        expected = filled(expected, known)
        got = {"server": last.server, "method": last.method, "target": last.target, "body": _text(last.body)}
        wanted = {name: value for name, value in expected.items() if name != "headers"}
        found = {name: value for name, value in got.items() if name in wanted}
        return difference(wanted, found, "upstream") or _headers(expected.get("headers", {}), last.headers, "upstream")

    def _lines(self, known: Known, count: int) -> list[list[str]]:
        """The lines that plugins wrote for this request, in order."""
        lines: list[list[str]] = []

        def are_there() -> bool:
            for line in self._log.read().splitlines():
                with contextlib.suppress(ValueError):
                    fields = json.loads(line)
                    match = _PLUGIN_LINE.fullmatch(fields["message"])
                    if fields["area"] == "oarlock.plugin" and match and match["id"] == known["request_id"]:
                        lines.append([fields["level"], match["text"]])
            return len(lines) >= count

        with contextlib.suppress(AssertionError):
            eventually(are_there, "lines")
        return lines


def _ask(connection: socket.socket, case: Case, script: str, known: Known) -> Came:
    request = filled(dict(case.request), known)
    method, body = request.get("method", "GET"), _bytes(request.get("body", ""))
    lines = [f"{method} {request.get('target', '/')} {request.get('version', 'HTTP/1.1')}"]
    headers = request.get("headers", [])
    pairs = list(headers.items()) if isinstance(headers, dict) else headers
    if not any(name.lower() == "host" for name, _ in pairs):
        pairs = [("Host", f"127.0.0.1:{known['port']}"), *pairs]
    if case.answer is not None:
        pairs = [*pairs, ("X-Answer", json.dumps(filled(dict(case.answer), known)))]
    if body:
        pairs = [*pairs, ("Content-Length", str(len(body)))]
    lines += [f"{name}: {value}" for name, value in [*pairs, ("X-Script", script)]]
    # what is beyond ASCII in a case stands for its bytes in UTF-8; U+DC80 to U+DCFF for a byte alone
    connection.sendall("\r\n".join([*lines, "", ""]).encode("utf-8", "surrogateescape") + body)
    response = HTTPResponse(connection, method=method)
    try:
        response.begin()
        headers = [(name.lower(), value) for name, value in response.getheaders()]
        return Came(response.status, headers, response.read())
    finally:
        response.close()


def _bytes(body: Any) -> bytes:
    return bytes.fromhex(body["$bin"]) if isinstance(body, dict) else body.encode("utf-8", "surrogateescape")


def _text(body: bytes) -> str:
    return body.decode("utf-8", "surrogateescape")


def _response(expected: Mapping[str, Any], came: Came, known: Known) -> str:
    expected = filled(dict(expected), known)
    if (status := expected.get("status", 200)) != came.status:
        return f"response: status {status} is expected, not {came.status}: {came.body[:500]!r}"
    if "body" in expected and (found := difference(expected["body"], _text(came.body), "response.body")):
        return found
    return _headers(expected.get("headers", {}), came.headers, "response")


def _headers(expected: Mapping[str, Any], got: Sequence[tuple[str, str]], where: str) -> str:
    for name, value in expected.items():
        values = [found for key, found in got if key == name.lower()]
        wanted = [] if value is None else value if isinstance(value, list) else [value]
        if found := difference(wanted, values, f"{where}.headers.{name}"):
            return found
    return ""


@contextlib.contextmanager
def made(language: Language, facts: bool, directory: Path) -> Iterator[Bed]:
    """A bed for the block, in a directory of its own."""
    results = directory / "results.jsonl"
    results.touch()
    with running_upstreams() as upstreams, gateway_in(directory) as gateway:
        gateway.port, closed, closed_too = _free_ports(3)
        ports = {f"{name}_port": port for name, port in upstreams.ports.items()}
        known = {
            **ports,
            "port": gateway.port,
            "closed_port": closed,
            "closed_too_port": closed_too,
            "hostname": socket.gethostname(),
            "node": NODE,
            "main": MAIN,
            "default_route": DEFAULT_ROUTE,
            "alice": ALICE,
            "plugin": PLUGIN,
        }
        environment = {"CONFORMANCE_RESULTS": str(results), **language.environment}
        gateway.write(
            CONFIGURATION.format_map(known),
            SETTINGS.format(
                facts=str(facts).lower(),
                node=NODE,
                trusted=TRUSTED,
                port=gateway.port,
                language=language.name,
                command=json.dumps(list(language.command(directory))),
                environment=json.dumps(environment),
            ),
        )
        gateway.start(environment={"CONFORMANCE_SECRET": "hush", "CONFORMANCE_TABLE": '{"token": "t-1", "n": 5}'})
        bed = Bed(language, facts, gateway, upstreams, results, known)
        try:
            yield bed
        finally:
            bed.close()


def _free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for sock in sockets:
            sock.bind(("127.0.0.1", 0))
        return [sock.getsockname()[1] for sock in sockets]
