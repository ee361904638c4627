"""The edge to FastStream: its security settings, and raw batches out of it.

FastStream's own parser decodes every header as UTF-8 and tries to read bodies as JSON. A single
header of other bytes then loses the whole batch, silently, and a body `1` becomes a number. The
parser and the decoder here decode no header, guess at no body, and never raise. Both are needed to
replace FastStream's.
"""

from collections.abc import Awaitable, Callable
from typing import Any, Final, cast

from faststream.kafka import KafkaMessage
from faststream.kafka.message import FAKE_CONSUMER
from faststream.security import BaseSecurity, SASLPlaintext, SASLScram256, SASLScram512

from shared.broker.network.tls import build_tls_context
from shared.broker.reading.polling.poll import RawBatch
from shared.settings import Settings

_MECHANISMS: Final[dict[str, type[SASLPlaintext | SASLScram256 | SASLScram512]]] = {
    "PLAIN": SASLPlaintext,
    "SCRAM-SHA-256": SASLScram256,
    "SCRAM-SHA-512": SASLScram512,
}


def build_security(settings: Settings) -> BaseSecurity:
    """FastStream's form of `client_options`. Raises SettingsError for an unusable certificate."""
    if not settings.kafka_uses_password:
        return BaseSecurity(
            ssl_context=build_tls_context(settings), use_ssl=settings.kafka_uses_tls
        )
    return _MECHANISMS[settings.kafka_sasl_mechanism](
        username=settings.kafka_username,
        password=settings.read_kafka_password(),
        ssl_context=build_tls_context(settings),
        use_ssl=settings.kafka_uses_tls,
    )


async def parse(
    batch: RawBatch, _original: Callable[..., Awaitable[Any]] | None = None
) -> KafkaMessage:
    """The batch as it came. It is never acknowledged here: `Consumer` commits the offsets."""
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
    """What FastStream calls the subscriber's function with."""
    return cast("RawBatch", message.raw_message)


def replace_polling(subscriber: Any, poll: Callable[[Any], Awaitable[RawBatch]]) -> None:
    """Have FastStream's loop take its batches from *poll*, which gets aiokafka's consumer.

    FastStream's own polling sleeps after each poll that found nothing, hides which errors are
    fatal, and does not get past a record that cannot be read. The loop sleeps after a KafkaError.
    """
    subscriber.get_msg = poll
