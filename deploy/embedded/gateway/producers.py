"""Producers of clients: their records are passed on byte for byte."""

from datetime import timedelta
from typing import Any, Final

from kio.index import load_request_schema
from kio.schema.errors import ErrorCode
from kio.serial import entity_reader
from kio.serial.readers import (
    read_compact_string_nullable,
    read_int16,
    read_nullable_legacy_string,
)

from deploy.embedded.gateway.api_keys import INIT_PRODUCER_ID
from deploy.embedded.gateway.broker_connection import BrokerConnection
from deploy.embedded.gateway.codec import NO_THROTTLE, encode_response, read_header
from deploy.embedded.gateway.session import Request, Session

_NO_ACKNOWLEDGEMENT: Final = 0
_INIT_VERSION: Final = 4
_NONE_YET: Final = -1
# Requests for an id as clients send them differ, and the broker answers only this one.
_NEW_PRODUCER: Final[dict[str, Any]] = {
    "transactional_id": None,
    "transaction_timeout": timedelta(minutes=1),
    "producer_id": _NONE_YET,
    "producer_epoch": _NONE_YET,
}


async def pass_on_produce(frame: bytes, broker: BrokerConnection) -> bytes | None:
    """The broker's response, or None if the client wants no acknowledgement and waits for none."""
    if read_acknowledgement(frame) == _NO_ACKNOWLEDGEMENT:
        await broker.send(frame)
        return None
    return await broker.exchange(frame)


async def answer_init_producer_id(request: Request, session: Session) -> bytes:
    """A new id for an idempotent producer. There are no transactions."""
    if request.body.transactional_id:
        refusal = {
            "throttle_time": NO_THROTTLE,
            "error_code": ErrorCode.invalid_request,
            "producer_id": _NONE_YET,
            "producer_epoch": _NONE_YET,
        }
        return encode_response(request.header, refusal)
    answer = await session.broker.ask(INIT_PRODUCER_ID, _INIT_VERSION, _NEW_PRODUCER)
    return encode_response(request.header, answer)


def read_acknowledgement(frame: bytes) -> int:
    """Whose acknowledgement the client wants. Reads no further than that."""
    header = read_header(frame)
    schema = load_request_schema(header.api, header.version)
    _, position = entity_reader(schema.__header_schema__)(frame, 0)
    read_text = read_compact_string_nullable if schema.__flexible__ else read_nullable_legacy_string
    _, length = read_text(frame, position)  # the transaction
    acknowledgement, _ = read_int16(frame, position + length)
    return int(acknowledgement)
