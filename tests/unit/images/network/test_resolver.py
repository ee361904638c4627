"""Why a name has no address is said in a sentence, not in the words of the system's resolver."""

import socket
from collections.abc import Sequence

import pytest

from services.enrichment.images.network.address_rules import Address
from services.enrichment.images.network.resolver import ResolutionError, Resolver

NO_SUCH_NAME = socket.gaierror(socket.EAI_NONAME, "Name or service not known")
NO_SERVER = socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
OTHER = socket.gaierror(socket.EAI_FAIL, "Non-recoverable failure in name resolution")


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (NO_SUCH_NAME, "a.example is not known to the name server"),
        (NO_SERVER, "a.example cannot be looked up: no name server answers"),
        (OTHER, "a.example cannot be looked up: Non-recoverable failure in name resolution"),
        (UnicodeError("label too long"), "a.example is no name that a name server can know"),
    ],
)
async def test_a_failed_look_up_is_explained(error: Exception, sentence: str):
    def fail(host: str, port: int) -> Sequence[Address]:
        raise error

    with pytest.raises(ResolutionError) as raised:
        await Resolver(fail)("a.example", 443)
    assert str(raised.value) == sentence
