"""An article whose links change is decided again, whatever publishing did in the meantime."""

from datetime import UTC, datetime

from services.enrichment.related.linking.link_update import complete_stage
from shared.store import AliasClaim, ArticleWrite, Signature, Store, StoredArticle

NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)
SEED = b"""---
title: The bridge
publishedDateTime: 2026-03-02T10:00:00Z
webUrl: https://paper.example/bridge
---
"""


async def save_decided_article(store: Store) -> None:
    """Article `a`, which waits for nothing."""
    await store.articles.claim_aliases([AliasClaim("a", ("paper.example/bridge",))])
    article = StoredArticle("a", SEED, 1, ("paper.example/bridge",), NOW, NOW)
    await store.articles.save([ArticleWrite(article, 0)])
    await store.articles.mark_announced({"a": 1})
    await store.signatures.save([Signature("a", 1, NOW, ("bridge",), {"bridge": 1.0})])
    await store.articles.complete_stage("images", {"a": 1})
    await store.articles.complete_stage("related", {"a": 1})
    await store.decisions.mark_unchanged({"a": await read_touches(store)})


async def read_touches(store: Store) -> int:
    return (await store.articles.get_summaries(["a"]))["a"].touches


async def test_a_reopened_article_that_was_touched_meanwhile_is_woken_by_an_event_of_its_own(
    store: Store,
):
    await save_decided_article(store)
    await store.articles.reopen_stage("related", ["a"])
    await store.articles.touch(["a"])  # publishing sees the event of this, and passes over `a`
    touches = await read_touches(store)
    assert await complete_stage({}, set(), {"a"}, store) == {"a"}
    assert await read_touches(store) == touches + 1
    assert await store.articles.get_pending_versions("related", ["a"]) == {}
    assert await store.articles.get_pending_versions("decision", ["a"]) == {"a": 1}


async def test_a_reopened_article_that_nobody_touched_is_left_alone(store: Store):
    await save_decided_article(store)
    await store.articles.reopen_stage("related", ["a"])
    assert await complete_stage({}, set(), {"a"}, store) == set()
    assert await store.articles.get_pending_versions("decision", ["a"]) == {}
