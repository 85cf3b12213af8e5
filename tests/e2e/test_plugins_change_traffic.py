"""Requests through a real gateway, a real plugin server and a real upstream."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.gateway import Gateway, Upstream, eventually

PLUGINS = Path(__file__).parent / "plugins"

SERVICE = """\
services:
  - name: example
    url: {url}
    routes:
      - name: marked
        paths: [/marked]
        strip_path: false
        plugins: [{{name: mark, config: {{word: hello, times: 2}}}}]
      - name: half
        paths: [/half]
        plugins: [{{name: half}}]
      - name: half-open
        paths: [/open]
        plugins: [{{name: half, on_error: fail_open}}, {{name: mark}}]
      - name: slow
        paths: [/slow]
        plugins: [{{name: slow, deadlines: {{access: 200}}}}]
      - name: body
        paths: [/body]
        plugins: [{{name: body}}]
      - name: private
        paths: [/private]
        plugins: [{{name: who}}]
      - name: orphan
        paths: [/orphan]
        plugins: [{{name: nobody-has-this}}]
      - name: plain
        paths: [/plain]
consumers:
  - username: bob
    plugins: [{{name: mark, config: {{word: bob}}}}]
  - username: alice
"""


@pytest.fixture
def serving(gateway: Gateway, upstream: Upstream) -> Gateway:
    gateway.write(SERVICE.format(url=upstream.url), plugins=PLUGINS)
    return gateway.start()


def test_a_plugin_in_another_process_changes_request_and_response(serving: Gateway, upstream: Upstream) -> None:
    answer = serving.request("/marked/it?a=1", headers={"X-Own": "kept"})
    assert answer.status == 200
    [seen] = upstream.seen
    assert seen.target == "/marked/it?a=1"
    assert seen.headers["x-mark"] == "hello hello"
    assert seen.headers["x-read-back"] == "hello hello"
    assert seen.headers["x-own"] == "kept"
    pid = answer.headers["x-mark-pid"]
    assert int(pid) not in {process.pid for process in serving.processes()[:2]}
    assert answer.headers["x-from-access"] == pid
    assert answer.headers["x-upstream-status"] == "200"
    assert answer.headers["x-upstream"] == "yes"


def test_the_log_phase_runs_after_the_answer_and_still_reads_the_request(serving: Gateway) -> None:
    serving.request("/marked/later")
    eventually(lambda: "logged 200 for /marked/later" in serving.log, "the line of the log phase")


def test_a_failing_plugin_answers_500_and_leaves_no_half_of_its_changes(serving: Gateway, upstream: Upstream) -> None:
    answer = serving.request("/half")
    assert answer.status == 500
    assert "x-half" not in answer.headers
    assert upstream.seen == []
    eventually(lambda: "plugin half failed in access" in serving.log, "its name in the log")
    eventually(lambda: "RuntimeError: on purpose" in serving.log, "its traceback in the log")


def test_under_fail_open_the_request_goes_on_as_if_the_plugin_had_not_run(serving: Gateway, upstream: Upstream) -> None:
    answer = serving.request("/open")
    assert answer.status == 200
    assert "x-half" not in answer.headers
    assert "x-half" not in upstream.seen[0].headers
    assert upstream.seen[0].headers["x-mark"] == "seen"


def test_a_plugin_that_exceeds_its_deadline_answers_504_with_its_name_in_the_log(serving: Gateway) -> None:
    assert serving.request("/slow").status == 504
    eventually(lambda: "plugin slow failed in access: deadline" in serving.log, "its name in the log")


def test_a_plugin_reads_and_replaces_both_bodies(serving: Gateway, upstream: Upstream) -> None:
    answer = serving.request("/body", "POST", body=b"abc" * 50_000)
    assert answer.status == 200
    assert upstream.seen[0].body == b"cba" * 50_000
    assert answer.body.startswith(b"wrapped:{")
    assert int(answer.headers["content-length"]) == len(answer.body)


def test_a_plugin_authenticates_and_the_consumers_own_configuration_runs(serving: Gateway, upstream: Upstream) -> None:
    refused = serving.request("/private")
    assert (refused.status, refused.json) == (401, {"message": "who are you?"})
    assert refused.headers["www-authenticate"] == "x-user"
    assert upstream.seen == []
    assert serving.request("/private", headers={"x-user": "bob"}).status == 200
    assert serving.request("/private", headers={"x-user": "alice"}).status == 200
    bob, alice = upstream.seen
    assert bob.headers["x-mark"] == "bob"
    assert "x-mark" not in alice.headers


def test_a_plugin_that_no_server_provides_answers_503_with_its_name_on_its_routes_alone(serving: Gateway) -> None:
    answer = serving.request("/orphan")
    assert answer.status == 503
    assert b"nobody-has-this" in answer.body
    assert serving.request("/plain").status == 200


def test_the_gateways_own_answers_follow_kongs_conventions(serving: Gateway) -> None:
    answer = serving.request("/no-such-route", headers={"accept": "text/html, application/json;q=0.5"})
    assert answer.status == 404
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert b"no Route matched with those values" in answer.body
    assert answer.headers["server"].startswith("oarlock/")
    assert len(answer.headers["x-kong-request-id"]) == 32
    assert "x-kong-response-latency" in answer.headers
