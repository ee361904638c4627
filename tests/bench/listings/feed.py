"""A newsroom of invented articles, three of ten published, for the benchmark of listings."""

import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from shared.store import ArticleWrite, Decision, DecisionWrite, Revision, Store, StoredArticle

BATCH = 200  # articles, as ingest saves them
TOPICS = [f"Topic {number}" for number in range(200)]
PROVIDERS = [f"paper{number}.example" for number in range(400)]
WORDS = [f"word{number}" for number in range(20_000)]
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


async def fill(store: Store, articles: int, batch_size: int = BATCH) -> None:
    """Save so many decided articles, as ingest and publishing would."""
    for start in range(0, articles, batch_size):
        batch = list(_build_batch(start, min(start + batch_size, articles)))
        await store.articles.save([ArticleWrite(article, 0) for article, _ in batch])
        await store.decisions.save([write for _, write in batch])


def _build_batch(start: int, end: int) -> Iterator[tuple[StoredArticle, DecisionWrite]]:
    for number in range(start, end):
        chance = random.Random(number)
        article_id = f"a{chance.getrandbits(100):025x}"
        title = " ".join([*chance.choices(WORDS, k=8), "the"])
        topics = sorted(TOPICS[int(200 * chance.random() ** 3)] for _ in range(3))
        provider = chance.choice(PROVIDERS)
        time = EPOCH + timedelta(seconds=chance.randrange(300 * 86_400))
        published = chance.random() < 0.3
        heat = chance.randrange(70, 200) if published else -1
        yield (
            _build_article(article_id, title, topics, provider, time),
            _build_decision(article_id, title, topics, provider, time, published, heat),
        )


def _build_article(
    article_id: str, title: str, topics: list[str], provider: str, time: datetime
) -> StoredArticle:
    seed = f"""---
title: "{title}"
excerpt: "{title * 4}"
publishedDateTime: {time:%Y-%m-%dT%H:%M:%SZ}
webUrl: https://{provider}/{article_id}
quality: 60
provider: {{name: {provider}, domain: {provider}}}
topics: {json.dumps(topics)}
---
"""
    aliases = (f"{provider}/{article_id}",)
    return StoredArticle(article_id, seed.encode(), 1, aliases, time, time)


def _build_decision(
    article_id: str,
    title: str,
    topics: list[str],
    provider: str,
    time: datetime,
    published: bool,
    heat: int,
) -> DecisionWrite:
    related = [
        {"id": f"r{number}", "title": title, "excerpt": title * 4, "quality": 50, "images": []}
        for number in range(5)
    ]
    view = {
        "id": article_id,
        "revision": 1,
        "type": "article",
        "title": title,
        "excerpt": title * 4,
        "publishedDateTime": f"{time:%Y-%m-%dT%H:%M:%SZ}",
        "url": f"https://{provider}/{article_id}",
        "webUrl": f"https://{provider}/{article_id}",
        "quality": 60,
        "heat": heat,
        "published": published,
        "provider": {"name": provider, "domain": provider},
        "topics": topics,
        "images": [],
        "related": related,
    }
    revision = None
    if published:
        revision = Revision(article_id, 1, "published", time, json.dumps(view).encode())
    decision = Decision(
        article_id=article_id,
        stamp=1,
        version=1,
        revision=1 if published else 0,
        published=published,
        heat=heat,
        lead=article_id,
        reason="invented",
        rules={},
        inputs={"relatives": []},
        decided_at=time,
        latest=revision,
    )
    return DecisionWrite(decision, 1)
