"""kong.ip: addresses."""

from __future__ import annotations

from oarlock.pdk.caller import Caller
from oarlock.pdk.registry import implements


@implements("kong.ip.is_trusted")
def is_trusted(c: Caller, address: str) -> bool:
    return c.environment.trusted.contains(address)
