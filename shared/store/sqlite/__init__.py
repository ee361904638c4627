"""The store in one SQLite file: for one machine, with nothing to install."""

from pathlib import Path

from shared.store.blobs.files import FileBytes
from shared.store.ports.picture_bytes import PictureBytes
from shared.store.sqlite.articles import SqliteArticles
from shared.store.sqlite.contents import SqliteContents, SqlitePages
from shared.store.sqlite.database import Database
from shared.store.sqlite.decisions import SqliteDecisions
from shared.store.sqlite.overrides import SqliteInstructions
from shared.store.sqlite.parked import SqliteParked
from shared.store.sqlite.pictures import SqlitePictures
from shared.store.sqlite.rejected import SqliteRejected
from shared.store.sqlite.relations import SqliteRelations
from shared.store.sqlite.rules import SqliteRules
from shared.store.sqlite.stories import SqliteStories
from shared.store.sqlite.workers import SqliteWorkers

__all__ = ["SqliteStore"]


class SqliteStore:
    """The port on SQLite: all parts share one connection."""

    def __init__(self, url: str, place: PictureBytes | None = None) -> None:
        self._database = Database(url)
        self.articles = SqliteArticles(self._database)
        self.bytes: PictureBytes = place or FileBytes(Path(f"{self._database.path}.pictures"))
        self.pictures = SqlitePictures(self._database, self.bytes)
        self.contents = SqliteContents(self._database)
        self.pages = SqlitePages(self._database)
        self.relations = SqliteRelations(self._database)
        self.stories = SqliteStories(self._database)
        self.instructions = SqliteInstructions(self._database)
        self.rules = SqliteRules(self._database)
        self.decisions = SqliteDecisions(self._database)
        self.parked = SqliteParked(self._database)
        self.rejected = SqliteRejected(self._database)
        self.workers = SqliteWorkers(self._database)

    async def open(self) -> None:
        await self._database.open()
        await self.bytes.open()

    async def close(self) -> None:
        await self.bytes.close()
        await self._database.close()

    @property
    def address(self) -> str:
        return self._database.address
