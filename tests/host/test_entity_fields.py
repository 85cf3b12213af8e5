"""Entities: what they accept, what they refuse, and Kong's form of them."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
import trustme

from oarlock.config.certificate import CaCertificate, Certificate
from oarlock.config.consumer import Consumer
from oarlock.config.credential import JwtSecret, hash_password
from oarlock.config.entity import Entity
from oarlock.config.fields import Fault, Faults, InvalidField, describe, show_path
from oarlock.config.http_fields import normal_path
from oarlock.config.plugin import Plugin, revision_of
from oarlock.config.route import Route
from oarlock.config.service import Service
from oarlock.config.upstream import Healthchecks, Target, Upstream

ID = "6c0b5d2e-32a1-4b0f-8d0c-1f2e3d4c5b6a"


def read(kind: type[Entity], **fields: Any) -> tuple[Any, list[str]]:
    faults: Faults = []
    entity = kind.read({"id": ID, **fields}, (), faults)
    return entity, [show_path(fault.at) for fault in faults]


def test_milliseconds_of_files_are_seconds_inside_and_milliseconds_again_in_kongs_form() -> None:
    service, wrong = read(Service, host="example.com", connect_timeout=1500)
    assert not wrong
    assert service.connect_timeout == 1.5
    assert service.to_kong()["connect_timeout"] == 1500


def test_what_is_unset_is_none_in_kongs_form_and_a_foreign_key_an_object() -> None:
    kong = Route(id=ID, paths=("/a",), service="s").to_kong()
    assert kong["service"] == {"id": "s"}
    assert kong["methods"] is None
    assert kong["name"] is None
    assert kong["paths"] == ["/a"]


def test_null_in_a_file_is_the_same_as_leaving_a_field_out() -> None:
    service, wrong = read(Service, host="h", port=None, name=None)
    assert not wrong
    assert service.port == 80


def test_an_entity_that_is_built_wrongly_raises_with_all_its_faults() -> None:
    with pytest.raises(InvalidField) as caught:
        Service(id=ID, host="no host", port=70000)
    assert [fault.at for fault in caught.value.faults] == [("host",), ("port",)]
    assert "a whole number from 0 to 65535, found 70000" in str(caught.value)


def test_entities_are_frozen() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        Consumer(id=ID, username="bob").username = "eve"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"host": "h", "protocol": "ftp"}, ["protocol"]),
        ({"host": "h", "port": True}, ["port"]),
        ({"host": "h", "port": "80"}, ["port"]),
        ({"host": "h", "path": "x"}, ["path"]),
        ({"host": "h", "path": "/a//b"}, ["path"]),
        ({"host": "h", "path": "/a?b"}, ["path"]),
        ({"host": "h", "path": "/a\r\nX: y"}, ["path"]),
        ({"host": "h:80"}, ["host"]),
        ({"host": "h\r\n"}, ["host"]),
        ({"host": "h", "retries": 40000}, ["retries"]),
        ({"host": "h", "read_timeout": 0}, ["read_timeout"]),
        ({"host": "h", "name": "a b"}, ["name"]),
        ({"host": "h", "tags": ["a,b", "a/b", "ok"]}, ["tags[0]", "tags[1]"]),
        ({"host": "h", "protocol": "http", "tls_verify": True}, ["tls_verify"]),
        ({"host": "h", "protocol": "tcp", "path": "/"}, ["path"]),
        ({"host": "h", "enabled": "yes"}, ["enabled"]),
        ({"host": "h", "nmae": "x"}, ["nmae"]),
        ({}, ["host"]),
    ],
)
def test_a_service_refuses(fields: dict[str, Any], wrong: list[str]) -> None:
    assert read(Service, **fields) == (None, wrong)


@pytest.mark.parametrize("host", ["example.com", "a_b.example", "127.0.0.1", "[::1]", "::1", "my-upstream.v1.svc"])
def test_a_service_accepts_hosts(host: str) -> None:
    assert read(Service, host=host)[1] == []


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"paths": ["a"]}, ["paths[0]"]),
        ({"paths": ["/a//b"]}, ["paths[0]"]),
        ({"paths": ["/a/../b"]}, ["paths[0]"]),
        ({"paths": ["/%61"]}, ["paths[0]"]),
        ({"paths": ["/a b", "/ok"]}, ["paths[0]"]),
        ({"paths": "/a"}, ["paths"]),
        ({"hosts": ["*.a.*"]}, ["hosts[0]"]),
        ({"hosts": ["a.*.b"]}, ["hosts[0]"]),
        ({"hosts": ["a*.b"]}, ["hosts[0]"]),
        ({"hosts": ["a:0"]}, ["hosts[0]"]),
        ({"methods": ["get"]}, ["methods[0]"]),
        ({"headers": {"Host": ["a"]}}, ["headers.Host"]),
        ({"headers": {"x": []}}, ["headers.x"]),
        ({"headers": {"x y": ["a"]}}, ["headers.x y"]),
        ({"paths": ["/"], "protocols": ["http", "grpc"]}, ["protocols"]),
        ({"paths": ["/"], "protocols": []}, ["protocols"]),
        ({"paths": ["/"], "https_redirect_status_code": 303}, ["https_redirect_status_code"]),
        ({"snis": ["a.com"], "protocols": ["http"]}, ["snis", ""]),
        ({}, [""]),
    ],
)
def test_a_route_refuses(fields: dict[str, Any], wrong: list[str]) -> None:
    assert read(Route, **fields) == (None, wrong)


@pytest.mark.parametrize(
    "fields",
    [
        {"hosts": ["a.b", "*.a.b", "a.*", "a.b:80", "*.a.b:8080", "127.0.0.1:80", "[::1]:80"]},
        {"paths": ["/", "/a/", "/a%20b", "/a%2Fb", "/é", "~/a/(?<id>\\d+)$"]},
        {"methods": ["GET", "PURGE"]},
        {"headers": {"X-Version": ["1", "2"], "x-a": ["~*^v\\d"]}},
    ],
)
def test_a_route_accepts(fields: dict[str, Any]) -> None:
    assert read(Route, **fields)[1] == []


@pytest.mark.parametrize(
    ("path", "normal"),
    [
        ("/", "/"),
        ("/a", "/a"),
        ("/a/", "/a/"),
        ("//a///b", "/a/b"),
        ("/a/./b", "/a/b"),
        ("/a/../b", "/b"),
        ("/a/..", "/"),
        ("/../..", "/"),
        ("/%61%2f%7E", "/a%2F~"),
        ("/a%20b", "/a%20b"),
        ("/a%2", "/a%2"),
    ],
)
def test_the_normal_form_of_a_path(path: str, normal: str) -> None:
    assert normal_path(path) == normal


def test_a_consumer_has_a_username_or_a_custom_id() -> None:
    faults: Faults = []
    assert Consumer.read({"id": ID}, (), faults) is None
    assert describe(faults[0]) == "at least one of these fields must be non-empty: 'username', 'custom_id'"


def test_the_revision_of_a_configuration_changes_with_its_values_alone() -> None:
    revision = revision_of({"a": 1, "b": [1, 2]})
    assert revision_of({"b": [1, 2], "a": 1}) == revision
    assert revision_of({"a": 2, "b": [1, 2]}) != revision
    assert revision_of({"a": 1, "b": [2, 1]}) != revision


def test_deadlines_of_a_plugin_are_milliseconds_of_known_phases() -> None:
    plugin, wrong = read(Plugin, name="hello", deadlines={"access": 250}, on_error="fail_open")
    assert not wrong
    assert plugin.deadlines == {"access": 0.25}
    assert read(Plugin, name="hello", deadlines={"acess": 250})[1] == ["deadlines.acess"]
    assert read(Plugin, name="hello", on_error="ignore")[1] == ["on_error"]


def test_an_upstream_has_kongs_health_check_defaults() -> None:
    passive = Upstream(id=ID, name="up").healthchecks.passive
    assert passive.unhealthy.http_statuses == (429, 500, 503)
    assert 226 in passive.healthy.http_statuses
    assert passive.unhealthy.tcp_failures == 0


def test_nested_health_checks_are_read_and_named_by_path() -> None:
    upstream, wrong = read(Upstream, name="up", healthchecks={"passive": {"unhealthy": {"tcp_failures": 3}}})
    assert not wrong
    assert upstream.healthchecks.passive.unhealthy.tcp_failures == 3
    assert isinstance(upstream.healthchecks, Healthchecks)
    assert read(Upstream, name="up", healthchecks={"passive": {"unhealthy": {"tcp_failures": 300}}})[1] == [
        "healthchecks.passive.unhealthy.tcp_failures"
    ]


@pytest.mark.parametrize("name", ["10.0.0.1", "up:80", "", "a b"])
def test_an_upstream_is_named_like_a_host(name: str) -> None:
    assert read(Upstream, name=name)[1] == ["name"]


@pytest.mark.parametrize(
    ("target", "host", "port"),
    [("h:90", "h", 90), ("h", "h", 8000), ("10.0.0.1:1", "10.0.0.1", 1), ("[::1]:5", "::1", 5), ("::1", "::1", 8000)],
)
def test_a_target_is_a_host_and_a_port(target: str, host: str, port: int) -> None:
    entity = Target(id=ID, target=target, upstream="u")
    assert (entity.host, entity.port) == (host, port)


@pytest.mark.parametrize("target", ["h:0", "h:99999", "h:x", ":80", "a b:80"])
def test_a_target_refuses(target: str) -> None:
    assert read(Target, target=target, upstream="u")[1] == ["target"]


def test_an_asymmetric_jwt_secret_needs_a_public_key() -> None:
    assert read(JwtSecret, consumer="c", key="k", secret="s", algorithm="RS256")[1] == ["rsa_public_key"]


def test_a_basic_auth_password_is_hashed_with_the_consumer_as_salt() -> None:
    assert hash_password("secret", "c") == "94b26d568ad5f1b38fd5eb28872a8e1cfc217874"  # printf secretc | sha1sum


def test_certificates_are_pem_with_an_unencrypted_key_and_both_or_none_of_the_second_pair() -> None:
    authority = trustme.CA()
    issued = authority.issue_cert("example.com")
    cert = issued.cert_chain_pems[0].bytes().decode()
    key = issued.private_key_pem.bytes().decode()
    assert read(Certificate, cert=cert, key=key)[1] == []
    assert read(Certificate, cert=key, key=cert)[1] == ["cert", "key"]
    assert read(Certificate, cert=cert + "junk", key=key)[1] == ["cert"]
    assert read(Certificate, cert=cert, key=key, cert_alt=cert)[1] == [""]


def test_a_ca_certificate_is_one_certificate_of_an_authority() -> None:
    authority = trustme.CA()
    ca = authority.cert_pem.bytes().decode()
    leaf = authority.issue_cert("example.com").cert_chain_pems[0].bytes().decode()
    assert read(CaCertificate, cert=ca)[1] == []
    assert read(CaCertificate, cert=leaf)[1] == ["cert"]
    assert read(CaCertificate, cert=ca + ca)[1] == ["cert"]
    assert read(CaCertificate, cert=ca, cert_digest="00")[1] == ["cert_digest"]


def test_a_fault_reads_as_a_sentence() -> None:
    assert describe(Fault(("port",), "x", "a number", "write 1")) == 'expected a number, found "x"; write 1'
