"""The MongoDB database: connecting, majority reads and writes, and the few kinds that we need.

Together with `error_classes` and `server_checks`, the one module that knows which driver is used.
Nothing relies on transactions, sessions or retried writes: every write of ours is idempotent or a
compare-and-set.
"""

from collections.abc import (
    AsyncIterator,
    Callable,
    Collection,
    Coroutine,
    Iterable,
    Mapping,
    Sequence,
)
from contextlib import asynccontextmanager
from datetime import UTC
from typing import Any, Final, TypeVar

import pymongo
from bson.codec_options import CodecOptions
from motor.motor_asyncio import AsyncIOMotorClient, AsyncIOMotorGridFSBucket
from pymongo import ReadPreference, ReplaceOne, UpdateOne, WriteConcern
from pymongo.errors import (
    BulkWriteError,
    ConfigurationError,
    InvalidURI,
    PyMongoError,
)
from pymongo.read_concern import ReadConcern
from pymongo.uri_parser import parse_uri

from shared.errors import DependencyRejected, SettingsError, StoreUnavailable
from shared.store.layout import LAYOUT, require_layout
from shared.store.mongo.batches import split_ids
from shared.store.mongo.error_classes import UNENCODABLE
from shared.store.mongo.errors import redact, translate_error
from shared.store.mongo.server_checks import Indexes, create_indexes, require_version
from shared.store.rounds import repeat_until_stable

Document = dict[str, Any]
Result = TypeVar("Result")

DEFAULT_NAME: Final = "seedwire"
HISTORY: Final = "history"
"""The field of a document that only its history is read from."""
# Unless the URL sets them; a worker that meets a timeout tries again.
TIMEOUTS: Final = {
    "serverSelectionTimeoutMS": 5_000,
    "connectTimeoutMS": 5_000,
    "socketTimeoutMS": 30_000,
}
# A document is inserted once: the second round finds it, unless somebody deletes it in between.
UPSERT_ROUNDS: Final = 5


class Database:
    """The database that a `mongodb://…/NAME` URL names."""

    def __init__(self, url: str) -> None:
        self._url = url
        try:
            self._parsed = parse_uri(url, validate=True, warn=False)
        except (InvalidURI, ConfigurationError, ValueError) as error:
            raise SettingsError(
                f"SEEDWIRE_STORE is not a MongoDB URL: {redact(str(error), url)}"
            ) from None
        self._name = self._parsed["database"] or DEFAULT_NAME
        self._client: Any = None

    @property
    def address(self) -> str:
        nodes = []
        for host, port in self._parsed["nodelist"]:
            nodes.append(f"{host}:{port}" if port else str(host))
        return f"mongodb://{','.join(nodes)}/{self._name}"

    async def open(self, indexes: Indexes) -> None:
        """Connect, check the server and the layout, and create the indexes that are missing.

        Raises SettingsError if no repeat helps.
        """
        chosen = {name.lower() for name in self._parsed["options"]}
        timeouts: dict[str, Any] = {
            name: milliseconds
            for name, milliseconds in TIMEOUTS.items()
            if name.lower() not in chosen
        }
        try:
            async with self.translated_errors():
                self._client = AsyncIOMotorClient(self._url, appname="seedwire", **timeouts)
                await require_version(self._client[self._name], self.address)
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

    async def close(self) -> None:
        if self._client is not None:
            self._client.close()
            self._client = None

    def __getitem__(self, collection: str) -> Any:
        """A collection of the majority: with times in UTC, and from the primary.

        A failover undoes what no majority has, and by then it could be announced.
        """
        return self._majority_database[collection]

    def bucket(self, name: str) -> Any:
        """A GridFS bucket, which reads and writes like a collection, whatever the URL says."""
        return AsyncIOMotorGridFSBucket(self._majority_database, name)

    @property
    def _majority_database(self) -> Any:
        if self._client is None:
            raise StoreUnavailable(f"the store {self.address} is not open")
        return self._client.get_database(
            self._name,
            codec_options=CodecOptions(tz_aware=True, tzinfo=UTC),
            read_concern=ReadConcern("majority"),
            read_preference=ReadPreference.PRIMARY,
            write_concern=WriteConcern(w="majority"),
        )

    async def do(self, call: Coroutine[Any, Any, Any]) -> Any:
        """Await one call of the driver and translate its errors."""
        async with self.translated_errors():
            return await call

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

    @asynccontextmanager
    async def translated_errors(self) -> AsyncIterator[None]:
        """Raise our errors in place of the driver's."""
        try:
            yield
        except (PyMongoError, *UNENCODABLE) as error:
            meaning = translate_error(error, self.address, self._url)
            if meaning is error:
                raise
            raise meaning from error


def _insert_if_missing(document: Document) -> UpdateOne:
    fields = {name: value for name, value in document.items() if name != "_id"}
    return UpdateOne({"_id": document["_id"]}, {"$setOnInsert": fields}, upsert=True)
