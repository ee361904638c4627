"""Kafka's other ways in, beside the one in plain text: TLS, certificates of clients, passwords. For tests.

| listener       | a client needs                                              |
| SSL            | the authority's certificate                                 |
| MTLS           | the same, and a certificate of its own by that authority    |
| SASL_PLAINTEXT | a user's password, by PLAIN or SCRAM                        |
| SASL_SSL       | both                                                        |
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

LISTENERS = {
    "SSL": "SSL",
    "MTLS": "SSL",
    "SASL_PLAINTEXT": "SASL_PLAINTEXT",
    "SASL_SSL": "SASL_SSL",
}
SCRAM = ("SCRAM-SHA-256", "SCRAM-SHA-512")
_MODULE = "org.apache.kafka.common.security"


@dataclass(frozen=True)
class Security:
    """Opens every listener of the table on each node.

    *identity* is a PEM file with the node's key (PKCS#8, unencrypted) and its certificate, which must be good for
    127.0.0.1; *authority* is the PEM of who signed it and the clients' certificates. *users* maps names to passwords.
    """

    identity: Path
    authority: Path
    users: Mapping[str, str] = field(repr=False)

    def properties(self) -> dict[str, str]:
        """What is added to server.properties, without addresses."""
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
        """For StorageTool: SCRAM's users are kept in the cluster itself."""
        return [
            option
            for name, password in self.users.items()
            for mechanism in SCRAM
            for option in ("--add-scram", f"{mechanism}=[name={name},password={password}]")
        ]
