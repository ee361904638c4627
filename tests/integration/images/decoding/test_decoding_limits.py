"""What keeps a decoder or a parser busy for long is stopped, and holds up nothing else."""

import time
from collections.abc import AsyncIterator

import pytest

from services.enrichment.images.decoding.process_pool import DecodingPool
from services.enrichment.images.decoding.verification import PictureVerifier
from services.enrichment.images.fetch_outcome import Failure, FailureKind, VerifiedPicture
from services.enrichment.images.pages.page_fetcher import MAX_HEAD_BYTES
from tests.integration.images.conftest import encode_jpeg
from tests.integration.images.hostile.server import response, run_server
from tests.integration.images.hostile.web import HOME, WorkerWeb

SIDE = 7_000  # pixels; 49 megapixels are just allowed


@pytest.fixture
async def hasty_pool() -> AsyncIterator[DecodingPool]:
    """A pool that gives each picture one second."""
    pool = DecodingPool(processes=1, seconds=1)
    yield pool
    await pool.close()


def make_jpeg_of_many_scans(scans: int) -> bytes:
    """A progressive JPEG whose scans say, in sixty bytes each, that nothing changes in any of its
    765,625 blocks."""
    skipped = "0" + "1" * 14  # the end of the band, for 32,767 blocks
    bits = (skipped * 24).ljust(360, "1")
    scan = int(bits, 2).to_bytes(45).replace(b"\xff", b"\xff\0")
    quantisation_table = b"\xff\xdb\0\x43\0" + b"\1" * 64
    huffman_table = b"\xff\xc4\0\x14\x10\1" + bytes(15) + b"\xe0"
    frame = b"\xff\xc2\0\x0b\x08" + SIDE.to_bytes(2) * 2 + b"\1\1\x11\0"
    all_scans = (b"\xff\xda\0\x08\1\1\0\1\x3f\0" + scan) * scans
    return b"\xff\xd8" + quantisation_table + huffman_table + frame + all_scans + b"\xff\xd9"


async def test_a_picture_that_takes_too_long_to_decode_has_failed_and_the_next_one_is_decoded(
    hasty_pool: DecodingPool,
):
    verifier = PictureVerifier(hasty_pool)
    assert isinstance(await verifier.verify(encode_jpeg()), VerifiedPicture)
    start = time.monotonic()
    outcome = await verifier.verify(make_jpeg_of_many_scans(3_000))  # 180 KB: half a minute
    assert isinstance(outcome, Failure)
    assert outcome.kind is FailureKind.BROKEN
    assert time.monotonic() - start < 10
    verified = await verifier.verify(encode_jpeg())
    assert verified == VerifiedPicture(encode_jpeg(), "image/jpeg", 700, 500, 1)


async def test_a_page_that_takes_too_long_to_parse_is_not_a_page():
    pool = DecodingPool(processes=1, seconds=0.2)  # a quick machine needs half a second
    names = [b"%x" % number for number in range(100_000)]  # the parser compares them all
    element = b"<meta " + b" ".join(names) + b">"
    async with run_server(HOME) as host:
        host.responses["/p"] = response(200, element[:MAX_HEAD_BYTES], "Content-Type: text/html")
        web = WorkerWeb(pool=pool)
        start = time.monotonic()
        outcome = await web.fetch_page(host.url("/p"))
        assert isinstance(outcome, Failure)
        assert outcome.kind is FailureKind.NOT_A_PAGE
        assert time.monotonic() - start < 10
        await web.close()
    await pool.close()
