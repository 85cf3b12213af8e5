"""Settings from file, environment and flags."""

from __future__ import annotations

import pickle
import textwrap
from pathlib import Path
from typing import Any

import pytest

from oarlock.config import document, settings
from oarlock.config.fields import InvalidField
from oarlock.config.settings import Limits, Listen, Settings
from oarlock.errors import ConfigurationInvalid


def load(directory: Path, text: str = "", environ: dict[str, str] | None = None, **flags: Any) -> Settings:
    file = directory / "oarlock.yaml"
    file.write_text(textwrap.dedent(text))
    return settings.load(file, environ or {}, flags)


def refusals(directory: Path, text: str = "", environ: dict[str, str] | None = None, **flags: Any) -> list[str]:
    with pytest.raises(ConfigurationInvalid) as caught:
        load(directory, text, environ, **flags)
    return [str(problem).replace(f"{directory}/", "") for problem in caught.value.problems]


def test_without_any_source_there_are_defaults() -> None:
    found = settings.load(None, {}, {})
    assert found.listen == (Listen("127.0.0.1", 8000),)
    assert found.workers >= 1
    assert found.limits == Limits()
    assert found.prefix == Path.cwd() / ".oarlock"


def test_the_environment_is_stronger_than_the_file_and_flags_are_stronger_than_both(tmp_path: Path) -> None:
    text = "workers: 1\nkong_compat: true\nshutdown_timeout: 5\n"
    environ = {"OARLOCK_WORKERS": "2", "OARLOCK_SHUTDOWN_TIMEOUT": "500ms"}
    found = load(tmp_path, text, environ, workers=3)
    assert (found.workers, found.kong_compat, found.shutdown_timeout) == (3, True, 0.5)


def test_a_flag_that_is_none_was_not_given(tmp_path: Path) -> None:
    assert load(tmp_path, "workers: 1", workers=None).workers == 1


def test_single_values_within_objects_are_set_from_the_environment_and_the_others_stay(tmp_path: Path) -> None:
    text = """
        limits: {head_timeout: 1, idle_timeout: 2}
        plugin_servers: {my-hello: {command: [hello], processes: 2}}
        """
    environ = {
        "OARLOCK_LIMITS__HEAD_TIMEOUT": "9",
        "OARLOCK_PLUGIN_SERVERS__MY_HELLO__PROCESSES": "4",
        "OARLOCK_PLUGIN_SERVERS__OTHER__COMMAND": "other 'a b' --x",
        "OARLOCK_PLUGIN_SERVERS__OTHER__DEADLINES__ACCESS": "250ms",
        "OARLOCK_PLUGIN_SERVERS__OTHER__ENVIRONMENT__TOKEN": "t",
    }
    found = load(tmp_path, text, environ)
    assert (found.limits.head_timeout, found.limits.idle_timeout) == (9.0, 2.0)
    assert found.plugin_servers["my-hello"].processes == 4
    assert found.plugin_servers["my-hello"].command == ("hello",)
    assert found.plugin_servers["other"].command == ("other", "a b", "--x")
    assert found.plugin_servers["other"].environment == {"TOKEN": "t"}
    assert found.plugin_servers["other"].deadlines == {"access": 0.25, "log": 10.0}


@pytest.mark.parametrize(
    ("variable", "text", "attribute", "value"),
    [
        ("PROXY_LISTEN", "0.0.0.0:80, [::1]:81", "listen", (Listen("0.0.0.0", 80), Listen("::1", 81))),
        ("PROXY_LISTEN", '["0.0.0.0:80"]', "listen", (Listen("0.0.0.0", 80),)),
        ("TRUSTED_IPS", "10.0.0.0/8,::1", "trusted_ips", ("10.0.0.0/8", "::1")),
        ("PORT_MAPS", "80:8000, 443:8443", "port_maps", {8000: 80, 8443: 443}),
        ("HEADERS", "off", "headers", frozenset({"off"})),
        ("REAL_IP_RECURSIVE", "on", "real_ip_recursive", True),
        ("PLUGIN_SERVERS", '{"a": {"socket": "/run/a.sock"}}', None, None),
    ],
)
def test_a_variable_is_read_by_its_setting(
    tmp_path: Path, variable: str, text: str, attribute: str | None, value: object
) -> None:
    found = load(tmp_path, "", {f"OARLOCK_{variable}": text})
    if attribute is not None:
        assert getattr(found, attribute) == value
    else:
        assert found.plugin_servers["a"].socket == ("unix:/run/a.sock",)


