"""Announced revisions, and how long their drops took."""

from datetime import UTC, datetime, timedelta

import pytest

from shared.events.published_events import build_published_events
from shared.metrics.registry import build_registry
from shared.metrics.revision_metrics import RevisionMetrics
from shared.store import Revision

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture
def registry():
    return build_registry()


@pytest.fixture
def metrics(registry):
    return RevisionMetrics(registry, lambda: NOW)


def make_events(kind="published", dropped_at=None):
    return build_published_events(Revision("a", 1, kind, NOW, b"{}"), dropped_at)


@pytest.mark.parametrize("kind", ["published", "updated", "retracted"])
def test_a_revision_counts_once_although_it_is_in_two_topics(registry, metrics, kind):
    assert registry.get_sample_value("seedwire_revisions_total", {"kind": kind}) == 0
    metrics.count(make_events(kind))
    assert registry.get_sample_value("seedwire_revisions_total", {"kind": kind}) == 1


def test_the_time_from_the_drop_is_observed_where_the_drop_is_known(registry, metrics):
    metrics.count(make_events())
    metrics.count(make_events(dropped_at=NOW - timedelta(seconds=4)))
    assert registry.get_sample_value("seedwire_drop_to_published_seconds_count") == 1
    assert registry.get_sample_value("seedwire_drop_to_published_seconds_sum") == 4


def test_a_clock_that_was_set_back_gives_no_negative_time(registry, metrics):
    metrics.count(make_events(dropped_at=NOW + timedelta(seconds=4)))
    assert registry.get_sample_value("seedwire_drop_to_published_seconds_sum") == 0
