"""Everything that the store holds about an article: its relatives, pictures and decision.

`load_snapshots` needs at most nine store calls for any number of articles.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from shared.budgets import MAX_RELATED
from shared.store import (
    Content,
    Decision,
    Link,
    Picture,
    Store,
    StoredArticle,
    WebPage,
    initial_story_id,
)
from shared.views.article_images import KnownImages, load_images


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
    """One article with all its relatives, best first, its decision, and the story it is in.

    `in_story` is empty as long as linking has given it no story. `pictures` and `pages` (by URL)
    and `contents` (by SHA-256) may include those of other articles.
    """

    article: StoredArticle
    relatives: tuple[Relative, ...] = ()
    pictures: Mapping[str, Picture] = field(default_factory=dict)
    decision: Decision | None = None
    contents: Mapping[str, Content] = field(default_factory=dict)
    pages: Mapping[str, WebPage] = field(default_factory=dict)
    in_story: str = ""

    @property
    def story_id(self) -> str:
        return self.in_story or initial_story_id(self.article.id)

    @property
    def images(self) -> KnownImages:
        return KnownImages(self.pictures, self.contents, self.pages)


def ranking_key(stored: StoredArticle) -> tuple[int, datetime, str]:
    """Sorts the best first: higher quality (0 if missing), then earlier, then the smaller id."""
    article = stored.article_without_related
    return -(article.quality or 0), article.published_date_time, stored.id


async def load_snapshots(
    store: Store, ids: Collection[str], max_related: int = MAX_RELATED
) -> dict[str, ArticleSnapshot]:
    """The snapshots of these articles, by id; unknown ids are left out.

    Pictures are loaded as far as a view with *max_related* relatives shows them.
    """
    return await complete_snapshots(await store.articles.get(ids), store, max_related)


async def complete_snapshots(
    articles: dict[str, StoredArticle], store: Store, max_related: int = MAX_RELATED
) -> dict[str, ArticleSnapshot]:
    """The snapshots of *articles*, which were read just now; the rest is read here.

    In this order their `touches` are never newer than the rest.
    """
    links = await store.links.get(articles)
    relative_ids: set[str] = set()
    for article_id, article_links in links.items():
        relative_ids.update(link.other(article_id) for link in article_links)
    all_articles = articles | await store.articles.get(relative_ids - articles.keys())
    decisions = await store.decisions.get(all_articles)
    story_ids = await store.stories.get_story_ids(articles)
    snapshots = []
    for article_id, stored in articles.items():
        snapshot = ArticleSnapshot(
            stored,
            _build_relatives(article_id, links[article_id], all_articles, decisions),
            decision=decisions.get(article_id),
            in_story=story_ids.get(article_id, ""),
        )
        snapshots.append(snapshot)
    return await _add_images(snapshots, store, max_related)


async def _add_images(
    snapshots: Sequence[ArticleSnapshot], store: Store, max_related: int = MAX_RELATED
) -> dict[str, ArticleSnapshot]:
    """The snapshots, by id, with the pictures of all that a view shows: four store calls."""
    shown = []
    for snapshot in snapshots:
        relatives = [relative.article for relative in snapshot.relatives[:max_related]]
        shown += [stored.article_without_related for stored in (snapshot.article, *relatives)]
    images = await load_images(shown, store)
    completed = {}
    for snapshot in snapshots:
        completed[snapshot.article.id] = replace(
            snapshot, pictures=images.pictures, contents=images.contents, pages=images.pages
        )
    return completed


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
