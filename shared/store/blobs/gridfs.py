"""Bytes of pictures in GridFS, each under an entry of its own: the entry's `_id` is what makes them unique.

A writer uploads under a new file id and then inserts the entry that points to it. Dies it between, the file has no
entry and is a leftover; lose two the race for the entry, the loser deletes its file. An entry never points to half a
file.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any, Final

from bson import ObjectId
from gridfs.errors import CorruptGridFile, NoFile

from shared.clock import now
from shared.store.mongo.database import Database
from shared.store.ports.picture_bytes import KeptBytes

FILES: Final = "picture_files"  # GridFS: picture_files.files, picture_files.chunks
ENTRIES: Final = "picture_bytes"
LOOKED_UP: Final = 10_000  # files at once: a query of 850,000 ids is larger than MongoDB takes


class MongoBytes:
    def __init__(self, database: Database) -> None:
        self._database = database

    @property
    def address(self) -> str:
        return self._database.address

    async def open(self) -> None:
        """The store opens the database."""

    async def close(self) -> None:
        """The store closes it."""

    async def put(self, name: str, content: bytes) -> None:
        if await self._renewed(name, len(content)):
            return
        file, at = ObjectId(), now()
        bucket = self._database.bucket(FILES)
        await self._database.do(bucket.upload_from_stream_with_id(file, name, content))
        entry = {"_id": name, "file": file, "size": len(content), "keptAt": at}
        if not await self._database.insert_missing(ENTRIES, [entry]):
            await self._replace(name, entry)

    async def get(self, name: str) -> bytes | None:
        entry = await self._entry(name)
        if entry is None:
            return None
        try:
            stream = await self._database.do(
                self._database.bucket(FILES).open_download_stream(entry["file"])
            )
            return bytes(await self._database.do(stream.read()))
        except (NoFile, CorruptGridFile):  # not whole: the check says so
            return None

    async def size(self, name: str) -> int | None:
        entry = await self._entry(name)
        return int(entry["size"]) if entry else None

    async def delete(self, name: str, kept_before: datetime) -> bool:
        entries = self._database[ENTRIES]
        entry = await self._database.do(
            entries.find_one_and_delete({"_id": name, "keptAt": {"$lt": kept_before}})
        )
        if entry is not None:
            await self._delete_file(entry["file"])
        return entry is not None

    async def page(self, after: str = "", limit: int = 500) -> list[KeptBytes]:
        found = await self._database.find(
            ENTRIES, {"_id": {"$gt": after}}, sort=[("_id", 1)], limit=limit
        )
        return [KeptBytes(one["_id"], one["size"], one["keptAt"]) for one in found]

    async def leftovers(self, before: datetime, remove: bool) -> int:
        """Chunks and files that no entry points to. The file's id says when it was begun."""
        begun = {"$lt": ObjectId.from_datetime(before)}
        files = await self._ids(f"{FILES}.files", {"_id": begun}, "$_id")
        files |= await self._ids(f"{FILES}.chunks", {"files_id": begun}, "$files_id")
        listed = [*files]
        parts = [listed[first : first + LOOKED_UP] for first in range(0, len(listed), LOOKED_UP)]
        left = [file for part in parts for file in await self._without_entry(part)]
        for file in left if remove else ():
            await self._delete_file(file)
        return len(left)

    async def _without_entry(self, files: Collection[ObjectId]) -> set[ObjectId]:
        entries = await self._database.find(
            ENTRIES, {"file": {"$in": [*files]}}, projection=["file"]
        )
        return {*files} - {entry["file"] for entry in entries}

    async def _ids(self, collection: str, query: dict[str, Any], field: str) -> set[ObjectId]:
        steps = [{"$match": query}, {"$group": {"_id": field}}]
        found = await self._database.do(self._database[collection].aggregate(steps).to_list(None))
        return {one["_id"] for one in found}

    async def _renewed(self, name: str, size: int) -> bool:
        """Whether it is there; if so, it counts as put now."""
        update = {"$set": {"keptAt": now()}}
        done = await self._database.do(
            self._database[ENTRIES].update_one({"_id": name, "size": size}, update)
        )
        return bool(done.matched_count)

    async def _replace(self, name: str, entry: dict[str, Any]) -> None:
        """The entry is there: by another writer of the same bytes, or damaged, of another length."""
        if await self._renewed(name, entry["size"]):
            await self._delete_file(entry["file"])
            return
        old = await self._database.do(
            self._database[ENTRIES].find_one_and_replace({"_id": name}, entry, upsert=True)
        )
        if old is not None:
            await self._delete_file(old["file"])

    async def _entry(self, name: str) -> Any:
        found = await self._database.find_ids(ENTRIES, [name])
        return found[0] if found else None

    async def _delete_file(self, file: ObjectId) -> None:
        """Chunks too, also of a file that was never finished."""
        await self._database.do(self._database[f"{FILES}.files"].delete_one({"_id": file}))
        await self._database.do(self._database[f"{FILES}.chunks"].delete_many({"files_id": file}))
