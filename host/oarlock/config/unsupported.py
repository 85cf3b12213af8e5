"""What Kong's format can ask for and Oarlock can't do yet: refused with its place, never left out in silence.

Each such feature has a name; naming it in `accept_missing` turns the error into a warning.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from oarlock.config.entity import Entity
from oarlock.config.fields import At, Fault
from oarlock.config.upstream import Healthchecks

COLLECTIONS: Final = {  # top-level or nested keys of Kong's format, and the feature they belong to
    "vaults": "vaults",
    "keys": "keys",
    "key_sets": "keys",
    "filter_chains": "wasm",
    "workspaces": "workspaces",
    "consumer_groups": "consumer-groups",
    "consumer_group_consumers": "consumer-groups",
    "consumer_group_plugins": "consumer-groups",
    "oauth2_tokens": "oauth2-tokens",
    "oauth2_authorization_codes": "oauth2-tokens",
    "parameters": "parameters",
    "clustering_data_planes": "hybrid-mode",
}
FIELDS: Final = {  # fields of entities that are not declared because nothing uses them
    ("plugins", "consumer_group"): "consumer-groups",
    ("plugins", "ordering"): "plugin-ordering",
    ("consumers", "groups"): "consumer-groups",
    ("services", "tls_sans"): "tls_sans",
    ("upstreams", "sticky_sessions_cookie"): "sticky-sessions",
    ("upstreams", "sticky_sessions_cookie_path"): "sticky-sessions",
}
_BY_FIELD: Final = {  # declared fields that have no effect when they are set
    "services": {"client_certificate": "client_certificate"},
    "routes": {
        "snis": "snis",
        "sources": "stream",
        "destinations": "stream",
        "expression": "expressions",
        "priority": "expressions",
    },
    "upstreams": {"client_certificate": "client_certificate"},
    "keyauth_credentials": {"ttl": "credential-ttl"},
    "oauth2_credentials": {"hash_secret": "hash_secret"},
}
_STREAM: Final = {"tcp": "stream", "tls": "stream", "udp": "stream", "tls_passthrough": "stream"}
_PROTOCOLS: Final = {**_STREAM, "grpc": "grpc", "grpcs": "grpc", "ws": "websocket", "wss": "websocket"}


def not_supported(at: At, found: object, feature: str) -> Fault:
    """Make the fault for a feature that is not built yet."""
    hint = f"accept_missing '{feature}' lets it pass without effect"
    return Fault(at, found, "", hint, message=f"'{feature}' is not supported yet")


def missing_features(kind: type[Entity], values: Mapping[str, Any]) -> Iterator[tuple[str, At, object]]:
    """Yield name, place and value of what an entity asks for and nobody can do. `values`: its fields, in inner form."""
    for name, feature in _BY_FIELD.get(kind.collection, {}).items():
        if values.get(name):
            yield feature, (name,), values[name]
    match kind.collection, values:
        case "services", {"protocol": str(protocol)} if protocol in _PROTOCOLS:
            yield _PROTOCOLS[protocol], ("protocol",), protocol
        case "routes", {"protocols": tuple(protocols)}:
            for position, protocol in enumerate(protocols):
                if protocol in _PROTOCOLS:
                    yield _PROTOCOLS[protocol], ("protocols", position), protocol
        case "upstreams", _:
            yield from _of_upstream(values)


def _of_upstream(values: Mapping[str, Any]) -> Iterator[tuple[str, At, object]]:
    algorithm = values.get("algorithm", "round-robin")
    if algorithm != "round-robin":
        yield algorithm, ("algorithm",), algorithm
    if values.get("hash_on", "none") != "none":
        yield "hash_on", ("hash_on",), values["hash_on"]
    healthchecks = values.get("healthchecks")
    if isinstance(healthchecks, Healthchecks):
        for state in ("healthy", "unhealthy"):
            interval = getattr(healthchecks.active, state).interval
            if interval > 0:
                yield "active-health-checks", ("healthchecks", "active", state, "interval"), interval


def references(value: object, at: At) -> Iterator[tuple[At, str]]:
    """Yield place and text of each vault reference, `{vault://…}`, in a value of a file."""
    match value:
        case str() if value.startswith("{vault://"):
            yield at, value
        case Mapping():
            for key, item in value.items():
                yield from references(item, (*at, str(key)))
        case list():
            for position, item in enumerate(value):
                yield from references(item, (*at, position))


def strip_unsupported_fields(collection: str, fields: dict[str, Any]) -> Iterator[tuple[str, At, object]]:
    """Take out of an entity's fields those that nothing uses, yielding name, place and value of each."""
    for (owner, name), feature in FIELDS.items():
        if owner == collection and fields.get(name) is not None:
            yield feature, (name,), fields.pop(name)
