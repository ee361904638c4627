"""The store in the newsroom's terms: one narrow port, with an adapter for each database.

All adapters pass one contract. Every call may raise `StoreUnavailable`, and every write may be
repeated. Each call waits for the database; none blocks the event loop. A write is durable when its
call returns.
"""

from typing import Protocol

from shared.store.ports.article.articles import Articles
from shared.store.ports.article.contents import Contents
from shared.store.ports.article.decisions import Decisions
from shared.store.ports.article.listings import Listings
from shared.store.ports.operations.failure_counts import FailureCounts
from shared.store.ports.operations.history import History
from shared.store.ports.operations.rejected import RejectedRecords
from shared.store.ports.operations.schema import Schema
from shared.store.ports.operations.workers import Workers
from shared.store.ports.picture.parked import ParkedWork
from shared.store.ports.picture.picture_bytes import PictureBytes
from shared.store.ports.picture.pictures import Pictures
from shared.store.ports.picture.web_pages import WebPages
from shared.store.ports.story.feed import Feed
from shared.store.ports.story.links import Links
from shared.store.ports.story.neighbour_lists import NeighbourLists
from shared.store.ports.story.neighbourhoods import Neighbourhoods
from shared.store.ports.story.overrides import Overrides
from shared.store.ports.story.rulesets import Rulesets
from shared.store.ports.story.signatures import Signatures
from shared.store.ports.story.stories import Stories


class Store(Protocol):
    """A part for each noun. Each part says which service writes it."""

    @property
    def articles(self) -> Articles: ...
    @property
    def pictures(self) -> Pictures: ...
    @property
    def picture_bytes(self) -> PictureBytes: ...
    @property
    def contents(self) -> Contents: ...
    @property
    def web_pages(self) -> WebPages: ...
    @property
    def signatures(self) -> Signatures: ...
    @property
    def feed(self) -> Feed: ...
    @property
    def neighbour_lists(self) -> NeighbourLists: ...
    @property
    def neighbourhoods(self) -> Neighbourhoods: ...
    @property
    def links(self) -> Links: ...
    @property
    def stories(self) -> Stories: ...
    @property
    def overrides(self) -> Overrides: ...
    @property
    def rulesets(self) -> Rulesets: ...
    @property
    def decisions(self) -> Decisions: ...
    @property
    def listings(self) -> Listings: ...
    @property
    def parked(self) -> ParkedWork: ...
    @property
    def rejected(self) -> RejectedRecords: ...
    @property
    def failure_counts(self) -> FailureCounts: ...
    @property
    def history(self) -> History: ...
    @property
    def workers(self) -> Workers: ...
    @property
    def schema(self) -> Schema: ...

    async def open(self) -> None:
        """Connect, and create tables, collections and indexes that are missing. Idempotent.

        That applies the steps of the schema that are missing. Raises SettingsError for a store
        that this version cannot use.
        """

    async def close(self) -> None: ...

    @property
    def address(self) -> str:
        """For people: without user name and password."""
