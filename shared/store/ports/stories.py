"""Stories in the store: which story each article stands in, and what was last said of each story.

Membership is kept with the article, so that every article stands in one story whatever dies half-way: moving an
article is one write. A *story* is the face of such a group, written after the moves and counted by its version.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

Turn = Literal["created", "joined", "merged", "split", "led", "lead-changed"]
"""What happened to a story; `led`: it has its first lead."""


@dataclass(frozen=True)
class Move:
    """*article_id* goes to story *target*, provided that it still stands in *source* (empty: in none yet)."""

    article_id: str
    source: str
    target: str


@dataclass(frozen=True)
class Notice:
    """One version of a story, exactly as it is announced. Never changes once saved."""

    story_id: str
    version: int
    kind: Turn
    at: datetime
    data: bytes  # the CloudEvent's data: JSON


@dataclass(frozen=True)
class Story:
    """A group of articles about one event, as it was last looked at.

    `version` counts its changes from 1. A story that was merged away or came apart has no members left and names the
    story that most of them went to in `superseded_by`; it stays as it is from then on. Articles alone have no story
    document, only the id. `lead` is the article that leads it, as publishing decided last; it may have left since.
    """

    id: str
    version: int
    members: tuple[str, ...]  # sorted
    changed_at: datetime
    superseded_by: str = ""
    lead: str = ""
    latest: Notice | None = None  # of the newest version that was announced or is due


class Stories(Protocol):
    """Written by enrichment/related; the lead by publishing."""

    async def of(self, ids: Collection[str]) -> dict[str, str]:
        """The story that each of these articles stands in; those in none are left out."""

    async def members(self, story_ids: Collection[str]) -> dict[str, frozenset[str]]:
        """The articles that stand in each of these stories now; empty where there are none."""

    async def move(self, moves: Sequence[Move]) -> list[bool]:
        """Compare-and-set each article's story; False where it stands in another by now. One never stops others.

        A move that was made already counts as made. May be repeated.
        """

    async def get(self, story_ids: Collection[str]) -> dict[str, Story]:
        """The stories with these ids; unknown ones are left out."""

    async def save(self, stories: Sequence[Story]) -> list[bool]:
        """Compare-and-set each on its version: the stored one must be one less (none for 1). False where it lost.

        A `latest` of this very version becomes due for announcement in the same atomic write.
        """

    async def naming(self, article_ids: Collection[str]) -> dict[str, Story]:
        """The stories that have any of these articles among their members, by id."""

    async def due(self, story_ids: Collection[str] | None = None, limit: int = 500) -> list[Notice]:
        """Notices saved but not yet announced, of these stories or of all; by story, then by version."""

    async def announced(self, versions: Mapping[str, int]) -> None:
        """Notices up to these versions were acknowledged and are no longer due. May be repeated."""

    async def page(self, after: str = "", limit: int = 500) -> list[Story]:
        """Stories, superseded ones too, in the order of ids greater than *after*."""

    async def counts(self) -> dict[str, int]:
        """`stories` (those with members), `superseded` and `due`."""
