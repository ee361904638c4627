"""An authority of one test run, a server's identity by it, and a client's: PEM files, good for an hour or so."""

from dataclasses import dataclass
from pathlib import Path

import trustme
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)


@dataclass(frozen=True)
class Certificates:
    """*server* holds key and certificate for 127.0.0.1; *stranger* is another authority's certificate."""

    authority: Path
    server: Path
    client_certificate: Path
    client_key: Path
    stranger: Path


def made(folder: Path) -> Certificates:
    folder.mkdir(parents=True, exist_ok=True)
    authority = trustme.CA()
    server, client = (
        authority.issue_cert("127.0.0.1", "localhost"),
        authority.issue_cert("seedwire.example"),
    )
    chains = {
        one: b"".join(blob.bytes() for blob in one.cert_chain_pems) for one in (server, client)
    }
    return Certificates(
        authority=_written(folder / "authority.pem", authority.cert_pem.bytes()),
        server=_written(folder / "server.pem", _key(server) + chains[server]),
        client_certificate=_written(folder / "client.pem", chains[client]),
        client_key=_written(folder / "client.key", _key(client)),
        stranger=_written(folder / "stranger.pem", trustme.CA().cert_pem.bytes()),
    )


def _key(identity: trustme.LeafCert) -> bytes:
    """In PKCS#8, the one form that Kafka reads."""
    key = load_pem_private_key(identity.private_key_pem.bytes(), password=None)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path
