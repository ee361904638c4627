"""Stories in six languages, some of them of the same events, through the worker's own handler over a store."""

import json
from itertools import combinations

from services.enrichment.related.main import build
from shared.broker.records import Record
from shared.store import Save, Store
from tests.unit.related.headlines import MONDAY, Headline, headlines, stored


def announced(article_id: str) -> Record:
    value = json.dumps({"articleId": article_id}).encode()
    return Record("cluster", "articles.ingested", 0, 0, MONDAY, article_id.encode(), value)


async def linked(store: Store) -> tuple[dict[str, Headline], set[tuple[str, str]]]:
    """All headlines, dropped one after the other; the headline of each article, and the pairs that are linked."""
    articles = {f"a{number}": headline for number, headline in enumerate(headlines())}
    await store.articles.save(
        [Save(stored(number, one.title), 0) for number, one in enumerate(articles.values())]
    )
    service, _ = build()
    for article_id in articles:
        await service.handle([announced(article_id)], store)
    links = await store.relations.links(articles)
    return articles, {(link.a, link.b) for found in links.values() for link in found}


async def test_stories_are_linked_within_a_language_and_never_across(store: Store):
    articles, links = await linked(store)
    across = [
        (articles[a].title, articles[b].title)
        for a, b in links
        if articles[a].language != articles[b].language
    ]
    strangers = [
        (articles[a].title, articles[b].title)
        for a, b in links
        if articles[a].story != articles[b].story
    ]
    assert across == []
    assert strangers == []
    for language in {one.language for one in articles.values()}:
        ours = [article_id for article_id, one in articles.items() if one.language == language]
        same = [
            (a, b)
            for a, b in combinations(sorted(ours), 2)
            if articles[a].story == articles[b].story
        ]
        assert len(links & set(same)) >= 0.85 * len(same), language
