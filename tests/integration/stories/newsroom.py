"""A newsroom on SQLite in this process: articles are dropped, linked and decided by the services' own code."""

import json
from datetime import UTC, datetime, timedelta

from services.console.replay.dry_run import Rehearsal
from services.enrichment.related.main import related
from services.enrichment.related.settings import RelatedSettings
from services.publishing.handlers import Publishing
from services.publishing.reconciler import Desk
from services.publishing.rules import Rules
from shared.article import parse, render
from shared.broker.records import Event
from shared.broker.topics import STORIES_LOG
from shared.clock import now
from shared.store import Save, Store, StoredArticle

T0 = datetime(2026, 3, 2, 12, tzinfo=UTC)


class Newsroom:
    def __init__(self, store: Store, publish_at: int = Rules.publish_at) -> None:
        self.store = store
        linking = related(RelatedSettings(related_preset="balanced"))
        self.rehearsal = Rehearsal(
            store, linking, Publishing(Desk(Rules(publish_at=publish_at), now), now, 30)
        )

    async def drop(self, name: str, title: str, quality: int = 50, hours: float = 0) -> None:
        """A new article, or a new version of it, brought through every stage."""
        await self.rehearsal.play([await self.keep(name, title, quality, hours)])

    async def keep(
        self, name: str, title: str, quality: int = 50, hours: float = 0
    ) -> StoredArticle:
        """The article as ingest keeps it, and nothing more."""
        at = (T0 + timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%SZ")
        seed = (
            f'---\ntitle: "{title}"\npublishedDateTime: {at}\n'
            f'webUrl: "https://{name}.example/x"\nquality: {quality}\n---\n'
        )
        known = (await self.store.articles.get([name])).get(name)
        version = known.version if known else 0
        article = StoredArticle(
            name, render(parse(seed.encode())), version + 1, (f"{name}.example/x",), T0, T0
        )
        assert await self.store.articles.save([Save(article, version)]) == [True]
        return article

    @property
    def turns(self) -> list[tuple[str, dict]]:
        """What was told of stories: the kind and the data."""
        return [(kind(event), json.loads(event.value)) for event in self.told]

    @property
    def told(self) -> list[Event]:
        return [event for event in self.rehearsal.told if event.topic == STORIES_LOG]

    async def stories(self) -> list[set[str]]:
        return [{*story.members} for story in await self.store.stories.page() if story.members]


def kind(event: Event) -> str:
    return dict(event.headers)["ce_type"].decode()
