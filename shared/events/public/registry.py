"""Which model the data of each public event has, by the kind of the event.

Tombstones (`article.removed`, `story.removed`) have no data, and `record.rejected` carries the
rejected record as it is.
"""

from collections.abc import Mapping
from typing import Final

from shared.events.public.articles import PublishedArticle, RetractedArticle
from shared.events.public.block import PublicBlock
from shared.events.public.receipts import SeedReceipt
from shared.events.public.stories import StoryChange, StoryEnded

PUBLIC_EVENTS: Final[Mapping[str, type[PublicBlock]]] = {
    "article.published": PublishedArticle,
    "article.updated": PublishedArticle,
    "article.retracted": RetractedArticle,
    "story.created": StoryChange,
    "story.joined": StoryChange,
    "story.merged": StoryChange,
    "story.split": StoryChange,
    "story.led": StoryChange,
    "story.lead-changed": StoryChange,
    "story.updated": StoryChange,
    "story.ended": StoryEnded,
    "seed.receipt": SeedReceipt,
}
