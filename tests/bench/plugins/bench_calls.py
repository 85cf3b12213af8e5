"""A plugin that makes as many PDK calls as its configuration says: reads that the facts cover, and one change."""

from __future__ import annotations

from dataclasses import dataclass

from oarlock_pdk import Kong, Plugin, nonblocking


@dataclass(frozen=True)
class Config:
    calls: int = 1


class BenchCalls(Plugin):
    name = "bench-calls"
    version = "1.0.0"
    priority = 10
    config: Config

    @nonblocking
    def access(self, kong: Kong) -> None:
        calls = self.config.calls
        if not calls:
            return
        request = kong.request
        reads = (request.get_method, request.get_path, request.get_host, request.get_scheme, request.get_raw_query)
        for number in range(calls - 1):
            if number % 2:
                reads[number // 2 % len(reads)]()
            else:
                request.get_header("user-agent")
        kong.service.request.set_header("x-bench", "1")
