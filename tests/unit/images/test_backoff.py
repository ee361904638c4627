"""When a parked fetch is attempted again."""

from services.enrichment.images.limits import MAX_RETRY_SECONDS
from services.enrichment.images.scheduling.backoff import backoff_seconds


def longest() -> float:
    return 1.0


def test_pauses_double_and_end_at_a_day():
    pauses = [backoff_seconds(attempts, 60, None, longest) for attempts in (1, 2, 3, 4)]
    assert pauses == [60, 120, 240, 480]
    assert backoff_seconds(30, 60, None, longest) == MAX_RETRY_SECONDS == 24 * 3600


def test_jitter_takes_away_half_at_the_most():
    assert backoff_seconds(2, 60, None, lambda: 0.0) == 60


def test_a_host_that_asks_for_a_longer_pause_gets_it():
    assert backoff_seconds(1, 60, 600, longest) == 600
    assert backoff_seconds(1, 60, 1, longest) == 60
