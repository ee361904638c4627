"""FastStream at its edge: what it is told of security, and raw batches out of it.

No header is decoded, no body is guessed at, nothing raises. FastStream's own parser decodes every header as UTF-8 and
tries bodies as JSON. One header of other bytes then loses the whole batch, silently; a body `1` becomes a number. Both
a parser and a decoder are needed to be rid of that.
"""

from collections.abc import Awaitable, Callable
from typing import Any, cast

from aiokafka import ConsumerRecord
from faststream.kafka import KafkaMessage
from faststream.kafka.message import FAKE_CONSUMER
from faststream.security import BaseSecurity, SASLPlaintext, SASLScram256, SASLScram512

from shared.broker.connection import tls
from shared.settings import Settings

RawBatch = tuple["ConsumerRecord[bytes | None, bytes | None]", ...]

_MECHANISMS: dict[str, type[SASLPlaintext | SASLScram256 | SASLScram512]] = {
    "PLAIN": SASLPlaintext,
    "SCRAM-SHA-256": SASLScram256,
    "SCRAM-SHA-512": SASLScram512,
}


def security(settings: Settings) -> BaseSecurity:
    """What `connection.client_options` says of it. Raises SettingsError when a certificate cannot be used."""
    if not settings.kafka_with_password:
        return BaseSecurity(ssl_context=tls(settings), use_ssl=settings.kafka_over_tls)
    return _MECHANISMS[settings.kafka_sasl_mechanism](
        username=settings.kafka_username,
        password=settings.kafka_password.get_secret_value(),
        ssl_context=tls(settings),
        use_ssl=settings.kafka_over_tls,
    )


async def parse(
    batch: RawBatch, _original: Callable[..., Awaitable[Any]] | None = None
) -> KafkaMessage:
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


async def decode(
    message: KafkaMessage, _original: Callable[..., Awaitable[Any]] | None = None
) -> RawBatch:
    """What the handler is called with."""
    return cast("RawBatch", message.raw_message)
