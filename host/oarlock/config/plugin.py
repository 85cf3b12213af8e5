"""A plugin's configuration: which plugin runs where, and how."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, ClassVar

import msgspec

from oarlock.config.containers import ListOf, MapOf
from oarlock.config.entity import Entity
from oarlock.config.fields import Anything, Choice, Flag, Foreign, Milliseconds
from oarlock.config.http_fields import NAME
from oarlock_pluginserver._generated.pdk_table import PHASES

PROTOCOLS = ("http", "https", "grpc", "grpcs", "tcp", "tls", "udp", "tls_passthrough", "ws", "wss")
FAILURE_POLICIES = ("fail_closed", "fail_open")
SCOPES = ("service", "route", "consumer")


class ConfigObject(MapOf):
    """A plugin's configuration: an object, looked into by the plugin's own schema."""

    def __init__(self) -> None:
        super().__init__(Anything(), Anything())


@dataclass(frozen=True, slots=True, kw_only=True)
class Plugin(Entity):
    """One configuration of a plugin in one scope: global, or where `service`, `route` and `consumer` say.

    `on_error`, `on_timeout` and `deadlines` are Oarlock's own: what happens to a request when the plugin fails or is
    too slow, and how long it may take in each phase. What is not set is as the settings of its plugin server say.
    """

    collection: ClassVar[str] = "plugins"
    key_field: ClassVar[str | None] = "instance_name"
    unique: ClassVar[tuple[tuple[str, ...], ...]] = (("instance_name",), ("name", *SCOPES))

    name: Annotated[str, NAME]
    instance_name: Annotated[str | None, NAME] = None
    service: Annotated[str | None, Foreign("services")] = None
    route: Annotated[str | None, Foreign("routes")] = None
    consumer: Annotated[str | None, Foreign("consumers")] = None
    config: Annotated[Mapping[str, Any], ConfigObject()] = field(default_factory=dict)
    protocols: Annotated[tuple[str, ...], ListOf(Choice(*PROTOCOLS), is_set=True)] = ("grpc", "grpcs", "http", "https")
    enabled: Annotated[bool, Flag()] = True
    on_error: Annotated[str | None, Choice(*FAILURE_POLICIES)] = None
    on_timeout: Annotated[str | None, Choice(*FAILURE_POLICIES)] = None
    deadlines: Annotated[Mapping[str, float], MapOf(Choice(*PHASES), Milliseconds())] = field(default_factory=dict)


def revision_of(config: Mapping[str, Any]) -> str:
    """16 hex digits that change when a plugin's configuration does: an instance belongs to one revision."""
    return hashlib.sha256(msgspec.json.encode(config, order="sorted")).hexdigest()[:16]
