"""Plugins for the end-to-end tests: one that leaves its mark on everything, and some that misbehave."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from typing import Annotated, Any

from oarlock_pdk import AsyncKong, Kong, Plugin, between


class Mark(Plugin):
    """Marks request and response, reads its own writes, hands a value from access to response and log."""

    name = "mark"
    version = "1.2.3"
    priority = 50

    @dataclass(frozen=True)
    class Config:
        word: str = "seen"
        times: Annotated[int, between(1, 10)] = 1

    config: Config

    def rewrite(self, kong: Kong) -> None:
        kong.service.request.set_header("x-rewritten", "yes")

    def access(self, kong: Kong) -> None:
        kong.service.request.set_header("x-mark", " ".join([self.config.word] * self.config.times))
        kong.service.request.set_header("x-read-back", str(kong.request.get_header("x-mark")))
        kong.ctx.shared.set("mark", {"pid": os.getpid()})
        kong.response.set_header("x-mark-pid", str(os.getpid()))

    def response(self, kong: Kong) -> None:
        shared: Any = kong.ctx.shared.get("mark")
        kong.response.set_header("x-from-access", str(shared["pid"]))
        kong.response.set_header("x-upstream-status", str(kong.service.response.get_status()))

    def log(self, kong: Kong) -> None:
        kong.log.notice("logged ", kong.response.get_status(), " for ", kong.request.get_path())


class Half(Plugin):
    """Changes something, then raises: nothing of it may remain."""

    name = "half"
    priority = 40

    def access(self, kong: Kong) -> None:
        kong.service.request.set_header("x-half", "done")
        kong.response.set_header("x-half", "done")
        raise RuntimeError("on purpose")


class Slow(Plugin):
    """Takes its time, in a thread."""

    name = "slow"
    priority = 30

    @dataclass(frozen=True)
    class Config:
        seconds: float = 60.0

    config: Config

    def access(self, kong: Kong) -> None:
        time.sleep(self.config.seconds)
        kong.service.request.set_header("x-slow", "done")


class Body(Plugin):
    """Reads and replaces the bodies of request and response."""

    name = "body"
    priority = 20

    async def access(self, kong: AsyncKong) -> None:
        body = await kong.request.get_raw_body()
        kong.service.request.set_raw_body(bytes(reversed(body or b"")))

    async def response(self, kong: AsyncKong) -> None:
        body = await kong.service.response.get_raw_body()
        kong.response.set_raw_body(b"wrapped:" + (body or b""))


class Who(Plugin):
    """Authenticates by the header x-user."""

    name = "who"
    priority = 1000

    def access(self, kong: Kong) -> None:
        name = kong.request.get_header("x-user")
        consumer = kong.client.load_consumer(name, True) if name else None
        if consumer is None:
            kong.response.exit(401, {"message": "who are you?"}, {"www-authenticate": "x-user"})
        kong.client.authenticate(consumer, None)
