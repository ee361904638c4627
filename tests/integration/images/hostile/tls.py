"""Certificates for hosts of tests."""

import ssl

import trustme


def authority() -> trustme.CA:
    return trustme.CA()


def served(trusted: trustme.CA, name: str) -> ssl.SSLContext:
    """What a host shows that says it is *name*."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trusted.issue_cert(name).configure_cert(context)
    return context


def client(trusted: trustme.CA) -> ssl.SSLContext:
    """Trusts *trusted* alone."""
    context = ssl.create_default_context()
    trusted.configure_trust(context)
    return context
