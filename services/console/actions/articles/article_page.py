"""Everything that the console shows of one article, also of one that cannot be read."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.console.actions.articles.known_articles import ArticleView, find_article_id
from services.console.actions.articles.readable_articles import build_readable
from services.console.actions.articles.set_aside import describe_failure, load_failed_tasks
from services.console.redaction import decode_seed, hide_secured
from shared.store import Act, Decision, HistoryEntry, ParkedFetch, Picture, Store, StoredArticle
from shared.views.article_view import build_view

ACTS: int = 50


@dataclass(frozen=True)
class ShownPicture:
    """A picture of the article: what the view says, and what became of its fetch."""

    view: ArticleView
    outcome: Picture | None
    parked: ParkedFetch | None


@dataclass(frozen=True)
class ArticlePage:
    """*view* is None if the article cannot be read: then *problem* says why."""

    stored: StoredArticle
    view: ArticleView | None
    problem: str
    pictures: Sequence[ShownPicture]
    decision: Decision | None
    story_id: str
    history: Sequence[HistoryEntry]
    acts: Sequence[Act]
    failures: Sequence[str]  # sentences on tasks that failed

    @property
    def seed_text(self) -> str:
        """The seed as it is kept, without values of `secured`."""
        return hide_secured(decode_seed(self.stored.seed))


async def load_article_page(store: Store, reference: str) -> ArticlePage:
    """Raises ArticleNotFound."""
    article_id = await find_article_id(store, reference)
    stored = (await store.articles.get([article_id]))[article_id]
    views, unreadable = await build_readable(store, [article_id], build_view)
    view = views.get(article_id)
    pictures = await _load_pictures(store, article_id, view) if view else []
    decisions = await store.decisions.get([article_id])
    story_ids = await store.stories.get_story_ids([article_id])
    failed = (await load_failed_tasks(store)).get(article_id, [])
    return ArticlePage(
        stored=stored,
        view=view,
        problem=unreadable[0].problem if unreadable else "",
        pictures=pictures,
        decision=decisions.get(article_id),
        story_id=story_ids.get(article_id, ""),
        history=await store.history.list_article(article_id),
        acts=await store.history.list_acts(article_id, limit=ACTS),
        failures=[describe_failure(task) for task in failed],
    )


async def _load_pictures(store: Store, article_id: str, view: ArticleView) -> list[ShownPicture]:
    images = view.get("images") or []
    urls = [image["url"] for image in images]
    outcomes = await store.pictures.get(urls)
    parked: dict[str, ParkedFetch] = {}
    for fetch in await store.parked.find_by_urls(urls):
        if fetch.article_id == article_id:
            parked[fetch.url] = fetch
    return [
        ShownPicture(image, outcomes.get(image["url"]), parked.get(image["url"]))
        for image in images
    ]
