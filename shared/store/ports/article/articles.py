"""Articles in the store: the seed as given, its aliases, and what is still to be done for it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Final, Literal, NamedTuple, Protocol

from shared.article import Article, parse_rendered, parse_without_related, without_related
from shared.budgets import MAX_STORED_SEED_BYTES
from shared.store.ports.article.alias_claims import AliasClaim, GrantedClaim, OwnedAlias
from shared.store.ports.operations.outbox import Outbox
from shared.trace_context import TraceContext

Task = Literal["announcement", "images", "related", "decision"]
"""What an article may wait for: its `articles.ingested` event, a stage, or a decision."""

Stage = Literal["images", "related"]

TASKS: Final[tuple[Task, ...]] = ("announcement", "images", "related", "decision")
"""What a new version of an article waits for."""


@dataclass(frozen=True)
class AnsweredDrop:
    """A drop that changed an article: its place and its answer, so that a replay answers alike."""

    source: str  # "<cluster>/<partition>"
    offset: int
    status: str  # accepted, updated, duplicate or outdated
    timestamp_ms: int = 0  # of the record, since 1970: which of two versions is the later one
    is_time_assumed: bool = False  # it is that of ingest, for the record's own cannot be true


@dataclass(frozen=True)
class StoredArticle:
    """An article as ingest keeps it.

    `seed` is the canonical rendering of the accepted seed and the only source of its content.
    `version` counts the article's substantive changes from 1. `pending` holds what the current
    version still waits for. `touches` counts the reasons there were to decide the article again.
    """

    id: str
    seed: bytes
    version: int
    aliases: tuple[str, ...]
    accepted_at: datetime
    changed_at: datetime
    # by source: the offset of the last drop that changed the article
    positions: Mapping[str, int] = field(default_factory=dict)
    answered_drops: tuple[AnsweredDrop, ...] = ()  # the latest drops that changed it, oldest first
    pending: frozenset[Task] = frozenset()
    touches: int = 0
    trace: TraceContext | None = None  # of the drop that gave it the current version
    writes: int = field(default=0, compare=False)  # how often `save` wrote it; the store counts

    @cached_property
    def article(self) -> Article:
        """The stored form may be larger than what was dropped: see `shared.views.publishable`."""
        return parse_rendered(self.seed, MAX_STORED_SEED_BYTES)

    @cached_property
    def article_without_related(self) -> Article:
        """The same with `related` empty, which takes less time (docs/decisions/0060).

        Raises SeedError.
        """
        if "article" in vars(self):
            return without_related(self.article)
        return parse_without_related(self.seed, MAX_STORED_SEED_BYTES)

    def check_seed(self) -> None:
        """Raises SeedError if the seed cannot be read, or what it lists as related cannot."""
        _ = self.article

    def keep_parsed(self, article: Article) -> None:
        """Let *article*, of which `seed` was rendered just now, spare this process the parsing."""
        self.__dict__["article"] = article

    @property
    def page_key(self) -> str:
        return self.id


class ArticleSummary(NamedTuple):
    """What an event about an article says of it, without its content."""

    version: int
    touches: int
    changed_at: datetime
    trace: TraceContext | None


@dataclass(frozen=True)
class ArticleWrite:
    """One write of ingest: *article*, provided that *expected_version* is still the stored one.

    An *expected_version* of 0 means that none is stored. When `article.version` differs from it,
    the article is a new version: it becomes pending for every task and is touched. Otherwise seed,
    aliases, positions and answered drops are replaced, and what is pending stays. With
    *expected_writes* the write also loses if anything at all was saved since the article was read:
    it would overwrite aliases and positions that another drop of the same version brought.
    """

    article: StoredArticle
    expected_version: int
    expected_writes: int | None = None


class Articles(Outbox[StoredArticle], Protocol):
    """Ingest writes the content; the stages and publishing write what is pending.

    The outbox holds each article whose current version has not been announced, the longest
    unannounced first.
    """

    async def resolve_aliases(self, aliases: Collection[str]) -> dict[str, str]:
        """The article id of each known alias.

        After a crash the article itself may not be stored yet.
        """

    async def claim_aliases(self, claims: Sequence[AliasClaim]) -> list[GrantedClaim]:
        """Make the aliases of each claim name one article; returns what each of them got.

        An alias that a stored article owns, or that an earlier claim of this call got, is never
        taken from its article. If a claim meets several such articles, it belongs to the owner of
        its first alias, and the others keep theirs. So the claims of one call are granted like
        those of many calls, one after the other. Concurrent claims over a shared alias agree. May
        be repeated.
        """

    async def release_aliases(self, aliases: Mapping[str, Collection[str]]) -> None:
        """Let these aliases of each article, by its id, name no article any more.

        Those that name another article by now stay. Call it before the article is saved without
        them: after a crash in between, its next drop finds them released already. May be repeated.
        """

    async def save(self, writes: Sequence[ArticleWrite]) -> list[bool]:
        """Compare-and-set each write on its expected version; returns which of them won.

        One that loses stops no other. A first version also loses when another article claimed one
        of its aliases since: claim them again.
        """

    async def get(self, ids: Collection[str]) -> dict[str, StoredArticle]:
        """The stored articles among *ids*, by id."""

    async def find(self, reference: str) -> StoredArticle | None:
        """The article with this id or this alias (already canonical)."""

    async def list_page(self, after: str = "", limit: int = 500) -> list[StoredArticle]:
        """Articles in the order of their ids, from the first id greater than *after*."""

    async def list_aliases(self, after: str = "", limit: int = 500) -> list[OwnedAlias]:
        """Aliases in their order, from the first greater than *after*.

        After a crash the article that an alias names may not be stored yet.
        """

    async def complete_stage(
        self, stage: Stage, versions: Mapping[str, int], touched: Collection[str] = ()
    ) -> None:
        """Mark *stage* done for articles at these versions, and touch others, in one write.

        An article whose stored version is another stays pending for the stage. In MongoDB a crash
        may come between the two, and then the articles are touched, but the stage is not done. May
        be repeated: that touches them again.
        """

    async def touch(self, ids: Collection[str]) -> None:
        """Have these articles decided again: they wait for a decision, and are counted as touched.

        May be repeated: that touches them again.
        """

    async def reopen_stage(self, stage: Stage, ids: Collection[str]) -> None:
        """Make these articles wait for *stage* again; until it is done they are not decided.

        May be repeated.
        """

    async def find_waiting(
        self,
        task: Task,
        changed_before: datetime,
        limit: int | None = 500,
        unless: Collection[Task] = (),
    ) -> list[StoredArticle]:
        """Articles that wait for *task* and last changed or were touched before that time.

        The oldest come first. Articles that also wait for any of *unless* are left out.
        """

    async def postpone(self, task: Task, until: Mapping[str, datetime]) -> None:
        """Have `find_waiting` find these articles only for times after *until*.

        Those that do not wait for *task* stay as they are. Whatever makes an article wait for the
        task anew ends that. May be repeated.
        """

    async def get_pending_versions(self, task: Task, ids: Collection[str]) -> dict[str, int]:
        """The versions of those articles that wait for *task*.

        Cheaper than `get`: it reads no content.
        """

    async def get_summaries(self, ids: Collection[str]) -> dict[str, ArticleSummary]:
        """The summaries of these articles; those that are not stored are left out.

        Cheaper than `get`: it reads no content.
        """

    async def get_traces(self, ids: Collection[str]) -> dict[str, TraceContext]:
        """The trace of the current version of each of these articles, as far as it has one.

        The article that changed last comes last. Cheaper than `get`: it reads no content.
        """

    async def counts(self) -> dict[str, int]:
        """How many `articles` there are, and how many wait for each task, by its name."""
