"""Declarative files: what becomes of them, and what is said of those that are wrong."""

from __future__ import annotations

import json
import re
import textwrap
from pathlib import Path
from typing import Any

import pytest
import trustme

from oarlock.config import declarative
from oarlock.config.configuration import Configuration
from oarlock.config.credential import hash_password
from oarlock.errors import ConfigurationInvalid, Problem

HELLO = {
    "name": "hello",
    "fields": [{"config": {"type": "record", "fields": [{"text": {"type": "string", "default": "hi"}}]}}],
}


def load(text: str, known: dict[str, Any] | None = None, *accept: str, **options: Any) -> Configuration:
    return declarative.load(_with_version(text), known, frozenset(accept), **options)[0]


def warnings(text: str, known: dict[str, Any] | None = None, *accept: str, **options: Any) -> list[Problem]:
    return declarative.load(_with_version(text), known, frozenset(accept), **options)[1]


def problems(text: str, known: dict[str, Any] | None = None, **options: Any) -> list[Problem]:
    with pytest.raises(ConfigurationInvalid) as caught:
        declarative.load(_with_version(text), known, **options)
    return caught.value.problems


def _with_version(text: str) -> str:
    text = textwrap.dedent(text)
    return text if "_format_version" in text else f'_format_version: "3.0"\n{text.lstrip()}'


def by_path(found: list[Problem]) -> dict[str, Problem]:
    return {problem.path: problem for problem in found}


def only(mapping: Any) -> Any:
    (value,) = mapping.values()
    return value


def test_nested_entities_point_to_what_they_are_nested_in() -> None:
    configuration = load("""
        services:
        - name: s
          url: https://example.com/api
          plugins: [{name: hello}]
          routes:
          - name: r
            paths: [/a]
            plugins: [{name: hello}]
        consumers:
        - username: bob
          acls: [{group: g}]
          plugins: [{name: hello}]
        upstreams:
        - name: up
          targets: [{target: "10.0.0.1:80"}, {target: b}]
        """)
    service = only(configuration.services)
    route = only(configuration.routes)
    consumer = only(configuration.consumers)
    assert (service.protocol, service.host, service.port, service.path) == ("https", "example.com", 443, "/api")
    assert route.service == service.id
    scopes = {(plugin.service, plugin.route, plugin.consumer) for plugin in configuration.plugins.values()}
    assert scopes == {(service.id, None, None), (None, route.id, None), (None, None, consumer.id)}
    assert [target.target for target in configuration.targets_of(only(configuration.upstreams).id)] == [
        "10.0.0.1:80",
        "b:8000",
    ]
    assert configuration.credentials_of(consumer.id, "acls")[0]["group"] == "g"


@pytest.mark.parametrize("reference", ["s", "{name: s}", "{id: 6c0b5d2e-32a1-4b0f-8d0c-1f2e3d4c5b6a}"])
def test_a_flat_entity_names_its_parent_by_id_or_key(reference: str) -> None:
    configuration = load(f"""
        routes: [{{paths: [/], service: {reference}}}]
        services: [{{id: 6c0b5d2e-32a1-4b0f-8d0c-1f2e3d4c5b6a, name: s, host: h}}]
        """)
    assert only(configuration.routes).service == "6c0b5d2e-32a1-4b0f-8d0c-1f2e3d4c5b6a"


def test_json_and_yaml_say_the_same() -> None:
    values = {"_format_version": "3.0", "services": [{"name": "s", "host": "h", "routes": [{"paths": ["/a"]}]}]}
    assert load(json.dumps(values)).version == load("services: [{name: s, host: h, routes: [{paths: [/a]}]}]").version


def test_ids_are_the_same_after_every_load_and_do_not_depend_on_the_order_of_the_file() -> None:
    first = load("""
        services: [{name: a, host: h, routes: [{paths: [/a]}, {paths: [/b]}]}, {name: b, host: h}]
        plugins: [{name: hello, service: a}, {name: hello}]
        """)
    again = load("""
        plugins: [{name: hello}, {name: hello, service: a}]
        services: [{name: b, host: h}, {name: a, host: h, routes: [{paths: [/b]}, {paths: [/a]}]}]
        """)
    for collection in ("services", "routes", "plugins"):
        assert set(getattr(first, collection)) == set(getattr(again, collection))
    assert first.version == again.version


