"""Whether each cached picture is there, with the hash, size and dimensions that are noted of it."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, replace
from typing import Final

from services.console.audit.breaches import Breach, Promise, kept_in
from services.console.audit.repair_actions import Refetch, Remeasure
from services.console.audit.topic_reader import Advance
from services.enrichment.images.decoding.verification import measure
from services.enrichment.images.fetching.fetch_outcome import Measured
from shared.store import Picture, Store

AT_ONCE: Final = 2  # contents in memory: 15 MB each, and 200 MB more while one is decoded
PAGE: Final = 500
PICTURES = kept_in("pictures")


@dataclass(frozen=True)
class Content:
    """What the bytes under a hash turn out to be. *fault* says why they are no picture."""

    sha256: str
    size: int
    media_type: str = ""
    width: int = 0
    height: int = 0
    frames: int = 0
    fault: str = ""


def inspect(content: bytes) -> Content:
    """Decodes: blocks for as long as that takes."""
    sha256, measured = hashlib.sha256(content).hexdigest(), measure(content)
    if not isinstance(measured, Measured):
        return Content(sha256, len(content), fault=str(measured))
    m = measured
    return Content(sha256, len(content), m.media_type, m.width, m.height, m.frames)


def judge(picture: Picture, content: Content | None) -> Breach | None:
    """What is noted against what is there (None: nothing)."""
    if content is None:
        return _breach(picture, "its bytes are not there", Refetch(picture))
    if content.sha256 != picture.sha256:
        return _breach(
            picture, f"its bytes have another SHA-256 ({content.size:,} bytes)", Refetch(picture)
        )
    if content.fault:
        return _breach(picture, f"its bytes are no picture ({content.fault})", Refetch(picture))
    true = replace(
        picture,
        media_type=content.media_type,
        width=content.width,
        height=content.height,
        frames=content.frames,
        size=content.size,
    )
    if true == picture:
        return None
    noted = f"{picture.width} x {picture.height}, {picture.size} bytes, {picture.media_type}"
    found = f"{true.width} x {true.height}, {true.size} bytes, {true.media_type}"
    return _breach(picture, f"noted as {noted}, it has {found}", Remeasure(true))


def _breach(picture: Picture, what: str, mend: Refetch | Remeasure) -> Breach:
    return Breach(Promise.PICTURES, "", f"the picture {picture.url}: {what}", PICTURES, mend)


class Pictures:
    """Looks at every cached picture of a store; contents that several share are decoded once."""

    def __init__(self, store: Store, advance: Advance) -> None:
        self._store = store
        self._advance = advance
        self._seen: dict[str, Content | None] = {}
        self.looked_at = 0

    async def breaches(self) -> AsyncIterator[tuple[Picture, Breach]]:
        total = (await self._store.pictures.counts())["cached"]
        after = ""
        while page := await self._store.pictures.page(after, PAGE):
            cached = [picture for picture in page if picture.state == "cached"]
            for start in range(0, len(cached), AT_ONCE):
                some = cached[start : start + AT_ONCE]
                await self._look(picture.sha256 for picture in some)
                for picture in some:
                    if breach := judge(picture, self._seen[picture.sha256]):
                        yield picture, breach
                self.looked_at += len(some)
                self._advance("pictures", self.looked_at, total)
            after = page[-1].url

    async def _look(self, hashes: Iterable[str]) -> None:
        fresh = list(dict.fromkeys(sha256 for sha256 in hashes if sha256 not in self._seen))
        self._seen |= dict(
            zip(fresh, await asyncio.gather(*map(self._inspect, fresh)), strict=True)
        )

    async def _inspect(self, sha256: str) -> Content | None:
        content = await self._store.bytes.get(sha256)
        return None if content is None else await asyncio.to_thread(inspect, content)
