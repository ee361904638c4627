"""Stories in six languages, some about the same events, through the worker's own handler."""

import json
from itertools import combinations

from services.enrichment.related.main import build
from shared.broker.records import Record
from shared.store import ArticleWrite, Store
from tests.unit.related.features.headlines import (
    MONDAY,
    Headline,
    build_stored_article,
    load_headlines,
)

Pair = tuple[str, str]


def build_record(article_id: str) -> Record:
    value = json.dumps({"articleId": article_id}).encode()
    return Record("cluster", "articles.ingested", 0, 0, MONDAY, article_id.encode(), value)


async def link_headlines(store: Store) -> tuple[dict[str, Headline], set[Pair]]:
    """Drop all headlines one after the other.

    Returns them by article, and the pairs that are linked.
    """
    headlines: dict[str, Headline] = {}
    for number, headline in enumerate(load_headlines()):
        article = build_stored_article(number, headline.title)
        await store.articles.save([ArticleWrite(article, 0)])
        headlines[article.id] = headline
    service, _ = build()
    for article_id in headlines:
        await service.handle([build_record(article_id)], store)
    links = await store.links.list_around(headlines)
    return headlines, {(link.a, link.b) for link in links}


async def test_stories_are_linked_within_a_language_and_never_across(store: Store):
    headlines, linked = await link_headlines(store)
    for a, b in linked:
        assert headlines[a].language == headlines[b].language
        assert headlines[a].story == headlines[b].story
    expected: dict[str, set[Pair]] = {}
    for a, b in combinations(sorted(headlines), 2):
        language = headlines[a].language
        if language == headlines[b].language and headlines[a].story == headlines[b].story:
            expected.setdefault(language, set()).add((a, b))
    assert expected.keys() == {headline.language for headline in headlines.values()}
    for language, pairs in expected.items():
        assert len(linked & pairs) >= 0.85 * len(pairs), language
