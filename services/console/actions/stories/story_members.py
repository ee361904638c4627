"""The articles of a story: which they are, which one leads, and how many wait to be looked at."""

from collections.abc import Collection

from services.console.actions.articles.known_articles import ArticleNotFound, find_article_id
from shared.events.stories.story_changes import current_lead
from shared.store import Store, Story, initial_story_id


async def load_member_ids(store: Store, story_id: str, story: Story | None) -> frozenset[str]:
    """The articles in the story now; one that linking has not placed yet stands alone."""
    members = (await store.stories.get_members([story_id])).get(story_id, frozenset())
    if members or story is not None:
        return members
    alone = story_id[1:] if story_id.startswith("s") else ""
    if not alone or initial_story_id(alone) != story_id:
        return frozenset()
    try:
        article_id = await find_article_id(store, alone)
    except ArticleNotFound:
        return frozenset()
    # Linking may have moved it to another story.
    in_story = await store.stories.get_story_ids([article_id])
    return frozenset() if in_story.get(article_id) else frozenset({article_id})


async def count_waiting_members(store: Store, member_ids: Collection[str]) -> int:
    """How many of these articles linking or publishing still has to look at."""
    related = await store.articles.get_pending_versions("related", member_ids)
    decision = await store.articles.get_pending_versions("decision", member_ids)
    return len({*related, *decision})


def find_lead(story: Story | None, member_ids: Collection[str]) -> str:
    """The id of the article that leads; empty while nobody knows."""
    if story is not None:
        return current_lead(story) or ""
    return next(iter(member_ids)) if len(member_ids) == 1 else ""
