"""Reads a topic as consumers see it."""

import time
from collections.abc import AsyncIterator
from typing import Any, Final, TypeAlias

from aiokafka import AIOKafkaConsumer, ConsumerRecord
from aiokafka.errors import KafkaError

from services.console.actions.record_values import (
    decode_headers,
    decode_json_or_text,
    decode_seed_text,
)
from shared.broker.network.connection import LONG_FETCH_WAIT_MS, open_reader, query_cluster
from shared.broker.network.partitions import list_partitions, seek_to_end
from shared.errors import KafkaUnavailable, SettingsError
from shared.settings import Settings

IDLE_SECONDS: Final = 1.0  # a topic is idle when no record came for that long
POLL_MS: Final = 200

KafkaRecord: TypeAlias = ConsumerRecord[bytes, bytes]


async def tail_topic(
    settings: Settings, topic: str, from_start: bool, until_idle: bool
) -> AsyncIterator[KafkaRecord]:
    """Records of *topic*, from the oldest or from now on. Joins no consumer group, commits nothing.

    Ends only *until_idle*: when everything was read and nothing new came for a second. Raises
    SettingsError for an unknown topic, or KafkaUnavailable.
    """
    await _require_topic(settings, topic)
    partitions = await list_partitions(settings, topic)
    try:
        async with open_reader(settings, fetch_wait_ms=LONG_FETCH_WAIT_MS) as consumer:
            consumer.assign(partitions)
            if not from_start:
                await seek_to_end(consumer)
            async for record in _poll(consumer, until_idle):
                yield record
    except KafkaError as error:
        raise KafkaUnavailable(f"cannot read the topic {topic}: {error!r}") from error


def describe_record(record: KafkaRecord) -> dict[str, Any]:
    """The record as JSON values: a JSON value as it is, other bytes as text. Hides `secured`."""
    return {
        "topic": record.topic,
        "partition": record.partition,
        "offset": record.offset,
        "key": decode_seed_text(record.key),
        "headers": decode_headers(record.headers),
        "value": decode_json_or_text(record.value),
    }


async def _require_topic(settings: Settings, topic: str) -> None:
    # All topics are listed, because asking Kafka for one by name may create it.
    topics = await query_cluster(settings, lambda admin: admin.list_topics())
    if topic not in topics:
        public = sorted(name for name in topics if not name.startswith("__"))
        existing = ", ".join(public) or "none yet"
        raise SettingsError(f"there is no topic {topic!r}; existing topics: {existing}")


async def _poll(consumer: AIOKafkaConsumer, until_idle: bool) -> AsyncIterator[KafkaRecord]:
    last_record_at = time.monotonic()
    while not until_idle or not await _is_idle(consumer, last_record_at):
        batches = await consumer.getmany(timeout_ms=POLL_MS)
        for records in batches.values():
            last_record_at = time.monotonic()
            for record in records:
                yield record


async def _is_idle(consumer: AIOKafkaConsumer, last_record_at: float) -> bool:
    silent_for = time.monotonic() - last_record_at
    return silent_for >= IDLE_SECONDS and not await _is_behind(consumer)


async def _is_behind(consumer: AIOKafkaConsumer) -> bool:
    """Whether Kafka has unread records, or has not answered for every partition yet."""
    for partition in consumer.assignment():
        end = consumer.highwater(partition)
        if end is None or end > await consumer.position(partition):
            return True
    return False