def test_two_routes_without_a_name_that_are_alike_have_ids_of_their_own() -> None:
    assert len(load("services: [{host: h, routes: [{paths: [/a]}, {paths: [/a]}]}]").routes) == 2


def test_the_version_changes_with_the_content_and_an_empty_configuration_has_zeros() -> None:
    assert load("services: []").version == "0" * 32
    assert load("services: [{host: a}]").version != load("services: [{host: b}]").version


def test_every_problem_is_named_at_once_with_file_line_and_path(tmp_path: Path) -> None:
    file = tmp_path / "kong.yaml"
    file.write_text(
        textwrap.dedent("""\
        _format_version: "3.0"
        sevices: []
        services:
        - name: a
          host: h
          prot: 80
          routes:
          - name: r
            paths:
            - /ok
            - b
            host: [x]
          - name: q
            methods: [GET]
            regex_priority: high
        - host: h
          port: 70000
        plugins:
        - name: hello
          service: aa
        """)
    )
    with pytest.raises(ConfigurationInvalid) as caught:
        declarative.load(file)
    assert [(problem.line, problem.path) for problem in caught.value.problems] == [
        (2, "sevices"),
        (6, "services[0].prot"),
        (11, "services[0].routes[0].paths[1]"),
        (12, "services[0].routes[0].host"),
        (15, "services[0].routes[1].regex_priority"),
        (17, "services[1].port"),
        (20, "plugins[0].service"),
    ]
    found = by_path(caught.value.problems)
    assert {problem.file for problem in caught.value.problems} == {str(file)}
    assert found["sevices"].hint == "did you mean 'services'?"
    assert found["services[0].prot"].hint == "did you mean 'port'?"
    assert found["services[0].routes[0].host"].hint == "did you mean 'hosts'?"
    assert found["services[1].port"].found == "70000"
    assert found["services[1].port"].expected == "a whole number from 0 to 65535"
    assert found["plugins[0].service"].hint == "did you mean 'a'?"
    text = f"{file}:17: services[1].port: expected a whole number from 0 to 65535, found 70000"
    assert text in str(caught.value).splitlines()


def test_a_misspelt_nested_collection_is_hinted_at() -> None:
    assert only(by_path(problems("services: [{host: h, route: []}]"))).hint == "did you mean 'routes'?"


def test_the_format_version_is_required_and_text() -> None:
    (problem,) = problems("_format_version: 3.0\n")
    assert (problem.path, problem.found, problem.hint) == ("_format_version", "3.0", 'put it in quotes: "3.0"')
    with pytest.raises(ConfigurationInvalid, match="_format_version: expected one of"):
        declarative.load("services: []")


@pytest.mark.parametrize("text", ["[]", "5", "text"])
def test_a_file_that_is_no_object_is_refused(text: str) -> None:
    with pytest.raises(ConfigurationInvalid, match="expected an object with collections"):
        declarative.load(text)


def test_an_empty_file_lacks_its_version() -> None:
    with pytest.raises(ConfigurationInvalid, match="_format_version"):
        declarative.load("")


@pytest.mark.parametrize("version", ["1.1", "2.1"])
def test_paths_of_old_formats_that_look_like_regular_expressions_get_a_tilde(version: str) -> None:
    configuration = load(f"""
        _format_version: "{version}"
        routes: [{{name: r, paths: ["/a-b_c.d~e/%20", "/a/\\\\d+", "~/x"]}}]
        """)
    assert only(configuration.routes).paths == ("/a-b_c.d~e/%20", "~/a/\\d+", "~/x")


def test_comments_are_taken_and_checked() -> None:
    text = "_comment: a\n_ignore: [1, {a: b}]\nservices: [{host: h, _comment: x, _ignore: []}]\n"
    assert len(load(text).services) == 1
    found = by_path(problems("_comment: 1\nservices: [{host: h, _ignore: x}]"))
    assert set(found) == {"_comment", "services[0]._ignore"}


