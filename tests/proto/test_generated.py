"""What is generated from proto/pdk.toml is what stands in the tree, and the table does not contradict itself."""

from __future__ import annotations

import importlib
import inspect
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
GENERATE = ROOT / "proto" / "generate.py"
TABLE: dict[str, Any] = tomllib.loads((ROOT / "proto" / "pdk.toml").read_text(encoding="utf-8"))
FUNCTIONS: dict[str, dict[str, Any]] = {entry["name"]: entry for entry in TABLE["function"]}

# Every function of Kong's PDK that a plugin outside the gateway can have, and ours. Numbers are part of the protocol.
NUMBERS = {
    "kong.exchange": "1 get_id, 2 get_trace_context, 3 get_route_id, 4 get_service_id, 5 get_consumer_id, "
    "6 get_credential_id, 7 get_server_name, 8 get_latencies, 9 get_sizes, 10 get_shared, 11 get_plugin_ctx",
    "kong.client": "20 get_ip, 21 get_forwarded_ip, 22 get_port, 23 get_forwarded_port, 24 load_consumer, "
    "25 get_consumer, 26 get_credential, 27 authenticate, 28 get_protocol, "
    "29 authenticate_consumer_group_by_consumer_id, 30 get_consumer_group, 31 get_consumer_groups, "
    "32 set_authenticated_consumer_group, 33 set_authenticated_consumer_groups",
    "kong.request": "18 get_start_time, 19 get_uri_captures, 40 get_method, 41 get_scheme, 42 get_host, 43 get_port, "
    "44 get_path, 45 get_raw_path, 46 get_path_with_query, 47 get_raw_query, 48 get_query_arg, 49 get_query, "
    "50 get_header, 51 get_headers, 52 get_http_version, 53 get_forwarded_scheme, 54 get_forwarded_host, "
    "55 get_forwarded_port, 56 get_forwarded_path, 57 get_forwarded_prefix, 58 get_raw_body, 59 get_body",
    "kong.response": "60 set_header, 61 add_header, 62 clear_header, 63 set_headers, 64 set_status, 65 get_status, "
    "66 get_header, 67 get_headers, 68 get_source, 69 exit, 70 error, 71 get_raw_body, 72 set_raw_body",
    "kong.service": "80 set_upstream, 81 set_target, 82 set_retries, 83 set_timeouts, 84 set_tls_verify, "
    "85 set_tls_verify_depth",
    "kong.service.request": "90 set_header, 91 add_header, 92 clear_header, 93 set_headers, 94 set_method, "
    "95 set_path, 96 set_scheme, 97 set_raw_query, 98 set_query, 99 clear_query_arg, 100 set_raw_body, 101 set_body, "
    "102 enable_buffering, 103 disable_tls, 104 enable_tls",
    "kong.service.response": "110 get_status, 111 get_header, 112 get_headers, 113 get_raw_body, 114 get_body",
    "kong.router": "120 get_route, 121 get_service",
    "kong.ctx.shared": "125 get, 126 set",
    "kong.ctx.plugin": "127 get, 128 set",
    "kong.ip": "130 is_trusted",
    "kong.node": "131 get_id, 132 get_hostname, 133 get_memory_stats",
    "kong.nginx": "134 get_var, 135 get_tls1_version_str, 136 get_ctx, 137 set_ctx, 138 req_start_time, "
    "139 get_subsystem, 140 get_statistics",
    "kong.cluster": "141 get_id",
    "kong.plugin": "142 get_id",
    "kong.vault": "150 get, 151 is_reference, 152 parse_reference, 153 update, 154 flush",
    "kong": "160 log",
    "kong.log": "161 debug, 162 info, 163 notice, 164 warn, 165 err, 166 crit, 167 alert, 168 deprecation, "
    "169 inspect, 170 serialize, 171 set_serialize_value",
    "kong.client.tls": "180 request_client_certificate, 181 disable_session_reuse, "
    "182 get_full_client_certificate_chain, 183 set_client_verify",
    "kong.telemetry": "190 log",
    "kong.tracing": "200 active_span, 201 set_active_span, 202 start_span, 203 create_span, 204 set_should_sample, "
    "205 get_sampling_decision",
    "kong.enterprise_edition.jwe": "210 decode, 211 decrypt, 212 encrypt",
    "kong.websocket.client": "220 get_frame, 221 set_frame_data, 222 set_status, 223 drop_frame, 224 close, "
    "225 set_max_payload_size",
    "kong.websocket.upstream": "230 get_frame, 231 set_frame_data, 232 set_status, 233 drop_frame, 234 close, "
    "235 set_max_payload_size",
}
NOT_THERE_YET = {"kong.client.tls", "kong.tracing", "kong.enterprise_edition.jwe", "kong.websocket.client"} | {
    "kong.websocket.upstream"
}
STREAMS_AND_TLS = {
    "kong.service.request.disable_tls",
    "kong.service.request.enable_tls",
    "kong.exchange.get_server_name",
}


