"""The settings of how Kafka is spoken to: in plain text, over TLS, with a certificate or a password of our own."""

from pathlib import Path
from typing import Literal, Self

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings

Protocol = Literal["plaintext", "ssl", "sasl_plaintext", "sasl_ssl"]
Mechanism = Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"]


class KafkaSecurity(BaseSettings):
    """Every field is part of `Settings`. The password is a secret: it is in no log line and in no error."""

    kafka_security: Protocol = "plaintext"
    kafka_sasl_mechanism: Mechanism = "SCRAM-SHA-512"
    kafka_username: str = ""
    kafka_password: SecretStr = Field(default=SecretStr(""))
    # PEM. Without it the authorities that the system trusts are ours too.
    kafka_ca_file: Path | None = None
    # Our own certificate (with its chain) and its unencrypted key, where Kafka asks for one.
    kafka_cert_file: Path | None = None
    kafka_key_file: Path | None = None

    @property
    def kafka_over_tls(self) -> bool:
        return self.kafka_security in ("ssl", "sasl_ssl")

    @property
    def kafka_with_password(self) -> bool:
        return self.kafka_security in ("sasl_plaintext", "sasl_ssl")

    @model_validator(mode="after")
    def _goes_together(self) -> Self:
        faults = [*self._password_faults(), *self._file_faults()]
        if faults:
            raise ValueError("; ".join(faults))
        return self

    def _password_faults(self) -> list[str]:
        given = {
            "SEEDWIRE_KAFKA_USERNAME": bool(self.kafka_username),
            "SEEDWIRE_KAFKA_PASSWORD": bool(self.kafka_password.get_secret_value()),
        }
        if self.kafka_with_password:
            return [
                f"SEEDWIRE_KAFKA_SECURITY={self.kafka_security} needs {name}"
                for name, is_set in given.items()
                if not is_set
            ]
        return [
            f"{name} is set, but SEEDWIRE_KAFKA_SECURITY={self.kafka_security} uses none: set it to sasl_ssl"
            for name, is_set in given.items()
            if is_set
        ]

    def _file_faults(self) -> list[str]:
        files = {
            "SEEDWIRE_KAFKA_CA_FILE": self.kafka_ca_file,
            "SEEDWIRE_KAFKA_CERT_FILE": self.kafka_cert_file,
            "SEEDWIRE_KAFKA_KEY_FILE": self.kafka_key_file,
        }
        given = {name: path for name, path in files.items() if path is not None}
        if given and not self.kafka_over_tls:
            wanted = f"SEEDWIRE_KAFKA_SECURITY={self.kafka_security} uses no TLS: set it to ssl or sasl_ssl"
            return [f"{name} is set, but {wanted}" for name in given]
        faults = [
            f"{name}: there is no file {path}" for name, path in given.items() if not path.is_file()
        ]
        if (self.kafka_cert_file is None) != (self.kafka_key_file is None):
            faults.append(
                "SEEDWIRE_KAFKA_CERT_FILE and SEEDWIRE_KAFKA_KEY_FILE are set both or neither"
            )
        return faults
