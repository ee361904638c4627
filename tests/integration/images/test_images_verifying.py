"""What keeps a decoder or a parser busy for long is stopped, and holds up nothing else."""

import time
from collections.abc import AsyncIterator

import pytest

from services.enrichment.images.decoding.process_pool import Pool
from services.enrichment.images.decoding.verification import Verifier
from services.enrichment.images.fetching.fetch_outcome import Failed, Failure, Measured
from services.enrichment.images.pages.page_fetcher import BYTES, PageReader
from tests.integration.images.conftest import a_jpeg
from tests.integration.images.hostile.server import answered, server
from tests.integration.images.hostile.web import HOME, Web

SIDE = 7_000  # 49 megapixels: just let in


@pytest.fixture
async def hasty() -> AsyncIterator[Pool]:
    """A pool with a second for each."""
    made = Pool(processes=1, seconds=1)
    yield made
    await made.close()


def jpeg_of_many_scans(scans: int) -> bytes:
    """A progressive JPEG whose scans say in sixty bytes each that nothing changes in any of its 765,625 blocks."""
    skipped = "0" + "1" * 14  # the end of the band, for 32,767 blocks
    bits = (skipped * 24).ljust(360, "1")
    scan = int(bits, 2).to_bytes(45).replace(b"\xff", b"\xff\0")
    tables = b"\xff\xdb\0\x43\0" + b"\1" * 64 + b"\xff\xc4\0\x14\x10\1" + bytes(15) + b"\xe0"
    frame = b"\xff\xc2\0\x0b\x08" + SIDE.to_bytes(2) * 2 + b"\1\1\x11\0"
    return (
        b"\xff\xd8"
        + tables
        + frame
        + (b"\xff\xda\0\x08\1\1\0\1\x3f\0" + scan) * scans
        + b"\xff\xd9"
    )


async def test_a_picture_that_takes_too_long_to_decode_has_failed_and_the_next_one_is_decoded(
    hasty: Pool,
):
    verifier = Verifier(hasty)
    assert isinstance(await verifier.verify(a_jpeg()), Measured)
    since = time.monotonic()
    outcome = await verifier.verify(jpeg_of_many_scans(3_000))  # 180 KB: half a minute
    assert isinstance(outcome, Failed)
    assert outcome.kind is Failure.BROKEN
    assert time.monotonic() - since < 10
    assert await verifier.verify(a_jpeg()) == Measured(a_jpeg(), "image/jpeg", 700, 500, 1)


async def test_a_page_that_takes_too_long_to_parse_is_none():
    pool = Pool(processes=1, seconds=1)
    attributes = (
        b"<meta " + b" ".join(b"%x" % number for number in range(100_000)) + b">"
    )  # compared with each other
    async with server(HOME) as host:
        host.answers["/p"] = answered(200, attributes[:BYTES], "Content-Type: text/html")
        web = Web()
        reader = PageReader(web.fetcher, "Seedwire", time.monotonic, pool)
        since = time.monotonic()
        async with reader.found(host.url("/p"), 3) as outcome:
            assert isinstance(outcome, Failed)
            assert outcome.kind is Failure.NOT_A_PAGE
        assert time.monotonic() - since < 10
        await web.close()
    await pool.close()
