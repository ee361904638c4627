"""Decisions in the store: whether an article is shown and why, and the published states not yet announced."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Protocol


@dataclass(frozen=True)
class Publication:
    """One revision of an article's published state, exactly as it is announced. Never changes once saved."""

    article_id: str
    revision: int
    kind: Literal["published", "updated", "retracted"]
    at: datetime
    data: bytes  # the CloudEvent's data: JSON


@dataclass(frozen=True)
class Decision:
    """What publishing decided for an article, with everything that `why` needs.

    `stamp` counts the decisions of the article from 1; `revision` counts its published states from 1 (0: never
    published). `shown` is the digest of what consumers see, empty while unpublished.
    """

    article_id: str
    stamp: int
    version: int  # of the article it was decided on
    revision: int
    published: bool
    heat: int
    lead: str  # the article that stands for the group: its own id when it leads
    reason: str  # a sentence
    rules: Mapping[str, Any]  # the settings it was decided by
    inputs: Mapping[str, Any]  # quality and relatives, as they were
    decided_at: datetime
    shown: str = ""
    latest: Publication | None = None  # the newest announced or due state, None if never published


@dataclass(frozen=True)
class Verdict:
    """One write of publishing: *decision*, provided the stored stamp is still `decision.stamp - 1`.

    *publication* (when it changes what is shown) becomes due for announcement in the same atomic write. *touches*
    is how often the article had been touched when it was read: only then it stops waiting for a decision.
    """

    decision: Decision
    touches: int
    publication: Publication | None = None


class Decisions(Protocol):
    """Written by publishing alone."""

    async def get(self, ids: Collection[str]) -> dict[str, Decision]:
        """The latest decision of each; undecided articles are left out."""

    async def save(self, verdicts: Sequence[Verdict]) -> list[bool]:
        """Compare-and-set each on its stamp; False where a newer decision stands. May be repeated."""

    async def settled(self, touches: Mapping[str, int]) -> None:
        """These articles were looked at, as touched so often, and nothing changed: they stop waiting."""

    async def due(self, ids: Collection[str] | None = None, limit: int = 500) -> list[Publication]:
        """Publications saved but not yet announced, of these articles or of all; by article, then by revision."""

    async def announced(self, revisions: Mapping[str, int]) -> None:
        """Publications up to these revisions were acknowledged and are no longer due. May be repeated."""

    async def page(self, after: str = "", limit: int = 500) -> list[Decision]:
        """Decisions in the order of article ids greater than *after*."""

    async def counts(self) -> dict[str, int]:
        """`published` (articles shown now), `decided` and `due`."""
