"""What nothing refers to any more, and the collecting of it after a grace time.

A worker keeps bytes first and says what refers to them last, so what is young is never touched, and what is put again
counts as young. The store spares what was put between the look and the deletion.
"""

import re
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from shared.store import Content, KeptBytes, Store

PAGE: Final = 500
_OURS: Final = re.compile(
    r"[0-9a-f]{64}(\.[0-9]+)?", re.ASCII
)  # a bucket may hold what is not ours


@dataclass(frozen=True)
class Orphan:
    """*name* as in the place of bytes, or of a description; *size* in bytes."""

    name: str
    size: int
    why: str


async def orphans(store: Store, before: datetime, remove: bool) -> AsyncIterator[Orphan]:
    """What was kept before that time and is needed no more, one by one; with *remove* each is deleted first.

    Bytes and descriptions that no kept picture refers to, thumbnails without their original or that no description
    names, and what writers left that died half-way. Raises StoreAway; may be repeated, and may run beside workers.
    """
    async for found in _unneeded_bytes(store, before):
        if not remove or await store.bytes.delete(found.name, before):
            yield found
    async for content in _unneeded_descriptions(store, before):
        if not remove or await store.contents.forget(content.sha256, before):
            yield Orphan(content.sha256, 0, "a description that no picture refers to")
    for _ in range(await store.bytes.leftovers(before, remove)):
        yield Orphan("", 0, "left half-way by a writer that died")


async def _unneeded_bytes(store: Store, before: datetime) -> AsyncIterator[Orphan]:
    after = ""
    while page := await store.bytes.page(after, PAGE):
        after = page[-1].name
        old = [kept for kept in page if kept.kept_at < before and _OURS.fullmatch(kept.name)]
        hashes = {kept.sha256 for kept in old}
        referred, described = (
            await store.pictures.referred(hashes),
            await store.contents.get(hashes),
        )
        for kept in old:
            if why := await _why(kept, kept.sha256 in referred, described.get(kept.sha256), store):
                yield Orphan(kept.name, kept.size, why)


async def _why(
    kept: KeptBytes, is_referred: bool, content: Content | None, store: Store
) -> str | None:
    """Why it is needed no more; None if it is."""
    if not is_referred:
        return "no picture refers to it"
    if kept.is_original:
        return None
    if content is None or kept.name not in [
        f"{kept.sha256}.{one.width}" for one in content.thumbnails
    ]:
        return "no description names it"
    return "its original is gone" if await store.bytes.size(kept.sha256) is None else None


async def _unneeded_descriptions(store: Store, before: datetime) -> AsyncIterator[Content]:
    after = ""
    while page := await store.contents.page(after, PAGE):
        after = page[-1].sha256
        old: Sequence[Content] = [content for content in page if content.described_at < before]
        referred = await store.pictures.referred({content.sha256 for content in old})
        for content in old:
            if content.sha256 not in referred:
                yield content
