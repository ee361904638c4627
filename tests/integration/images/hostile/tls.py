"""Certificates for hosts of tests."""

import ssl

import trustme


def make_authority() -> trustme.CA:
    return trustme.CA()


def server_context(authority: trustme.CA, name: str) -> ssl.SSLContext:
    """Of a host with a certificate for *name*."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)
    return context


def client_context(authority: trustme.CA) -> ssl.SSLContext:
    """Of a client that trusts *authority*."""
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context
