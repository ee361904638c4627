"""A fetch that waits at the gateway: what ends its wait, and what the broker is asked meanwhile."""

import asyncio
import struct
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
from kio.schema.errors import ErrorCode

from deploy.embedded.gateway.connections.client_requests import ClientRequests
from deploy.embedded.gateway.groups.coordinator import Coordinator
from deploy.embedded.gateway.protocol.api_keys import FETCH, PRODUCE
from deploy.embedded.gateway.protocol.codec import (
    NO_THROTTLE,
    decode_request,
    decode_response,
    encode_request,
    encode_response,
)
from deploy.embedded.gateway.records.arrivals import Arrivals
from deploy.embedded.gateway.records.fetches import answer_fetch, replace_wait
from deploy.embedded.gateway.records.producers import pass_on_produce
from deploy.embedded.gateway.session import Address, Session, parse_request

VERSION = 11
FOREVER = timedelta(hours=1)
WAITED = 30  # seconds; a wait that nothing ends would take an hour


class FakeBroker:
    """Holds records by topic and partition, each with an offset; *hidden* counts, but stays out."""

    def __init__(self, *partitions: tuple[str, int]) -> None:
        self.ends = dict.fromkeys(partitions, 0)
        self.hidden = 0  # answers that count the newest record and do not bring it
        self.looks: list[timedelta] = []
        self.looked = asyncio.Event()

    async def exchange(self, frame: bytes) -> bytes:
        request = parse_request(frame)
        if request.header.api == PRODUCE:
            self._store(request.body)
            return b"acknowledged"
        self.looks.append(request.body.max_wait)
        self.looked.set()
        return encode_response(request.header, self._answer(request.body))

    def _store(self, body: Any) -> None:
        for topic in body.topic_data:
            for partition in topic.partition_data:
                self.ends[topic.name, partition.index] += 1

    def _answer(self, body: Any) -> Mapping[str, Any]:
        is_hiding, self.hidden = self.hidden > 0, max(0, self.hidden - 1)
        topics = []
        for topic in body.topics:
            partitions = [
                self._describe(topic.topic, wanted, is_hiding) for wanted in topic.partitions
            ]
            topics.append({"topic": topic.topic, "partitions": partitions})
        answer = {"throttle_time": NO_THROTTLE, "error_code": ErrorCode.none, "session_id": 0}
        return answer | {"responses": topics}

    def _describe(self, topic: str, wanted: Any, is_hiding: bool) -> Mapping[str, Any]:
        end = self.ends[topic, wanted.partition]
        has_records = wanted.fetch_offset < end and not is_hiding
        return {
            "partition_index": wanted.partition,
            "error_code": ErrorCode.none,
            "high_watermark": end,
            "last_stable_offset": end,
            "log_start_offset": 0,
            "aborted_transactions": (),
            "preferred_read_replica": -1,
            "records": b"records" if has_records else None,
        }


class Client:
    """A client's connection to the gateway, which waits in a fetch or sends another request."""

    def __init__(self, broker: FakeBroker, arrivals: Arrivals) -> None:
        self.stream = asyncio.StreamReader()
        requests = ClientRequests(self.stream)
        address = Address("127.0.0.1", 9092)
        self.session = Session(requests, broker, Coordinator(), arrivals, address)  # type: ignore[arg-type]

    async def fetch(self, *partitions: tuple[str, int], offset: int = 0) -> list[bytes | None]:
        """The records of each partition."""
        frame = build_fetch(VERSION, FOREVER, *partitions, offset=offset)
        response = await answer_fetch(parse_request(frame), self.session)
        answer = decode_response(FETCH, VERSION, response)
        return [part.records for topic in answer.responses for part in topic.partitions]

    async def produce(self, topic: str, partition: int) -> None:
        records = {"index": partition, "records": b"a batch"}
        request = {
            "transactional_id": None,
            "acks": -1,
            "timeout": timedelta(seconds=1),
            "topic_data": [{"name": topic, "partition_data": [records]}],
        }
        await pass_on_produce(parse_request(encode_request(PRODUCE, 8, request)), self.session)

    def send_request(self) -> None:
        self.stream.feed_data(struct.pack(">i", 4) + b"next")


