"""All PDK functions of the host: importing this imports, and so registers and checks, every namespace."""

from __future__ import annotations

from oarlock.pdk import (  # noqa: F401  # imported for what they register
    client,
    ctx,
    exchange,
    ip,
    log,
    nginx,
    node,
    plugin,
    request,
    response,
    router,
    service,
    service_request,
    service_response,
    vault,
)
from oarlock.pdk.registry import IMPLEMENTATIONS

__all__ = ["IMPLEMENTATIONS"]
