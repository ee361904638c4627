"""Fetches of clients: how long the broker may wait, and positions that do not exist."""

import dataclasses
from datetime import timedelta
from typing import Any, Final

from kio.schema.errors import ErrorCode

from deploy.embedded.gateway.codec import (
    Header,
    decode_response,
    encode_request,
    encode_response,
)
from deploy.embedded.gateway.session import Request, Session

# The broker notices a new record only when a good part of the wait is over, so long waits would
# delay it: clients ask for half a second to five. A shorter one costs CPU while nothing happens.
LONGEST_WAIT: Final = timedelta(milliseconds=100)
SHORTEST_WAIT: Final = timedelta(milliseconds=1)  # without a wait it names no partition
# A response that carries records is longer; only an empty one can hide a position past the end.
_EMPTY_BYTES: Final = 65_536


async def answer_fetch(request: Request, session: Session) -> bytes:
    """The broker's answer, with an error for each position past the end.

    The broker is silent about such positions, and a client would wait for ever. They occur when it
    was started anew, with empty topics.
    """
    header, body = request.header, request.body
    wait = min(max(body.max_wait, SHORTEST_WAIT), LONGEST_WAIT)
    asked = encode_request(header.api, header.version, dataclasses.replace(body, max_wait=wait))
    response = await session.broker.exchange(asked)
    if len(response) > _EMPTY_BYTES:
        return _address(response, header)
    answer = decode_response(header.api, header.version, response)
    return encode_response(header, _mark_positions_past_end(body, answer))


def _address(response: bytes, header: Header) -> bytes:
    """*response* as one to the request of *header*: with its correlation id."""
    return header.correlation_id.to_bytes(4, "big", signed=True) + response[4:]


def _mark_positions_past_end(body: Any, answer: Any) -> Any:
    positions = {
        (_identify(topic), wanted.partition): wanted.fetch_offset
        for topic in body.topics
        for wanted in topic.partitions
    }
    topics = []
    for topic in answer.responses:
        partitions = [
            _mark(partition, positions.get((_identify(topic), partition.partition_index), 0))
            for partition in topic.partitions
        ]
        topics.append(dataclasses.replace(topic, partitions=tuple(partitions)))
    return dataclasses.replace(answer, responses=tuple(topics))


def _identify(topic: Any) -> object:
    """What the request and the answer call a topic: its name, from version 13 on its id."""
    return topic.topic if hasattr(topic, "topic") else topic.topic_id


def _mark(partition: Any, position: int) -> Any:
    if partition.error_code != ErrorCode.none or position <= partition.high_watermark:
        return partition
    return dataclasses.replace(partition, error_code=ErrorCode.offset_out_of_range)
