"""What routing and headers cost per request, in µs of CPU time. Prints; asserts nothing.

Run: python tests/bench/bench_cores.py
"""

from __future__ import annotations

import gc
import random
import time
from collections.abc import Callable
from functools import partial

from oarlock.config.route import Route
from oarlock.config.service import Service
from oarlock.config.settings import Settings
from oarlock.proxy.exchange import Connection, Exchange
from oarlock.proxy.headers import HeaderRules, client_response_headers, upstream_host, upstream_request_headers
from oarlock.router.compile import compile_in_slices, compile_router
from oarlock.router.path import normalise, upstream_path

SERVICES = {"s": Service(id="s", host="up.example", port=9000)}
ROUTES = 10_000
REQUESTS = 20_000


def report(label: str, run: Callable[[], object], count: int) -> None:
    best = float("inf")
    for _ in range(7):
        start = time.process_time()
        run()
        best = min(best, time.process_time() - start)
    print(f"{label:58} {best / count * 1e6:6.2f} µs")


def match_all(match: Callable[..., object], requests: list[tuple[bytes, bytes]]) -> None:
    for host, path in requests:
        match(b"GET", "http", host, path, [])


def bench_router() -> None:
    rnd = random.Random(1)
    picks = [rnd.randrange(ROUTES) for _ in range(REQUESTS)]
    any_host = [Route(id=str(i), paths=(f"/api/v{i % 7}/svc{i}",), service="s") for i in range(ROUTES)]
    by_host = [Route(id=str(i), hosts=(f"h{i}.example.com",), paths=("/", "/api"), service="s") for i in range(ROUTES)]
    regexes = [Route(id=f"x{i}", paths=(rf"~/u/(?<id>\d+)/{i}$",), service="s") for i in range(20)]
    sets = [
        ("10,000 paths, a random one", any_host, [("gw:8000", f"/api/v{i % 7}/svc{i}/items/{i}") for i in picks]),
        ("10,000 paths, the same one", any_host, [("gw:8000", "/api/v1/svc1/items")] * REQUESTS),
        ("10,000 paths, none fits", any_host, [("gw:8000", f"/other/{i}") for i in picks]),
        ("10,000 hosts, a random one", by_host, [(f"h{i}.example.com", f"/api/items/{i}") for i in picks]),
        ("20 regexes, a path seen before", regexes, [("gw:8000", f"/u/{i % 9}/{i % 20}") for i in picks]),
        ("20 regexes, new paths", regexes, [("gw:8000", f"/u/{i}/{n % 20}") for n, i in enumerate(picks)]),
    ]
    for label, routes, asked in sets:
        match = compile_router(routes, SERVICES, "traditional_compatible").match
        requests = [(host.encode(), path.encode()) for host, path in asked]

        report(f"match: {label}", partial(match_all, match, requests), len(requests))

    gc.collect()
    gc.disable()
    longest, start = 0.0, time.perf_counter()
    work = compile_in_slices(any_host + by_host, SERVICES, "traditional_compatible")
    while True:
        before = time.perf_counter()
        try:
            next(work)
        except StopIteration as end:
            router = end.value  # held: freeing it would count as part of the slice
            break
        longest = max(longest, time.perf_counter() - before)
    total = time.perf_counter() - start
    gc.enable()
    del router
    print(f"compile: 20,000 routes in {total * 1e3:.0f} ms, longest slice {longest * 1e3:.1f} ms")


def bench_headers() -> None:
    rules = HeaderRules(Settings())
    connection = Connection("192.0.2.7", 4711, "192.0.2.1", 8000, "http", False)
    names = [b"user-agent", b"accept", b"accept-encoding", b"accept-language", b"cookie", b"x-trace", b"referer"]
    headers = [(b"host", b"gw:8000"), (b"connection", b"keep-alive"), *((name, b"value") for name in names)]
    x = Exchange(connection, "0" * 32, b"GET", b"/api/v1/svc1/items?q=1", "1.1", headers, 1.0, 1000)
    x.upstream_headers = [(b"content-type", b"a/b"), (b"content-length", b"5"), (b"date", b"x"), (b"server", b"nginx")]
    x.upstream_started, x.first_byte_at, x.upstream_status = 1.001, 1.002, 200
    x.match = compile_router([Route(id="r", paths=("/api",), service="s")], SERVICES, "traditional").match(
        b"GET", "http", b"gw:8000", b"/api/v1/svc1/items", []
    )
    match = x.match
    assert match is not None
    pieces: list[tuple[str, Callable[[], object]]] = [
        ("normalise", lambda: normalise(b"/api/v1/svc1/items")),
        ("upstream_path", lambda: upstream_path(match, b"/api/v1/svc1/items")),
        ("upstream_host", lambda: upstream_host(x, "up.example", 9000, "http")),
        ("upstream_request_headers, 9 fields", lambda: upstream_request_headers(x, rules, b"up.example:9000")),
        ("client_response_headers, 4 fields", lambda: client_response_headers(x, rules)),
    ]
    for label, call in pieces:
        report(f"headers: {label}", lambda call=call: [call() for _ in range(REQUESTS)], REQUESTS)  # type: ignore[misc]


if __name__ == "__main__":
    bench_router()
    bench_headers()
