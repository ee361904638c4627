"""The two feeds that Seedwire publishes: articles and stories."""

from typing import Final

from shared.consumer.feed import Feed
from shared.events.cloud_event import build_event_type
from shared.events.public.articles import PublishedArticle, RetractedArticle
from shared.events.public.registry import PUBLIC_EVENTS
from shared.events.public.stories import StoryChange, StoryEnded
from shared.events.topics import PUBLISHED_LOG, PUBLISHED_STATE, STORIES_LOG, STORIES_STATE

ARTICLES: Final = Feed(
    log=PUBLISHED_LOG,
    state=PUBLISHED_STATE,
    revision_field="revision",
    shown={
        build_event_type("article.published"): PublishedArticle,
        build_event_type("article.updated"): PublishedArticle,
    },
    ended={build_event_type("article.retracted"): RetractedArticle},
    tombstone=build_event_type("article.removed"),
)

STORIES: Final = Feed(
    log=STORIES_LOG,
    state=STORIES_STATE,
    revision_field="version",
    shown={
        build_event_type(kind): StoryChange
        for kind, model in PUBLIC_EVENTS.items()
        if model is StoryChange
    },
    ended={build_event_type("story.ended"): StoryEnded},
    tombstone=build_event_type("story.removed"),
)
