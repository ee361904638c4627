"""Raw batches out of FastStream: no header is decoded, no body is guessed at, nothing raises.

FastStream's own parser decodes every header as UTF-8 and tries bodies as JSON. One header of other bytes then loses
the whole batch, silently; a body `1` becomes a number. Both a parser and a decoder are needed to be rid of that.
"""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any, Final, cast

from aiokafka import AIOKafkaConsumer, ConsumerRecord
from faststream.kafka import KafkaMessage
from faststream.kafka.message import FAKE_CONSUMER

from shared.broker.records import Record

LATEST_MS: Final = 253_402_214_400_000  # the last day of the year 9999: a producer may say what it likes

RawBatch = tuple["ConsumerRecord[bytes | None, bytes | None]", ...]


async def parse(batch: RawBatch, _original: Callable[..., Awaitable[Any]] | None = None) -> KafkaMessage:
    """The batch as it came. Acknowledging is not this message's business: `Worker` commits explicit offsets."""
    first = batch[0]
    return KafkaMessage(
        body=batch,
        raw_message=batch,
        headers={},
        batch_headers=[],
        message_id=f"{first.topic}-{first.partition}-{first.offset}",
        consumer=FAKE_CONSUMER,
    )


async def decode(message: KafkaMessage, _original: Callable[..., Awaitable[Any]] | None = None) -> RawBatch:
    """What the handler is called with."""
    return cast("RawBatch", message.raw_message)


def record(cluster: str, raw: "ConsumerRecord[bytes | None, bytes | None]") -> Record:
    """One record of *cluster* as the handlers get it."""
    return Record(
        cluster=cluster,
        topic=raw.topic,
        partition=raw.partition,
        offset=raw.offset,
        timestamp=datetime.fromtimestamp(min(max(raw.timestamp, 0), LATEST_MS) / 1000, UTC),
        key=raw.key,
        value=raw.value,
        headers=tuple(raw.headers),
    )


def highwater_lag(consumer: AIOKafkaConsumer, committed: dict[Any, int]) -> int | None:
    """Records of the assigned partitions that are not yet committed, or None before every one was fetched once."""
    lags = [_lag(consumer, partition, committed.get(partition)) for partition in consumer.assignment()]
    known = [lag for lag in lags if lag is not None]
    return sum(known) if len(known) == len(lags) else None


def _lag(consumer: AIOKafkaConsumer, partition: Any, committed: int | None) -> int | None:
    highwater = consumer.highwater(partition)
    if highwater is None:
        return None
    return max(0, int(highwater) - (highwater if committed is None else committed))
