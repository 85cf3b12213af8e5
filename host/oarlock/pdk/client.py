"""kong.client: who calls, from where, and as whom."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from oarlock.pdk.caller import Caller
from oarlock.pdk.registry import implements
from oarlock.pdk.values import first_line
from oarlock.proxy.exchange import Exchange
from oarlock_pluginserver.errors import PdkError

Entity = Mapping[str, Any]


@implements("kong.client.get_ip")
def get_ip(c: Caller) -> str:
    return c.x.connection.peer_ip


@implements("kong.client.get_forwarded_ip")
def get_forwarded_ip(c: Caller) -> str:
    return c.x.forwarded_ip


@implements("kong.client.get_port")
def get_port(c: Caller) -> int:
    return c.x.connection.peer_port


@implements("kong.client.get_forwarded_port")
def get_forwarded_port(c: Caller) -> int | None:
    return c.x.forwarded_port


@implements("kong.client.load_consumer")
def load_consumer(c: Caller, consumer_id: str, search_by_username: bool) -> Entity | None:
    configuration = c.x.state.configuration
    if _is_uuid(consumer_id):
        if (found := configuration.consumers.get(consumer_id)) is not None:
            return found.to_kong()
    elif not search_by_username:
        raise PdkError("bad_args", "cannot load a consumer with an id that is not a uuid")
    if search_by_username and (named := configuration.consumer_by_username(consumer_id)) is not None:
        return named.to_kong()
    return None


@implements("kong.client.get_consumer")
def get_consumer(c: Caller) -> Entity | None:
    return consumer_of(c.x)


@implements("kong.client.get_credential")
def get_credential(c: Caller) -> Entity | None:
    return c.x.credential


@implements("kong.client.authenticate")
def authenticate(c: Caller, consumer: Entity | None, credential: Entity | None) -> None:
    if consumer is None and credential is None:
        raise PdkError("bad_args", "either credential or consumer must be provided")
    c.x.consumer = consumer
    c.x.credential = credential
    c.x.authenticated = True


@implements("kong.client.get_protocol")
def get_protocol(c: Caller, allow_terminated: bool) -> str:
    x = c.x
    if x.route is None:
        raise PdkError("pdk", "No active route found")
    if len(x.route.protocols) == 1:
        return x.route.protocols[0]
    if x.connection.scheme == "https":
        return "https"
    if allow_terminated and x.connection.is_trusted:
        proto = first_line(x.headers, b"x-forwarded-proto")
        if proto is not None and b"," in proto:
            raise PdkError("pdk", "there is more than one value in the X-Forwarded-Proto header")
        if proto is not None and proto.lower() == b"https":
            return "https"
    return "http"


@implements("kong.client.get_consumer_group")
def get_consumer_group(c: Caller) -> Entity | None:
    groups = _groups(c.x)
    return groups[0] if groups else None


@implements("kong.client.get_consumer_groups")
def get_consumer_groups(c: Caller) -> list[Entity] | None:
    return _groups(c.x)


@implements("kong.client.set_authenticated_consumer_group")
def set_authenticated_consumer_group(c: Caller, group: Entity | None) -> None:
    _set_groups(c.x, None if group is None else [group])


@implements("kong.client.set_authenticated_consumer_groups")
def set_authenticated_consumer_groups(c: Caller, groups: list[Entity] | None) -> None:
    if groups is not None and not all(isinstance(group, dict) for group in groups):
        raise PdkError("bad_args", "groups must be a table of consumer groups")
    _set_groups(c.x, groups)


@implements("kong.client.authenticate_consumer_group_by_consumer_id")
def authenticate_consumer_group_by_consumer_id(c: Caller, consumer_id: str) -> None:
    if not _is_uuid(consumer_id):
        raise PdkError("bad_args", "cannot load a consumer with an id that is not a uuid")
    _set_groups(c.x, None)  # no configuration has consumer groups: no consumer belongs to one


def consumer_of(x: Exchange) -> Entity | None:
    """Return the authenticated consumer as plugins see it."""
    consumer = x.consumer
    return consumer if consumer is None or isinstance(consumer, Mapping) else consumer.to_kong()


def consumer_id_of(x: Exchange) -> str | None:
    """Return the id of the authenticated consumer, or None. A plugin may have set one without an id."""
    consumer = x.consumer
    if consumer is None:
        return None
    found = consumer.get("id") if isinstance(consumer, Mapping) else consumer.id
    return found if isinstance(found, str) else None


def credential_id_of(x: Exchange) -> str | None:
    """Return the id of the credential the client authenticated with, or None."""
    found = None if x.credential is None else x.credential.get("id")
    return found if isinstance(found, str) else None


_GROUPS = "authenticated_consumer_groups"  # where Kong keeps them in the request's context


def _groups(x: Exchange) -> list[Entity] | None:
    groups: list[Entity] | None = x.nginx_ctx.get(_GROUPS)
    return groups


def _set_groups(x: Exchange, groups: list[Entity] | None) -> None:
    x.nginx_ctx = {**x.nginx_ctx, _GROUPS: groups}


def _is_uuid(value: str) -> bool:
    try:
        return str(uuid.UUID(value)) == value.lower()
    except ValueError:
        return False
