"""kong.log, as far as it is more than writing lines (those travel as LOG): the record of a request."""

from __future__ import annotations

from typing import Any

from oarlock.pdk import record
from oarlock.pdk.caller import Caller
from oarlock.pdk.registry import implements


@implements("kong.log.serialize")
def serialize(c: Caller) -> str:
    return record.as_json(c.x)


@implements("kong.log.set_serialize_value")
def set_serialize_value(c: Caller, key: str, value: Any, mode: str) -> None:
    c.x.log_edits = (*c.x.log_edits, (key, value, mode))
