"""Adds and removes editors' overrides: pins, blocks, merges and splits that outrank linking.

An override is saved first, then its articles are marked for linking to look at. After a crash in
between, linking applies the override when it next looks at one of the articles, or when its sweep
finds them waiting without a mark. Articles are named by id or URL, stories by id or by an article.
"""

from collections.abc import Collection, Iterable
from typing import Any

from services.console.actions.articles import find_article_id
from services.console.actions.timestamps import format_timestamp
from services.enrichment.related.stories.overrides import load_overrides
from shared.article_snapshot import ranking_key
from shared.clock import now
from shared.errors import SeedwireError
from shared.store import Override, OverrideKind, Store, ordered_pair


class OverrideRejected(SeedwireError):
    """The articles or stories do not allow this override. Consequence: exit code 1."""


async def override_pair(
    store: Store, kind: OverrideKind, first: str, second: str, author: str, reason: str
) -> Override:
    """Pin or block two articles. Raises ArticleNotFound or OverrideRejected."""
    first_id = await find_article_id(store, first)
    second_id = await find_article_id(store, second)
    if first_id == second_id:
        raise OverrideRejected(f"{first} and {second} are the same article: name two articles")
    return await _add(store, kind, [first_id], [second_id], author, reason)


async def merge_stories(
    store: Store, first: str, second: str, author: str, reason: str
) -> Override:
    """Make two stories one. The best article of both is tied to all others, and so leads them."""
    first_members = await _find_members(store, first)
    second_members = await _find_members(store, second)
    if first_members == second_members:
        raise OverrideRejected(
            f"{first} and {second} are in one story already: pin their articles to keep it so"
        )
    articles = await store.articles.get(first_members | second_members)
    best, *rest = sorted(articles.values(), key=ranking_key)
    return await _add(store, "merge", [best.id], [article.id for article in rest], author, reason)


async def split_story(
    store: Store, leaving: Collection[str], remaining: str, author: str, reason: str
) -> Override:
    """Keep the articles *leaving*, all of one story, apart from every article that remains in it.

    *remaining* names one of those; empty: it is not checked.
    """
    leaving_ids = {await find_article_id(store, reference) for reference in leaving}
    members = await _find_common_story(store, leaving_ids)
    if remaining and await find_article_id(store, remaining) not in members:
        raise _different_stories()
    remaining_ids = members - leaving_ids
    if not remaining_ids:
        raise OverrideRejected("the story has no other article: there is nothing to split")
    return await _add(store, "split", leaving_ids, remaining_ids, author, reason)


async def remove_overrides(store: Store, first: str, second: str) -> list[Override]:
    """Remove every override between two articles, or between articles of two stories."""
    first_ids = await _find_named_articles(store, first)
    second_ids = await _find_named_articles(store, second)
    removed = await _remove_between(store, first_ids, second_ids)
    if not removed:
        raise OverrideRejected(f"there is no override between {first} and {second}")
    return removed


async def find_story_id(store: Store, article_id: str) -> str:
    """The id of the story that the article is in, or nothing if it is in none."""
    story_ids = await store.stories.get_story_ids([article_id])
    return story_ids.get(article_id, "")


def describe_override(override: Override) -> dict[str, Any]:
    """The override as JSON values."""
    return {
        "word": override.kind,
        "ones": [*override.first_ids],
        "others": [*override.second_ids],
        "by": override.by,
        "at": format_timestamp(override.at),
        "reason": override.reason or None,
    }


async def _find_members(store: Store, reference: str) -> set[str]:
    """The articles of the story with this id, or of the story that the named article is in."""
    members = await _find_story_members(store, reference)
    if members is not None:
        return members
    article_id = await find_article_id(store, reference)
    return await _find_story_around(store, article_id)


async def _find_named_articles(store: Store, reference: str) -> set[str]:
    """The articles of the story with this id, or the named article alone."""
    members = await _find_story_members(store, reference)
    if members is not None:
        return members
    return {await find_article_id(store, reference)}


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


async def _find_common_story(store: Store, article_ids: Collection[str]) -> set[str]:
    """The members of the one story that all of these are in. Raises OverrideRejected."""
    story_ids = {await find_story_id(store, article_id) for article_id in article_ids}
    if len(story_ids) > 1:
        raise _different_stories()
    return await _find_members(store, min(article_ids))


def _different_stories() -> OverrideRejected:
    return OverrideRejected(
        "these articles are not in one story: `seedwire story show ID` lists a story's articles"
    )


async def _add(
    store: Store,
    kind: OverrideKind,
    first_ids: Iterable[str],
    second_ids: Iterable[str],
    author: str,
    reason: str,
) -> Override:
    """Save the override, then mark its articles. May be repeated after StoreUnavailable."""
    override = Override(
        kind,
        first_ids=tuple(sorted(first_ids)),
        second_ids=tuple(sorted(second_ids)),
        by=author,
        at=now(),
        reason=reason,
    )
    await store.overrides.save(override)
    await _mark_for_linking(store, override.article_ids)
    return override


async def _remove_between(
    store: Store, first_ids: Collection[str], second_ids: Collection[str]
) -> list[Override]:
    pairs: set[tuple[str, str]] = set()
    for first_id in first_ids:
        pairs |= {ordered_pair(first_id, second_id) for second_id in second_ids}
    overrides = await store.overrides.find_by_articles(first_ids)
    removed = [override for override in overrides if override.pairs & pairs]
    await store.overrides.delete(removed)
    affected: set[str] = set()
    for override in removed:
        affected |= override.article_ids
    await _mark_for_linking(store, affected)
    return removed


async def _mark_for_linking(store: Store, article_ids: Collection[str]) -> None:
    """Have linking look again at these articles and at those that other overrides tie to them.

    Until it has, they wait for the stage *related*.
    """
    affected = {*article_ids}
    for override in await load_overrides(article_ids, store):
        affected |= override.article_ids
    await store.articles.reopen_stage("related", affected)
    await store.neighbourhoods.mark_dirty(affected, now())
