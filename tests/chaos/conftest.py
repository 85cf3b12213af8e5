"""Fixtures of the chaos tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from support.gateway import Gateway, gateway_in
from support.load import CheckingUpstream, checking_upstream


@pytest.fixture
def upstream() -> Iterator[CheckingUpstream]:
    with checking_upstream() as upstream:
        yield upstream


@pytest.fixture
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    with gateway_in(tmp_path_factory.mktemp("c")) as gateway:
        yield gateway
