"""Seedwire uses TLS, client certificates and passwords with an Apache Kafka that asks for them."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.broker.network.connection import fetch_cluster_id, open_admin
from shared.errors import KafkaUnavailable
from shared.settings import Settings
from tests.certificates import Certificates, issue_certificates
from tests.conftest import Processes
from tests.engines.kafka import KafkaCluster
from tests.engines.security import Security
from tests.integration.broker.test_raw_records import GOOD, read_answers, send
from tests.real_engines import require_jars

pytestmark = pytest.mark.real

USER = {
    "SEEDWIRE_KAFKA_USERNAME": "newsroom",
    "SEEDWIRE_KAFKA_PASSWORD": "a secret of the newsroom",
}


@pytest.fixture(scope="module")
def pem(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return issue_certificates(tmp_path_factory.mktemp("pem"))


@pytest.fixture(scope="module")
def cluster(pem: Certificates, tmp_path_factory: pytest.TempPathFactory) -> Iterator[KafkaCluster]:
    users = {USER["SEEDWIRE_KAFKA_USERNAME"]: USER["SEEDWIRE_KAFKA_PASSWORD"]}
    security = Security(identity=pem.server, authority=pem.authority, users=users)
    folder = tmp_path_factory.mktemp("kafka")
    with KafkaCluster(require_jars(), folder, security=security) as cluster:
        yield cluster


@pytest.fixture
def connection(
    request: pytest.FixtureRequest, cluster: KafkaCluster, pem: Certificates
) -> dict[str, str]:
    """The settings for one listener, named `security` or `security/mechanism`.

    `mtls` is ssl with a client certificate.
    """
    name, _, mechanism = request.param.partition("/")
    protocol = "ssl" if name == "mtls" else name
    settings = {
        "SEEDWIRE_KAFKA": cluster.bootstrap_of(name.upper()),
        "SEEDWIRE_KAFKA_SECURITY": protocol,
    }
    if "ssl" in protocol:
        settings["SEEDWIRE_KAFKA_CA_FILE"] = str(pem.authority)
    if name == "mtls":
        settings["SEEDWIRE_KAFKA_CERT_FILE"] = str(pem.client_certificate)
        settings["SEEDWIRE_KAFKA_KEY_FILE"] = str(pem.client_key)
    if mechanism:
        settings |= {**USER, "SEEDWIRE_KAFKA_SASL_MECHANISM": mechanism}
    return settings


CONNECTIONS = [
    "plaintext",
    "ssl",
    "mtls",
    "sasl_plaintext/PLAIN",
    "sasl_plaintext/SCRAM-SHA-256",
    "sasl_ssl/PLAIN",
    "sasl_ssl/SCRAM-SHA-256",
    "sasl_ssl/SCRAM-SHA-512",
]


def build_settings(names: dict[str, str]) -> Settings:
    fields = {name.removeprefix("SEEDWIRE_").lower(): value for name, value in names.items()}
    return Settings(**fields)  # type: ignore[arg-type]


@pytest.mark.parametrize("connection", CONNECTIONS, indirect=True)
async def test_the_client_connects(connection: dict[str, str], cluster: KafkaCluster):
    assert await fetch_cluster_id(build_settings(connection)) == cluster.cluster_id


@pytest.mark.parametrize("connection", ["sasl_ssl/SCRAM-SHA-512"], indirect=True)
async def test_a_wrong_password_is_refused_and_not_shown(connection: dict[str, str]):
    wrong = build_settings({**connection, "SEEDWIRE_KAFKA_PASSWORD": "something else"})
    with pytest.raises(KafkaUnavailable, match="refuses the user 'newsroom'") as refusal:
        async with open_admin(wrong):
            pass
    assert "something else" not in str(refusal.value)


@pytest.mark.parametrize("connection", ["ssl"], indirect=True)
async def test_a_kafka_of_an_unknown_authority_is_not_trusted(
    connection: dict[str, str], pem: Certificates
):
    stranger = build_settings({**connection, "SEEDWIRE_KAFKA_CA_FILE": str(pem.stranger)})
    with pytest.raises(KafkaUnavailable, match="certificate that is not trusted"):
        async with open_admin(stranger):
            pass


@pytest.mark.parametrize("connection", ["sasl_ssl/SCRAM-SHA-512", "mtls"], indirect=True)
async def test_services_take_a_seed_through(
    connection: dict[str, str], store_url: str, tmp_path: Path, request: pytest.FixtureRequest
):
    processes = Processes(
        tmp_path, {"SEEDWIRE_HOME": str(tmp_path), "SEEDWIRE_STORE": store_url, **connection}
    )
    request.addfinalizer(processes.close)
    for module in ("ingest", "enrichment.images", "enrichment.related", "publishing"):
        processes.start(f"services.{module}", instance="")
    sent = await send(processes.settings, [(b"k", GOOD % b"secured", [])])
    (receipt,) = await read_answers(processes.settings, "seeds.receipts", sent)
    assert json.loads(receipt.value)["status"] == "accepted"
    await asyncio.to_thread(processes.seedwire, "wait", "--timeout", "60")
    (line,) = processes.seedwire("list", "--json").stdout.splitlines()
    assert json.loads(line)["reason"]
    logs = "".join(file.read_text() for file in tmp_path.glob("*.log"))
    assert USER["SEEDWIRE_KAFKA_PASSWORD"] not in logs
