"""The store in one SQLite file: for one machine, with nothing to install."""

from pathlib import Path

from shared.store.blobs.files import FileBytes
from shared.store.ports.picture.picture_bytes import PictureBytes
from shared.store.sqlite.article.articles import SqliteArticles
from shared.store.sqlite.article.contents import SqliteContents
from shared.store.sqlite.article.decisions import SqliteDecisions
from shared.store.sqlite.article.listings import SqliteListings
from shared.store.sqlite.engine.database import Database
from shared.store.sqlite.engine.schema_state import SqliteSchema
from shared.store.sqlite.operations.failure_counts import SqliteFailureCounts
from shared.store.sqlite.operations.history import SqliteHistory
from shared.store.sqlite.operations.rejected import SqliteRejected
from shared.store.sqlite.operations.workers import SqliteWorkers
from shared.store.sqlite.picture.parked import SqliteParked
from shared.store.sqlite.picture.pictures import SqlitePictures
from shared.store.sqlite.picture.web_pages import SqliteWebPages
from shared.store.sqlite.story.feed import SqliteFeed
from shared.store.sqlite.story.links import SqliteLinks
from shared.store.sqlite.story.neighbour_lists import SqliteNeighbourLists
from shared.store.sqlite.story.neighbourhoods import SqliteNeighbourhoods
from shared.store.sqlite.story.overrides import SqliteOverrides
from shared.store.sqlite.story.rulesets import SqliteRulesets
from shared.store.sqlite.story.signatures import SqliteSignatures
from shared.store.sqlite.story.stories import SqliteStories

__all__ = ["SqliteStore"]


class SqliteStore:
    """The port on SQLite: all parts share one connection."""

    def __init__(self, url: str, picture_bytes: PictureBytes | None = None) -> None:
        self._database = Database(url)
        self.picture_bytes = picture_bytes or FileBytes(Path(f"{self._database.path}.pictures"))
        self.articles = SqliteArticles(self._database)
        self.pictures = SqlitePictures(self._database, self.picture_bytes)
        self.contents = SqliteContents(self._database)
        self.web_pages = SqliteWebPages(self._database)
        self.signatures = SqliteSignatures(self._database)
        self.feed = SqliteFeed(self._database)
        self.neighbour_lists = SqliteNeighbourLists(self._database)
        self.neighbourhoods = SqliteNeighbourhoods(self._database)
        self.links = SqliteLinks(self._database)
        self.stories = SqliteStories(self._database)
        self.overrides = SqliteOverrides(self._database)
        self.rulesets = SqliteRulesets(self._database)
        self.decisions = SqliteDecisions(self._database)
        self.listings = SqliteListings(self._database)
        self.parked = SqliteParked(self._database)
        self.rejected = SqliteRejected(self._database)
        self.failure_counts = SqliteFailureCounts(self._database)
        self.history = SqliteHistory(self._database)
        self.workers = SqliteWorkers(self._database)
        self.schema = SqliteSchema(self._database)

    async def open(self) -> None:
        await self._database.open()
        await self.picture_bytes.open()

    async def close(self) -> None:
        await self.picture_bytes.close()
        await self._database.close()

    @property
    def address(self) -> str:
        return self._database.address
