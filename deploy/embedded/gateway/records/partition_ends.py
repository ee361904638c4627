"""Where partitions begin and end, and which offset a time has.

The broker's own answer counts batches where it should count records. Its answers to fetches say
the right end.
"""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from aiokafka.record.memory_records import MemoryRecords
from kio.schema.errors import ErrorCode

from deploy.embedded.gateway.cluster import load_metadata
from deploy.embedded.gateway.connections.broker_connection import BrokerConnection
from deploy.embedded.gateway.protocol.api_keys import FETCH
from deploy.embedded.gateway.protocol.codec import NO_THROTTLE, encode_response
from deploy.embedded.gateway.session import Request, Session

LATEST: Final = -1
EARLIEST: Final = -2
UNKNOWN: Final = -1
_VERSION: Final = 11
# The broker names no partition in its answer to a fetch that waits for nothing.
_SHORTEST_WAIT: Final = timedelta(milliseconds=1)
_BEYOND: Final = 2**62  # no partition reaches it, so such a fetch brings no records
_CHUNK_BYTES: Final = 1_048_576

Partition = tuple[str, int]


async def answer_list_offsets(request: Request, session: Session) -> bytes:
    """The offset of each time that is asked for: an end, a beginning, or a point in time."""
    bounds = await fetch_bounds(session.broker, await _list_existing(request.body, session.broker))
    topics = []
    for topic in request.body.topics:
        answers = []
        for wanted in topic.partitions:
            partition = (topic.name, wanted.partition_index)
            limits = bounds.get(partition)
            found = await _find_offset(session.broker, partition, wanted.timestamp, limits)
            answers.append({"partition_index": wanted.partition_index, **found})
        topics.append({"name": topic.name, "partitions": answers})
    return encode_response(request.header, {"throttle_time": NO_THROTTLE, "topics": topics})


async def _list_existing(body: Any, broker: BrokerConnection) -> list[Partition]:
    """The partitions of the topics in *body*. Of others the broker says that they are empty."""
    existing: list[Partition] = []
    for topic in (await load_metadata(broker, body.topics)).topics:
        existing += [(topic.name, partition.partition_index) for partition in topic.partitions]
    return existing


async def fetch_bounds(
    broker: BrokerConnection, partitions: Iterable[Partition]
) -> Mapping[Partition, Any]:
    """The broker's answer for each partition: `log_start_offset` and `high_watermark`."""
    positions = dict.fromkeys(partitions, _BEYOND)
    return await _fetch(broker, positions, max_bytes=1) if positions else {}


async def _find_offset(
    broker: BrokerConnection, partition: Partition, timestamp: int, bounds: Any
) -> dict[str, Any]:
    answer = {"error_code": ErrorCode.none, "timestamp": UNKNOWN, "leader_epoch": 0}
    if bounds is None:
        code = ErrorCode.unknown_topic_or_partition
        return answer | {"error_code": code, "offset": UNKNOWN}
    if timestamp == LATEST:
        return answer | {"offset": bounds.high_watermark}
    if timestamp == EARLIEST:
        return answer | {"offset": bounds.log_start_offset}
    if timestamp < 0:
        return answer | {"error_code": ErrorCode.invalid_request, "offset": UNKNOWN}
    async for offset, at in _read_times(broker, partition, timestamp, bounds):
        if at >= timestamp:
            return answer | {"offset": offset, "timestamp": at}
    return answer | {"offset": UNKNOWN}


async def _read_times(
    broker: BrokerConnection, partition: Partition, since: int, bounds: Any
) -> AsyncIterator[tuple[int, int]]:
    """Offset and time of the records in batches that reach *since*, from the beginning on."""
    position = bounds.log_start_offset
    while position < bounds.high_watermark:
        answer = (await _fetch(broker, {partition: position}, _CHUNK_BYTES))[partition]
        batches = MemoryRecords(answer.records or b"")
        if not batches.has_next():
            return
        while (batch := batches.next_batch()) is not None:
            position = max(position, batch.next_offset)
            if batch.max_timestamp >= since:
                for record in batch:
                    yield record.offset, record.timestamp


async def _fetch(
    broker: BrokerConnection, positions: Mapping[Partition, int], max_bytes: int
) -> Mapping[Partition, Any]:
    """What the broker says of partitions when it is asked for records from *positions* on."""
    request = {
        "replica_id": -1,
        "max_wait": _SHORTEST_WAIT,
        "min_bytes": 1,
        "max_bytes": _CHUNK_BYTES,
        "isolation_level": 0,
        "topics": _group_by_topic(positions, max_bytes),
        "forgotten_topics_data": (),
        "rack_id": "",
    }
    answer = await broker.ask(FETCH, _VERSION, request)
    return {
        (topic.topic, partition.partition_index): partition
        for topic in answer.responses
        for partition in topic.partitions
    }


def _group_by_topic(positions: Mapping[Partition, int], max_bytes: int) -> Sequence[Any]:
    topics: dict[str, list[Any]] = {}
    for (topic, number), offset in positions.items():
        wanted = {"partition": number, "fetch_offset": offset, "partition_max_bytes": max_bytes}
        topics.setdefault(topic, []).append(wanted)
    return [{"topic": topic, "partitions": parts} for topic, parts in topics.items()]
