"""When a worker recomputes again; what it does is in the integration tests."""

from datetime import UTC, datetime, timedelta

from services.enrichment.related.linking.recompute_schedule import (
    BACKLOG_PERIOD,
    LARGE_ROUND,
    MAX_PAUSE,
    PAUSE_FACTOR,
    QUIET_PERIOD,
    REST_FACTOR,
    SMALL_BATCH,
    RecomputeSchedule,
)

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def test_after_a_small_round_the_next_small_batch_is_recomputed_at_once():
    schedule = RecomputeSchedule(NOON)
    schedule.record_round(NOON, NOON + SECOND, LARGE_ROUND - 1, 0)
    assert schedule.is_rested(NOON + SECOND)
    assert schedule.is_due(NOON + SECOND)


def test_after_a_large_round_the_worker_rests_in_proportion():
    schedule = RecomputeSchedule(NOON)
    schedule.record_round(NOON, NOON + SECOND, LARGE_ROUND, 0)
    rested = NOON + SECOND + REST_FACTOR * SECOND
    assert not schedule.is_rested(rested - SECOND / 10)
    assert not schedule.is_due(rested - SECOND / 10)
    assert schedule.is_rested(rested)
    assert schedule.is_due(rested)


def test_no_rest_is_longer_than_the_longest_pause():
    schedule = RecomputeSchedule(NOON)
    schedule.record_round(NOON, NOON + 60 * SECOND, LARGE_ROUND, 0)
    assert schedule.is_rested(NOON + 60 * SECOND + MAX_PAUSE)


def test_a_small_round_does_not_end_a_rest():
    schedule = RecomputeSchedule(NOON)
    schedule.record_round(NOON, NOON + SECOND, LARGE_ROUND, 0)
    schedule.record_round(NOON + SECOND, NOON + SECOND, 1, 0)
    assert not schedule.is_rested(NOON + 2 * SECOND)


def test_a_clock_that_goes_back_ends_the_rest():
    schedule = RecomputeSchedule(NOON)
    schedule.record_round(NOON, NOON + SECOND, LARGE_ROUND, 0)
    assert schedule.is_rested(NOON - 60 * SECOND)


def test_in_a_backlog_the_pause_is_for_the_articles_that_were_looked_at_again():
    schedule = RecomputeSchedule(NOON)
    with schedule.track_batch(SMALL_BATCH + 1, lambda: NOON):
        schedule.record_round(NOON - SECOND / 10, NOON, 100, 75)
        pause = PAUSE_FACTOR * SECOND / 10 / 4
        assert not schedule.is_due(NOON + pause - SECOND / 100)
        assert schedule.is_due(NOON + pause)


def test_a_round_of_new_articles_alone_needs_neither_pause_nor_rest():
    schedule = RecomputeSchedule(NOON)
    with schedule.track_batch(LARGE_ROUND, lambda: NOON):
        pass
    with schedule.track_batch(LARGE_ROUND, lambda: NOON):
        new_articles = schedule.take_new_articles()
        schedule.record_round(NOON - SECOND, NOON, new_articles, new_articles)
        assert schedule.is_due(NOON)
        assert schedule.is_rested(NOON)


def test_articles_are_new_to_one_round_only():
    schedule = RecomputeSchedule(NOON)
    with schedule.track_batch(3, lambda: NOON):
        assert schedule.take_new_articles() == 0
    assert schedule.take_new_articles() == 3
    assert schedule.take_new_articles() == 0


def test_a_round_with_new_statistics_looks_at_nothing_again():
    schedule = RecomputeSchedule(NOON)
    schedule.record_new_statistics()
    schedule.record_round(NOON - SECOND, NOON, 10 * LARGE_ROUND, schedule.take_new_articles())
    assert schedule.is_rested(NOON)
    schedule.record_round(NOON - SECOND, NOON, 10 * LARGE_ROUND, schedule.take_new_articles())
    assert not schedule.is_rested(NOON)


def test_a_backlog_lasts_while_a_large_batch_is_in_hand_and_a_period_longer():
    schedule = RecomputeSchedule(NOON)
    schedule.record_round(NOON - SECOND, NOON, 1, 0)
    with schedule.track_batch(SMALL_BATCH + 1, lambda: NOON + 2 * SECOND):
        assert not schedule.is_due(NOON + 2 * SECOND)
    assert not schedule.is_due(NOON + 2 * SECOND)
    assert schedule.is_due(NOON + 2 * SECOND + BACKLOG_PERIOD)


def test_a_small_batch_is_no_backlog():
    schedule = RecomputeSchedule(NOON)
    schedule.record_round(NOON - SECOND, NOON, 1, 0)
    with schedule.track_batch(SMALL_BATCH, lambda: NOON):
        assert schedule.is_due(NOON)
        assert not schedule.has_backlog(NOON)
    assert not schedule.take_end_of_backlog(NOON + BACKLOG_PERIOD + QUIET_PERIOD)


def test_the_end_of_a_backlog_is_taken_once_and_after_a_quiet_time():
    schedule = RecomputeSchedule(NOON)
    end = NOON + BACKLOG_PERIOD + QUIET_PERIOD
    with schedule.track_batch(SMALL_BATCH + 1, lambda: NOON):
        assert not schedule.take_end_of_backlog(end)
    assert not schedule.take_end_of_backlog(end - SECOND / 10)
    assert schedule.take_end_of_backlog(end)
    assert not schedule.take_end_of_backlog(end)


def test_at_the_end_of_a_backlog_a_rest_is_over():
    schedule = RecomputeSchedule(NOON)
    with schedule.track_batch(SMALL_BATCH + 1, lambda: NOON):
        schedule.record_round(NOON - SECOND, NOON, LARGE_ROUND, 0)
    end = NOON + BACKLOG_PERIOD + QUIET_PERIOD
    assert not schedule.is_due(end)
    assert schedule.take_end_of_backlog(end)
    assert schedule.is_due(end)
