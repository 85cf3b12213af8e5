"""Changes a JSON body both ways: adds members to what goes to the service, removes some from what comes back."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from oarlock_pdk import Kong, Plugin


class Transform(Plugin):
    name = "transform"
    version = "1.0.0"
    priority = 800
    needs = {  # noqa: RUF012  the base class says what it is
        "access": ["kong.request.get_raw_body"],
        "response": ["kong.response.get_raw_body"],
    }

    @dataclass(frozen=True)
    class Config:
        add: dict[str, str] = field(default_factory=dict)
        remove: list[str] = field(default_factory=list)

    def access(self, kong: Kong) -> None:
        kong.service.request.clear_header("accept-encoding")  # a compressed answer could not be read
        if not _is_json(kong.request.get_header("content-type")):
            return
        value = _object(kong.request.get_raw_body())
        if value is None:
            kong.response.exit(400, {"message": "the body is not a JSON object"})
        kong.service.request.set_raw_body(json.dumps({**value, **self.config.add}))

    def response(self, kong: Kong) -> None:
        if not _is_json(kong.response.get_header("content-type")):
            return
        value = _object(kong.response.get_raw_body())
        if value is None:
            return  # empty, as for HEAD, or the service's own affair: the client gets what there is
        kept = {name: item for name, item in value.items() if name not in self.config.remove}
        kong.response.set_raw_body(json.dumps(kept))


def _is_json(content_type: str | None) -> bool:
    kind = (content_type or "").partition(";")[0].strip().lower()
    return kind == "application/json" or kind.endswith("+json")


def _object(body: bytes) -> dict[str, Any] | None:
    """Return the object that a body holds; None if it holds none."""
    try:
        value = json.loads(body)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None
