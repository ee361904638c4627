"""The store, in the newsroom's words: one narrow port, an adapter for each engine, one contract they all pass.

Everything here may raise `StoreAway`; every write may be repeated. What blocks: each call waits for the engine.
"""

from typing import Protocol

from shared.store.ports.articles import Articles
from shared.store.ports.contents import Contents
from shared.store.ports.decisions import Decisions
from shared.store.ports.overrides import Instructions
from shared.store.ports.pages import Pages
from shared.store.ports.parked import ParkedWork
from shared.store.ports.picture_bytes import PictureBytes
from shared.store.ports.pictures import Pictures
from shared.store.ports.rejected import RejectedRecords
from shared.store.ports.relations import Relations
from shared.store.ports.rules import PromotedRules
from shared.store.ports.stories import Stories
from shared.store.ports.workers import Workers


class Store(Protocol):
    """A part for each noun; who writes a part is said there."""

    @property
    def articles(self) -> Articles: ...
    @property
    def pictures(self) -> Pictures: ...
    @property
    def bytes(self) -> PictureBytes: ...
    @property
    def contents(self) -> Contents: ...
    @property
    def pages(self) -> Pages: ...
    @property
    def relations(self) -> Relations: ...
    @property
    def stories(self) -> Stories: ...
    @property
    def instructions(self) -> Instructions: ...
    @property
    def rules(self) -> PromotedRules: ...
    @property
    def decisions(self) -> Decisions: ...
    @property
    def parked(self) -> ParkedWork: ...
    @property
    def rejected(self) -> RejectedRecords: ...
    @property
    def workers(self) -> Workers: ...

    async def open(self) -> None:
        """Connect and make sure that tables, collections and indexes are there. Idempotent."""

    async def close(self) -> None: ...

    @property
    def address(self) -> str:
        """For people: without user name and password."""
