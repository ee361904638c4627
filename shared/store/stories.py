"""Stories in the store: which story each article stands in, and what was last said of each story.

Membership is kept with the article, so that every article stands in one story whatever dies half-way: moving an
article is one write. A *story* is the face of such a group, written after the moves and counted by its version.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True)
class Move:
    """*article_id* goes to story *target*, provided that it still stands in *source* (empty: in none yet)."""

    article_id: str
    source: str
    target: str


@dataclass(frozen=True)
class Story:
    """A group of articles about one event, as it was last looked at.

    `version` counts its changes from 1. A story that was merged away or came apart has no members left and names the
    story that most of them went to in `superseded_by`; it stays as it is from then on. Articles alone have no story
    document, only the id.
    """

    id: str
    version: int
    members: tuple[str, ...]  # sorted
    changed_at: datetime
    superseded_by: str = ""


class Stories(Protocol):
    """Written by enrichment/related alone."""

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
        """Compare-and-set each on its version: the stored one must be one less (none for 1). False where it lost."""

    async def page(self, after: str = "", limit: int = 500) -> list[Story]:
        """Stories, superseded ones too, in the order of ids greater than *after*."""

    async def counts(self) -> dict[str, int]:
        """`stories` (those with members) and `superseded`."""
