"""Fixtures of the end-to-end tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from support.gateway import Gateway, Upstream, gateway_in, running_upstream


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
