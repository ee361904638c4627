"""Finds what nothing refers to any more, and deletes it after a grace period.

A worker writes bytes first and what refers to them last, so young bytes are never touched, and
bytes that are put again count as young. The store spares what was put between look and deletion.
"""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from shared.store import Content, Store, StoredBytes, pages, thumbnail_name

_OUR_NAMES: Final = re.compile(r"[0-9a-f]{64}(\.[0-9]+)?", re.ASCII)  # a bucket may hold others


@dataclass(frozen=True)
class Orphan:
    """*name* is that of bytes, or of a description; *size* is in bytes."""

    name: str
    size: int
    why: str


async def collect_orphans(store: Store, before: datetime, remove: bool) -> AsyncIterator[Orphan]:
    """What was stored before that time and is not needed any more, one after the other.

    With *remove* each is deleted before it is yielded. Orphans are bytes and descriptions that no
    cached picture refers to, thumbnails without their original or that no description names, and
    what writers left half-way. Raises StoreUnavailable; may be repeated, and may run beside
    workers.
    """
    async for orphan in _find_orphaned_bytes(store, before):
        if not remove or await store.picture_bytes.delete(orphan.name, before):
            yield orphan
    async for content in _find_orphaned_contents(store, before):
        if not remove or await store.contents.delete(content.sha256, before):
            yield Orphan(content.sha256, 0, "no picture refers to this description")
    for _ in range(await store.picture_bytes.sweep_leftovers(before, remove)):
        yield Orphan("", 0, "a writer died half-way")


async def _find_orphaned_bytes(store: Store, before: datetime) -> AsyncIterator[Orphan]:
    async for page in pages(store.picture_bytes.list_page):
        old: list[StoredBytes] = []
        for stored in page:
            if stored.stored_at < before and _OUR_NAMES.fullmatch(stored.name):
                old.append(stored)
        hashes = {stored.sha256 for stored in old}
        referenced = await store.pictures.find_referenced(hashes)
        contents = await store.contents.get(hashes)
        for stored in old:
            is_referenced = stored.sha256 in referenced
            why = await _find_reason(stored, is_referenced, contents.get(stored.sha256), store)
            if why:
                yield Orphan(stored.name, stored.size, why)


async def _find_reason(
    stored: StoredBytes, is_referenced: bool, content: Content | None, store: Store
) -> str | None:
    """Why the bytes are not needed any more; None if they are needed."""
    if not is_referenced:
        return "no picture refers to it"
    if stored.is_original:
        return None
    thumbnails = content.thumbnails if content else ()
    names = [thumbnail_name(stored.sha256, thumbnail.width) for thumbnail in thumbnails]
    if stored.name not in names:
        return "no description names it"
    if await store.picture_bytes.get_size(stored.sha256) is None:
        return "its original is gone"
    return None


async def _find_orphaned_contents(store: Store, before: datetime) -> AsyncIterator[Content]:
    async for page in pages(store.contents.list_page):
        old = [content for content in page if content.described_at < before]
        referenced = await store.pictures.find_referenced({content.sha256 for content in old})
        for content in old:
            if content.sha256 not in referenced:
                yield content
