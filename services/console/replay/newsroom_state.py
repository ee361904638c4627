"""What consumers see of a store: who leads, who is published, how hot, and in which story."""

from collections.abc import Mapping
from dataclasses import dataclass

from services.console.actions.articles.readable_articles import read_title
from shared.store import Store, pages

Stories = Mapping[str, frozenset[str]]
"""The articles of each story, by story id."""


@dataclass(frozen=True)
class NewsroomState:
    """What consumers see of a store.

    Titles, leads and heat are by article; *stories* are those of two articles or more.
    """

    titles: Mapping[str, str]
    stories: Stories
    leads: Mapping[str, str]
    published: frozenset[str]
    heat: Mapping[str, int]


async def load_state(store: Store) -> NewsroomState:
    """The state of *store* now."""
    titles: dict[str, str] = {}
    leads: dict[str, str] = {}
    heat: dict[str, int] = {}
    published: set[str] = set()
    async for page in pages(store.articles.list_page):
        titles |= {article.id: read_title(article) for article in page}
        decisions = await store.decisions.get([article.id for article in page])
        for article_id, decision in decisions.items():
            leads[article_id] = decision.lead
            heat[article_id] = decision.heat
            if decision.published:
                published.add(article_id)
    stories = await _load_stories(store, titles)
    return NewsroomState(titles, stories, leads, frozenset(published), heat)


async def _load_stories(store: Store, article_ids: Mapping[str, str]) -> dict[str, frozenset[str]]:
    """The stories of these articles that have two or more of them."""
    members: dict[str, set[str]] = {}
    for article_id, story in (await store.stories.get_story_ids(article_ids)).items():
        members.setdefault(story, set()).add(article_id)
    return {story: frozenset(ids) for story, ids in members.items() if len(ids) > 1}
