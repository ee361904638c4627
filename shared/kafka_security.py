"""Settings of the connection to Kafka: plain text or TLS, a client certificate, a password."""

from pathlib import Path
from typing import Literal, Self

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings

from shared.secret_files import find_secret_fault, read_secret

Protocol = Literal["plaintext", "ssl", "sasl_plaintext", "sasl_ssl"]
Mechanism = Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"]


class KafkaSecurity(BaseSettings):
    """Every field is part of `Settings`. The password appears in no log line and in no error."""

    kafka_security: Protocol = "plaintext"
    kafka_sasl_mechanism: Mechanism = "SCRAM-SHA-512"
    kafka_username: str = ""
    kafka_password: SecretStr = Field(default=SecretStr(""))
    # Its content is the password. Read for each connection, so it may change while we run.
    kafka_password_file: Path | None = None
    # PEM. Unset: the authorities that the system trusts.
    kafka_ca_file: Path | None = None
    # The client's certificate (with its chain) and unencrypted key, where Kafka asks for one.
    kafka_cert_file: Path | None = None
    kafka_key_file: Path | None = None

    @property
    def kafka_uses_tls(self) -> bool:
        return self.kafka_security in ("ssl", "sasl_ssl")

    @property
    def kafka_uses_password(self) -> bool:
        return self.kafka_security in ("sasl_plaintext", "sasl_ssl")

    def read_kafka_password(self) -> str:
        """The password as it is now. Raises SettingsError if its file cannot be read."""
        if self.kafka_password_file is not None:
            return read_secret("SEEDWIRE_KAFKA_PASSWORD_FILE", self.kafka_password_file)
        return self.kafka_password.get_secret_value()

    @model_validator(mode="after")
    def _check_security(self) -> Self:
        faults = [*self._find_password_faults(), *self._find_file_faults()]
        if faults:
            raise ValueError("; ".join(faults))
        return self

    def _find_password_faults(self) -> list[str]:
        has_password = bool(self.kafka_password.get_secret_value())
        password = "SEEDWIRE_KAFKA_PASSWORD"
        if self.kafka_password_file is not None:
            if has_password:
                return [f"{password} and {password}_FILE are both set: set one of them"]
            if fault := find_secret_fault(f"{password}_FILE", self.kafka_password_file):
                return [fault]
            has_password, password = True, f"{password}_FILE"
        is_set = {
            "SEEDWIRE_KAFKA_USERNAME": bool(self.kafka_username),
            password: has_password,
        }
        protocol = f"SEEDWIRE_KAFKA_SECURITY={self.kafka_security}"
        if self.kafka_uses_password:
            return [f"{protocol} needs {name}" for name in is_set if not is_set[name]]
        return [
            f"{name} is set, but {protocol} uses none: set it to sasl_ssl"
            for name in is_set
            if is_set[name]
        ]

    def _find_file_faults(self) -> list[str]:
        files = {
            "SEEDWIRE_KAFKA_CA_FILE": self.kafka_ca_file,
            "SEEDWIRE_KAFKA_CERT_FILE": self.kafka_cert_file,
            "SEEDWIRE_KAFKA_KEY_FILE": self.kafka_key_file,
        }
        paths = {name: path for name, path in files.items() if path is not None}
        if paths and not self.kafka_uses_tls:
            protocol = f"SEEDWIRE_KAFKA_SECURITY={self.kafka_security}"
            remedy = f"{protocol} uses no TLS: set it to ssl or sasl_ssl"
            return [f"{name} is set, but {remedy}" for name in paths]
        faults = [f"{name}: there is no file {p}" for name, p in paths.items() if not p.is_file()]
        if (self.kafka_cert_file is None) != (self.kafka_key_file is None):
            faults.append(
                "SEEDWIRE_KAFKA_CERT_FILE and SEEDWIRE_KAFKA_KEY_FILE are set both or neither"
            )
        return faults
