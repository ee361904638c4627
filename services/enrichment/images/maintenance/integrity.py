"""Checks stored pictures: bytes, hash, size in pixels, description, thumbnails; repairs what can
be derived from the bytes."""

import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

from services.enrichment.images.decoding.process_pool import DecodingPool, DecodingProcessDied
from services.enrichment.images.decoding.thumbnails import (
    make_derivatives_in_pool,
    measure_thumbnail,
)
from services.enrichment.images.fetch_outcome import Failure, VerifiedPicture
from services.enrichment.images.maintenance.originals import check_original, inspect_original
from services.enrichment.images.storing.picture_contents import save_content
from shared.clock import Clock
from shared.store import Content, Picture, Store, Thumbnail, pages, thumbnail_name

PAGE_SIZE = 200  # pictures looked up at once; their bytes are read one after the other


@dataclass(frozen=True)
class Finding:
    """What is wrong with a stored picture. *url* is one of those that show it."""

    sha256: str
    url: str
    what: str
    is_repaired: bool = False


class IntegrityChecker:
    """Reads every cached picture once.

    With *repair*, thumbnails and description are made again where the original is sound.
    """

    def __init__(self, pool: DecodingPool, clock: Clock, repair: bool) -> None:
        self._pool = pool
        self._clock = clock
        self._repair = repair
        self.checked = 0  # distinct pictures

    async def close(self) -> None:
        """End the decoding processes."""
        await self._pool.close()

    async def check_pictures(self, store: Store) -> AsyncIterator[Finding]:
        """What is wrong, picture by picture. Raises StoreUnavailable and DecoderUnavailable."""
        seen: set[str] = set()
        async for page in pages(store.pictures.list_page, PAGE_SIZE):
            cached = [picture for picture in page if picture.state == "cached"]
            contents = await store.contents.get({picture.sha256 for picture in cached})
            for picture in cached:
                if picture.sha256 in seen:
                    continue
                seen.add(picture.sha256)
                self.checked += 1
                finding = await self._check_picture(picture, contents.get(picture.sha256), store)
                if finding is not None:
                    yield finding

    async def _check_picture(
        self, picture: Picture, content: Content | None, store: Store
    ) -> Finding | None:
        original = await store.picture_bytes.get(picture.sha256)
        verified = await self._verify_original(picture, original)
        if isinstance(verified, str):
            return Finding(picture.sha256, picture.url, verified)
        fault = await _find_derivative_fault(picture, content, store)
        if fault is None:
            return None
        is_repaired = self._repair and await self._remake_derivatives(verified, store)
        return Finding(picture.sha256, picture.url, fault, is_repaired)

    async def _verify_original(
        self, picture: Picture, content: bytes | None
    ) -> VerifiedPicture | str:
        """The picture, or what is wrong with its bytes."""
        original = None
        if content is not None:
            try:
                original = await self._pool.run(inspect_original, content)
            except DecodingProcessDied as error:
                return f"its bytes cannot be decoded: {error}"
        fault = check_original(picture, original)
        if fault is not None:
            return fault.reason
        assert original is not None
        assert content is not None
        assert isinstance(original.picture, VerifiedPicture)
        return replace(original.picture, content=content)

    async def _remake_derivatives(self, verified: VerifiedPicture, store: Store) -> bool:
        derivatives = await make_derivatives_in_pool(verified.content, self._pool)
        if isinstance(derivatives, Failure):
            return False
        sha256 = hashlib.sha256(verified.content).hexdigest()
        for thumbnail in derivatives.thumbnails:
            # Stored bytes of the right length would stay as they are.
            name = thumbnail_name(sha256, thumbnail.width)
            await store.picture_bytes.delete(name, self._clock())
        await save_content(verified, derivatives, self._clock(), store)
        return True


async def _find_derivative_fault(
    picture: Picture, content: Content | None, store: Store
) -> str | None:
    """What is wrong with the description and the thumbnails; None if nothing is."""
    if content is None:
        return "it has no description and no thumbnails"
    described = (content.media_type, content.width, content.height)
    if described != (picture.media_type, picture.width, picture.height):
        return "its description is that of another picture"
    for thumbnail in content.thumbnails:
        fault = await _find_thumbnail_fault(content.sha256, thumbnail, store)
        if fault is not None:
            return f"its thumbnail of {thumbnail.width} pixels {fault}"
    return None


async def _find_thumbnail_fault(sha256: str, thumbnail: Thumbnail, store: Store) -> str | None:
    stored = await store.picture_bytes.get(thumbnail_name(sha256, thumbnail.width))
    if stored is None:
        return "is missing"
    size = (thumbnail.width, thumbnail.height)
    if len(stored) != thumbnail.size or measure_thumbnail(stored) != size:
        return "is not the one that was made"
    return None
