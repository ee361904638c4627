"""The settings of TLS and passwords: what goes together, and what is told when it does not."""

from pathlib import Path

import pytest
from faststream.kafka.security import parse_security

from shared.broker.connection import client_options
from shared.broker.framework import security
from shared.errors import SettingsError
from shared.settings import Settings, read
from tests.certificates import Certificates, made

KAFKA = {"SEEDWIRE_KAFKA": "kafka.example:9093"}
USER = {"SEEDWIRE_KAFKA_USERNAME": "newsroom", "SEEDWIRE_KAFKA_PASSWORD": "swordfish"}


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch):
    def put(*parts: dict[str, str]) -> None:
        for part in parts:
            for name, value in part.items():
                monkeypatch.setenv(name, value)

    return put


@pytest.fixture(scope="module")
def pem(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return made(tmp_path_factory.mktemp("pem"))


def test_kafka_is_spoken_to_in_plain_text_unless_told_otherwise(environment):
    environment(KAFKA)
    options = client_options(read(Settings))
    assert (options["bootstrap_servers"], options["security_protocol"]) == (
        "kafka.example:9093",
        "PLAINTEXT",
    )


def test_a_password_goes_over_tls_by_scram(environment, pem: Certificates):
    environment(
        KAFKA,
        USER,
        {"SEEDWIRE_KAFKA_SECURITY": "sasl_ssl", "SEEDWIRE_KAFKA_CA_FILE": str(pem.authority)},
    )
    options = client_options(read(Settings))
    assert options["security_protocol"] == "SASL_SSL"
    assert options["sasl_mechanism"] == "SCRAM-SHA-512"
    assert (options["sasl_plain_username"], options["sasl_plain_password"]) == (
        "newsroom",
        "swordfish",
    )
    assert options["ssl_context"].check_hostname


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"SEEDWIRE_KAFKA_SECURITY": "ssl"},
        *(
            {
                "SEEDWIRE_KAFKA_SECURITY": "sasl_ssl",
                "SEEDWIRE_KAFKA_SASL_MECHANISM": mechanism,
                **USER,
            }
            for mechanism in ("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512")
        ),
        {"SEEDWIRE_KAFKA_SECURITY": "sasl_plaintext", **USER},
    ],
)
def test_faststream_is_told_the_same_as_our_own_clients(environment, given: dict[str, str]):
    environment(KAFKA, given)
    told = {**parse_security(security(read(Settings)))}
    own = client_options(read(Settings))
    context, other = told.pop("ssl_context", None), own.pop("ssl_context")
    assert (context is None) == (other is None)
    assert told == {name: value for name, value in own.items() if name != "bootstrap_servers"}


def test_a_password_is_not_shown(environment):
    environment(KAFKA, USER, {"SEEDWIRE_KAFKA_SECURITY": "sasl_ssl"})
    settings = read(Settings)
    assert (
        "swordfish"
        not in f"{settings!r} {settings} {settings.model_dump()} {settings.model_dump_json()}"
    )


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"SEEDWIRE_KAFKA_SECURITY": "tls"}, "SEEDWIRE_KAFKA_SECURITY"),
        (
            {"SEEDWIRE_KAFKA_SECURITY": "sasl_ssl", "SEEDWIRE_KAFKA_USERNAME": "u"},
            "needs SEEDWIRE_KAFKA_PASSWORD",
        ),
        ({"SEEDWIRE_KAFKA_SECURITY": "sasl_plaintext"}, "needs SEEDWIRE_KAFKA_USERNAME"),
        (USER, "SEEDWIRE_KAFKA_PASSWORD is set, but SEEDWIRE_KAFKA_SECURITY=plaintext uses none"),
        ({"SEEDWIRE_KAFKA_CA_FILE": __file__}, "SEEDWIRE_KAFKA_SECURITY=plaintext uses no TLS"),
        (
            {"SEEDWIRE_KAFKA_SECURITY": "ssl", "SEEDWIRE_KAFKA_CA_FILE": "/nowhere.pem"},
            "there is no file /nowhere.pem",
        ),
        (
            {"SEEDWIRE_KAFKA_SECURITY": "ssl", "SEEDWIRE_KAFKA_CERT_FILE": __file__},
            "are set both or neither",
        ),
    ],
)
def test_what_contradicts_itself_is_told_in_a_sentence(
    environment, given: dict[str, str], told: str
):
    environment(KAFKA, given)
    with pytest.raises(SettingsError) as fault:
        read(Settings)
    assert told in str(fault.value)
    assert "swordfish" not in str(fault.value)


def test_all_faults_are_told_at_once(environment):
    environment(KAFKA, {"SEEDWIRE_KAFKA_SECURITY": "sasl_ssl", "SEEDWIRE_KAFKA_KEY_FILE": __file__})
    with pytest.raises(SettingsError, match=r"USERNAME; .*PASSWORD; .*both or neither"):
        read(Settings)


def test_the_embedded_broker_knows_no_security(environment):
    environment({"SEEDWIRE_KAFKA_SECURITY": "ssl"})
    with pytest.raises(SettingsError, match="the embedded broker knows none"):
        read(Settings)


def test_a_file_that_holds_no_certificate_is_a_wrong_setting(environment, tmp_path: Path):
    (tmp_path / "ca.pem").write_text("nothing")
    environment(
        KAFKA,
        {"SEEDWIRE_KAFKA_SECURITY": "ssl", "SEEDWIRE_KAFKA_CA_FILE": str(tmp_path / "ca.pem")},
    )
    with pytest.raises(SettingsError, match=r"ca\.pem"):
        client_options(read(Settings))
