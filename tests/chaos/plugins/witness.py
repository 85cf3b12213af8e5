"""A plugin that leaves a mark on every request, which nobody else can make: what has none was not seen by it."""

from __future__ import annotations

import os

from oarlock_pdk import Kong, Plugin

_GENERATION = os.environ.get("GENERATION", "1")


class Witness(Plugin):
    """Marks request and answer by the request's serial number; reads the body, which is more than a frame's worth."""

    name = "witness"
    version = "1.0.0"
    priority = 10

    def access(self, kong: Kong) -> None:
        mark = f"{int(kong.request.get_header('x-serial') or 0) * 7919 + 1:x}"
        body = kong.request.get_raw_body() if kong.request.get_method() == "POST" else b""
        kong.service.request.set_headers(
            {"x-mark": mark, "x-mark-length": str(len(body or b"")), "x-generation": _GENERATION}
        )
        kong.response.set_header("x-answer-mark", mark)
