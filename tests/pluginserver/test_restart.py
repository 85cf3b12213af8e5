"""When a process that ended is started again."""

from __future__ import annotations

import pytest

from oarlock_pluginserver.restart import Backoff


def delays(backoff: Backoff, count: int, **run: float) -> list[float]:
    return [backoff.delay_after(**{"uptime": 0.0, **run}) for _ in range(count)]


def test_each_wait_is_twice_the_one_before_up_to_the_ceiling() -> None:
    assert delays(Backoff(initial=1, ceiling=10), 6) == [1, 2, 4, 8, 10, 10]


def test_a_run_that_settled_starts_the_count_anew() -> None:
    backoff = Backoff(initial=1, ceiling=10, settled_after=60)
    delays(backoff, 4)
    assert backoff.delay_after(uptime=60) == 1
    assert backoff.delay_after(uptime=59.9) == 2


def test_a_run_settles_after_the_ceiling_unless_told_otherwise() -> None:
    backoff = Backoff(initial=1, ceiling=10)
    delays(backoff, 2)
    assert backoff.delay_after(uptime=9.9) == 4
    assert backoff.delay_after(uptime=10) == 1


def test_time_spent_starting_is_not_time_served() -> None:
    backoff = Backoff(initial=1, ceiling=10)
    assert [backoff.delay_after(uptime=0, starting=30) for _ in range(3)] == [1, 2, 4]


def test_chance_may_only_shorten_a_wait_and_by_its_part() -> None:
    luck = iter([0.0, 0.5, 1.0])
    backoff = Backoff(initial=1, ceiling=10, jitter=0.2, random=lambda: next(luck))
    assert delays(backoff, 3) == pytest.approx([1, 2 * 0.9, 4 * 0.8])


def test_too_many_failures_in_the_window_mean_quarantine_and_one_try_per_ceiling() -> None:
    backoff = Backoff(initial=1, ceiling=30, quarantine_after=4, quarantine_window=60)
    assert delays(backoff, 3) == [1, 2, 4]
    assert not backoff.is_quarantined
    assert backoff.delay_after(uptime=0) == 30
    assert backoff.is_quarantined


def test_failures_that_lie_further_apart_are_no_reason_for_quarantine() -> None:
    backoff = Backoff(initial=1, ceiling=30, settled_after=1000, quarantine_after=4, quarantine_window=60)
    delays(backoff, 20, uptime=25)
    assert not backoff.is_quarantined


def test_a_slow_start_counts_as_time_between_failures() -> None:
    backoff = Backoff(initial=1, ceiling=1, quarantine_after=4, quarantine_window=60)
    delays(backoff, 20, starting=25)
    assert not backoff.is_quarantined


def test_quarantine_lasts_until_a_run_settles() -> None:
    backoff = Backoff(initial=1, ceiling=30, quarantine_after=3, quarantine_window=20)
    assert delays(backoff, 6) == [1, 2, 30, 30, 30, 30]
    assert backoff.delay_after(uptime=29) == 30
    assert backoff.is_quarantined
    assert backoff.delay_after(uptime=30) == 1
    assert not backoff.is_quarantined


def test_a_reset_forgets_every_failure() -> None:
    backoff = Backoff(initial=1, ceiling=30, quarantine_after=3, quarantine_window=60)
    delays(backoff, 3)
    backoff.reset()
    assert not backoff.is_quarantined
    assert delays(backoff, 2) == [1, 2]


@pytest.mark.parametrize(
    "arguments",
    [
        {"initial": 0, "ceiling": 1},
        {"initial": 2, "ceiling": 1},
        {"initial": 1, "ceiling": 2, "jitter": -0.1},
        {"initial": 1, "ceiling": 2, "jitter": 1.1},
    ],
)
def test_a_wait_that_makes_no_sense_is_refused(arguments: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="not"):
        Backoff(**arguments)
