"""What a sample says of a stage."""

from datetime import UTC, datetime, timedelta

import pytest
from aiokafka import TopicPartition

from services.console.sampling.stage_meter import StageMeter
from shared.broker.offsets.standings import Standing

START = datetime(2026, 3, 2, 12, tzinfo=UTC)
FORGED = datetime(1970, 1, 1, tzinfo=UTC)


def after(seconds):
    return START + timedelta(seconds=seconds)


def measure(meter, seconds, *standings):
    partitions = {TopicPartition("seeds", n): standing for n, standing in enumerate(standings)}
    return meter.measure(partitions, after(seconds))


def test_nothing_waits_for_a_stage_that_has_committed_everything():
    sample = measure(StageMeter("ingest"), 0, Standing(5, 5), Standing(0, 0))
    assert (sample.waiting, sample.oldest_seconds, sample.drain_seconds) == (0, 0, 0)
    assert (sample.in_per_second, sample.out_per_second) == (None, None)


def test_the_oldest_of_all_partitions_counts():
    meter = StageMeter("ingest")
    measure(meter, 0, Standing(0, 0), Standing(0, 0))
    measure(meter, 10, Standing(0, 0), Standing(0, 2, FORGED))
    sample = measure(meter, 20, Standing(0, 3, after(19)), Standing(0, 2, FORGED))
    assert sample.waiting == 5
    assert sample.oldest_seconds == 20
    assert not sample.is_oldest_at_least


def test_a_backlog_from_before_the_first_sample_is_at_least_as_old():
    meter = StageMeter("ingest")
    measure(meter, 0, Standing(0, 7, FORGED))
    sample = measure(meter, 30, Standing(0, 7, FORGED))
    assert sample.oldest_seconds == 30
    assert sample.is_oldest_at_least


def test_rates_are_of_the_last_minute():
    meter = StageMeter("ingest")
    measure(meter, 0, Standing(0, 1000, START))
    measure(meter, 100, Standing(0, 1000, START))
    sample = measure(meter, 150, Standing(500, 1100, START))
    assert sample.in_per_second == pytest.approx(2)
    assert sample.out_per_second == pytest.approx(10)
    assert sample.drain_seconds == pytest.approx(600 / 8)


def test_a_stage_that_takes_no_more_than_comes_does_not_drain():
    meter = StageMeter("ingest")
    measure(meter, 0, Standing(0, 10, START))
    sample = measure(meter, 10, Standing(10, 20, START))
    assert sample.out_per_second == sample.in_per_second
    assert sample.drain_seconds is None


def test_a_topic_that_was_created_again_has_no_negative_rate():
    meter = StageMeter("ingest")
    measure(meter, 0, Standing(100, 100))
    sample = measure(meter, 10, Standing(1, 2, START))
    assert sample.in_per_second is None
    assert sample.waiting == 1


def test_a_group_that_was_set_back_has_no_negative_rate():
    meter = StageMeter("ingest")
    measure(meter, 0, Standing(100, 100))
    sample = measure(meter, 10, Standing(0, 100, START))
    assert sample.out_per_second == 0
    assert sample.waiting == 100
