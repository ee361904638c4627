"""Bytes in GridFS, each under an entry of its own, whose `_id` makes the bytes unique.

A writer uploads a file under a new id, then inserts the entry that points to it. If it dies in
between, the file has no entry and is a leftover; if two race for the entry, the loser deletes its
file. An entry never points to an incomplete file.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from bson import ObjectId
from gridfs.errors import CorruptGridFile, NoFile

from shared.clock import now
from shared.store.mongo.engine.database import Database, Document
from shared.store.ports.picture.picture_bytes import StoredBytes


class GridFsBytes:
    """The files in the collections `FILES.files` and `FILES.chunks`, the entries in `ENTRIES`."""

    def __init__(self, database: Database, files: str, entries: str) -> None:
        self._database = database
        self._files = files
        self._entries = entries

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
        bucket = self._database.bucket(self._files)
        await self._database.do(bucket.upload_from_stream_with_id(file_id, name, content))
        entry = {"_id": name, "file": file_id, "size": len(content), "keptAt": at}
        if not await self._database.insert_missing(self._entries, [entry]):
            await self._replace(name, entry)

    async def get(self, name: str) -> bytes | None:
        entry = await self._find_entry(name)
        if entry is None:
            return None
        bucket = self._database.bucket(self._files)
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
        entry = await self._database.do(self._database[self._entries].find_one_and_delete(query))
        if entry is None:
            return False
        await self._delete_file(entry["file"])
        return True

    async def list_page(self, after: str = "", limit: int = 500) -> list[StoredBytes]:
        return await self._database.load_page(_stored_bytes, self._entries, after, limit)

    async def sweep_leftovers(self, begun_before: datetime, remove: bool) -> int:
        """Chunks and files that no entry points to. A file's id says when its upload began."""
        begun = {"$lt": ObjectId.from_datetime(begun_before)}
        files = await self._find_distinct(f"{self._files}.files", {"_id": begun}, "$_id")
        chunks = f"{self._files}.chunks"
        files |= await self._find_distinct(chunks, {"files_id": begun}, "$files_id")
        leftovers = await self._find_without_entry(files)
        if remove:
            for file_id in leftovers:
                await self._delete_file(file_id)
        return len(leftovers)

    async def _find_without_entry(self, files: Collection[ObjectId]) -> set[ObjectId]:
        entries = await self._database.find_in(self._entries, "file", files, projection=["file"])
        return {*files} - {entry["file"] for entry in entries}

    async def _find_distinct(self, collection: str, query: Document, field: str) -> set[ObjectId]:
        steps = [{"$match": query}, {"$group": {"_id": field}}]
        groups = await self._database.aggregate(collection, steps)
        return {group["_id"] for group in groups}

    async def _renew(self, name: str, size: int) -> bool:
        """Make the bytes count as put now if they are there with this size.

        Returns whether they are.
        """
        change = {"$set": {"keptAt": now()}}
        return await self._database.update_if(self._entries, {"_id": name, "size": size}, change)

    async def _replace(self, name: str, entry: Document) -> None:
        """Put the entry in place of the one that is there.

        That one is by another writer of the same bytes, or damaged and of another size.
        """
        if await self._renew(name, entry["size"]):
            await self._delete_file(entry["file"])
            return
        entries = self._database[self._entries]
        replace = entries.find_one_and_replace({"_id": name}, entry, upsert=True)
        replaced = await self._database.do(replace)
        if replaced is not None:
            await self._delete_file(replaced["file"])

    async def _find_entry(self, name: str) -> Any:
        entries = await self._database.find_ids(self._entries, [name])
        return entries[0] if entries else None

    async def _delete_file(self, file_id: ObjectId) -> None:
        """Its chunks too, and those of a file that was never finished."""
        await self._database.do(self._database[f"{self._files}.files"].delete_one({"_id": file_id}))
        chunks = self._database[f"{self._files}.chunks"]
        await self._database.do(chunks.delete_many({"files_id": file_id}))


def _stored_bytes(entry: Mapping[str, Any]) -> StoredBytes:
    return StoredBytes(entry["_id"], entry["size"], entry["keptAt"])