def test_what_a_plugin_server_is_told_in_its_environment_is_no_setting(tmp_path: Path) -> None:
    environ = {"OARLOCK_LISTEN": "fd:3", "OARLOCK_SERVER_NAME": "x", "OARLOCK_MEMBER": "0", "OARLOCK_HOST_UID": "0"}
    assert load(tmp_path, "", environ).listen == (Listen("127.0.0.1", 8000),)


def test_unknown_keys_are_named_with_file_line_and_hint(tmp_path: Path) -> None:
    assert refusals(tmp_path, "workers: 1\nlimits:\n  head_timout: 3\nworker: 2\n") == [
        "oarlock.yaml:3: limits.head_timout: unknown field; did you mean 'head_timeout'?",
        "oarlock.yaml:4: worker: unknown field; did you mean 'workers'?",
    ]


def test_wrong_values_are_named_by_where_they_came_from(tmp_path: Path) -> None:
    environ = {"OARLOCK_WORKERS": "many", "OARLOCK_PROXY_LISTEN": "127.0.0.1:80,x"}
    found = refusals(tmp_path, "log:\n  level: loud\n", environ, shutdown_timeout="soon")
    assert [line.split(": expected")[0] for line in found] == [
        "oarlock.yaml:2: log.level",
        "command line: --shutdown-timeout",
        "environment: OARLOCK_PROXY_LISTEN[1]",
        "environment: OARLOCK_WORKERS",
    ]


def test_unknown_variables_and_flags_are_errors(tmp_path: Path) -> None:
    found = refusals(tmp_path, "", {"OARLOCK_WORKER": "1", "OARLOCK_LOG__LEVL": "x"}, prefx="y")
    assert found == [
        "environment: OARLOCK_LOG__LEVL: no such setting; did you mean 'level'?",
        "environment: OARLOCK_WORKER: no such setting; did you mean 'workers'?",
        "command line: --prefx: no such setting; did you mean 'prefix'?",
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("listen: ['localhost:80']", "an IP address and a port"),
        ("listen: ['127.0.0.1:70000']", "an IP address and a port"),
        ("listen: []", "expected a list"),
        ("plugin_servers: {a: {}}", "expected either command or socket, found neither"),
        ("plugin_servers: {a: {command: x, socket: /y}}", "expected either command or socket, found both"),
        ("plugin_servers: {a: {command: 'x \"'}}", "no closing quotation"),
        ("plugin_servers: {a: {socket: /y, processes: 2}}", "as many sockets as there are processes"),
        ("plugin_servers: {a: {socket: 'tcp:1.2.3.4:5'}}", "expected a Unix socket"),
        ("plugin_servers: {a: {command: x, group: g}}", "only together with a user"),
        ("plugin_servers: {a/b: {command: x}}", "1 to 63 letters"),
        ("plugin_servers: {a: {command: x, environment: {A: 1}}}", "quote numbers"),
        ("plugin_servers: {a: {command: x, on_error: open}}", "fail_closed, fail_open"),
        ("plugin_servers: {a: {command: x, deadlines: {acess: 1}}}", "did you mean 'access'?"),
        ("limits: {max_head_size: 10}", "a number of bytes from 1024"),
        ("limits: {head_timeout: 0}", "seconds from 0.001"),
        ("limits: {head_timeout: 5 weeks}", "seconds from 0.001"),
        ("port_maps: ['80']", "PUBLIC:LISTENING"),
        ("trusted_ips: [10.0.0.0/99]", "an IP address or CIDR block"),
        ("kong_compat: yes", "write true"),
        ("node_id: x", "a UUID"),
        ("[1]", "an object with settings"),
    ],
)
def test_a_setting_refuses(tmp_path: Path, text: str, expected: str) -> None:
    (line,) = refusals(tmp_path, text)
    assert expected in line


