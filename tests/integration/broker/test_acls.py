"""Each service works on Apache Kafka with its own key, and is refused what is another's."""

import asyncio
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import TopicAuthorizationFailedError

from services.console.actions.operations.acls import RIGHTS, format_command, list_grants
from shared.broker.network.connection import open_admin, open_producer, open_reader, start_producer
from shared.broker.topic_creation import Topic, create_missing_topics
from shared.drops.seed import Seed
from shared.drops.seed_sender import send_seed
from shared.errors import DependencyRejected
from shared.events.topics import load_topics
from shared.settings import Settings
from tests.certificates import issue_certificates
from tests.conftest import ROOT, Processes
from tests.engines.jvm import build_command
from tests.engines.kafka import KafkaCluster
from tests.engines.security import Security
from tests.integration.audit.newsroom import seed
from tests.real_engines import require_jars

pytestmark = pytest.mark.real

AUTHORIZER = {
    "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
    "super.users": "User:ANONYMOUS",  # brokers, and the administrator of these tests
}
SERVICES = {
    "ingest": "services.ingest",
    "images": "services.enrichment.images",
    "related": "services.enrichment.related",
    "publishing": "services.publishing",
}


def administer(cluster: KafkaCluster, lines: list[str]) -> None:
    source = str(ROOT / "tests" / "engines" / "KafkaAdmin.java")
    command = build_command(require_jars(), source, cluster.bootstrap, heap="128m")
    subprocess.run(command, input="\n".join(lines), text=True, check=True, capture_output=True)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KafkaCluster]:
    pem = issue_certificates(tmp_path_factory.mktemp("pem"))
    users = {f"seedwire-{role}": f"key-of-{role}" for role in RIGHTS}
    security = Security(identity=pem.server, authority=pem.authority, users=users)
    folder = tmp_path_factory.mktemp("kafka")
    with KafkaCluster(require_jars(), folder, extra=AUTHORIZER, security=security) as cluster:
        administer(cluster, [format_command(grant, cluster.bootstrap) for grant in list_grants()])
        yield cluster


def key_of(role: str, cluster: KafkaCluster) -> dict[str, str]:
    return {
        "SEEDWIRE_KAFKA": cluster.bootstrap_of("SASL_PLAINTEXT"),
        "SEEDWIRE_KAFKA_SECURITY": "sasl_plaintext",
        "SEEDWIRE_KAFKA_USERNAME": f"seedwire-{role}",
        "SEEDWIRE_KAFKA_PASSWORD": f"key-of-{role}",
    }


def settings_of(role: str, cluster: KafkaCluster) -> Settings:
    names = key_of(role, cluster)
    fields = {name.removeprefix("SEEDWIRE_").lower(): value for name, value in names.items()}
    return Settings(**fields)  # type: ignore[arg-type]


async def create_topics(cluster: KafkaCluster) -> None:
    await create_missing_topics(settings_of("operator", cluster), load_topics())


async def test_a_service_cannot_create_topics(cluster: KafkaCluster):
    with pytest.raises(DependencyRejected, match="missing cannot be created"):
        await create_missing_topics(settings_of("ingest", cluster), [Topic("missing", 1, {})])


async def test_each_service_takes_a_seed_through_with_its_own_key(
    cluster: KafkaCluster, store_url: str, tmp_path: Path, request: pytest.FixtureRequest
):
    await create_topics(cluster)
    common = {"SEEDWIRE_HOME": str(tmp_path), "SEEDWIRE_STORE": store_url, "SEEDWIRE_PAGES": "off"}
    operator = Processes(tmp_path, {**common, **key_of("operator", cluster)})
    request.addfinalizer(operator.close)
    for role, module in SERVICES.items():
        operator.start(module, instance="", **key_of(role, cluster))
    async with open_producer(settings_of("submitter", cluster)) as producer:
        for name in ("one", "two"):
            await send_seed(producer, Seed(name, seed(name, 90)))
        await send_seed(producer, Seed("none", b"no seed"))
    await asyncio.to_thread(operator.seedwire, "wait", "--timeout", "60")
    articles = await asyncio.to_thread(operator.seedwire_json, "list")
    assert len(articles) == 2
    assert {article["published"] for article in articles} >= {True}
    states = await asyncio.to_thread(operator.seedwire_json, "status")
    assert {service["state"] for service in states[0]["services"]} == {"working"}
    await asyncio.to_thread(operator.seedwire, "audit")


@pytest.mark.parametrize("role", [role for role in RIGHTS if role != "operator"])
async def test_what_is_another_services_is_refused(role: str, cluster: KafkaCluster):
    await create_topics(cluster)
    rights = RIGHTS[role]
    names = [topic.name for topic in load_topics()]
    if rights.writes:
        async with open_producer(settings_of(role, cluster)) as producer:
            for topic in (name for name in names if name not in rights.writes):
                with pytest.raises(TopicAuthorizationFailedError):
                    await producer.send_and_wait(topic, b"{}", key=b"k")
    else:
        with pytest.raises(DependencyRejected, match="ClusterAuthorizationFailed"):
            await start_producer(settings_of(role, cluster))
    async with open_admin(settings_of(role, cluster)) as admin:
        visible = {*await admin.list_topics()}.intersection(names)
    assert visible == ({*names} if rights.is_ours else {*rights.reads, *rights.writes})
    for topic in visible.difference(rights.reads):
        async with open_reader(settings_of(role, cluster)) as reader:
            with pytest.raises(TopicAuthorizationFailedError):
                await read(reader, topic)


async def read(reader: AIOKafkaConsumer, topic: str) -> None:
    reader.assign([TopicPartition(topic, 0)])
    async with asyncio.timeout(20):
        while True:
            await reader.getmany(timeout_ms=100)


async def test_a_password_changes_under_load_without_a_lost_record(
    cluster: KafkaCluster, store_url: str, tmp_path: Path, request: pytest.FixtureRequest
):
    """Kafka has the new password first, then the file; a worker restarts when it likes."""
    await create_topics(cluster)
    secret = tmp_path / "password"
    secret.write_text("key-of-ingest\n")
    environment = {"SEEDWIRE_HOME": str(tmp_path), "SEEDWIRE_STORE": store_url}
    ingest = {
        **key_of("ingest", cluster),
        "SEEDWIRE_KAFKA_PASSWORD": "",
        "SEEDWIRE_KAFKA_PASSWORD_FILE": str(secret),
    }
    processes = Processes(tmp_path, {**environment, **key_of("operator", cluster)})
    request.addfinalizer(processes.close)
    first = processes.start("services.ingest", instance="", **ingest)
    folder = tmp_path / "seeds"
    folder.mkdir()
    for number in range(200):
        (folder / f"{number:03}.md").write_bytes(seed(f"load{number}", title=f"Load {number}"))
    await asyncio.to_thread(processes.seedwire, "drop", str(folder / "000.md"))  # it works
    dropping = asyncio.create_task(
        asyncio.to_thread(processes.seedwire_json, "drop", str(folder), "--patience", "60")
    )
    await asyncio.to_thread(administer, cluster, ["scram seedwire-ingest another-key"])
    secret.write_text("another-key\n")
    first.terminate()
    assert await asyncio.to_thread(first.wait, 30) == 0
    processes.start("services.ingest", instance="", **ingest)
    receipts = await dropping
    assert {receipt["status"] for receipt in receipts} <= {"accepted", "duplicate", "unchanged"}
    assert len(receipts) == 200
    await asyncio.to_thread(administer, cluster, ["scram seedwire-ingest key-of-ingest"])
