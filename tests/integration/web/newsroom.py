"""Articles in a store, decided as publishing decides them."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import yaml

from services.publishing.announcing.revisions import plan_decision_write
from services.publishing.deciding.rules import Rules
from shared.store import ArticleWrite, Store, StoredArticle, StoryMove
from shared.views.article_snapshot import load_snapshots

NOW = datetime(2026, 3, 3, 8, 30, 12, tzinfo=UTC)


def make_seed(name: str, **fields: Any) -> bytes:
    """A seed that is published on its own, unless *fields* say otherwise."""
    given = {
        "category": "news",
        "title": f"The {name}",
        "excerpt": f"About the {name}.",
        "publishedDateTime": "2026-03-02T12:00:00Z",
        "webUrl": f"https://tide.example/{name}",
        "type": "article",
        "quality": 90,
        "provider": {"name": "Tide", "domain": "tide.example"},
        "topics": ["Ports"],
        "secured": "CANARY;secret",
        **fields,
    }
    return b"---\n" + yaml.safe_dump(given, allow_unicode=True).encode() + b"---\n"


async def publish(store: Store, seeds: dict[str, bytes]) -> None:
    """Save the seeds under these ids, each in a story of its own, and decide them."""
    articles = [build_article(article_id, seed) for article_id, seed in seeds.items()]
    await store.articles.save([ArticleWrite(article, 0) for article in articles])
    await store.stories.move([StoryMove(name, "", f"s-{name}") for name in seeds])
    await decide(store, list(seeds))


async def decide(store: Store, ids: Sequence[str], now: datetime = NOW, **rules: Any) -> None:
    """Decide these articles, and save what changes."""
    snapshots = await load_snapshots(store, ids)
    for snapshot in snapshots.values():
        write = plan_decision_write(snapshot, Rules(**rules), now)
        if write is not None:
            assert await store.decisions.save([write]) == [True]


def build_article(article_id: str, seed: bytes) -> StoredArticle:
    alias = f"tide.example/{article_id}"
    return StoredArticle(article_id, seed, 1, (alias,), accepted_at=NOW, changed_at=NOW)
