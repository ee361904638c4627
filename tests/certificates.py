"""PEM files of one test run, valid for an hour or so: an authority, a server and a client."""

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
    """*server* holds key and certificate for 127.0.0.1.

    *stranger* is the certificate of another authority.
    """

    authority: Path
    server: Path
    client_certificate: Path
    client_key: Path
    stranger: Path


def issue_certificates(folder: Path) -> Certificates:
    folder.mkdir(parents=True, exist_ok=True)
    authority = trustme.CA()
    server = authority.issue_cert("127.0.0.1", "localhost")
    client = authority.issue_cert("seedwire.example")
    return Certificates(
        authority=_write(folder / "authority.pem", authority.cert_pem.bytes()),
        server=_write(folder / "server.pem", _encode_key(server) + _encode_chain(server)),
        client_certificate=_write(folder / "client.pem", _encode_chain(client)),
        client_key=_write(folder / "client.key", _encode_key(client)),
        stranger=_write(folder / "stranger.pem", trustme.CA().cert_pem.bytes()),
    )


def _encode_chain(identity: trustme.LeafCert) -> bytes:
    return b"".join(blob.bytes() for blob in identity.cert_chain_pems)


def _encode_key(identity: trustme.LeafCert) -> bytes:
    """In PKCS#8, the only form that Kafka reads."""
    key = load_pem_private_key(identity.private_key_pem.bytes(), password=None)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _write(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path