@pytest.mark.parametrize(
    ("text", "path", "message"),
    [
        (
            "services: [{name: a, host: h}, {name: a, host: h}]",
            "services[1].name",
            "uniqueness violation: 'services' entity with name set to 'a' already declared",
        ),
        (
            "consumers: [{username: a, custom_id: x}, {username: b, custom_id: x}]",
            "consumers[1].custom_id",
            "uniqueness violation: 'consumers' entity with custom_id set to 'x' already declared",
        ),
        (
            "plugins: [{name: hello}, {name: hello}]",
            "plugins[1].name",
            "uniqueness violation: 'plugins' entity with name set to 'hello' already declared",
        ),
        (
            "consumers: [{username: a, keyauth_credentials: [{key: k}, {key: k}]}]",
            "consumers[0].keyauth_credentials[1].key",
            "uniqueness violation: 'keyauth_credentials' entity with key set to 'k' already declared",
        ),
    ],
)
def test_what_must_be_unique_is(text: str, path: str, message: str) -> None:
    (problem,) = problems(text)
    assert (problem.path, problem.message) == (path, message)
    assert problem.hint == "see line 2"


def test_targets_are_unique_within_their_upstream_default_port_counted() -> None:
    two = "upstreams: [{name: a, targets: [{target: t}]}, {name: b, targets: [{target: t}]}]"
    assert len(load(two).targets) == 2
    found = problems("upstreams: [{name: a, targets: [{target: t}, {target: 't:8000'}]}]")
    assert "with upstream set to" in found[0].message
    assert "target set to 't:8000'" in found[0].message


def test_an_id_that_is_no_uuid_or_stands_twice_is_refused() -> None:
    assert only(by_path(problems("services: [{id: x, host: h}]"))).path == "services[0].id"
    identifier = "6c0b5d2e-32a1-4b0f-8d0c-1f2e3d4c5b6a"
    found = problems(f"services: [{{id: {identifier}, host: h}}, {{id: {identifier}, host: g}}]")
    assert found[0].path == "services[1].id"


def test_a_plugin_with_more_than_one_scope_must_be_flat() -> None:
    (problem,) = problems("""
        services: [{name: s, host: h, plugins: [{name: hello, consumer: c, service: s}]}]
        consumers: [{username: c}]
        """)
    assert problem.path == "services[0].plugins[0].service"


def test_url_and_its_parts_together_are_refused() -> None:
    assert set(by_path(problems("services: [{url: 'http://h', port: 81}]"))) == {"services[0].port"}


@pytest.mark.parametrize("url", ["h", "ftp://h", "http://", "http://h:x", "http://u:p@h", "http://h?a=b", "http://h#f"])
def test_a_url_that_is_none_is_refused(url: str) -> None:
    assert set(by_path(problems(f"services: [{{url: '{url}'}}]"))) == {"services[0].url"}


def test_credentials_are_kept_in_kongs_form_and_found_by_key() -> None:
    configuration = load("""
        consumers:
        - username: bob
          keyauth_credentials: [{key: k}]
          basicauth_credentials: [{username: u, password: p}]
          jwt_secrets: [{key: issuer}]
          hmacauth_credentials: [{username: h, secret: x}]
          oauth2_credentials: [{name: app, client_id: i, client_secret: s, redirect_uris: [https://a/b]}]
        """)
    bob = only(configuration.consumers)
    key = configuration.credential_by_key("keyauth_credentials", "k")
    assert key is not None
    assert key["consumer"] == {"id": bob.id}
    basic = configuration.credential_by_key("basicauth_credentials", "u")
    assert basic is not None
    assert basic["password"] == hash_password("p", bob.id)
    jwt = configuration.credential_by_key("jwt_secrets", "issuer")
    assert jwt is not None
    assert len(jwt["secret"]) == 32
    assert configuration.credential_by_key("oauth2_credentials", "i") is not None
    assert configuration.credential_by_key("hmacauth_credentials", "nobody") is None


def test_passwords_stay_as_they_are_without_transform() -> None:
    configuration = load("""
        _transform: false
        consumers: [{username: bob, basicauth_credentials: [{username: u, password: p}]}]
        """)
    found = configuration.credential_by_key("basicauth_credentials", "u")
    assert found is not None
    assert found["password"] == "p"


