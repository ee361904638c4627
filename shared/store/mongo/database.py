"""The one module that knows which MongoDB driver there is: connecting, majority writes, and what its errors mean.

No transactions, sessions or retried writes are relied on: every write of ours is idempotent or a compare-and-set.
"""

from collections.abc import AsyncIterator, Collection, Coroutine, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC
from typing import Any, Final

from bson.codec_options import CodecOptions
from motor.motor_asyncio import AsyncIOMotorClient, AsyncIOMotorGridFSBucket
from pymongo import IndexModel, ReadPreference, UpdateOne, WriteConcern
from pymongo.errors import (
    BulkWriteError,
    ConfigurationError,
    ConnectionFailure,
    DocumentTooLarge,
    DuplicateKeyError,
    ExecutionTimeout,
    InvalidURI,
    OperationFailure,
    PyMongoError,
    WriteConcernError,
)
from pymongo.uri_parser import parse_uri

from shared.errors import SettingsError, StoreAway, Unprocessable
from shared.store.layout import LAYOUT, demand

Document = dict[str, Any]
Indexes = Mapping[str, Sequence[IndexModel]]

DEFAULT_NAME: Final = "seedwire"
WAITS: Final = {  # unless the URL says otherwise; the broker layer tries again
    "serverSelectionTimeoutMS": 5_000,
    "connectTimeoutMS": 5_000,
    "socketTimeoutMS": 30_000,
}
DUPLICATE: Final = 11000
UPSERT_ROUNDS: Final = 5  # a document by id is inserted once: the second round finds it, unless it is deleted meanwhile
_NO_ENTRY: Final = (13, 18, 8000)  # unauthorized, authentication failed


