"""kong.exchange: what the gateway knows of this request beyond Kong's PDK."""

from __future__ import annotations

import re
from typing import Any, Final

from oarlock.pdk.caller import Caller
from oarlock.pdk.client import consumer_id_of, credential_id_of
from oarlock.pdk.record import latencies
from oarlock.pdk.registry import implements
from oarlock.proxy.exchange import Exchange

_TRACEPARENT: Final = re.compile(rb"(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(-.*)?")


@implements("kong.exchange.get_id")
def get_id(c: Caller) -> str:
    return c.x.id


@implements("kong.exchange.get_trace_context")
def get_trace_context(c: Caller) -> str | None:
    return trace_context_of(c.x)


@implements("kong.exchange.get_route_id")
def get_route_id(c: Caller) -> str | None:
    return None if c.x.route is None else c.x.route.id


@implements("kong.exchange.get_service_id")
def get_service_id(c: Caller) -> str | None:
    return None if c.x.service is None else c.x.service.id


@implements("kong.exchange.get_consumer_id")
def get_consumer_id(c: Caller) -> str | None:
    return consumer_id_of(c.x)


@implements("kong.exchange.get_credential_id")
def get_credential_id(c: Caller) -> str | None:
    return credential_id_of(c.x)


@implements("kong.exchange.get_latencies")
def get_latencies(c: Caller) -> dict[str, int]:
    return latencies(c.x)


@implements("kong.exchange.get_sizes")
def get_sizes(c: Caller) -> dict[str, int]:
    return {"request": c.x.request_size, "response": c.x.response_size}


@implements("kong.exchange.get_shared")
def get_shared(c: Caller) -> dict[str, Any]:
    return c.x.shared


def trace_context_of(x: Exchange) -> str | None:
    """Return the `traceparent` that came with the request, if it is a valid one (W3C Trace Context §3.2)."""
    for name, value in x.received_headers:
        if name == b"traceparent":
            return value.decode() if _TRACEPARENT.fullmatch(value) else None
    return None
