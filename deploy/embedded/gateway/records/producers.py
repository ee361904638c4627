"""Producers of clients: their records are passed on byte for byte."""

from datetime import timedelta
from typing import Any, Final

from kio.schema.errors import ErrorCode

from deploy.embedded.gateway.protocol.api_keys import INIT_PRODUCER_ID
from deploy.embedded.gateway.protocol.codec import NO_THROTTLE, encode_response
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


async def pass_on_produce(request: Request, session: Session) -> bytes | None:
    """The broker's response, or None if the client wants no acknowledgement and waits for none.

    Fetches that wait for one of the topics look again once the broker has the records.
    """
    response = None
    if request.body.acks == _NO_ACKNOWLEDGEMENT:
        await session.broker.send(request.frame)
    else:
        response = await session.broker.exchange(request.frame)
    session.arrivals.announce({topic.name for topic in request.body.topic_data})
    return response


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
