"""The latest sample as metrics. docs/metrics.md says what each name means."""

from collections.abc import Iterator, Sequence

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from services.console.sampling.sampler import Sampler
from services.console.sampling.samples import KAFKA, EngineSample, Sample, StageSample, WorkerSample
from services.console.sampling.worker_states import STATES


class SampleCollector(Collector):
    """Says at every scrape what *sampler* sampled last; asks nobody for anything."""

    def __init__(self, sampler: Sampler) -> None:
        self._sampler = sampler

    def collect(self) -> Iterator[Metric]:
        sample = self._sampler.latest
        if sample is None:
            return
        yield from _describe_engines(sample.engines)
        yield from _describe_ages(sample)
        yield from _describe_stages(sample.stages)
        yield from _describe_counts(sample)
        yield from _describe_workers(sample.workers)


def _describe_engines(engines: Sequence[EngineSample]) -> Iterator[Metric]:
    up = GaugeMetricFamily(
        "seedwire_engine_up", "1 while the engine answers the sampler, else 0.", labels=["engine"]
    )
    for engine in engines:
        up.add_metric([_name_engine(engine)], float(engine.is_up))
    yield up


def _name_engine(engine: EngineSample) -> str:
    return "kafka" if engine.name == KAFKA else "store"


def _describe_ages(sample: Sample) -> Iterator[Metric]:
    age = GaugeMetricFamily(
        "seedwire_sample_age_seconds",
        "How old the numbers are that came from this engine.",
        labels=["engine"],
    )
    for engine, at in (("kafka", sample.stages_at), ("store", sample.store_at)):
        if at is not None:
            age.add_metric([engine], (sample.at - at).total_seconds())
    yield age


def _describe_stages(stages: Sequence[StageSample]) -> Iterator[Metric]:
    waiting = GaugeMetricFamily(
        "seedwire_waiting_records",
        "Records that wait for the stage: its lag.",
        labels=["stage"],
    )
    oldest = GaugeMetricFamily(
        "seedwire_oldest_waiting_seconds",
        "How long the oldest record has waited for the stage; 0 while none waits.",
        labels=["stage"],
    )
    entered = CounterMetricFamily(
        "seedwire_entered_records_total",
        "Records that ever came into the topic that the stage reads.",
        labels=["stage"],
    )
    committed = CounterMetricFamily(
        "seedwire_committed_records_total",
        "Those of them that the stage has left behind it, as its group has committed.",
        labels=["stage"],
    )
    for stage in stages:
        waiting.add_metric([stage.name], stage.waiting)
        oldest.add_metric([stage.name], stage.oldest_seconds)
        entered.add_metric([stage.name], stage.entered)
        committed.add_metric([stage.name], stage.committed)
    yield from (waiting, oldest, entered, committed)


def _describe_counts(sample: Sample) -> Iterator[Metric]:
    if sample.published_records is not None:
        help_text = "Records that came into published.log."
        yield CounterMetricFamily(
            "seedwire_published_records_total", help_text, sample.published_records
        )
    if sample.parked is not None:
        yield GaugeMetricFamily("seedwire_parked_fetches", "Fetches put off.", sample.parked)
    if sample.rejected is not None:
        help_text = "Rejected records about which nothing was done yet."
        yield GaugeMetricFamily("seedwire_rejected_records", help_text, sample.rejected)
    if sample.halted is not None:
        help_text = "Processes that wait for a person."
        yield GaugeMetricFamily("seedwire_halted_workers", help_text, sample.halted)


def _describe_workers(workers: Sequence[WorkerSample]) -> Iterator[Metric]:
    """Every state of every service, so that none vanishes when its last process changes."""
    family = GaugeMetricFamily(
        "seedwire_workers", "Processes by service and state.", labels=["service", "state"]
    )
    for service in sorted({worker.heartbeat.service for worker in workers}):
        states = [worker.state for worker in workers if worker.heartbeat.service == service]
        for state in STATES:
            family.add_metric([service, state], states.count(state))
    yield family
