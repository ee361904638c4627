"""Names of metrics: documented, by Prometheus' rules, and with labels that do not grow."""

import re

import pytest

from services.console.sampling.sample_metrics import SampleCollector
from services.console.sampling.samples import (
    KAFKA,
    STORE,
    EngineSample,
    Sample,
    StageSample,
    WorkerSample,
)
from services.enrichment.images.main import build
from shared.clock import now
from shared.metrics.registry import build_registry, watch_readiness
from shared.metrics.revision_metrics import RevisionMetrics
from shared.metrics.worker_metrics import WorkerMetrics
from shared.store import Heartbeat
from tests.conftest import ROOT

DOCUMENTED = re.compile(r"^\| `(seedwire_\w+)` \| (\w+) \|([\w, ]*)\|", re.MULTILINE)
LABELS = {"stage", "outcome", "task", "kind", "engine", "service", "state"}


class FixedSampler:
    latest = Sample(
        at=now(),
        engines=(EngineSample(KAFKA, True, now()), EngineSample(STORE, True, now())),
        stages_at=now(),
        stages=(StageSample("ingest", 1, 2.0, False, 1.0, 1.0, 3.0, 5, 4),),
        published_records=7,
        store_at=now(),
        workers=(WorkerSample(Heartbeat("i", "ingest", "h", 1, "working", now()), "working"),),
        parked=1,
        rejected=2,
        halted=0,
    )


@pytest.fixture(scope="module")
def families():
    """All metrics of all processes, by name as they are queried."""
    registry = build_registry()
    metrics = WorkerMetrics(registry)
    metrics.meter_delivery("ingest")
    metrics.add_task("sweep")
    service, _ = build()
    metrics.add_counters(service.counters)
    RevisionMetrics(registry)
    watch_readiness(registry, lambda: True)
    registry.register(SampleCollector(FixedSampler()))
    found = {}
    for family in registry.collect():
        if not family.name.startswith("process_"):
            name = f"{family.name}_total" if family.type == "counter" else family.name
            found[name] = family
    return found


def find_labels(family):
    return {name for sample in family.samples for name in sample.labels} - {"le"}


def test_the_page_has_every_metric_with_its_type_and_labels(families):
    documented = {}
    for name, kind, labels in DOCUMENTED.findall((ROOT / "docs" / "metrics.md").read_text()):
        documented[name] = (kind, set(labels.replace(",", " ").split()))
    assert documented == {
        name: (family.type, find_labels(family)) for name, family in families.items()
    }


def test_every_name_begins_alike_and_ends_in_a_base_unit_or_what_is_counted(families):
    for name, family in families.items():
        assert re.fullmatch(r"seedwire_[a-z_]+", name)
        assert not re.search(r"_(ms|milliseconds|minutes|kb|mb|percent)(_|$)", name)
        assert name.endswith("_total") == (family.type == "counter")
        assert family.documentation.endswith(".")


def test_only_labels_with_few_values_are_used(families):
    used = set().union(*(find_labels(family) for family in families.values()))
    assert used == LABELS
