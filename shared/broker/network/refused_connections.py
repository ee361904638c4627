"""Why Kafka closes the connection of a client: a wrong password, or a certificate.

Clients try their addresses one after another and tell of the last failure only that there was one.
So one connection is made by hand, and its error read.
"""

import ssl
from collections.abc import Mapping
from typing import Any, Final

from aiokafka.conn import create_conn, get_ip_port_afi
from aiokafka.errors import (
    AuthenticationFailedError,
    KafkaError,
    SaslAuthenticationFailed,
    UnsupportedSaslMechanismError,
)

CONNECT_MS: Final = 3000
_REFUSED: Final = (AuthenticationFailedError, SaslAuthenticationFailed)


async def find_refusal(options: Mapping[str, Any], username: str) -> str | None:
    """What Kafka refuses, as the end of a sentence; None if none of the addresses says.

    *options* are those of a client. Only credentials and certificates are looked at.
    """
    if options["security_protocol"] == "PLAINTEXT":
        return None
    for address in str(options["bootstrap_servers"]).split(","):
        if refusal := await _ask(address.strip(), options, username):
            return refusal
    return None


async def _ask(address: str, options: Mapping[str, Any], username: str) -> str | None:
    host, port, _ = get_ip_port_afi(address)
    parts = {name: value for name, value in options.items() if name != "bootstrap_servers"}
    try:
        connection = await create_conn(host, port, request_timeout_ms=CONNECT_MS, **parts)
    except _REFUSED as error:
        return (
            f"refuses the user {username!r}: the name or the password is wrong"
            f" ({type(error).__name__})"
        )
    except UnsupportedSaslMechanismError as error:
        return f"does not offer {options.get('sasl_mechanism')}: {error}"
    except ssl.SSLCertVerificationError as error:
        return f"shows a certificate that is not trusted: {error.verify_message}"
    except (KafkaError, OSError, TimeoutError) as error:
        cause = error.__cause__
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"shows a certificate that is not trusted: {cause.verify_message}"
        return None
    connection.close()
    return None
