"""What all tests share: a gateway and an upstream of their own; the table of skips at the end of a run, and no silent
skip where the tools are installed."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator

import pytest

from support.gateway import Gateway, Upstream, gateway_in, running_upstream

# What may be skipped even where `make test-tools` ran: name of the test -> why.
MAY_SKIP: dict[str, str] = {}

_skips: list[tuple[str, str]] = []


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        reason = reason.removeprefix("Skipped: ")
        if os.environ.get("OARLOCK_NO_SKIP") and item.name not in MAY_SKIP:
            report.outcome = "failed"
            report.longrepr = f"skipped although every tool should be here (OARLOCK_NO_SKIP): {reason}"
        else:
            _skips.append((item.nodeid, reason))
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if _skips:
        terminalreporter.section("skipped, and what brings it")
        for name, reason in sorted(_skips):
            terminalreporter.write_line(f"{name}  |  {reason}")


@pytest.fixture(scope="session")
def upstream_server() -> Iterator[Upstream]:
    with running_upstream() as upstream:
        yield upstream


@pytest.fixture
def upstream(upstream_server: Upstream) -> Upstream:
    upstream_server.seen.clear()
    return upstream_server


@pytest.fixture
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    with gateway_in(tmp_path_factory.mktemp("g")) as gateway:  # a short path: sockets lie in it
        yield gateway
