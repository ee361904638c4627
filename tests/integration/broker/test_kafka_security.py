"""The product speaks TLS, shows certificates and gives passwords to an Apache Kafka that asks for them."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.broker.connection import admin, cluster_id
from shared.errors import BrokerAway
from shared.settings import Settings
from tests import certificates
from tests.certificates import Certificates
from tests.conftest import Processes
from tests.engines.kafka import KafkaCluster
from tests.engines.security import Security
from tests.integration.broker.test_raw_records import GOOD, read, send
from tests.real_engines import libs

pytestmark = pytest.mark.real

USER = {
    "SEEDWIRE_KAFKA_USERNAME": "newsroom",
    "SEEDWIRE_KAFKA_PASSWORD": "a secret of the newsroom",
}


@pytest.fixture(scope="module")
def pem(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return certificates.made(tmp_path_factory.mktemp("pem"))


@pytest.fixture(scope="module")
def cluster(pem: Certificates, tmp_path_factory: pytest.TempPathFactory) -> Iterator[KafkaCluster]:
    users = {USER["SEEDWIRE_KAFKA_USERNAME"]: USER["SEEDWIRE_KAFKA_PASSWORD"]}
    security = Security(identity=pem.server, authority=pem.authority, users=users)
    with KafkaCluster(libs(), tmp_path_factory.mktemp("kafka"), security=security) as running:
        yield running


@pytest.fixture
def way_in(
    request: pytest.FixtureRequest, cluster: KafkaCluster, pem: Certificates
) -> dict[str, str]:
    """The settings for one way in, named `security` or `security/mechanism`; `mtls` is ssl with a certificate."""
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


WAYS_IN = [
    "plaintext",
    "ssl",
    "mtls",
    *(
        f"{protocol}/{how}"
        for protocol in ("sasl_plaintext", "sasl_ssl")
        for how in ("PLAIN", "SCRAM-SHA-256")
    ),
    "sasl_ssl/SCRAM-SHA-512",
]


def settings_of(names: dict[str, str]) -> Settings:
    return Settings(
        **{name.removeprefix("SEEDWIRE_").lower(): value for name, value in names.items()}
    )  # type: ignore[arg-type]


@pytest.mark.parametrize("way_in", WAYS_IN, indirect=True)
async def test_we_are_let_in(way_in: dict[str, str], cluster: KafkaCluster):
    assert await cluster_id(settings_of(way_in)) == cluster.cluster_id


@pytest.mark.parametrize("way_in", ["sasl_ssl/SCRAM-SHA-512"], indirect=True)
async def test_a_wrong_password_is_not_let_in_and_not_told(way_in: dict[str, str]):
    wrong = settings_of({**way_in, "SEEDWIRE_KAFKA_PASSWORD": "something else"})
    with pytest.raises(BrokerAway, match="credentials right") as refusal:
        async with admin(wrong):
            pass
    assert "something else" not in str(refusal.value)


@pytest.mark.parametrize("way_in", ["ssl"], indirect=True)
async def test_a_kafka_of_an_unknown_authority_is_not_trusted(
    way_in: dict[str, str], pem: Certificates
):
    stranger = settings_of({**way_in, "SEEDWIRE_KAFKA_CA_FILE": str(pem.stranger)})
    with pytest.raises(BrokerAway):
        async with admin(stranger):
            pass


@pytest.mark.parametrize("way_in", ["sasl_ssl/SCRAM-SHA-512", "mtls"], indirect=True)
async def test_services_take_a_seed_through(
    way_in: dict[str, str], new_store: str, tmp_path: Path, request: pytest.FixtureRequest
):
    processes = Processes(
        tmp_path, {"SEEDWIRE_HOME": str(tmp_path), "SEEDWIRE_STORE": new_store, **way_in}
    )
    request.addfinalizer(processes.close)
    for module in ("ingest", "enrichment.images", "enrichment.related", "publishing"):
        processes.start(f"services.{module}", instance="")
    sent = await send(processes.settings, [(b"k", GOOD % b"secured", [])])
    (receipt,) = await read(processes.settings, "seeds.receipts", sent)
    assert json.loads(receipt.value)["status"] == "accepted"
    await asyncio.to_thread(processes.seedwire, "wait", "--timeout", "60")
    (article,) = [
        json.loads(line) for line in processes.seedwire("list", "--json").stdout.splitlines()
    ]
    assert article["reason"]
    logs = "".join(file.read_text() for file in tmp_path.glob("*.log"))
    assert USER["SEEDWIRE_KAFKA_PASSWORD"] not in logs
