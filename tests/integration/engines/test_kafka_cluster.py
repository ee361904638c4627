"""Apache Kafka from the jars, one node and three."""

import socket
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from deploy.embedded.errors import EngineDied, PortTaken
from tests.engines.kafka import KafkaCluster

Admin = Callable[[str], AbstractAsyncContextManager[AIOKafkaAdminClient]]
Create = Callable[[KafkaCluster, str], Awaitable[None]]

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def cluster(jars: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[KafkaCluster]:
    with KafkaCluster(jars, tmp_path_factory.mktemp("kafka")) as cluster:
        yield cluster


@pytest.fixture
def create(admin: Admin) -> Create:
    async def create_topic(cluster: KafkaCluster, topic: str) -> None:
        async with admin(cluster.bootstrap) as client:
            await client.create_topics([NewTopic(topic, 1, cluster.size)])

    return create_topic


async def send(cluster: KafkaCluster, topic: str, value: bytes) -> None:
    async with AIOKafkaProducer(bootstrap_servers=cluster.bootstrap, acks="all") as producer:
        await producer.send_and_wait(topic, value)


async def read_first(cluster: KafkaCluster, topic: str, group: str | None = None) -> bytes | None:
    start = {"auto_offset_reset": "earliest", "group_id": group}
    async with AIOKafkaConsumer(topic, bootstrap_servers=cluster.bootstrap, **start) as consumer:
        value: bytes | None = (await consumer.getone()).value
    return value


async def test_a_record_goes_in_and_comes_out_through_a_group(
    cluster: KafkaCluster, create: Create
) -> None:
    await create(cluster, "seeds")
    await send(cluster, "seeds", b"a storm")
    assert await read_first(cluster, "seeds", group="ingest") == b"a storm"


async def test_the_cluster_id_is_the_one_that_clients_see(
    cluster: KafkaCluster, admin: Admin
) -> None:
    async with admin(cluster.bootstrap) as client:
        assert (await client.describe_cluster())["cluster_id"] == cluster.cluster_id


async def test_a_killed_node_comes_back_with_its_records(
    cluster: KafkaCluster, create: Create
) -> None:
    await create(cluster, "kept")
    await send(cluster, "kept", b"a storm")
    cluster.kill()
    assert not cluster.is_alive
    cluster.start_node(1)
    cluster.wait_until_ready()
    assert await read_first(cluster, "kept") == b"a storm"


async def test_a_stopped_cluster_starts_again_with_its_data(
    cluster: KafkaCluster, create: Create
) -> None:
    await create(cluster, "still-there")
    await send(cluster, "still-there", b"a storm")
    before = (cluster.cluster_id, cluster.bootstrap)
    cluster.stop()
    cluster.start()
    assert (cluster.cluster_id, cluster.bootstrap) == before
    assert await read_first(cluster, "still-there") == b"a storm"


@pytest.mark.slow
async def test_three_nodes_go_on_without_one(jars: Path, tmp_path: Path, create: Create) -> None:
    with KafkaCluster(jars, tmp_path, nodes=3) as cluster:
        await create(cluster, "seeds")
        cluster.kill(2)
        await send(cluster, "seeds", b"a storm")
        assert await read_first(cluster, "seeds") == b"a storm"
        cluster.start_node(2)
        cluster.wait_until_ready()
        assert cluster.is_alive


def test_a_taken_port_is_an_error_before_anything_starts(jars: Path, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        cluster = KafkaCluster(jars, tmp_path, port=server.getsockname()[1])
        with pytest.raises(PortTaken):
            cluster.start()
    assert not cluster.pids


def test_settings_that_kafka_refuses_are_quoted(jars: Path, tmp_path: Path) -> None:
    cluster = KafkaCluster(jars, tmp_path, extra={"num.io.threads": "none"})
    with pytest.raises(EngineDied, match=r"Invalid value none for configuration num\.io\.threads"):
        cluster.start()
