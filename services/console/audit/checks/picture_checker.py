"""Checks that the bytes of each cached picture have the hash, size and dimensions on record."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from typing import Final

from services.console.audit.breaches import Breach, Promise, store_place
from services.console.audit.repairs.repair_actions import (
    CorrectPicture,
    RefetchPicture,
    RepairAction,
)
from services.console.progress import ProgressCallback
from services.enrichment.images.maintenance.originals import (
    Original,
    check_original,
    inspect_original,
)
from shared.store import Picture, Store, pages

AT_ONCE: Final = 2  # contents in memory: 15 MB each, and 200 MB more while one is decoded
PAGE: Final = 500
PICTURES = store_place("pictures")


def check_picture(picture: Picture, original: Original | None) -> Breach | None:
    """Compare what is on record with the bytes; *original* is None if there are none."""
    fault = check_original(picture, original)
    if fault is None:
        return None
    action: RepairAction = RefetchPicture(picture)
    if fault.corrected is not None:
        action = CorrectPicture(fault.corrected)
    sentence = f"the picture {picture.url}: {fault.reason}"
    return Breach(Promise.PICTURES, "", sentence, PICTURES, action)


class PictureChecker:
    """Checks every cached picture of a store. Bytes that several share are decoded once."""

    def __init__(self, store: Store, report_progress: ProgressCallback) -> None:
        self._store = store
        self._report_progress = report_progress
        self._inspected: dict[str, Original | None] = {}
        self.checked = 0

    async def find_breaches(self) -> AsyncIterator[tuple[Picture, Breach]]:
        total = (await self._store.pictures.counts())["cached"]
        async for page in pages(self._store.pictures.list_page, PAGE):
            cached = [picture for picture in page if picture.state == "cached"]
            for start in range(0, len(cached), AT_ONCE):
                batch = cached[start : start + AT_ONCE]
                for picture, breach in await self._check_batch(batch):
                    yield picture, breach
                self.checked += len(batch)
                self._report_progress("pictures", self.checked, total)

    async def _check_batch(self, batch: Sequence[Picture]) -> list[tuple[Picture, Breach]]:
        await self._inspect(picture.sha256 for picture in batch)
        found = []
        for picture in batch:
            breach = check_picture(picture, self._inspected[picture.sha256])
            if breach:
                found.append((picture, breach))
        return found

    async def _inspect(self, hashes: Iterable[str]) -> None:
        new = list({sha256 for sha256 in hashes if sha256 not in self._inspected})
        contents = await asyncio.gather(*map(self._inspect_one, new))
        self._inspected |= dict(zip(new, contents, strict=True))

    async def _inspect_one(self, sha256: str) -> Original | None:
        content = await self._store.picture_bytes.get(sha256)
        if content is None:
            return None
        return await asyncio.to_thread(inspect_original, content)
