"""Whether what is kept is what the store says: bytes, hash, size in pixels, thumbnails; what can be is mended."""

import hashlib
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass

from services.enrichment.images.decoding.process_pool import Died, Pool
from services.enrichment.images.decoding.thumbnails import measured_thumbnail
from services.enrichment.images.decoding.verification import measure
from services.enrichment.images.fetching.fetch_outcome import Failed, Measured
from services.enrichment.images.storing.image_store import Keeper, describe
from shared.clock import Clock
from shared.store import Content, Picture, Store, thumbnail_name

PAGE = 200  # pictures looked up at once; their bytes are read one after the other


@dataclass(frozen=True)
class Finding:
    """What is wrong with a kept picture. *url* is one of those that show it."""

    sha256: str
    url: str
    what: str
    mended: bool = False


class Inspector:
    """Reads every kept picture once. With *mend*, what is derived is made anew where the original is sound."""

    def __init__(self, pool: Pool, clock: Clock, mend: bool) -> None:
        self._pool = pool
        self._clock = clock
        self._mend = mend
        self.seen = 0  # distinct pictures

    async def findings(self, store: Store) -> AsyncIterator[Finding]:
        """What is wrong, picture by picture. Raises StoreAway."""
        done: set[str] = set()
        after = ""
        while page := await store.pictures.page(after, PAGE):
            after = page[-1].url
            kept = [picture for picture in page if picture.state == "cached"]
            contents = await store.contents.get({picture.sha256 for picture in kept})
            for picture in kept:
                if picture.sha256 not in done:
                    done.add(picture.sha256)
                    self.seen += 1
                    async for finding in self._of(picture, contents.get(picture.sha256), store):
                        yield finding

    async def _of(
        self, picture: Picture, content: Content | None, store: Store
    ) -> AsyncIterator[Finding]:
        original = await store.bytes.get(picture.sha256)
        true = await self._measured(picture, original)
        if isinstance(true, str):
            yield Finding(picture.sha256, picture.url, true)
            return
        if what := await self._derived_fault(picture, content, store):
            yield Finding(
                picture.sha256, picture.url, what, self._mend and await self._mended(true, store)
            )

    async def _measured(self, picture: Picture, original: bytes | None) -> Measured | str:
        """The picture as its bytes have it, or what is wrong with them."""
        if original is None:
            return "its bytes are not there"
        if hashlib.sha256(original).hexdigest() != picture.sha256:
            return "its bytes are others than were kept"
        try:
            true = await self._pool.run(measure, original)
        except Died as error:
            return f"its bytes cannot be decoded: {error}"
        if isinstance(true, Failed):
            return f"its bytes are no picture: {true}"
        said = (picture.media_type, picture.width, picture.height, picture.frames, picture.size)
        found = (true.media_type, true.width, true.height, true.frames, len(original))
        return (
            true if said == found else f"it was kept as {_spelled(said)} and is {_spelled(found)}"
        )

    async def _derived_fault(
        self, picture: Picture, content: Content | None, store: Store
    ) -> str | None:
        if content is None:
            return "it has no description and no thumbnails"
        if (content.media_type, content.width, content.height) != (
            picture.media_type,
            picture.width,
            picture.height,
        ):
            return "its description is of another picture"
        for thumbnail in content.thumbnails:
            found = await store.bytes.get(thumbnail_name(content.sha256, thumbnail.width))
            if found is None:
                return f"its thumbnail of {thumbnail.width} pixels is not there"
            if len(found) != thumbnail.size or measured_thumbnail(found) != (
                thumbnail.width,
                thumbnail.height,
            ):
                return f"its thumbnail of {thumbnail.width} pixels is another than was made"
        return None

    async def _mended(self, true: Measured, store: Store) -> bool:
        derived = await Keeper(self._pool).derived(true.content)
        if isinstance(derived, Failed):
            return False
        sha256 = hashlib.sha256(true.content).hexdigest()
        for thumbnail in derived.thumbnails:  # bytes of the right length would stay as they are
            await store.bytes.delete(thumbnail_name(sha256, thumbnail.width), self._clock())
        await describe(true, derived, self._clock(), store)
        return True


def _spelled(known: Iterable[object]) -> str:
    kind, width, height, frames, size = known
    return f"{kind}, {width} x {height}, {frames} frames, {size} bytes"
