"""The sampler keeps what it knows while an engine is away, and says of when it is."""

import asyncio
from datetime import timedelta

import pytest

from services.console.sampling.sample_metrics import SampleCollector
from services.console.sampling.sampler import Sampler
from services.console.sampling.samples import KAFKA, STORE
from shared.clock import now
from shared.errors import StoreUnavailable
from shared.metrics.registry import build_registry
from shared.settings import Settings
from shared.store import Heartbeat


class Part:
    """The parts of a store that the sampler asks."""

    def __init__(self, number=0):
        self.number = number
        self.error = None

    async def list_heartbeats(self):
        self._answer()
        halted = Heartbeat("i", "ingest", "elsewhere", 1, "halted", now() - timedelta(minutes=3))
        return [halted]

    async def count(self):
        return self._answer()

    def _answer(self):
        if self.error is not None:
            raise self.error
        return self.number


class FakeStore:
    def __init__(self):
        self.workers, self.parked, self.rejected = Part(), Part(3), Part(4)


@pytest.fixture
def store():
    return FakeStore()


@pytest.fixture
def sampler(store, tmp_path):
    """Without any Kafka: nobody has written where the embedded broker is."""
    return Sampler(Settings(home=tmp_path), store, interval_seconds=0.01)


async def wait_until(condition):
    async with asyncio.timeout(120):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.01)


def is_up(sampler, name):
    sample = sampler.latest
    return sample is not None and {e.name: e.is_up for e in sample.engines}[name]


async def test_a_newsroom_without_kafka_is_sampled_from_the_store(sampler):
    async with sampler.run():
        await wait_until(lambda: sampler.latest is not None)
        sample = sampler.latest
    assert (sample.parked, sample.rejected, sample.halted) == (3, 4, 1)
    assert (sample.stages, sample.stages_at) == ((), None)
    kafka = sample.engines[0]
    assert (kafka.name, kafka.is_up) == (KAFKA, False)
    assert "no Kafka" in kafka.problem


async def test_numbers_stay_with_their_age_while_the_store_is_away(sampler, store):
    async with sampler.run():
        await wait_until(lambda: is_up(sampler, STORE))
        store.workers.error = StoreUnavailable("gone")
        store.parked.number = 99
        await wait_until(lambda: not is_up(sampler, STORE))
        taken = sampler.latest.store_at
        await wait_until(lambda: sampler.latest.at - taken > timedelta(seconds=0.1))
        sample = sampler.latest
    assert sample.parked == 3
    assert sample.store_at == taken
    assert not all(engine.is_up for engine in sample.engines)


async def test_samples_of_half_an_hour_are_kept(store, tmp_path):
    time = now()

    def clock():
        nonlocal time
        time += timedelta(minutes=1)
        return time

    sampler = Sampler(Settings(home=tmp_path), store, interval_seconds=0.001, clock=clock)
    async with sampler.run():
        await wait_until(lambda: sampler.history and time - sampler.history[0].at > timedelta(0))
        first = sampler.history[0].at
        await wait_until(lambda: sampler.history[0].at > first)
    history = sampler.history
    assert history[-1].at - history[0].at <= timedelta(minutes=30)
    assert [sample.at for sample in history] == sorted(sample.at for sample in history)


async def test_a_sampler_with_a_bug_says_so_instead_of_showing_old_numbers(sampler, store):
    async with sampler.run():
        await wait_until(lambda: is_up(sampler, STORE))
        store.parked.error = ZeroDivisionError()
        await wait_until(lambda: not is_up(sampler, STORE))
        problem = sampler.latest.engines[1].problem
    assert problem == "the sampler has ended: ZeroDivisionError"


async def test_metrics_say_what_was_sampled(sampler):
    registry = build_registry()
    registry.register(SampleCollector(sampler))
    assert registry.get_sample_value("seedwire_engine_up", {"engine": "store"}) is None
    async with sampler.run():
        await wait_until(lambda: is_up(sampler, STORE))
        assert registry.get_sample_value("seedwire_engine_up", {"engine": "store"}) == 1
        assert registry.get_sample_value("seedwire_engine_up", {"engine": "kafka"}) == 0
        assert registry.get_sample_value("seedwire_parked_fetches") == 3
        assert registry.get_sample_value("seedwire_rejected_records") == 4
        assert registry.get_sample_value("seedwire_halted_workers") == 1
        halted = {"service": "ingest", "state": "halted"}
        assert registry.get_sample_value("seedwire_workers", halted) == 1
        working = {"service": "ingest", "state": "working"}
        assert registry.get_sample_value("seedwire_workers", working) == 0
