"""A description of a plugin server that can't work is refused, with words that help."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from oarlock_pluginserver.errors import InvalidSpec
from oarlock_pluginserver.spec import ServerSpec, base_environment


def test_a_command_alone_is_enough() -> None:
    spec = ServerSpec(name="hello", command=("hello-server",))
    assert spec.is_managed
    assert spec.processes == 1


def test_a_server_that_others_run_has_addresses_of_one_form() -> None:
    spec = ServerSpec(name="hello", socket=("/run/a.sock", "unix:/run/b.sock"))
    assert not spec.is_managed
    assert spec.socket == ("unix:/run/a.sock", "unix:/run/b.sock")


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "../up"}, "name"),
        ({"name": "a.b"}, "name"),
        ({"name": "x" * 64}, "name"),
        ({"command": None}, "command"),
        ({"socket": ("/run/a.sock",)}, "command"),
        ({"command": ()}, "command"),
        ({"command": ("",)}, "command"),
        ({"command": ("a", "b\0c")}, "command"),
        ({"command": None, "socket": ("run/a.sock",)}, "socket"),
        ({"command": None, "socket": ("tls://host:1",)}, "socket"),
        ({"environment": {"A=B": "c"}}, "environment"),
        ({"environment": {"A": "\0"}}, "environment"),
        ({"environment": {"OARLOCK_LISTEN": "fd:4"}}, "environment"),
        ({"group": "staff"}, "group"),
        ({"processes": 0}, "processes"),
        ({"processes": 1025}, "processes"),
        ({"start_timeout": 0}, "start_timeout"),
        ({"stop_grace": -1}, "stop_grace"),
        ({"stop_grace": float("nan")}, "stop_grace"),
        ({"restart_ceiling": float("inf")}, "restart_ceiling"),
        ({"restart_initial": 2, "restart_ceiling": 1}, "restart_initial"),
        ({"quarantine_after": 0}, "quarantine_after"),
    ],
)
def test_what_cannot_work_is_refused_naming_the_server_and_the_field(fields: dict[str, Any], field: str) -> None:
    arguments = {"name": "hello", "command": ("hello-server",), **fields}
    with pytest.raises(InvalidSpec, match=f"{field} is .*; expected ") as caught:
        ServerSpec(**arguments)
    assert caught.value.field == field
    assert repr(arguments["name"]) in str(caught.value)


def test_later_changes_of_the_environment_do_not_reach_the_spec() -> None:
    environment = {"A": "1"}
    spec = ServerSpec(name="hello", command=("hello-server",), environment=environment)
    environment["A"] = "2"
    assert spec.environment == {"A": "1"}


def test_the_base_environment_has_no_secrets_and_finds_what_is_installed_beside_the_gateway() -> None:
    environment = base_environment({"PATH": "/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC", "OARLOCK_PG_PASSWORD": "secret"})
    assert environment == {"PATH": f"/bin:{Path(sys.executable).parent}", "LC_ALL": "C.UTF-8", "TZ": "UTC"}
