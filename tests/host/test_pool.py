"""Which idle connection is used, and which is closed."""

from __future__ import annotations

from oarlock.proxy.pool import Pool


def test_the_connection_used_last_is_used_next() -> None:
    pool: Pool[str] = Pool(10)
    assert pool.take("a") is None
    for connection in ("one", "two"):
        assert pool.give("a", connection) is None
    assert [pool.take("a"), pool.take("a"), pool.take("a")] == ["two", "one", None]


def test_destinations_do_not_mix() -> None:
    pool: Pool[str] = Pool(10)
    pool.give("a", "one")
    assert pool.take("b") is None
    assert len(pool) == 1


def test_a_full_pool_closes_the_oldest() -> None:
    pool: Pool[str] = Pool(2)
    assert [pool.give("a", connection) for connection in ("one", "two", "three")] == [None, None, "one"]


def test_a_pool_of_none_keeps_none() -> None:
    assert Pool[str](0).give("a", "one") == "one"


def test_a_connection_can_be_taken_out_by_itself() -> None:
    pool: Pool[str] = Pool(2)
    pool.give("a", "one")
    assert pool.remove("a", "one")
    assert not pool.remove("a", "one")
    assert pool.clear() == []
