"""Stories in the store: which story each article belongs to, and the latest snapshot of each story.

Membership is kept with the article. So moving an article is one write, and whatever process dies
half-way, every article belongs to one story. A *story* is the snapshot of such a group, written
after the moves and counted by its version.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from shared.store.ports.operations.outbox import Outbox
from shared.trace_context import TraceContext

StoryEventKind = Literal[
    "created", "joined", "merged", "split", "led", "lead-changed", "updated", "ended"
]
"""What happened to a story. `led`: it has a lead, and had none; `lead-changed`: it has another
lead, or none any more; `updated`: its lead has another title or heat."""


def initial_story_id(article_id: str) -> str:
    """The id of a story that begins with this article: its story as long as it stands alone."""
    return f"s{article_id}"


def parse_first_article(story_id: str) -> str:
    """The article that the story with this id began with. It may be in another one by now."""
    return story_id[1:]


@dataclass(frozen=True)
class StoryMove:
    """Moves *article_id* to story *target*, provided that it is still in *source*.

    An empty *source* means that it is in no story yet.
    """

    article_id: str
    source: str
    target: str


@dataclass(frozen=True)
class StoryEvent:
    """One version of a story, byte for byte as it is announced. Never changes once saved."""

    story_id: str
    version: int
    kind: StoryEventKind
    at: datetime
    data: bytes  # the CloudEvent's data: JSON
    trace: TraceContext | None = None  # of the drop that caused it


@dataclass(frozen=True)
class Story:
    """The latest snapshot of a group of articles about one event.

    `version` counts its changes from 1. A story that was merged away or split up has no members
    left and names the story that most of them went to in `superseded_by`; from then on it never
    changes. An article on its own has a story id, but no story document. `lead` is the article that
    leads it by publishing's last decisions, empty if none does; it may have left since. `title` and
    `heat` are the lead's, as they were last announced. `note` says which overrides of which editors
    caused this version; it is for the house alone.
    """

    id: str
    version: int
    members: tuple[str, ...]  # sorted
    changed_at: datetime
    superseded_by: str = ""
    lead: str = ""
    title: str = ""
    heat: int | None = None
    note: str = ""
    latest: StoryEvent | None = None  # of the newest version that has an event, announced or not

    @property
    def page_key(self) -> str:
        return self.id

    @property
    def event_to_announce(self) -> StoryEvent | None:
        """The event that enters the outbox when this version is saved, if it has one."""
        is_of_this_version = self.latest is not None and self.latest.version == self.version
        return self.latest if is_of_this_version else None


class Stories(Outbox[StoryEvent], Protocol):
    """enrichment/related writes here, and publishing writes the lead.

    The outbox holds events, by story and then by version.
    """

    async def get_story_ids(self, article_ids: Collection[str]) -> dict[str, str]:
        """The story that each of these articles is in; articles in no story are left out."""

    async def get_members(self, story_ids: Collection[str]) -> dict[str, frozenset[str]]:
        """The articles that are in each of these stories now; empty where there are none."""

    async def move(self, moves: Sequence[StoryMove]) -> list[bool]:
        """Compare-and-set each article's story; returns which of the moves were made.

        A move is not made if the article is in another story by now, which stops no other move. One
        that was made already counts as made. May be repeated.
        """

    async def get(self, story_ids: Collection[str]) -> dict[str, Story]:
        """The stories with these ids; unknown ones are left out."""

    async def get_versions(self, story_ids: Collection[str]) -> dict[str, int]:
        """The versions of these stories; unknown ones are left out."""

    async def save(self, stories: Sequence[Story]) -> list[bool]:
        """Compare-and-set each story on its version; returns which of them won.

        The stored version must be one less; for version 1 there must be none. The story's
        `event_to_announce` enters the outbox in the same atomic write.
        """

    async def find_by_members(self, article_ids: Collection[str]) -> dict[str, Story]:
        """The stories that have any of these articles among their members, by id."""

    async def list_page(self, after: str = "", limit: int = 500) -> list[Story]:
        """Stories, superseded ones too, by id, from the first id greater than *after*."""

    async def counts(self) -> dict[str, int]:
        """`stories` (those with members), `superseded`, and `due` (events in the outbox)."""
