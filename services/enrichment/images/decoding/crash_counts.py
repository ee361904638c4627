"""Counts, before each decoding, that it began; so that no picture ends processes without end.

A decoder that takes too much memory may end more than its own process: the system may kill the
worker, or its whole container. Kafka then delivers the picture again. So the count is written
before the picture is decoded and removed when the process has lived through it. What was begun
before, and never ended, is decoded alone, so that no other picture is blamed for its end, and
`MAX_DEATHS` times at the most.
"""

import hashlib
from collections import Counter
from typing import Final

from PIL import __version__ as decoder_version

from services.enrichment.images.decoding.process_pool import (
    DecodingPool,
    DecodingProcessDied,
    Result,
    Work,
)
from shared.clock import Clock, now
from shared.store import Store

MAX_DEATHS: Final = 2
BEGUN: Final = "the worker ended with it, perhaps for lack of memory"
"""What is known of a decoding that began and never ended."""


class DecodingGivenUp(Exception):
    """The picture has ended too many processes. Consequence: it has failed, and is not decoded."""


class CountedDecoder:
    """Decodes in *pool* what may end its process, or this one."""

    def __init__(self, pool: DecodingPool, clock: Clock = now) -> None:
        self._pool = pool
        self._clock = clock
        self._lived_through: Counter[str] = Counter()  # what the store still counts as deaths

    async def run(self, work: Work[Result], content: bytes, url: str, store: Store) -> Result:
        """As `DecodingPool.run`, for the picture at *url*.

        Raises DecodingProcessDied, and then it may be repeated; DecodingGivenUp after MAX_DEATHS;
        StoreUnavailable.
        """
        subject = _name(url)
        known = (await store.failure_counts.get([subject])).get(subject)
        deaths = known.count - self._lived_through[subject] if known else 0
        if deaths >= MAX_DEATHS:
            raise _give_up(deaths, known.reason if known else "")
        has_begun = has_died = False

        async def count_beginning() -> None:
            nonlocal has_begun
            await store.failure_counts.add([subject], BEGUN, self._clock())
            has_begun = True

        try:
            return await self._pool.run(work, content, count_beginning, alone=deaths > 0)
        except DecodingProcessDied as error:
            has_died = True
            if deaths + 1 >= MAX_DEATHS:
                raise _give_up(deaths + 1, str(error)) from error
            raise
        finally:
            if has_begun and not has_died:
                await self._forget(subject, store)

    async def _forget(self, subject: str, store: Store) -> None:
        self._lived_through[subject] += 1
        await store.failure_counts.remove([subject])
        del self._lived_through[subject]


def _give_up(deaths: int, reason: str) -> DecodingGivenUp:
    return DecodingGivenUp(f"it ended the process that decoded it {deaths} times; {reason}")


def _name(url: str) -> str:
    """Names the decoder too: another version may do better."""
    digest = hashlib.sha256(url.encode(errors="surrogatepass")).hexdigest()
    return f"decode {decoder_version} {digest}"
