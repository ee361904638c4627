"""Fetches of clients: they wait for records here, and positions that do not exist are errors.

The broker would make a waiting client wait longer: it looks for records again after half of the
wait, then after half of the rest, and so on, whatever arrives meanwhile. So the gateway asks it to
answer at once, waits itself, and asks again in the moment in which a record arrives.
"""

import asyncio
import dataclasses
import math
from collections.abc import Iterator, Mapping
from typing import Any, Final

from kio.schema.errors import ErrorCode

from deploy.embedded.gateway.protocol.codec import (
    decode_response,
    encode_response,
    find_body,
    read_header,
)
from deploy.embedded.gateway.session import Request, Session

AT_ONCE_MS: Final = 1  # with no wait at all the broker names no partition
# From this version on the wait is the first field of a request; before, the replica's id is.
_WAIT_FIRST_SINCE: Final = 15
_FIELD_BYTES: Final = 4
# A response that carries records is longer; only an empty one can hide a position past the end.
_EMPTY_BYTES: Final = 65_536
# One fetch in 350 that follows an acknowledgement at once counts the record but does not bring it.
BEHIND_SECONDS: Final = 0.005

Partition = tuple[object, int]  # what the topic is called, and the partition's number
Positions = Mapping[Partition, int]


async def answer_fetch(request: Request, session: Session) -> bytes:
    """Records, or none once the client's wait is over; an error for each position past the end.

    The broker is silent about such positions, and a client would wait for ever. They occur when it
    was started anew, with empty topics.

    A request that stands behind this one ends the wait: it is not made to wait as well. So does a
    record in another partition of a topic: a client leaves out partitions of which it still has
    records, and asks for all again once it has an answer.
    """
    header, body = request.header, request.body
    clock = asyncio.get_running_loop().time
    deadline = clock() + body.max_wait.total_seconds()
    look = replace_wait(request.frame, AT_ONCE_MS)
    positions = _read_positions(body)
    with session.arrivals.watch(_list_topics(body)) as arrival:
        while True:
            is_last_look = arrival.is_set()
            arrival.clear()
            response = await session.broker.exchange(look)
            if len(response) > _EMPTY_BYTES:
                return response
            answer = decode_response(header.api, header.version, response)
            if _has_position_past_end(positions, answer):
                return encode_response(header, _mark_positions_past_end(positions, answer))
            is_behind = _is_broker_behind(positions, answer)
            if _has_news(answer) or (is_last_look and not is_behind):
                return response
            longest = BEHIND_SECONDS if is_behind else math.inf
            await _wait_for_arrival(session, arrival, min(longest, deadline - clock()))
            is_interrupted = session.requests.is_another_here and not arrival.is_set()
            if is_interrupted or clock() >= deadline:
                return response


def replace_wait(frame: bytes, milliseconds: int) -> bytes:
    """The fetch *frame* with another wait, and otherwise byte for byte as it is."""
    start = find_body(frame)
    if read_header(frame).version < _WAIT_FIRST_SINCE:
        start += _FIELD_BYTES
    wait = milliseconds.to_bytes(_FIELD_BYTES, "big")
    return frame[:start] + wait + frame[start + _FIELD_BYTES :]


async def _wait_for_arrival(session: Session, arrival: asyncio.Event, seconds: float) -> None:
    """Return when a record arrives, when the client's next request does, or after *seconds*."""
    arriving = asyncio.create_task(arrival.wait())
    try:
        await asyncio.wait(
            {arriving, session.requests.read_ahead()},
            timeout=max(0.0, seconds),
            return_when=asyncio.FIRST_COMPLETED,
        )
    finally:
        arriving.cancel()


def _is_broker_behind(positions: Positions, answer: Any) -> bool:
    """Whether the broker counts a record that it does not give out yet, as it may for a moment."""
    for partition, found in _list_partitions(answer):
        if not found.records and positions.get(partition, 0) < found.high_watermark:
            return True
    return False


def _list_topics(body: Any) -> frozenset[str] | None:
    """The names of the topics, or None if the client knows them by their ids."""
    if any(not hasattr(topic, "topic") for topic in body.topics):
        return None
    return frozenset(topic.topic for topic in body.topics)


def _has_news(answer: Any) -> bool:
    """Whether the answer says anything that the client should not wait for."""
    for _, found in _list_partitions(answer):
        if found.records or found.error_code != ErrorCode.none:
            return True
    return False


def _read_positions(body: Any) -> Positions:
    """The offset from which the client wants records, for each partition."""
    positions = {}
    for topic in body.topics:
        for wanted in topic.partitions:
            positions[_identify(topic), wanted.partition] = wanted.fetch_offset
    return positions


def _list_partitions(answer: Any) -> Iterator[tuple[Partition, Any]]:
    for topic in answer.responses:
        for found in topic.partitions:
            yield (_identify(topic), found.partition_index), found


def _has_position_past_end(positions: Positions, answer: Any) -> bool:
    for partition, found in _list_partitions(answer):
        if positions.get(partition, 0) > found.high_watermark:
            return True
    return False


def _mark_positions_past_end(positions: Positions, answer: Any) -> Any:
    topics = []
    for topic in answer.responses:
        partitions = [
            _mark(found, positions.get((_identify(topic), found.partition_index), 0))
            for found in topic.partitions
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
