"""The smallest useful plugin: says hello to the upstream and to the client."""

from __future__ import annotations

import os
from dataclasses import dataclass

from oarlock_pdk import Kong, Plugin


@dataclass(frozen=True)
class Config:
    message: str = "hello"


class Hello(Plugin):
    name = "hello"
    version = "1.0.0"
    priority = 100
    needs = (("kong.request.get_query_arg", "name"),)  # sent along, so that asking for it costs nothing
    config: Config

    def access(self, kong: Kong) -> None:
        name = kong.request.get_query_arg("name") or "stranger"
        if status := kong.request.get_header("x-hello-exit"):
            kong.response.exit(int(status), {"message": f"{self.config.message}: no entry, {name}"})
        kong.service.request.set_header("x-hello", f"{self.config.message}, {name}")
        kong.service.request.set_header("x-hello-path", kong.request.get_path())
        kong.response.set_header("x-hello-from", f"pid {os.getpid()}")
