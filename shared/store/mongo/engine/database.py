"""The MongoDB database: the few kinds of reads and writes that we need.

Nothing relies on transactions, sessions or retried writes: every write of ours is idempotent or a
compare-and-set.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, Final, TypeVar

import pymongo
from pymongo import ReplaceOne, UpdateOne
from pymongo.errors import BulkWriteError

from shared.errors import DependencyRejected, SettingsError, StoreUnavailable
from shared.store.compare_and_set import repeat_until_stable
from shared.store.layout import LAYOUT, require_layout
from shared.store.mongo.engine.batches import split_ids
from shared.store.mongo.engine.connection import Connection
from shared.store.mongo.engine.server_checks import Indexes, create_indexes

Document = dict[str, Any]
Result = TypeVar("Result")

HISTORY: Final = "history"
"""The field of a document that only its history is read from."""
# A document is inserted once: the second round finds it, unless somebody deletes it in between.
UPSERT_ROUNDS: Final = 5


class Database(Connection):
    """The database that a `mongodb://…/NAME` URL names."""

    async def open(self, indexes: Indexes) -> None:
        """Connect, check the server and the layout, and create the indexes that are missing.

        Raises SettingsError if no repeat helps.
        """
        try:
            await self.connect()
            await self._check_layout()
            await self._create_indexes(indexes)
        except (StoreUnavailable, SettingsError):
            await self.close()
            raise
        except DependencyRejected as error:
            await self.close()
            raise SettingsError(str(error)) from error

    async def _check_layout(self) -> None:
        """Check the layout, which the first process to use the database records."""
        if not await self.find("articles", {}, projection=["_id"], limit=1):
            await self.insert_missing("layout", [{"_id": "store", "version": LAYOUT}])
        documents = await self.find_ids("layout", ["store"])
        require_layout(documents[0]["version"] if documents else 0, self.address)

    async def _create_indexes(self, indexes: Indexes) -> None:
        async with self.translated_errors():
            for collection, models in indexes.items():
                await create_indexes(self[collection], models, self.address)

    async def find(
        self, collection: str, query: Mapping[str, Any], **options: Any
    ) -> list[Document]:
        """All documents that match; *options* as for the driver's `find`.

        Without a projection they come without their history.
        """
        options.setdefault("projection", {HISTORY: False})
        async with self.translated_errors():
            documents: list[Document] = await self[collection].find(query, **options).to_list(None)
            return documents

    async def find_in(
        self,
        collection: str,
        field: str,
        values: Collection[Any],
        query: Mapping[str, Any] | None = None,
        **options: Any,
    ) -> list[Document]:
        """The documents whose *field* is, or contains, one of *values*, in no particular order.

        *values* may be of any length: they are looked up in parts.
        """
        found: dict[Any, Document] = {}
        for part in split_ids(values):
            in_part = {**(query or {}), field: {"$in": part}}
            for document in await self.find(collection, in_part, **options):
                found[document["_id"]] = document
        return list(found.values())

    async def find_ids(
        self, collection: str, ids: Collection[Any], **options: Any
    ) -> list[Document]:
        """The documents with these ids; sends no query when there are none."""
        return await self.find_in(collection, "_id", ids, **options)

    async def load_by_id(
        self,
        build: Callable[[Document], Result],
        collection: str,
        ids: Collection[Any],
    ) -> dict[str, Result]:
        """What *build* makes of each document with one of these ids, by id."""
        documents = await self.find_ids(collection, ids)
        return {document["_id"]: build(document) for document in documents}

    async def load_page(
        self,
        build: Callable[[Document], Result],
        collection: str,
        after: str,
        limit: int,
        query: Mapping[str, Any] | None = None,
    ) -> list[Result]:
        """What *build* makes of documents in the order of ids, from the first after *after*."""
        after_id = {**(query or {}), "_id": {"$gt": after}}
        documents = await self.find(collection, after_id, sort=[("_id", 1)], limit=limit)
        return [build(document) for document in documents]

    async def count(self, collection: str, query: Mapping[str, Any]) -> int:
        """How many documents match *query*, for which there must be an index."""
        return int(await self.do(self[collection].count_documents(query)))

    async def estimate_count(self, collection: str) -> int:
        """How many documents there are, from the collection's metadata: nothing is read.

        It may be wrong after the server was killed, and while chunks move between shards.
        """
        return int(await self.do(self[collection].estimated_document_count()))

    async def aggregate(self, collection: str, steps: Sequence[Document]) -> list[Document]:
        """All documents that the steps give."""
        async with self.translated_errors():
            documents: list[Document] = await self[collection].aggregate(steps).to_list(None)
            return documents

    async def update_if(self, collection: str, query: Document, change: Document) -> bool:
        """Compare-and-set: update the document that *query* finds; returns if there was one."""
        result = await self.do(self[collection].update_one(query, change))
        return bool(result.matched_count == 1)

    async def bulk_write(
        self,
        collection: str,
        requests: Iterable[Any],
        ordered: bool = False,
        seconds: float | None = None,
    ) -> Any:
        """Make one bulk write; returns the driver's result, or None if there is nothing to write.

        The server gives up after *seconds* (`maxTimeMS`), and so does the driver. Raises
        BulkWriteError for duplicate keys alone.
        """
        listed = list(requests)
        if not listed:
            return None
        async with self.translated_errors():
            with pymongo.timeout(seconds):
                return await self[collection].bulk_write(listed, ordered=ordered)

    async def upsert(self, collection: str, requests: Iterable[Any]) -> None:
        """Make a bulk write of upserts by id; if some lose the race to insert, repeat all of it.

        The repeat finds the documents that others inserted, and updates them.
        """

        async def write(remaining: Sequence[Any]) -> Sequence[Any]:
            try:
                await self.bulk_write(collection, remaining)
            except BulkWriteError:
                return remaining
            return ()

        subject = f"upserts into {collection}"
        await repeat_until_stable(write, requests, subject, UPSERT_ROUNDS)

    async def replace(self, collection: str, documents: Mapping[str, Document]) -> None:
        """Keep each of *documents*, by id, whatever the collection holds under that id."""
        requests = [
            ReplaceOne({"_id": document_id}, fields, upsert=True)
            for document_id, fields in documents.items()
        ]
        await self.upsert(collection, requests)

    async def insert_missing(self, collection: str, documents: Iterable[Document]) -> set[Any]:
        """Insert each document whose id is new; returns the ids that this call inserted."""
        last_of_each = {document["_id"]: document for document in documents}
        requests = map(_insert_if_missing, last_of_each.values())
        try:
            result = await self.bulk_write(collection, requests)
        except BulkWriteError as error:
            upserted = error.details["upserted"]
        else:
            upserted = [] if result is None else result.bulk_api_result["upserted"]
        return {entry["_id"] for entry in upserted}


def _insert_if_missing(document: Document) -> UpdateOne:
    fields = {name: value for name, value in document.items() if name != "_id"}
    return UpdateOne({"_id": document["_id"]}, {"$setOnInsert": fields}, upsert=True)
