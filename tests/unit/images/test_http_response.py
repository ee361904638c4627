"""What is believed of a host's answer."""

from collections.abc import AsyncIterator

import pytest

from services.enrichment.images.fetching.fetch_outcome import NOTHING_KNOWN, Failed
from services.enrichment.images.fetching.http_response import PICTURE, judged, most
from services.enrichment.images.limits import BYTES
from services.enrichment.images.network.connections import Response


async def nothing() -> AsyncIterator[bytes]:
    yield b""


def response(**headers: str) -> Response:
    return Response(
        200, {name.replace("_", "-"): value for name, value in headers.items()}, nothing()
    )


@pytest.mark.parametrize(
    ("headers", "size"),
    [
        ({}, BYTES),
        ({"content_length": "0"}, 0),
        ({"content_length": "1000"}, 1000),
        ({"content_length": "0" * 30 + "1000"}, 1000),
        (
            {"content_length": "1", "transfer_encoding": "chunked"},
            BYTES,
        ),  # the length says nothing then
        ({"content_length": "9" * 40}, BYTES),
    ],
)
def test_a_body_is_given_the_room_that_it_may_fill(headers: dict[str, str], size: int):
    assert most(response(**headers), PICTURE) == size


@pytest.mark.parametrize(
    ("length", "is_refused"), [("15728640", False), ("0" * 30 + "15728641", True)]
)
def test_a_length_over_the_limit_is_refused_however_it_is_written(length: str, is_refused: bool):
    verdict = judged(response(content_length=length), PICTURE, NOTHING_KNOWN)
    assert isinstance(verdict, Failed) == is_refused