def generator() -> Any:
    """The module of the generator that reads the table."""
    sys.path.insert(0, str(ROOT / "proto"))
    try:
        return importlib.import_module("templates.table")
    finally:
        sys.path.remove(str(ROOT / "proto"))


def numbers() -> dict[str, int]:
    pairs = [(space, part.split(" ")) for space, parts in NUMBERS.items() for part in parts.split(", ")]
    return {f"{space}.{name}": int(number) for space, (number, name) in pairs}


def test_what_is_generated_is_current() -> None:
    done = subprocess.run([sys.executable, GENERATE, "--check"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_generator_works_from_any_directory(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, GENERATE, "--check"], cwd=tmp_path, capture_output=True, check=False)
    assert done.returncode == 0


def test_the_table_has_every_function_under_its_number_and_no_other() -> None:
    assert {name: entry["number"] for name, entry in FUNCTIONS.items()} == numbers()


def test_no_number_is_used_twice() -> None:
    used = [entry["number"] for entry in TABLE["function"]]
    assert len(used) == len(set(used))


def test_only_functions_whose_subject_does_not_exist_yet_are_not_available() -> None:
    missing = {name for name, entry in FUNCTIONS.items() if not entry.get("available", True)}
    expected = {name for name in FUNCTIONS if name.rpartition(".")[0] in NOT_THERE_YET} | STREAMS_AND_TLS
    assert missing == expected


def test_every_function_that_is_not_available_says_why() -> None:
    assert all(entry.get("available", True) or entry["reason"] for entry in FUNCTIONS.values())


def test_every_key_that_a_change_invalidates_or_writes_names_a_function_of_the_table() -> None:
    keys = [key for entry in FUNCTIONS.values() for key in (*entry.get("invalidates", ()), entry.get("writes", ""))]
    assert {f"kong.{key.partition('[')[0]}" for key in keys if key} <= set(FUNCTIONS)


def test_every_fact_sent_by_default_is_a_fact_that_may_be_read_in_that_phase() -> None:
    table = generator().load(ROOT / "proto" / "pdk.toml")
    functions = {function.number: function for function in table.functions}
    wrong = [
        (phase, functions[number].name)
        for phase, facts in table.default_facts.items()
        for number in facts
        if functions[number].kind != "fact" or phase not in functions[number].phases
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("change", "stale", "fresh"),
    [
        (
            "kong.service.request.set_header",
            {"request.get_header[name]", "request.get_headers"},
            {"request.get_method", "request.get_path"},
        ),
        (
            "kong.service.request.set_query",
            {"request.get_raw_query", "request.get_query", "request.get_query_arg"},
            {"request.get_path_with_query", "request.get_path", "request.get_raw_path"},
        ),
        ("kong.service.request.set_path", set(), {"request.get_path", "request.get_path_with_query"}),
        ("kong.service.request.set_scheme", set(), {"request.get_scheme", "request.get_forwarded_scheme"}),
        ("kong.service.set_target", set(), {"request.get_host", "request.get_port"}),
        ("kong.service.request.set_method", {"request.get_method"}, {"request.get_headers"}),
        (
            "kong.service.request.set_raw_body",
            {"request.get_raw_body", "request.get_body", 'request.get_header["content-length"]'},
            {"request.get_method"},
        ),
        (
            "kong.response.set_header",
            {"response.get_header[name]", "response.get_headers"},
            {"service.response.get_headers", "request.get_headers"},
        ),
        ("kong.response.set_raw_body", {"response.get_raw_body"}, {"service.response.get_raw_body"}),
        (
            "kong.client.authenticate",
            {"client.get_consumer", "client.get_credential", "exchange.get_consumer_id", "exchange.get_credential_id"},
            {"router.get_route"},
        ),
    ],
)
def test_a_change_makes_stale_what_kong_lets_a_plugin_see_of_it(change: str, stale: set[str], fresh: set[str]) -> None:
    invalidates = set(FUNCTIONS[change].get("invalidates", ()))
    assert stale <= invalidates
    assert not fresh & invalidates


def test_a_changed_request_header_makes_what_is_computed_from_it_stale() -> None:
    from oarlock_pluginserver._generated.pdk_table import BY_NAME

    forwarded_host = BY_NAME["kong.request.get_forwarded_host"].number
    stale = [s for s in BY_NAME["kong.service.request.set_header"].stales if s.function == forwarded_host]
    assert [(s.argument, s.only) for s in stale] == [(0, ("x-forwarded-host", "host"))]


def test_host_and_sdk_have_the_same_table() -> None:
    from oarlock_pdk import pdk
    from oarlock_pluginserver._generated import pdk_table

    assert repr(pdk.FUNCTIONS) == repr(pdk_table.FUNCTIONS)
    assert pdk.PHASES == pdk_table.PHASES
    assert pdk.ERROR_CODES == pdk_table.ERROR_CODES


def test_the_binding_passes_every_function_s_arguments_in_order() -> None:
    from oarlock_pdk import pdk

    class Recorder:
        def invoke(self, number: int, args: tuple[Any, ...]) -> Any:
            called.append((number, args))

    called: list[tuple[int, tuple[Any, ...]]] = []
    for root in (pdk.Kong(Recorder()), pdk.AsyncKong(Recorder())):
        for function in pdk.FUNCTIONS.values():
            if not function.external:
                continue
            target: Any = root
            for part in function.name.split(".")[1:]:
                target = getattr(target, part)
            given = tuple(f"argument {arg.name}" for arg in function.args)
            called.clear()
            if function.result == "never":
                with pytest.raises(RuntimeError):
                    target(*given)
            else:
                target(*given)
            assert called == [(function.number, given)], function.name
            assert list(inspect.signature(target).parameters) == [arg.name for arg in function.args]


def test_an_argument_left_out_is_passed_as_its_default() -> None:
    from oarlock_pdk import pdk

    class Recorder:
        def invoke(self, number: int, args: tuple[Any, ...]) -> Any:
            return args

    kong = pdk.Kong(Recorder())
    assert kong.client.load_consumer("bob") == ("bob", False)
    assert kong.request.get_headers() == (None,)


def test_the_reference_page_has_every_function_that_a_plugin_can_call() -> None:
    page = (ROOT / "docs" / "pdk.md").read_text(encoding="utf-8")
    missing = [n for n, entry in FUNCTIONS.items() if entry.get("external", True) and f"### {n}(" not in page]
    assert missing == []


def test_a_contradiction_in_the_table_is_an_error_that_names_the_function(tmp_path: Path) -> None:
    table = generator()
    text = (ROOT / "proto" / "pdk.toml").read_text(encoding="utf-8")
    broken = tmp_path / "pdk.toml"
    broken.write_text(text.replace('"request.get_header[name]"', '"request.get_headre[name]"', 1), encoding="utf-8")
    with pytest.raises(table.TableInvalid, match=r"kong\.service\.request\.set_header"):
        table.load(broken)
    broken.write_text(text.replace("number = 21\n", "number = 20\n", 1), encoding="utf-8")
    with pytest.raises(table.TableInvalid, match="used twice"):
        table.load(broken)