@pytest.mark.parametrize(
    ("text", "feature"),
    [
        ("listen: ['127.0.0.1:1 ssl']", "ssl"),
        ("listen: ['127.0.0.1:1 http2']", "http2"),
        ("listen: ['127.0.0.1:1 proxy_protocol']", "proxy_protocol"),
        ("router_flavor: expressions", "expressions"),
    ],
)
def test_what_is_not_supported_yet_is_refused_unless_accepted(tmp_path: Path, text: str, feature: str) -> None:
    (line,) = refusals(tmp_path, text)
    assert line.startswith("oarlock.yaml:1: ")
    assert f"'{feature}' is not supported yet" in line
    text = text.replace("['", "['127.0.0.1:2', '")
    load(tmp_path, text, accept_missing=(feature,))


def test_an_accepted_listener_with_ssl_never_serves_in_plain_text(tmp_path: Path) -> None:
    text = "listen: ['127.0.0.1:80', '127.0.0.1:443 ssl reuseport']\naccept_missing: [ssl]\n"
    assert [address.port for address in load(tmp_path, text).listen] == [80]
    (line,) = refusals(tmp_path, "listen: ['127.0.0.1:443 ssl']\naccept_missing: [ssl]\n")
    assert "no address is left to listen on" in line


def test_an_unknown_flag_of_a_listener_is_an_error(tmp_path: Path) -> None:
    (line,) = refusals(tmp_path, "listen: ['127.0.0.1:1 reusport']")
    assert "unknown flag 'reusport'" in line
    assert line.endswith("did you mean 'reuseport'?")


def test_relative_paths_count_from_the_file_and_those_of_flags_from_here(tmp_path: Path) -> None:
    text = """
        prefix: run
        declarative_config: kong.yaml
        plugin_servers:
          a: {command: ./a}
          b: {command: b, working_directory: sub}
          c: {socket: [c.sock, /run/c.sock]}
        """
    found = load(tmp_path, text, declarative_config="here.yaml")
    assert found.prefix == tmp_path / "run"
    assert found.declarative_config == Path.cwd() / "here.yaml"
    assert found.plugin_servers["a"].working_directory == tmp_path
    assert found.plugin_servers["b"].working_directory == tmp_path / "sub"
    assert found.plugin_servers["c"].socket == (f"unix:{tmp_path}/c.sock", "unix:/run/c.sock")


def test_sizes_and_durations_take_units(tmp_path: Path) -> None:
    found = load(tmp_path, "limits: {max_body_size: 8MiB, max_head_size: 64k, head_timeout: 2m, idle_timeout: 1.5}")
    assert (found.limits.max_body_size, found.limits.max_head_size) == (8 * 2**20, 65536)
    assert (found.limits.head_timeout, found.limits.idle_timeout) == (120.0, 1.5)


def test_settings_travel_to_other_processes(tmp_path: Path) -> None:
    found = load(tmp_path, "plugin_servers: {a: {command: x}}")
    assert pickle.loads(pickle.dumps(found)) == found


def test_settings_built_in_code_are_checked_as_well() -> None:
    with pytest.raises(InvalidField, match="workers: expected a whole number"):
        Settings(workers=-1)


def test_docs_settings_md_is_current() -> None:
    page = Path(__file__).parents[2] / "docs" / "settings.md"
    assert page.read_text() == document.render(), "run `python -m oarlock.config.document`"
