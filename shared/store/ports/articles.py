"""Articles in the store: the seed as given, its aliases, and what is still to be done for it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Literal, Protocol

from shared.article import Article, parse

Task = Literal["announcement", "images", "related", "decision"]
"""What an article may still be waiting for: its `articles.ingested` event, a stage of enrichment, a decision."""

Stage = Literal["images", "related"]


@dataclass(frozen=True)
class Taken:
    """A drop that changed an article: where it came from and how it was answered, so that a replay answers alike."""

    source: str  # "<cluster>/<partition>"
    offset: int
    status: str  # accepted, updated or duplicate


@dataclass(frozen=True)
class StoredArticle:
    """An article as ingest keeps it.

    `seed` is the canonical rendering of the accepted seed, the one truth about it; `version` counts its substantive
    changes from 1; `pending` is what the current version still waits for; `touches` counts the reasons there were
    to decide it anew.
    """

    id: str
    seed: bytes
    version: int
    aliases: tuple[str, ...]
    accepted_at: datetime
    changed_at: datetime
    positions: Mapping[str, int] = field(
        default_factory=dict
    )  # source -> offset of the last drop that changed it
    taken: tuple[Taken, ...] = ()  # the latest changing drops, oldest first
    pending: frozenset[Task] = frozenset()
    touches: int = 0
    writes: int = field(
        default=0, compare=False
    )  # counted by the store: how often `save` has written it

    @cached_property
    def article(self) -> Article:
        return parse(self.seed)


@dataclass(frozen=True)
class Claim:
    """All aliases of one drop, and the id it would have if none of them is known."""

    article_id: str
    aliases: tuple[str, ...]


@dataclass(frozen=True)
class Save:
    """One write of ingest: *article*, provided that the stored version is still *expected* (0: there is none).

    When `article.version` differs from *expected*, the article is a new version: it becomes pending for
    announcement, images, related and decision, and is touched. Otherwise seed, aliases, positions and taken are
    replaced and what is pending stays. With *writes* nothing at all may have been saved since the article was read:
    addresses and positions that another drop of the same version brought would be written over.
    """

    article: StoredArticle
    expected: int
    writes: int | None = None


class Articles(Protocol):
    """Written by ingest (content) and by the stages (what is pending)."""

    async def resolve(self, aliases: Collection[str]) -> dict[str, str]:
        """The article ids of those *aliases* that are known. Ids may have no stored article yet (a crash between)."""

    async def claim(self, claims: Sequence[Claim]) -> list[str]:
        """Make every alias of each claim resolve to one article; returns that article's id, claim by claim.

        An alias that a *stored* article owns is never taken from it. If a claim meets several stored articles, the
        owner of its first alias wins and the others keep theirs. Concurrent claims over a shared alias agree.
        """

    async def save(self, saves: Sequence[Save]) -> list[bool]:
        """Compare-and-set each write on its expected version; False where it lost. One failure never stops others.

        A first version also loses when one of its aliases was claimed for another article since: claim anew.
        """

    async def get(self, ids: Collection[str]) -> dict[str, StoredArticle]:
        """The stored articles among *ids*, by id."""

    async def find(self, reference: str) -> StoredArticle | None:
        """The article with this id or this alias (already canonical)."""

    async def page(self, after: str = "", limit: int = 500) -> list[StoredArticle]:
        """Articles in the order of their ids, those with an id greater than *after*."""

    async def ledger(self, after: str = "", limit: int = 500) -> list[tuple[str, str]]:
        """Aliases greater than *after* in their order, each with the id of its article, which may not be stored."""

    async def enriched(
        self, stage: Stage, done: Mapping[str, int], touched: Collection[str]
    ) -> None:
        """*stage* is done for these ids at these versions; all *touched* articles wait for a decision.

        An entry of *done* whose stored version is another leaves that article pending for the stage.
        Every article in *touched* gets its touches counted up by one. May be repeated.
        """

    async def reopen(self, stage: Stage, ids: Collection[str]) -> None:
        """These articles wait for *stage* again, and so are not decided until it is done with them. May be repeated."""

    async def announced(self, versions: Mapping[str, int]) -> None:
        """`articles.ingested` was acknowledged for these versions; a newer version stays pending. May be repeated."""

    async def waiting(
        self, task: Task, changed_before: datetime, limit: int = 500, unless: Collection[Task] = ()
    ) -> list[StoredArticle]:
        """Articles pending for *task* whose content or touches last changed before that time, oldest first.

        Those that are pending for any of *unless* too are left out.
        """

    async def pending(self, task: Task, ids: Collection[str]) -> dict[str, int]:
        """Of these articles those that wait for *task*, with their versions. Cheaper than `get`: no content is read."""

    async def counts(self) -> dict[str, int]:
        """How many articles there are (`articles`) and how many wait for each task (by the task's name)."""