def test_certificates_carry_their_names_and_can_be_named_by_one() -> None:
    authority = trustme.CA()
    issued = authority.issue_cert("example.com")
    values = {
        "_format_version": "3.0",
        "certificates": [
            {
                "cert": issued.cert_chain_pems[0].bytes().decode(),
                "key": issued.private_key_pem.bytes().decode(),
                "snis": [{"name": "example.com"}],
            }
        ],
        "snis": [{"name": "*.example.com", "certificate": "example.com"}],
        "ca_certificates": [{"cert": authority.cert_pem.bytes().decode()}],
    }
    configuration = load(json.dumps(values))
    certificate = only(configuration.certificates)
    names = {(sni.name, sni.certificate) for sni in configuration.snis.values()}
    assert names == {("example.com", certificate.id), ("*.example.com", certificate.id)}


def test_a_service_names_its_authorities_by_id() -> None:
    identifier = "6c0b5d2e-32a1-4b0f-8d0c-1f2e3d4c5b6a"
    service = f"services: [{{url: 'https://h', ca_certificates: [{identifier}]}}]"
    assert problems(service)[0].path == "services[0].ca_certificates[0]"
    cert = json.dumps(trustme.CA().cert_pem.bytes().decode())
    configuration = load(f"{service}\nca_certificates: [{{id: {identifier}, cert: {cert}}}]")
    assert re.fullmatch(r"[0-9a-f]{64}", only(configuration.ca_certificates).cert_digest)


@pytest.mark.parametrize(
    ("text", "path", "feature"),
    [
        ("services: [{host: h, protocol: grpc}]", "services[0].protocol", "grpc"),
        ("services: [{host: h, protocol: tcp}]", "services[0].protocol", "stream"),
        ("routes: [{protocols: [grpc], paths: [/]}]", "routes[0].protocols[0]", "grpc"),
        ("routes: [{protocols: [tls], snis: [a.b]}]", "routes[0].snis", "snis"),
        ("routes: [{protocols: [https], snis: [a.b]}]", "routes[0].snis", "snis"),
        ("routes: [{expression: 'a == 1'}]", "routes[0].expression", "expressions"),
        ("upstreams: [{name: u, algorithm: least-connections}]", "upstreams[0].algorithm", "least-connections"),
        ("upstreams: [{name: u, hash_on: ip}]", "upstreams[0].hash_on", "hash_on"),
        (
            "upstreams: [{name: u, healthchecks: {active: {unhealthy: {interval: 5}}}}]",
            "upstreams[0].healthchecks.active.unhealthy.interval",
            "active-health-checks",
        ),
        ("vaults: [{name: env, prefix: e}]", "vaults", "vaults"),
        ("consumer_groups: [{name: g}]", "consumer_groups", "consumer-groups"),
        ("plugins: [{name: hello, config: {a: ['{vault://env/x}']}}]", "plugins[0].config.a[0]", "vaults"),
        ("consumers: [{username: b, keyauth_credentials: [{key: k, ttl: 5}]}]",
         "consumers[0].keyauth_credentials[0].ttl", "credential-ttl"),
    ],
)  # fmt: skip
def test_what_is_not_supported_yet_is_refused_with_its_place(text: str, path: str, feature: str) -> None:
    found = by_path(problems(text))[path]
    assert found.line == 2
    assert found.message == f"'{feature}' is not supported yet"


def test_what_is_not_supported_is_named_beside_other_problems_of_the_same_entity() -> None:
    assert set(by_path(problems("services: [{host: h, protocol: grpc, port: x}]"))) == {
        "services[0].protocol",
        "services[0].port",
    }


def test_a_missing_feature_that_is_accepted_is_a_warning() -> None:
    text = "upstreams: [{name: u, algorithm: least-connections}]"
    assert only(load(text, None, "least-connections").upstreams).algorithm == "least-connections"
    (warning,) = warnings(text, None, "least-connections")
    assert warning.path == "upstreams[0].algorithm"
    assert warning.hint == "accepted: it has no effect"


