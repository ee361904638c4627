"""What is sent when a rejected record is sent again: its headers, its key, and Kafka's answer."""

from collections.abc import Sequence
from typing import Final

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from shared.article import SeedError, parse_seed, partition_key
from shared.broker.errors.error_classes import translate_error
from shared.broker.errors.error_table import UNENCODABLE
from shared.errors import UndeliverableEvent
from shared.events.rejections import ATTEMPT_HEADER, RECORD_HEADER
from shared.events.topics import SEEDS
from shared.store import RedriveAttempt, RejectedRecord

SENT: Final = "sent"


async def send_record(
    producer: AIOKafkaProducer,
    record: RejectedRecord,
    attempt: RedriveAttempt,
    replacement: bytes | None,
) -> str:
    """Whether it was sent, or why Kafka will never take it. Raises KafkaUnavailable.

    The headers name the *attempt*; the bytes *replacement*, if given, are sent instead.
    """
    key, value = record.key, record.value
    if replacement is not None:
        key, value = _choose_key(record, replacement), replacement
    return await _send(producer, record, key, value, _build_headers(record, attempt))


async def _send(
    producer: AIOKafkaProducer,
    record: RejectedRecord,
    key: bytes | None,
    value: bytes | None,
    headers: Sequence[tuple[str, bytes | None]],
) -> str:
    if key is None and value is None:
        value = b""  # Kafka's clients refuse a record with neither key nor value
    try:
        await producer.send_and_wait(record.topic, value, key=key, headers=[*headers])
    except (KafkaError, *UNENCODABLE) as error:
        sentence = f"Kafka did not acknowledge {record.id}; it is safe to redrive it again"
        refusal = translate_error(error, sentence)
        if isinstance(refusal, UndeliverableEvent):
            return f"refused by Kafka: {error!r}"
        raise refusal from error
    return SENT


def _choose_key(record: RejectedRecord, replacement: bytes) -> bytes | None:
    """That of `seedwire drop`, so that a corrected seed stays in order with other drops of it.

    The key of the record if there is no better one.
    """
    if record.topic != SEEDS:
        return record.key
    try:
        return partition_key(parse_seed(replacement)).encode()
    except SeedError:
        return record.key


def _build_headers(
    record: RejectedRecord, attempt: RedriveAttempt
) -> Sequence[tuple[str, bytes | None]]:
    """Its headers with those that name the attempt. An event of ours is sent exactly as it was."""
    if is_event(record):
        return record.headers
    own = (RECORD_HEADER, ATTEMPT_HEADER)
    headers = [(name, value) for name, value in record.headers if name not in own]
    headers.append((RECORD_HEADER, record.id.encode()))
    headers.append((ATTEMPT_HEADER, str(attempt.number).encode()))
    return headers


def is_event(record: RejectedRecord) -> bool:
    """Whether it is an event of ours that Kafka did not take, so that it never had an offset."""
    return record.offset < 0
