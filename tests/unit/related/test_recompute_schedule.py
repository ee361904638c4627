"""When a worker recomputes after a large round; what a backlog does is in the integration tests."""

from datetime import UTC, datetime, timedelta

from services.enrichment.related.linking.recompute_schedule import (
    LARGE_ROUND,
    MAX_PAUSE,
    REST_FACTOR,
    RecomputeSchedule,
)

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def test_after_a_small_round_the_next_small_batch_is_recomputed_at_once():
    schedule = RecomputeSchedule(NOON)
    schedule.record_round(NOON, NOON + SECOND, LARGE_ROUND - 1)
    assert schedule.is_rested(NOON + SECOND)
    assert schedule.is_due(NOON + SECOND)


def test_after_a_large_round_the_worker_rests_in_proportion():
    schedule = RecomputeSchedule(NOON)
    schedule.record_round(NOON, NOON + SECOND, LARGE_ROUND)
    rested = NOON + SECOND + REST_FACTOR * SECOND
    assert not schedule.is_rested(rested - SECOND / 10)
    assert not schedule.is_due(rested - SECOND / 10)
    assert schedule.is_rested(rested)
    assert schedule.is_due(rested)


def test_no_rest_is_longer_than_the_longest_pause():
    schedule = RecomputeSchedule(NOON)
    schedule.record_round(NOON, NOON + 60 * SECOND, LARGE_ROUND)
    assert schedule.is_rested(NOON + 60 * SECOND + MAX_PAUSE)


def test_a_small_round_does_not_end_a_rest():
    schedule = RecomputeSchedule(NOON)
    schedule.record_round(NOON, NOON + SECOND, LARGE_ROUND)
    schedule.record_round(NOON + SECOND, NOON + SECOND, 1)
    assert not schedule.is_rested(NOON + 2 * SECOND)


def test_a_clock_that_goes_back_ends_the_rest():
    schedule = RecomputeSchedule(NOON)
    schedule.record_round(NOON, NOON + SECOND, LARGE_ROUND)
    assert schedule.is_rested(NOON - 60 * SECOND)
