"""kong.router: the route that matched, and its service."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from oarlock.pdk.caller import Caller
from oarlock.pdk.registry import implements


@implements("kong.router.get_route")
def get_route(c: Caller) -> Mapping[str, Any] | None:
    return None if c.x.route is None else c.x.route.to_kong()


@implements("kong.router.get_service")
def get_service(c: Caller) -> Mapping[str, Any] | None:
    return None if c.x.service is None else c.x.service.to_kong()
