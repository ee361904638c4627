"""Articles in the store beside the model, and what consumers see beside the store."""

import json
from collections.abc import Iterable, Iterator

from services.publishing.deciding.reconciler import is_ready
from shared.article import collect_aliases
from shared.store import ParkedFetch
from shared.views.article_snapshot import ArticleSnapshot
from shared.views.article_view import build_view
from tests.faults.system.seed_stream import ExpectedArticle


def check_articles(
    expected: dict[str, ExpectedArticle], snapshots: dict[str, ArticleSnapshot]
) -> Iterator[str]:
    """The store holds the articles of the model, and these alone."""
    by_url = {}
    urls = {}
    for snapshot in snapshots.values():
        url = snapshot.article.article.web_url or ""
        by_url[url] = snapshot
        urls[snapshot.article.id] = url
    for url in expected.keys() - by_url.keys():
        yield f"{url} is missing"
    for url in by_url.keys() - expected.keys():
        yield f"{url} was never dropped"
    for url in expected.keys() & by_url.keys():
        yield from _compare_article(expected[url], by_url[url], urls)


def _compare_article(
    expected: ExpectedArticle, snapshot: ArticleSnapshot, urls: dict[str, str]
) -> Iterator[str]:
    """*urls* are the URLs of all articles, by id."""
    stored, decision = snapshot.article, snapshot.decision
    article = stored.article
    actual = {
        "title": article.title,
        "quality": article.quality,
        "secured": article.secured,
        "heat": decision.heat if decision else None,
        "published": bool(decision and decision.published),
        "relatives": frozenset(urls.get(each.article.id, "?") for each in snapshot.relatives),
    }
    for name, value in actual.items():
        wanted = getattr(expected, name)
        if value != wanted:
            yield f"{expected.url} ({stored.id}): {name} is {value!r}, not {wanted!r}"
    if not set(collect_aliases(article)) <= set(stored.aliases):
        yield f"{expected.url}: its aliases were lost"


def check_views(
    snapshots: dict[str, ArticleSnapshot], parked: Iterable[ParkedFetch]
) -> Iterator[str]:
    """Consumers see what the store would show them now, except pictures that are still fetched."""
    unfinished_urls = {work.url for work in parked}
    for article_id, snapshot in snapshots.items():
        decision = snapshot.decision
        is_shown = decision is not None and decision.published and is_ready(snapshot.article)
        if not is_shown or decision is None or decision.latest is None:
            continue
        if unfinished_urls & _list_picture_urls(snapshot):
            continue
        announced = json.loads(decision.latest.data)
        current = json.loads(json.dumps(build_view(snapshot)))
        different = []
        for name in announced.keys() | current.keys():
            if announced.get(name) != current.get(name):
                different.append(name)
        if different:
            yield f"{article_id}: consumers see another {sorted(different)} than the store has"


def _list_picture_urls(snapshot: ArticleSnapshot) -> set[str]:
    """Of the article and its relatives."""
    shown = [snapshot.article, *(relative.article for relative in snapshot.relatives)]
    urls: set[str] = set()
    for stored in shown:
        urls.update(image.url for image in stored.article.images)
    return urls
