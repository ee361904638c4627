"""Stories as the store knows them. Works while no service runs."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from services.console.actions.articles.known_articles import find_article_id
from services.console.actions.articles.readable_articles import (
    find_problem,
    name_listing,
    read_title,
)
from services.console.actions.stories.named_stories import find_story_id
from services.console.actions.stories.overrides import describe_override
from services.console.actions.timestamps import format_timestamp
from shared.errors import SeedwireError
from shared.events.stories.story_changes import current_lead
from shared.store import Override, Store, StoredArticle, Story, pages
from shared.views.article_snapshot import ranking_key


class StoryNotFound(SeedwireError):
    """There is no story by that name. Consequence: a command ends with exit code 1."""


@dataclass(frozen=True)
class TitledStory:
    """A story with the title of its lead; no title while it has no lead."""

    story: Story
    title: str


@dataclass(frozen=True)
class StoryDetails:
    """A story, its articles best first, and the overrides that concern them."""

    story: Story
    articles: Sequence[StoredArticle]
    overrides: Sequence[Override]

    def as_json(self) -> dict[str, Any]:
        articles = [describe_member(article) for article in self.articles]
        overrides = [describe_override(override) for override in self.overrides]
        return {
            **describe_story(self.story),
            "articles": articles,
            "instructions": overrides,
        }


async def list_stories(store: Store, with_ended: bool) -> list[TitledStory]:
    """Stories of two articles or more, the largest first; *with_ended*: all that ever were."""
    stories: list[Story] = []
    async for page in pages(store.stories.list_page):
        stories += [story for story in page if with_ended or len(story.members) > 1]
    stories.sort(key=lambda story: (-len(story.members), story.id))
    return await _add_titles(store, stories)


async def load_story(store: Store, reference: str) -> StoryDetails:
    """The story with this id, or the one that the named article is in.

    Raises ArticleNotFound or StoryNotFound.
    """
    stories = await store.stories.get([reference])
    story_id = reference
    if not stories:
        if not (await store.stories.get_members([reference])).get(reference):
            story_id = await find_story_id(store, await find_article_id(store, reference))
        stories = await store.stories.get([story_id])
    if story_id not in stories:
        raise await _explain_missing(store, story_id, reference)
    story = stories[story_id]
    articles = await store.articles.get(story.members)
    overrides = await store.overrides.find_by_articles(story.members)
    return StoryDetails(story, sorted(articles.values(), key=_rank), overrides)


async def _explain_missing(store: Store, story_id: str, reference: str) -> StoryNotFound:
    """The story has one article, or the article has no story yet."""
    members = (await store.stories.get_members([story_id])).get(story_id, frozenset())
    articles = await store.articles.get(members)
    if not articles:
        return StoryNotFound(
            f"{reference} is in no story yet: related has not linked it (`seedwire status`)"
        )
    article = min(articles.values(), key=_rank)
    return StoryNotFound(
        f"the story {story_id} has one article so far, {article.id} “{read_title(article)}”: it "
        f"becomes a story when another joins. `seedwire show {article.id}` shows the article, and "
        f"`seedwire why {article.id}` its decision"
    )


def describe_story(story: Story) -> dict[str, Any]:
    """The story as JSON values."""
    return {
        "id": story.id,
        "version": story.version,
        "members": [*story.members],
        "lead": current_lead(story),
        "supersededBy": story.superseded_by or None,
        "changedAt": format_timestamp(story.changed_at),
        "reason": explain_last_change(story),
    }


def describe_member(stored: StoredArticle) -> dict[str, Any]:
    """An article of a story as JSON values."""
    if find_problem(stored):
        return {
            "id": stored.id,
            "quality": None,
            "publishedDateTime": None,
            "title": read_title(stored),
        }
    article = stored.article_without_related
    return {
        "id": stored.id,
        "quality": article.quality,
        "publishedDateTime": format_timestamp(article.published_date_time),
        "title": article.title,
    }


def explain_last_change(story: Story) -> str:
    """What happened to the story last, in a sentence, and which editors' overrides caused it."""
    if story.latest is None:
        return ""
    reason = str(json.loads(story.latest.data)["reason"])
    return f"{reason} ({story.note})" if story.note else reason


def _rank(stored: StoredArticle) -> tuple[object, ...]:
    """The best first; last, those that cannot be read."""
    if find_problem(stored):
        return (True, stored.id)
    return (False, *ranking_key(stored))


async def _add_titles(store: Store, stories: Sequence[Story]) -> list[TitledStory]:
    lead_ids = [current_lead(story) for story in stories]
    leads = await store.listings.get({lead_id for lead_id in lead_ids if lead_id})
    titled: list[TitledStory] = []
    for story, lead_id in zip(stories, lead_ids, strict=True):
        listing = leads.get(lead_id or "")
        titled.append(TitledStory(story, name_listing(listing) if listing else ""))
    return titled
