"""A newsroom in this process: the services' own code links articles and decides them."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from services.console.replay.offline_pipeline import OfflinePipeline
from services.enrichment.related.main import build_handler
from services.enrichment.related.settings import RelatedSettings
from services.publishing.deciding.reconciler import Reconciler
from services.publishing.deciding.rules import Rules
from services.publishing.handlers import PublishingHandler
from shared.article import parse_seed, render_seed
from shared.broker.records import Event
from shared.clock import now
from shared.events.cloud_event import read_kind
from shared.events.topics import STORIES_LOG
from shared.store import ArticleWrite, Store, StoredArticle

T0 = datetime(2026, 3, 2, 12, tzinfo=UTC)


class Newsroom:
    def __init__(self, store: Store, publish_at: int = Rules.publish_at) -> None:
        self.store = store
        related = build_handler(RelatedSettings(related_preset="balanced"))
        reconciler = Reconciler(Rules(publish_at=publish_at), now)
        self.pipeline = OfflinePipeline(store, related, PublishingHandler(reconciler, now, 30))

    async def drop(self, name: str, title: str, quality: int = 50, hours: float = 0) -> None:
        """Bring a new article, or a new version of it, through every stage."""
        await self.pipeline.process([await self.save(name, title, quality, hours)])

    async def save(
        self, name: str, title: str, quality: int = 50, hours: float = 0
    ) -> StoredArticle:
        """Save the article as ingest does, and nothing more."""
        at = (T0 + timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%SZ")
        seed = (
            f'---\ntitle: "{title}"\npublishedDateTime: {at}\n'
            f'webUrl: "https://{name}.example/x"\nquality: {quality}\n---\n'
        )
        known = (await self.store.articles.get([name])).get(name)
        version = known.version if known else 0
        rendered = render_seed(parse_seed(seed.encode()))
        article = StoredArticle(name, rendered, version + 1, (f"{name}.example/x",), T0, T0)
        assert await self.store.articles.save([ArticleWrite(article, version)]) == [True]
        return article

    @property
    def story_events(self) -> list[Event]:
        return [event for event in self.pipeline.announced if event.topic == STORIES_LOG]

    @property
    def story_changes(self) -> list[tuple[str, dict[str, Any]]]:
        """The type and the data of each story event."""
        return [(event_type(event), json.loads(event.value or b"")) for event in self.story_events]

    async def stories(self) -> list[set[str]]:
        """The members of each story."""
        return [{*story.members} for story in await self.store.stories.list_page() if story.members]

    async def are_together(self, a: str, b: str) -> bool:
        """Whether two articles are in one story."""
        story_of = await self.store.stories.get_story_ids([a, b])
        return story_of[a] == story_of[b]

    async def relatives_of(self, article_id: str) -> set[str]:
        links = await self.store.links.get([article_id])
        return {link.other(article_id) for link in links[article_id]}


def event_type(event: Event) -> str:
    return read_kind(event)
