"""Decisions in the store: whether an article is published and why, and its revisions."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Literal, NamedTuple, Protocol

from shared.store.ports.operations.outbox import Outbox
from shared.trace_context import TraceContext


@dataclass(frozen=True)
class Revision:
    """One published state of an article, byte for byte as it is announced.

    It never changes once it is saved.
    """

    article_id: str
    number: int  # counts the published states of the article from 1
    kind: Literal["published", "updated", "retracted"]
    at: datetime
    data: bytes  # the CloudEvent's data: JSON
    trace: TraceContext | None = None  # of the drop that caused it


@dataclass(frozen=True)
class Decision:
    """What publishing decided for an article, with everything that `why` needs.

    `stamp` counts the decisions of the article from 1. `revision` is the number of its latest
    revision (0: never published). `shown` is the digest of what consumers see, empty while the
    article is not published.
    """

    article_id: str
    stamp: int
    version: int  # of the article it was decided on
    revision: int
    published: bool
    heat: int
    lead: str  # the article that leads the story: its own id when it leads
    reason: str  # a sentence
    rules: Mapping[str, Any]  # the settings it was decided by
    inputs: Mapping[str, Any]  # quality and relatives at that time
    decided_at: datetime
    shown: str = ""
    latest: Revision | None = None  # announced or not; None if never published

    @property
    def page_key(self) -> str:
        return self.article_id

    @property
    def mark(self) -> "DecisionMark":
        return DecisionMark(self.stamp, self.decided_at)


class DecisionMark(NamedTuple):
    """Tells a decision about an article from all others about it.

    Two decisions of one stamp were both latest only if the store was restored from a backup, or the
    article deleted, in between. Then they were made at different times.
    """

    stamp: int
    decided_at: datetime


NO_DECISION: Final = DecisionMark(0, datetime.fromtimestamp(0, UTC))


@dataclass(frozen=True)
class DecisionWrite:
    """One write of publishing: *decision*, provided that the one before it is still stored.

    That is so while the stored stamp is `decision.stamp - 1`. *revision*, given when what consumers
    see changes, enters the outbox in the same atomic write. *touches* is how often the article had
    been touched when publishing read it: only if it still is, it stops waiting for a decision.
    """

    decision: Decision
    touches: int
    revision: Revision | None = None


class Decisions(Outbox[Revision], Protocol):
    """Only publishing writes here. The outbox holds revisions, by article and then by number."""

    async def get(self, ids: Collection[str]) -> dict[str, Decision]:
        """The latest decision of each article; undecided articles are left out."""

    async def get_if_other(self, known: Mapping[str, DecisionMark]) -> dict[str, Decision]:
        """The latest decisions about these articles, where they are not the *known* ones.

        Where the mark of an article is that of no decision, its decision is always another one.
        """

    async def find_naming(
        self, pairs: Collection[tuple[str, str]], published_only: bool = False
    ) -> set[tuple[str, str]]:
        """Those of these pairs where the latest decision about the first names the second.

        It does so in its inputs. With *published_only*, where the first is published, too. It may
        be a pair too many. Cheap: no decision is read as a whole.
        """

    async def save(self, writes: Sequence[DecisionWrite]) -> list[bool]:
        """Compare-and-set each write on its stamp; returns which of them won.

        One loses when a newer decision is stored, and stops no other. May be repeated.
        """

    async def mark_unchanged(self, touches: Mapping[str, int]) -> None:
        """Record that the decisions of these articles, touched this often, were reviewed and stand.

        The articles stop waiting for a decision, unless they were touched again since. May be
        repeated.
        """

    async def list_page(self, after: str = "", limit: int = 500) -> list[Decision]:
        """Decisions in the order of article ids, from the first greater than *after*."""

    async def counts(self) -> dict[str, int]:
        """`published` (articles published now), `decided`, and `due` (revisions in the outbox)."""
