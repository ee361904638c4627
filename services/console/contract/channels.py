"""The public topics: which events are in each, and what their keys are."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from shared.events.public.registry import PUBLIC_EVENTS
from shared.events.topics import (
    PUBLISHED_LOG,
    PUBLISHED_STATE,
    RECEIPTS,
    REJECTED,
    SEEDS,
    STORIES_LOG,
    STORIES_STATE,
)

ARTICLE_REMOVED: Final = "article.removed"
STORY_REMOVED: Final = "story.removed"
RECORD_REJECTED: Final = "record.rejected"
SEED: Final = "seed"

TOMBSTONES: Final = (ARTICLE_REMOVED, STORY_REMOVED)


@dataclass(frozen=True)
class Channel:
    """One public topic."""

    topic: str
    summary: str
    key: str
    kinds: Sequence[str]
    """The kinds of the events in it."""
    is_ours: bool = True
    """Whether Seedwire writes it; into the topic of seeds others write."""


def _list_kinds(prefix: str, without: str = "") -> tuple[str, ...]:
    return tuple(kind for kind in PUBLIC_EVENTS if kind.startswith(prefix) and kind != without)


CHANNELS: Final[Sequence[Channel]] = (
    Channel(
        PUBLISHED_LOG,
        "Every revision of every article that consumers see or saw.",
        "The id of the article.",
        _list_kinds("article."),
    ),
    Channel(
        PUBLISHED_STATE,
        "The latest revision of every published article. Compacted; a retracted article has a "
        "record without a value, a tombstone, which is later deleted.",
        "The id of the article.",
        (*_list_kinds("article.", "article.retracted"), ARTICLE_REMOVED),
    ),
    Channel(
        STORIES_LOG,
        "Every version of every story.",
        "The id of the story.",
        _list_kinds("story."),
    ),
    Channel(
        STORIES_STATE,
        "The latest version of every story. Compacted; a story that ended has a tombstone.",
        "The id of the story.",
        (*_list_kinds("story.", "story.ended"), STORY_REMOVED),
    ),
    Channel(
        RECEIPTS,
        "One receipt for each seed that was dropped.",
        "The id of the article; without one, the key of the dropped record, cut if it is long.",
        ("seed.receipt",),
    ),
    Channel(
        REJECTED,
        "Records that were rejected, with their bytes, and why.",
        "The key of the rejected record, cut if it is long.",
        (RECORD_REJECTED,),
    ),
    Channel(
        SEEDS,
        "Seed files to be published: Markdown with YAML front matter.",
        "Any. Seeds of one article keep their order if they have the same key, best their URL.",
        (SEED,),
        is_ours=False,
    ),
)
