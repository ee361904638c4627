"""The store in MongoDB: for as many machines and workers as there are."""

from shared.errors import SeedwireError
from shared.store.blobs.gridfs import GridFsBytes
from shared.store.mongo.aliases import HOLD_TIMES, HoldTimes
from shared.store.mongo.articles import MongoArticles
from shared.store.mongo.contents import MongoContents
from shared.store.mongo.database import Database
from shared.store.mongo.decisions import MongoDecisions
from shared.store.mongo.failure_counts import MongoFailureCounts
from shared.store.mongo.feed import MongoFeed
from shared.store.mongo.history import MongoHistory
from shared.store.mongo.indexes import INDEXES
from shared.store.mongo.links import MongoLinks
from shared.store.mongo.listings import MongoListings
from shared.store.mongo.neighbour_lists import MongoNeighbourLists
from shared.store.mongo.neighbourhoods import MongoNeighbourhoods
from shared.store.mongo.overrides import MongoOverrides
from shared.store.mongo.parked import MongoParked
from shared.store.mongo.pictures import MongoPictures
from shared.store.mongo.rejected import MongoRejected
from shared.store.mongo.rulesets import MongoRulesets
from shared.store.mongo.schema_state import MongoSchema
from shared.store.mongo.signatures import MongoSignatures
from shared.store.mongo.stories import MongoStories
from shared.store.mongo.web_pages import MongoWebPages
from shared.store.mongo.workers import MongoWorkers
from shared.store.ports.picture_bytes import PictureBytes

__all__ = ["MongoStore"]


class MongoStore:
    """The port on MongoDB: all parts share one client and its connection pool."""

    def __init__(
        self,
        url: str,
        picture_bytes: PictureBytes | None = None,
        hold_times: HoldTimes = HOLD_TIMES,
    ) -> None:
        self._database = Database(url)
        self.picture_bytes = picture_bytes or GridFsBytes(
            self._database, "picture_files", "picture_bytes"
        )
        self.articles = MongoArticles(self._database, hold_times)
        self.pictures = MongoPictures(self._database, self.picture_bytes)
        self.contents = MongoContents(self._database)
        self.web_pages = MongoWebPages(self._database)
        self.signatures = MongoSignatures(self._database)
        self.feed = MongoFeed(self._database)
        self.neighbour_lists = MongoNeighbourLists(self._database)
        self.neighbourhoods = MongoNeighbourhoods(self._database)
        self.links = MongoLinks(self._database)
        self.stories = MongoStories(self._database)
        self.overrides = MongoOverrides(self._database)
        self.rulesets = MongoRulesets(self._database)
        self.decisions = MongoDecisions(self._database)
        self.listings = MongoListings(self._database)
        self.parked = MongoParked(self._database)
        self.rejected = MongoRejected(self._database)
        self.failure_counts = MongoFailureCounts(self._database)
        self.history = MongoHistory(self._database)
        self.workers = MongoWorkers(self._database)
        self.schema = MongoSchema(self._database)

    async def open(self) -> None:
        await self._database.open(INDEXES)
        try:
            await self.schema.record_steps()
        except SeedwireError:
            await self._database.close()
            raise
        await self.picture_bytes.open()

    async def close(self) -> None:
        await self.picture_bytes.close()
        await self._database.close()

    @property
    def address(self) -> str:
        return self._database.address
