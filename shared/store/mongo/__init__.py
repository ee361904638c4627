"""The store in MongoDB: for as many machines and workers as there are."""

from shared.store.blobs.gridfs import MongoBytes
from shared.store.mongo.articles import MongoArticles
from shared.store.mongo.contents import MongoContents, MongoPages
from shared.store.mongo.database import Database
from shared.store.mongo.decisions import MongoDecisions
from shared.store.mongo.indexes import INDEXES
from shared.store.mongo.overrides import MongoInstructions
from shared.store.mongo.parked import MongoParked
from shared.store.mongo.pictures import MongoPictures
from shared.store.mongo.rejected import MongoRejected
from shared.store.mongo.relations import MongoRelations
from shared.store.mongo.rules import MongoRules
from shared.store.mongo.stories import MongoStories
from shared.store.mongo.workers import MongoWorkers
from shared.store.ports.picture_bytes import PictureBytes

__all__ = ["MongoStore"]


class MongoStore:
    """The port on MongoDB: all parts share one client and its pool."""

    def __init__(self, url: str, place: PictureBytes | None = None) -> None:
        self._database = Database(url)
        self.articles = MongoArticles(self._database)
        self.bytes: PictureBytes = place or MongoBytes(self._database)
        self.pictures = MongoPictures(self._database, self.bytes)
        self.contents = MongoContents(self._database)
        self.pages = MongoPages(self._database)
        self.relations = MongoRelations(self._database)
        self.stories = MongoStories(self._database)
        self.instructions = MongoInstructions(self._database)
        self.rules = MongoRules(self._database)
        self.decisions = MongoDecisions(self._database)
        self.parked = MongoParked(self._database)
        self.rejected = MongoRejected(self._database)
        self.workers = MongoWorkers(self._database)

    async def open(self) -> None:
        await self._database.open(INDEXES)
        await self.bytes.open()

    async def close(self) -> None:
        await self.bytes.close()
        await self._database.close()

    @property
    def address(self) -> str:
        return self._database.address
