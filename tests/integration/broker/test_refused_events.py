"""Events that Apache Kafka refuses: each is found among its neighbours, and the rest is sent."""

from collections.abc import AsyncIterator

import pytest

from shared.broker.network.connection import open_reader
from shared.broker.network.partitions import list_partitions, read_end_offsets
from shared.broker.records import Event
from shared.broker.sending.producer_source import ProducerSource, open_producer_source
from shared.broker.sending.sender import Sender
from shared.broker.topic_creation import Topic, create_missing_topics
from shared.settings import Settings

TOPIC = "narrow"

pytestmark = pytest.mark.real  # the embedded broker has no limit on sizes


@pytest.fixture
def settings(kafka: dict[str, str]) -> Settings:
    return Settings(kafka=kafka["SEEDWIRE_KAFKA"])


@pytest.fixture
async def producers(settings: Settings) -> AsyncIterator[ProducerSource]:
    await create_missing_topics(settings, [Topic(TOPIC, 1, {"max.message.bytes": "2000"})])
    async with open_producer_source(settings) as source:
        yield source


async def count_records(settings: Settings) -> int:
    async with open_reader(settings) as client:
        client.assign(await list_partitions(settings, TOPIC))
        return sum((await read_end_offsets(client)).values())


async def test_an_idempotent_producer_goes_on_after_a_refusal(
    settings: Settings, producers: ProducerSource
):
    """aiokafka and Kafka disagree on the sequence number then: the producer is replaced."""
    sender = Sender(producers.current, producers)
    first = producers.current
    for _ in range(3):
        sizes = (10, 5_000, 20)
        events = [Event(TOPIC, b"k", b"x" * size) for size in sizes]
        (refusal,) = await sender.send(events)
        assert refusal.event == events[1]
        assert "MessageSizeTooLargeError" in str(refusal.error)
        assert await sender.send([Event(TOPIC, b"k", b"after")]) == []
    assert producers.current is not first
    assert await count_records(settings) >= 3 * 3
