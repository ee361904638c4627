"""The settings of TLS and passwords: which go together, and which error tells when they do not."""

from pathlib import Path

import pytest
from faststream.kafka.security import parse_security

from shared.broker.network.connection import client_options
from shared.broker.reading.faststream_adapter import build_security
from shared.errors import SettingsError
from shared.settings import Settings, load_settings
from tests.certificates import Certificates, issue_certificates

KAFKA = {"SEEDWIRE_KAFKA": "kafka.example:9093"}
SASL_SSL = {"SEEDWIRE_KAFKA_SECURITY": "sasl_ssl"}
USER = {"SEEDWIRE_KAFKA_USERNAME": "newsroom", "SEEDWIRE_KAFKA_PASSWORD": "swordfish"}


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch):
    def set_variables(*parts: dict[str, str]) -> None:
        for part in parts:
            for name, value in part.items():
                monkeypatch.setenv(name, value)

    return set_variables


@pytest.fixture(scope="module")
def pem(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return issue_certificates(tmp_path_factory.mktemp("pem"))


def test_by_default_the_connection_is_in_plain_text(environment):
    environment(KAFKA)
    options = client_options(load_settings(Settings))
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
    options = client_options(load_settings(Settings))
    assert options["security_protocol"] == "SASL_SSL"
    assert options["sasl_mechanism"] == "SCRAM-SHA-512"
    assert (options["sasl_plain_username"], options["sasl_plain_password"]) == (
        "newsroom",
        "swordfish",
    )
    assert options["ssl_context"].check_hostname


@pytest.mark.parametrize(
    "variables",
    [
        {},
        {"SEEDWIRE_KAFKA_SECURITY": "ssl"},
        {"SEEDWIRE_KAFKA_SASL_MECHANISM": "PLAIN", **SASL_SSL, **USER},
        {"SEEDWIRE_KAFKA_SASL_MECHANISM": "SCRAM-SHA-256", **SASL_SSL, **USER},
        {"SEEDWIRE_KAFKA_SASL_MECHANISM": "SCRAM-SHA-512", **SASL_SSL, **USER},
        {"SEEDWIRE_KAFKA_SECURITY": "sasl_plaintext", **USER},
    ],
)
def test_faststream_gets_the_same_options_as_other_clients(environment, variables: dict[str, str]):
    environment(KAFKA, variables)
    options = {**parse_security(build_security(load_settings(Settings)))}
    own = client_options(load_settings(Settings))
    has_context = options.pop("ssl_context", None) is not None
    assert has_context == (own.pop("ssl_context") is not None)
    del own["bootstrap_servers"]
    assert options == own


def test_a_password_is_not_shown(environment):
    environment(KAFKA, USER, {"SEEDWIRE_KAFKA_SECURITY": "sasl_ssl"})
    settings = load_settings(Settings)
    for text in (repr(settings), str(settings), str(settings.model_dump())):
        assert "swordfish" not in text
    assert "swordfish" not in settings.model_dump_json()


@pytest.mark.parametrize(
    ("variables", "sentence"),
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
def test_settings_that_contradict_each_other_are_an_error_in_a_sentence(
    environment, variables: dict[str, str], sentence: str
):
    environment(KAFKA, variables)
    with pytest.raises(SettingsError) as fault:
        load_settings(Settings)
    assert sentence in str(fault.value)
    assert "swordfish" not in str(fault.value)


def test_all_faults_are_named_at_once(environment):
    environment(KAFKA, {"SEEDWIRE_KAFKA_SECURITY": "sasl_ssl", "SEEDWIRE_KAFKA_KEY_FILE": __file__})
    with pytest.raises(SettingsError, match=r"USERNAME; .*PASSWORD; .*both or neither"):
        load_settings(Settings)


def test_the_embedded_broker_has_no_security(environment):
    environment({"SEEDWIRE_KAFKA_SECURITY": "ssl"})
    with pytest.raises(SettingsError, match="the embedded broker has no security"):
        load_settings(Settings)


def test_a_file_that_holds_no_certificate_is_a_wrong_setting(environment, tmp_path: Path):
    (tmp_path / "ca.pem").write_text("nothing")
    environment(
        KAFKA,
        {"SEEDWIRE_KAFKA_SECURITY": "ssl", "SEEDWIRE_KAFKA_CA_FILE": str(tmp_path / "ca.pem")},
    )
    with pytest.raises(SettingsError, match=r"ca\.pem"):
        client_options(load_settings(Settings))
