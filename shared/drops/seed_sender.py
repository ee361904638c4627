"""Sends seeds to Kafka, each under its key."""

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from shared.broker.errors.error_classes import describe_error, translate_error
from shared.broker.errors.error_table import UNENCODABLE
from shared.budgets import MAX_SEED_BYTES
from shared.drops.receipt import Receipt
from shared.drops.seed import Position, Seed, Sent, encode_path
from shared.errors import UndeliverableEvent
from shared.events.topics import SEEDS


async def send_seed(producer: AIOKafkaProducer, seed: Seed) -> Sent:
    """Send one seed and wait until Kafka acknowledged it. Dropping a seed again does no harm.

    Raises KafkaUnavailable. What Kafka will never take gets its receipt here.
    """
    headers = [("path", encode_path(seed.path)), *seed.headers]
    try:
        acknowledgement = await producer.send(SEEDS, seed.content, key=seed.key, headers=headers)
        metadata = await acknowledgement
    except (KafkaError, *UNENCODABLE) as error:
        sentence = f"Kafka did not acknowledge {seed.path}; it is safe to drop it again"
        problem = translate_error(error, sentence)
        if isinstance(problem, UndeliverableEvent):
            return Sent(seed, receipt=_reject_unsent(seed, error))
        raise problem from error
    return Sent(seed, Position(metadata.partition, metadata.offset))


def _reject_unsent(seed: Seed, refusal: Exception) -> Receipt:
    """The receipt of a seed that Kafka will never take."""
    size = len(seed.content)
    message = f"Kafka does not take this record: {describe_error(refusal)}."
    if size > MAX_SEED_BYTES:
        message = f"Expected at most {MAX_SEED_BYTES:,} bytes, found {size:,}."
    error = {"field": "file", "line": None, "message": message}
    return Receipt(seed.path, "rejected", errors=(error,))