def build_fetch(
    version: int, wait: timedelta, *partitions: tuple[str, int], offset: int = 0
) -> bytes:
    topics = [
        {
            "topic": topic,
            "partitions": [
                {"partition": number, "fetch_offset": offset, "partition_max_bytes": 1000}
            ],
        }
        for topic, number in partitions
    ]
    request = {
        "replica_id": -1,
        "max_wait": wait,
        "min_bytes": 1,
        "max_bytes": 1000,
        "isolation_level": 0,
        "topics": topics,
        "forgotten_topics_data": (),
        "rack_id": "",
    }
    return encode_request(FETCH, version, request)


@asynccontextmanager
async def waiting(
    broker: FakeBroker, client: Client, *partitions: tuple[str, int]
) -> AsyncIterator[asyncio.Task[list[bytes | None]]]:
    """A fetch for which the broker had nothing, and which waits now."""
    fetching = asyncio.create_task(client.fetch(*partitions))
    await broker.looked.wait()
    yield fetching
    fetching.cancel()
    client.session.requests.close()


async def test_a_record_that_arrives_answers_a_waiting_fetch():
    broker, arrivals = FakeBroker(("log", 0)), Arrivals()
    async with waiting(broker, Client(broker, arrivals), ("log", 0)) as fetching:
        await Client(broker, arrivals).produce("log", 0)
        assert await asyncio.wait_for(fetching, WAITED) == [b"records"]
    assert len(broker.looks) == 2, "nothing was asked while nothing arrived"


async def test_a_record_that_is_there_is_not_waited_for():
    broker, arrivals = FakeBroker(("log", 0)), Arrivals()
    client = Client(broker, arrivals)
    await client.produce("log", 0)
    assert await asyncio.wait_for(client.fetch(("log", 0)), WAITED) == [b"records"]


async def test_a_record_in_another_topic_ends_no_wait():
    broker, arrivals = FakeBroker(("log", 0), ("state", 0)), Arrivals()
    async with waiting(broker, Client(broker, arrivals), ("log", 0)) as fetching:
        await Client(broker, arrivals).produce("state", 0)
        assert not fetching.done()
        await Client(broker, arrivals).produce("log", 0)
        assert await asyncio.wait_for(fetching, WAITED) == [b"records"]
    assert len(broker.looks) == 2


async def test_a_record_in_another_partition_lets_the_client_ask_for_that_one_too():
    broker, arrivals = FakeBroker(("log", 0), ("log", 1)), Arrivals()
    async with waiting(broker, Client(broker, arrivals), ("log", 0)) as fetching:
        await Client(broker, arrivals).produce("log", 1)
        assert await asyncio.wait_for(fetching, WAITED) == [None]


async def test_a_request_behind_a_fetch_is_not_made_to_wait():
    broker, arrivals = FakeBroker(("log", 0)), Arrivals()
    client = Client(broker, arrivals)
    async with waiting(broker, client, ("log", 0)) as fetching:
        client.send_request()
        assert await asyncio.wait_for(fetching, WAITED) == [None]
        assert await client.session.requests.read() == b"next"


async def test_a_client_that_goes_away_ends_its_wait():
    broker, arrivals = FakeBroker(("log", 0)), Arrivals()
    client = Client(broker, arrivals)
    async with waiting(broker, client, ("log", 0)) as fetching:
        client.stream.feed_eof()
        await asyncio.wait_for(fetching, WAITED)
        assert await client.session.requests.read() is None


async def test_a_record_that_the_broker_counts_but_does_not_bring_yet_is_asked_for_again():
    broker, arrivals = FakeBroker(("log", 0)), Arrivals()
    client = Client(broker, arrivals)
    await client.produce("log", 0)
    broker.hidden = 3
    assert await asyncio.wait_for(client.fetch(("log", 0)), WAITED) == [b"records"]


async def test_the_broker_itself_is_never_made_to_wait():
    broker, arrivals = FakeBroker(("log", 0)), Arrivals()
    async with waiting(broker, Client(broker, arrivals), ("log", 0)) as fetching:
        await Client(broker, arrivals).produce("log", 0)
        await asyncio.wait_for(fetching, WAITED)
    assert set(broker.looks) == {timedelta(milliseconds=1)}


@pytest.mark.parametrize("version", range(4, 18))
def test_only_the_wait_of_a_fetch_is_changed(version: int):
    frame = build_fetch(version, timedelta(milliseconds=500))
    changed = build_fetch(version, timedelta(milliseconds=1))
    assert replace_wait(frame, 1) == changed
    assert decode_request(changed)[1].max_wait == timedelta(milliseconds=1)