def test_a_regular_expression_that_re2_refuses_is_an_error_but_for_the_traditional_flavour() -> None:
    text = "routes: [{paths: ['~/(?=a)', '~/ok', '~/(']}]"
    assert set(by_path(problems(text))) == {"routes[0].paths[0]", "routes[0].paths[2]"}
    assert set(by_path(problems(text, flavor="traditional"))) == {"routes[0].paths[2]"}
    assert set(by_path(problems("routes: [{headers: {x: ['~*(']}}]"))) == {"routes[0].headers.x[0]"}


def test_path_handling_v1_has_no_effect_outside_the_traditional_flavour_which_is_said() -> None:
    text = "routes: [{paths: [/], path_handling: v1}]"
    assert [warning.path for warning in warnings(text)] == ["routes[0].path_handling"]
    assert warnings(text, flavor="traditional") == []


def test_a_plugin_configuration_is_checked_and_gets_its_defaults() -> None:
    assert only(load("plugins: [{name: hello}]", {"hello": HELLO}).plugins).config == {"text": "hi"}
    found = by_path(problems("plugins:\n- name: hello\n  config:\n    text: 5\n    txt: a\n", {"hello": HELLO}))
    assert (found["plugins[0].config.text"].line, found["plugins[0].config.text"].message) == (5, "expected a string")
    assert found["plugins[0].config.text"].found == "5"
    assert (found["plugins[0].config.txt"].line, found["plugins[0].config.txt"].hint) == (6, "did you mean 'text'?")


def test_a_plugin_that_no_server_provides_stays_in_place_with_a_warning() -> None:
    text = "plugins: [{name: helo, config: {a: 1}}]"
    assert only(load(text, {"hello": HELLO}).plugins).config == {"a": 1}
    (warning,) = warnings(text, {"hello": HELLO})
    assert warning.path == "plugins[0].name"
    assert warning.message.startswith("plugin 'helo' not enabled")
    assert warning.hint == "did you mean 'hello'?"


def test_a_plugin_whose_server_is_away_is_unchecked_with_a_warning() -> None:
    (warning,) = warnings("plugins: [{name: hello}]", {"hello": None})
    assert "unchecked: its server is away" in warning.message


def test_a_schema_that_cannot_be_used_does_not_stop_the_others() -> None:
    (warning,) = warnings("plugins: [{name: hello}]", {"hello": [{"a": {"type": "lambda"}}]})
    assert "unknown type 'lambda'" in warning.message


def test_without_known_plugins_configurations_stay_unchecked() -> None:
    assert warnings("plugins: [{name: anything, config: {a: 1}}]") == []


def test_a_plugin_may_forbid_a_scope() -> None:
    schema = {"fields": [{"consumer": {"type": "foreign", "eq": None}}, *HELLO["fields"]]}
    text = "consumers: [{username: c, plugins: [{name: hello}]}]"
    assert set(by_path(problems(text, {"hello": schema}))) == {"consumers[0].plugins[0].consumer"}


def test_a_collection_that_is_no_list_and_an_entry_that_is_no_object_are_refused() -> None:
    found = by_path(problems("services: {a: 1}\nroutes: [5]\nconsumers: [{username: a, acls: x}]"))
    assert set(found) == {"services", "routes[0]", "consumers[0].acls"}


def test_a_snapshot_holds_all_of_a_configuration() -> None:
    configuration = load("""
        services: [{name: s, host: h, routes: [{name: r, paths: [/a], headers: {x: [a, b]}}]}]
        plugins: [{name: hello, config: {a: [1, 2.5, null, {b: true}]}, deadlines: {access: 100}}]
        consumers: [{username: bob, keyauth_credentials: [{key: k}]}]
        upstreams: [{name: up, healthchecks: {passive: {unhealthy: {timeouts: 2}}}, targets: [{target: t}]}]
        """)
    again = Configuration.decode(configuration.encode())
    assert again == configuration
    assert again.version == configuration.version
    assert again.service_by_name("s") == only(configuration.services)
    assert again.route_by_name("r") == only(configuration.routes)
    assert again.consumer_by_username("bob") == only(configuration.consumers)
    assert again.upstream_by_name("up") == only(configuration.upstreams)
