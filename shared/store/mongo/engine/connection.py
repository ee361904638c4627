"""The connection to MongoDB: the URL, the client, majority reads and writes, and its errors.

Together with `database`, `error_classes` and `server_checks`, what knows which driver is used.
"""

from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from datetime import UTC
from typing import Any, Final

from bson.codec_options import CodecOptions
from motor.motor_asyncio import AsyncIOMotorClient, AsyncIOMotorGridFSBucket
from pymongo import ReadPreference, WriteConcern
from pymongo.errors import ConfigurationError, InvalidURI, PyMongoError
from pymongo.read_concern import ReadConcern
from pymongo.uri_parser import parse_uri

from shared.errors import SettingsError, StoreUnavailable
from shared.store.mongo.engine.error_classes import UNENCODABLE
from shared.store.mongo.engine.errors import redact, translate_error
from shared.store.mongo.engine.server_checks import require_version

DEFAULT_NAME: Final = "seedwire"
# Unless the URL sets them; a worker that meets a timeout tries again.
TIMEOUTS: Final = {
    "serverSelectionTimeoutMS": 5_000,
    "connectTimeoutMS": 5_000,
    "socketTimeoutMS": 30_000,
}


class Connection:
    """The connection to the database that a `mongodb://…/NAME` URL names."""

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

    async def connect(self) -> None:
        """Connect, and check the server. Raises SettingsError if no repeat helps."""
        chosen = {name.lower() for name in self._parsed["options"]}
        timeouts: dict[str, Any] = {
            name: milliseconds
            for name, milliseconds in TIMEOUTS.items()
            if name.lower() not in chosen
        }
        async with self.translated_errors():
            self._client = AsyncIOMotorClient(self._url, appname="seedwire", **timeouts)
            await require_version(self._client[self._name], self.address)

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