class Database:
    """The database that a `mongodb://…/NAME` URL names."""

    def __init__(self, url: str) -> None:
        self._url = url
        try:
            self._parsed = parse_uri(url, validate=True, warn=False)
        except (InvalidURI, ConfigurationError, ValueError) as error:
            raise SettingsError(
                f"SEEDWIRE_STORE is no MongoDB address: {_without(error, url)}"
            ) from None
        self._name = self._parsed["database"] or DEFAULT_NAME
        self._client: Any = None

    @property
    def address(self) -> str:
        nodes = ",".join(
            f"{host}:{port}" if port else str(host) for host, port in self._parsed["nodelist"]
        )
        return f"mongodb://{nodes}/{self._name}"

    async def open(self, indexes: Indexes) -> None:
        options = {name.lower() for name in self._parsed["options"]}
        waits: dict[str, Any] = {
            name: ms for name, ms in WAITS.items() if name.lower() not in options
        }
        try:
            async with self.translated():
                self._client = AsyncIOMotorClient(self._url, appname="seedwire", **waits)
            await self._demand_layout()
            async with self.translated():
                for collection, models in indexes.items():
                    await self[collection].create_indexes(list(models))
        except (StoreAway, SettingsError):
            await self.close()
            raise

    async def _demand_layout(self) -> None:
        """Whoever is first to use the database writes its layout down, before anything else."""
        if not await self.find("articles", {}, projection=["_id"], limit=1):
            await self.insert_missing("layout", [{"_id": "store", "version": LAYOUT}])
        written = await self.find_ids("layout", ["store"])
        demand(written[0]["version"] if written else 0, self.address)

    async def close(self) -> None:
        if self._client is not None:
            self._client.close()
            self._client = None

    def __getitem__(self, collection: str) -> Any:
        """A collection: writes are acknowledged by a majority, reads come from the primary, dates are UTC."""
        if self._client is None:
            raise StoreAway(f"the store {self.address} is not open")
        return self._client[self._name].get_collection(
            collection,
            codec_options=CodecOptions(tz_aware=True, tzinfo=UTC),
            write_concern=WriteConcern(w="majority"),
            read_preference=ReadPreference.PRIMARY,
        )

    def bucket(self, name: str) -> Any:
        """A GridFS bucket, with the same care."""
        if self._client is None:
            raise StoreAway(f"the store {self.address} is not open")
        return AsyncIOMotorGridFSBucket(
            self._client[self._name], name, write_concern=WriteConcern(w="majority")
        )

    async def do(self, work: Coroutine[Any, Any, Any]) -> Any:
        """Await one call of the driver; its errors become ours."""
        async with self.translated():
            return await work

    async def find(
        self, collection: str, query: Mapping[str, Any], **options: Any
    ) -> list[Document]:
        """All documents that match; *options* as for the driver's `find`."""
        async with self.translated():
            found: list[Document] = await self[collection].find(query, **options).to_list(None)
            return found

    async def find_ids(
        self, collection: str, ids: Collection[Any], **options: Any
    ) -> list[Document]:
        """The documents with these ids, without asking when there are none."""
        return await self.find(collection, {"_id": {"$in": [*ids]}}, **options) if ids else []

    async def bulk(self, collection: str, requests: Iterable[Any], ordered: bool = False) -> Any:
        """One bulk write; None for nothing to do. Raises BulkWriteError for duplicate keys alone."""
        listed = list(requests)
        if not listed:
            return None
        async with self.translated():
            return await self[collection].bulk_write(listed, ordered=ordered)

    async def upsert(self, collection: str, requests: Iterable[Any]) -> None:
        """A bulk of upserts by id that may lose the race to insert: then they are made again, as updates."""
        listed = list(requests)
        for _ in range(UPSERT_ROUNDS):
            try:
                await self.bulk(collection, listed)
            except BulkWriteError:
                continue
            return
        raise StoreAway(
            f"upserts into {collection} lost the race to insert {UPSERT_ROUNDS} times in a row"
        )

    async def insert_missing(self, collection: str, documents: Iterable[Document]) -> set[Any]:
        """Insert each document whose id is not there yet; returns the ids inserted by this very call."""
        fresh = {document["_id"]: document for document in documents}
        requests = [_insert_if_missing(document) for document in fresh.values()]
        try:
            result = await self.bulk(collection, requests)
        except BulkWriteError as error:
            upserted = error.details["upserted"]
        else:
            upserted = [] if result is None else result.bulk_api_result["upserted"]
        return {one["_id"] for one in upserted}

    @asynccontextmanager
    async def translated(self) -> AsyncIterator[None]:
        try:
            yield
        except (DuplicateKeyError, BulkWriteError) as error:
            if (meaning := self._bulk_translated(error)) is error:
                raise
            raise meaning from error
        except (DocumentTooLarge, OverflowError) as error:
            raise Unprocessable(f"MongoDB cannot keep it: {error}") from error
        except PyMongoError as error:
            raise self._translated(error) from error

    def _translated(self, error: PyMongoError) -> Exception:
        if isinstance(error, ConfigurationError) or getattr(error, "code", None) in _NO_ENTRY:
            return SettingsError(
                f"the store {self.address} does not let us in: {_without(error, self._url)}"
            )
        if isinstance(error, (ConnectionFailure, ExecutionTimeout, WriteConcernError)):
            return self._away(error)
        # an operation that the server refuses now, as while it steps down: those that stay refused are our faults
        return (
            self._away(error)
            if isinstance(error, OperationFailure) and error.code in _PASSING
            else error
        )

    def _bulk_translated(self, error: DuplicateKeyError | BulkWriteError) -> Exception:
        """Duplicate keys alone are the caller's; what may pass is repeated, all of it; the rest cannot be kept."""
        if isinstance(error, DuplicateKeyError):
            return error
        codes = {fault["code"] for fault in error.details.get("writeErrors", [])} - {DUPLICATE}
        if codes - _PASSING:
            return Unprocessable(f"MongoDB does not keep it: {error.details['writeErrors']!r:.300}")
        return self._away(error) if codes or error.details.get("writeConcernErrors") else error

    def _away(self, error: Exception) -> StoreAway:
        return StoreAway(
            f"the store {self.address} does not answer: {_without(error, self._url)[:300]}"
        )


_PASSING: Final = frozenset(
    {
        6,  # HostUnreachable
        7,  # HostNotFound
        24,  # LockTimeout
        43,  # CursorNotFound: it died with the server that had it
        64,  # WriteConcernTimeout
        89,  # NetworkTimeout
        91,  # ShutdownInProgress
        112,  # WriteConflict
        133,  # FailedToSatisfyReadPreference
        134,  # ReadConcernMajorityNotAvailableYet
        175,  # QueryPlanKilled
        189,  # PrimarySteppedDown
        202,  # NetworkInterfaceExceededTimeLimit
        237,  # CursorKilled
        262,  # ExceededTimeLimit
        9001,  # SocketException
        10107,  # NotWritablePrimary
        11600,  # InterruptedAtShutdown
        11601,  # Interrupted
        11602,  # InterruptedDueToReplStateChange
        13388,  # StaleConfig
        13435,  # NotPrimaryNoSecondaryOk
        13436,  # NotPrimaryOrSecondary
        14031,  # OutOfDiskSpace
    }
)


def _without(error: Exception, url: str) -> str:
    """The error's words without the address, which may hold a password."""
    return str(error).replace(url, "…")


def _insert_if_missing(document: Document) -> Any:

    fields = {name: value for name, value in document.items() if name != "_id"}
    return UpdateOne({"_id": document["_id"]}, {"$setOnInsert": fields}, upsert=True)
