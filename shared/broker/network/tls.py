"""TLS with Kafka."""

import ssl

from shared.errors import SettingsError
from shared.kafka_security import KafkaSecurity


def build_tls_context(settings: KafkaSecurity) -> ssl.SSLContext | None:
    """Verifies Kafka's certificate and host name, and presents ours if there is one.

    None: no TLS. Raises SettingsError if a file cannot be used.
    """
    if not settings.kafka_uses_tls:
        return None
    try:
        context = ssl.create_default_context(cafile=settings.kafka_ca_file)
        if settings.kafka_cert_file is not None:
            # With an empty password an encrypted key is an error, not a question on the terminal.
            context.load_cert_chain(settings.kafka_cert_file, settings.kafka_key_file, password="")
    except (OSError, ValueError) as error:
        authority = settings.kafka_ca_file or "the trusted authorities"
        certificate = settings.kafka_cert_file or "no certificate"
        raise SettingsError(
            f"TLS with Kafka cannot be set up from {authority}, {certificate}: {error}"
        ) from error
    return context
