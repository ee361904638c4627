"""The store in MongoDB: for as many machines and workers as there are."""

from shared.errors import SeedwireError
from shared.store.blobs.gridfs import GridFsBytes
from shared.store.mongo.article.aliases import HOLD_TIMES, HoldTimes
from shared.store.mongo.article.articles import MongoArticles
from shared.store.mongo.article.contents import MongoContents
from shared.store.mongo.article.decisions import MongoDecisions
from shared.store.mongo.article.listings import MongoListings
from shared.store.mongo.engine.database import Database
from shared.store.mongo.engine.indexes import INDEXES
from shared.store.mongo.engine.schema_state import MongoSchema
from shared.store.mongo.operations.failure_counts import MongoFailureCounts
from shared.store.mongo.operations.history import MongoHistory
from shared.store.mongo.operations.rejected import MongoRejected
from shared.store.mongo.operations.workers import MongoWorkers
from shared.store.mongo.picture.parked import MongoParked
from shared.store.mongo.picture.pictures import MongoPictures
from shared.store.mongo.picture.web_pages import MongoWebPages
from shared.store.mongo.story.feed import MongoFeed
from shared.store.mongo.story.links import MongoLinks
from shared.store.mongo.story.neighbour_lists import MongoNeighbourLists
from shared.store.mongo.story.neighbourhoods import MongoNeighbourhoods
from shared.store.mongo.story.overrides import MongoOverrides
from shared.store.mongo.story.rulesets import MongoRulesets
from shared.store.mongo.story.signatures import MongoSignatures
from shared.store.mongo.story.stories import MongoStories
from shared.store.ports.picture.picture_bytes import PictureBytes

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
