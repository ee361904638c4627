"""Bytes of pictures in GridFS, each under an entry of its own, whose `_id` makes the bytes unique.

A writer uploads a file under a new id, then inserts the entry that points to it. If it dies in
between, the file has no entry and is a leftover; if two race for the entry, the loser deletes its
file. An entry never points to an incomplete file.
"""

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from bson import ObjectId
from gridfs.errors import CorruptGridFile, NoFile

from shared.clock import now
from shared.store.mongo.database import Database, Document
from shared.store.ports.picture_bytes import StoredBytes

FILES: Final = "picture_files"  # GridFS: picture_files.files, picture_files.chunks
ENTRIES: Final = "picture_bytes"
LOOKUP_BATCH: Final = 10_000  # a query with 850,000 ids is larger than MongoDB accepts


class GridFsBytes:
    def __init__(self, database: Database) -> None:
        self._database = database

    @property
    def address(self) -> str:
        return self._database.address

    async def open(self) -> None:
        """Does nothing: the store opens the database."""

    async def close(self) -> None:
        """Does nothing: the store closes the database."""

    async def put(self, name: str, content: bytes) -> None:
        if await self._renew(name, len(content)):
            return
        file_id, at = ObjectId(), now()
        bucket = self._database.bucket(FILES)
        await self._database.do(bucket.upload_from_stream_with_id(file_id, name, content))
        entry = {"_id": name, "file": file_id, "size": len(content), "keptAt": at}
        if not await self._database.insert_missing(ENTRIES, [entry]):
            await self._replace(name, entry)

    async def get(self, name: str) -> bytes | None:
        entry = await self._find_entry(name)
        if entry is None:
            return None
        bucket = self._database.bucket(FILES)
        try:
            stream = await self._database.do(bucket.open_download_stream(entry["file"]))
            return bytes(await self._database.do(stream.read()))
        except (NoFile, CorruptGridFile):  # damaged: the integrity check reports it
            return None

    async def get_size(self, name: str) -> int | None:
        entry = await self._find_entry(name)
        return int(entry["size"]) if entry else None

    async def delete(self, name: str, stored_before: datetime) -> bool:
        query = {"_id": name, "keptAt": {"$lt": stored_before}}
        entry = await self._database.do(self._database[ENTRIES].find_one_and_delete(query))
        if entry is None:
            return False
        await self._delete_file(entry["file"])
        return True

    async def list_page(self, after: str = "", limit: int = 500) -> list[StoredBytes]:
        return await self._database.load_page(_stored_bytes, ENTRIES, after, limit)

    async def sweep_leftovers(self, begun_before: datetime, remove: bool) -> int:
        """Chunks and files that no entry points to. A file's id says when its upload began."""
        begun = {"$lt": ObjectId.from_datetime(begun_before)}
        files = await self._find_distinct(f"{FILES}.files", {"_id": begun}, "$_id")
        files |= await self._find_distinct(f"{FILES}.chunks", {"files_id": begun}, "$files_id")
        leftovers: list[ObjectId] = []
        for batch in _batches([*files]):
            leftovers += await self._find_without_entry(batch)
        if remove:
            for file_id in leftovers:
                await self._delete_file(file_id)
        return len(leftovers)

    async def _find_without_entry(self, files: Collection[ObjectId]) -> set[ObjectId]:
        query = {"file": {"$in": [*files]}}
        entries = await self._database.find(ENTRIES, query, projection=["file"])
        return {*files} - {entry["file"] for entry in entries}

    async def _find_distinct(self, collection: str, query: Document, field: str) -> set[ObjectId]:
        steps = [{"$match": query}, {"$group": {"_id": field}}]
        groups = await self._database.do(self._database[collection].aggregate(steps).to_list(None))
        return {group["_id"] for group in groups}

    async def _renew(self, name: str, size: int) -> bool:
        """Make the bytes count as put now if they are there with this size.

        Returns whether they are.
        """
        change = {"$set": {"keptAt": now()}}
        return await self._database.update_if(ENTRIES, {"_id": name, "size": size}, change)

    async def _replace(self, name: str, entry: Document) -> None:
        """Put the entry in place of the one that is there.

        That one is by another writer of the same bytes, or damaged and of another size.
        """
        if await self._renew(name, entry["size"]):
            await self._delete_file(entry["file"])
            return
        entries = self._database[ENTRIES]
        replace = entries.find_one_and_replace({"_id": name}, entry, upsert=True)
        replaced = await self._database.do(replace)
        if replaced is not None:
            await self._delete_file(replaced["file"])

    async def _find_entry(self, name: str) -> Any:
        entries = await self._database.find_ids(ENTRIES, [name])
        return entries[0] if entries else None

    async def _delete_file(self, file_id: ObjectId) -> None:
        """Its chunks too, and those of a file that was never finished."""
        await self._database.do(self._database[f"{FILES}.files"].delete_one({"_id": file_id}))
        chunks = self._database[f"{FILES}.chunks"]
        await self._database.do(chunks.delete_many({"files_id": file_id}))


def _stored_bytes(entry: Mapping[str, Any]) -> StoredBytes:
    return StoredBytes(entry["_id"], entry["size"], entry["keptAt"])


def _batches(files: list[ObjectId]) -> Iterator[list[ObjectId]]:
    for first in range(0, len(files), LOOKUP_BATCH):
        yield files[first : first + LOOKUP_BATCH]
