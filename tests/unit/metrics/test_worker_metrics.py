"""What a worker counts."""

from contextlib import suppress

import pytest

from shared.errors import StoreUnavailable
from shared.metrics.registry import build_registry
from shared.metrics.worker_metrics import ServiceCounter, WorkerMetrics


@pytest.fixture
def metrics():
    return WorkerMetrics(build_registry())


def test_every_series_of_a_stage_is_there_before_the_first_record(metrics):
    metrics.meter_delivery("ingest")
    for outcome in ("handled", "rejected"):
        assert read(metrics, "seedwire_records_total", stage="ingest", outcome=outcome) == 0
    for outcome in ("sent", "undelivered"):
        assert read(metrics, "seedwire_events_total", stage="ingest", outcome=outcome) == 0


def test_a_delivery_counts_records_events_and_batches_of_its_stage(metrics):
    meter, other = metrics.meter_delivery("images"), metrics.meter_delivery("images.fetch")
    meter.count_records(3, 1)
    meter.count_events(5, 2)
    meter.observe_batch(0.25)
    other.count_records(7, 0)
    assert read(metrics, "seedwire_records_total", stage="images", outcome="handled") == 3
    assert read(metrics, "seedwire_records_total", stage="images", outcome="rejected") == 1
    assert read(metrics, "seedwire_events_total", stage="images", outcome="sent") == 5
    assert read(metrics, "seedwire_events_total", stage="images", outcome="undelivered") == 2
    assert read(metrics, "seedwire_batch_seconds_sum", stage="images") == 0.25
    assert read(metrics, "seedwire_records_total", stage="images.fetch", outcome="handled") == 7


@pytest.mark.parametrize(
    ("error", "outcome"),
    [(None, "done"), (StoreUnavailable("gone"), "waited"), (ZeroDivisionError(), "failed")],
)
def test_a_task_is_timed_by_how_it_ended(metrics, error, outcome):
    with suppress(StoreUnavailable, ZeroDivisionError), metrics.time_task("sweep"):
        if error is not None:
            raise error
    assert read(metrics, "seedwire_task_seconds_count", task="sweep", outcome=outcome) == 1


def test_what_a_service_counts_itself_is_read_at_each_scrape(metrics):
    fetched = [b""]
    metrics.add_counters([ServiceCounter("seedwire_fetched_bytes_total", "", lambda: len(fetched))])
    assert read(metrics, "seedwire_fetched_bytes_total") == 1
    fetched.append(b"")
    assert read(metrics, "seedwire_fetched_bytes_total") == 2


def read(metrics, name, **labels):
    return metrics.registry.get_sample_value(name, labels)
