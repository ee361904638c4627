"""Kafka's listeners beside the one in plain text: TLS, client certificates, passwords. For tests.

| listener       | a client needs                                                 |
| SSL            | the authority's certificate                                    |
| MTLS           | the same, and a certificate of its own, signed by the authority |
| SASL_PLAINTEXT | a user's password, by PLAIN or SCRAM                           |
| SASL_SSL       | the authority's certificate and a user's password              |
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

LISTENERS: Final = {
    "SSL": "SSL",
    "MTLS": "SSL",
    "SASL_PLAINTEXT": "SASL_PLAINTEXT",
    "SASL_SSL": "SASL_SSL",
}
SCRAM: Final = ("SCRAM-SHA-256", "SCRAM-SHA-512")
_MODULE: Final = "org.apache.kafka.common.security"


@dataclass(frozen=True)
class Security:
    """Opens every listener of the table on each node.

    *identity* is a PEM file with the node's key (PKCS#8, unencrypted) and its certificate, which
    must be valid for 127.0.0.1. *authority* is the PEM of the authority that signed it and the
    clients' certificates. *users* maps names to passwords.
    """

    identity: Path
    authority: Path
    users: Mapping[str, str] = field(repr=False)

    def properties(self) -> dict[str, str]:
        """The lines for server.properties, without addresses."""
        return {
            "ssl.keystore.type": "PEM",
            "ssl.keystore.location": str(self.identity.absolute()),
            "ssl.truststore.type": "PEM",
            "ssl.truststore.location": str(self.authority.absolute()),
            "listener.name.mtls.ssl.client.auth": "required",
            "sasl.enabled.mechanisms": ",".join(("PLAIN", *SCRAM)),
            **dict(self._logins()),
        }

    def _logins(self) -> Iterator[tuple[str, str]]:
        """A line for each mechanism of each listener that asks for a password."""
        users = " ".join(f'user_{name}="{password}"' for name, password in self.users.items())
        for listener in ("sasl_plaintext", "sasl_ssl"):
            prefix = f"listener.name.{listener}"
            yield (
                f"{prefix}.plain.sasl.jaas.config",
                f"{_MODULE}.plain.PlainLoginModule required {users};",
            )
            for mechanism in SCRAM:
                login = f"{_MODULE}.scram.ScramLoginModule required;"
                yield f"{prefix}.{mechanism.lower()}.sasl.jaas.config", login

    def format_options(self) -> list[str]:
        """Options of StorageTool: the cluster itself keeps the users of SCRAM."""
        options = []
        for name, password in self.users.items():
            for mechanism in SCRAM:
                options += ["--add-scram", f"{mechanism}=[name={name},password={password}]"]
        return options
