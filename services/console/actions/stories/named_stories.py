"""Finds what an editor names: articles by id or URL, stories by id or by one of their articles."""

from collections.abc import Collection

from services.console.actions.articles.known_articles import find_article_id
from shared.errors import SeedwireError
from shared.store import Store


class OverrideRejected(SeedwireError):
    """The articles or stories do not allow this override. Consequence: exit code 1."""


async def find_story_id(store: Store, article_id: str) -> str:
    """The id of the story that the article is in, or nothing if it is in none."""
    story_ids = await store.stories.get_story_ids([article_id])
    return story_ids.get(article_id, "")


async def find_members(store: Store, reference: str) -> set[str]:
    """The articles of the story with this id, or of the story that the named article is in."""
    members = await _find_story_members(store, reference)
    if members is not None:
        return members
    article_id = await find_article_id(store, reference)
    return await _find_story_around(store, article_id)


async def find_named_articles(store: Store, reference: str) -> set[str]:
    """The articles of the story with this id, or the named article alone."""
    members = await _find_story_members(store, reference)
    if members is not None:
        return members
    return {await find_article_id(store, reference)}


async def find_common_story(store: Store, article_ids: Collection[str]) -> set[str]:
    """The members of the one story that all of these are in. Raises OverrideRejected."""
    story_ids = {await find_story_id(store, article_id) for article_id in article_ids}
    if len(story_ids) > 1:
        raise different_stories()
    return await find_members(store, min(article_ids))


def different_stories() -> OverrideRejected:
    return OverrideRejected(
        "these articles are not in one story: `seedwire story show ID` lists a story's articles"
    )


async def _find_story_members(store: Store, story_id: str) -> set[str] | None:
    """The articles of the story, or None if there is no such story."""
    stories = await store.stories.get([story_id])
    if story_id not in stories:
        return None
    story = stories[story_id]
    if not story.members:
        raise OverrideRejected(
            f"story {story.id} has ended: use {story.superseded_by}, which took its place"
        )
    return {*story.members}


async def _find_story_around(store: Store, article_id: str) -> set[str]:
    story_id = await find_story_id(store, article_id)
    if not story_id:
        return {article_id}
    members = await store.stories.get_members([story_id])
    return {article_id, *members[story_id]}
