"""Everything that the store holds about an article: its relatives, pictures and decision.

`load_snapshots` needs at most eight store calls for any number of articles.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from shared.article_images import KnownImages, load_images
from shared.store import Content, Decision, Link, Picture, Store, StoredArticle, WebPage

MAX_RELATED: Final = 10  # the most that the seed format allows


@dataclass(frozen=True)
class Relative:
    """A related article.

    `score` says how certain the relation is (0 to 1), `pinned` that an editor fixed it. `decision`
    is the latest decision about the relative.
    """

    article: StoredArticle
    score: float
    decision: Decision | None = None
    pinned: bool = False


@dataclass(frozen=True)
class ArticleSnapshot:
    """One article with all its relatives, best first, and its decision.

    `pictures` and `pages` (by URL) and `contents` (by SHA-256) may include those of other articles.
    """

    article: StoredArticle
    relatives: tuple[Relative, ...] = ()
    pictures: Mapping[str, Picture] = field(default_factory=dict)
    decision: Decision | None = None
    contents: Mapping[str, Content] = field(default_factory=dict)
    pages: Mapping[str, WebPage] = field(default_factory=dict)

    @property
    def images(self) -> KnownImages:
        return KnownImages(self.pictures, self.contents, self.pages)


def ranking_key(stored: StoredArticle) -> tuple[int, datetime, str]:
    """Sorts the best first: higher quality (0 if missing), then earlier, then the smaller id."""
    article = stored.article
    return -(article.quality or 0), article.published_date_time, stored.id


async def load_snapshots(
    store: Store, ids: Collection[str], max_related: int = MAX_RELATED
) -> dict[str, ArticleSnapshot]:
    """The snapshots of these articles, by id; unknown ids are left out.

    The articles themselves are read first, so that their `touches` are never newer than the rest.
    Pictures are loaded as far as a view with *max_related* relatives shows them.
    """
    articles = await store.articles.get(ids)
    links = await store.links.get(articles)
    relative_ids: set[str] = set()
    for article_id, article_links in links.items():
        relative_ids.update(link.other(article_id) for link in article_links)
    all_articles = articles | await store.articles.get(relative_ids - articles.keys())
    decisions = await store.decisions.get(all_articles)
    relatives = {}
    shown = [stored.article for stored in articles.values()]
    for article_id in articles:
        found = _build_relatives(article_id, links[article_id], all_articles, decisions)
        relatives[article_id] = found
        shown += [relative.article.article for relative in found[:max_related]]
    images = await load_images(shown, store)
    snapshots = {}
    for article_id, stored in articles.items():
        snapshots[article_id] = ArticleSnapshot(
            article=stored,
            relatives=relatives[article_id],
            pictures=images.pictures,
            decision=decisions.get(article_id),
            contents=images.contents,
            pages=images.pages,
        )
    return snapshots


def _build_relatives(
    article_id: str,
    links: Iterable[Link],
    articles: Mapping[str, StoredArticle],
    decisions: Mapping[str, Decision],
) -> tuple[Relative, ...]:
    """The relatives that *links* lead to, best first, as far as they are stored."""
    relatives = {}
    for link in links:
        other_id = link.other(article_id)
        if stored := articles.get(other_id):
            decision = decisions.get(other_id)
            relatives[other_id] = Relative(stored, link.score, decision, link.pinned)
    return tuple(sorted(relatives.values(), key=lambda relative: ranking_key(relative.article)))
