"""Adds and removes editors' overrides: pins, blocks, merges and splits that outrank linking.

An override is saved first, then its articles are marked for linking to look at. After a crash in
between, linking applies the override when it next looks at one of the articles, or when its sweep
finds them waiting without a mark. Articles are named by id or URL, stories by id or by an article.
"""

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from services.console.actions.acts import ActCause, perform
from services.console.actions.articles.known_articles import find_article_id
from services.console.actions.overtaken import Overtaken
from services.console.actions.stories.named_stories import (
    OverrideRejected,
    different_stories,
    find_common_story,
    find_members,
    find_named_articles,
)
from services.console.actions.timestamps import format_timestamp
from services.console.counts import format_count
from services.enrichment.related.stories.overrides import load_overrides
from shared.clock import now
from shared.events.stories.story_reasons import format_override
from shared.store import Override, OverrideKind, Store, ordered_pair
from shared.views.article_snapshot import ranking_key


async def override_pair(
    store: Store, kind: OverrideKind, first: str, second: str, cause: ActCause
) -> Override:
    """Pin or block two articles. Raises ArticleNotFound or OverrideRejected."""
    first_id = await find_article_id(store, first)
    second_id = await find_article_id(store, second)
    if first_id == second_id:
        raise OverrideRejected(f"{first} and {second} are the same article: name two articles")
    return await _add(store, kind, [first_id], [second_id], cause)


async def merge_stories(store: Store, first: str, second: str, cause: ActCause) -> Override:
    """Make two stories one. The best article of both is tied to all others, and so leads them."""
    first_members = await find_members(store, first)
    second_members = await find_members(store, second)
    if first_members == second_members:
        raise OverrideRejected(
            f"{first} and {second} are in one story already: pin their articles to keep it so"
        )
    articles = await store.articles.get(first_members | second_members)
    best, *rest = sorted(articles.values(), key=ranking_key)
    return await _add(store, "merge", [best.id], [article.id for article in rest], cause)


async def split_story(
    store: Store, leaving: Collection[str], remaining: str, cause: ActCause
) -> Override:
    """Keep the articles *leaving*, all of one story, apart from every article that remains in it.

    *remaining* names one of those; empty: it is not checked.
    """
    leaving_ids = {await find_article_id(store, reference) for reference in leaving}
    members = await find_common_story(store, leaving_ids)
    if remaining and await find_article_id(store, remaining) not in members:
        raise different_stories()
    remaining_ids = members - leaving_ids
    if not remaining_ids:
        raise OverrideRejected("the story has no other article: there is nothing to split")
    return await _add(store, "split", leaving_ids, remaining_ids, cause)


async def remove_overrides(
    store: Store, first: str, second: str, cause: ActCause
) -> list[Override]:
    """Remove every override between two articles, or between articles of two stories."""
    first_ids = await find_named_articles(store, first)
    second_ids = await find_named_articles(store, second)
    overrides = await _find_between(store, first_ids, second_ids)
    if not overrides:
        raise OverrideRejected(f"there is no override between {first} and {second}")
    return await _remove(store, overrides, cause)


async def undo_override(
    store: Store, override_id: str, article_ids: Collection[str], cause: ActCause
) -> list[Override]:
    """Remove one override on these articles. Raises Overtaken if it is not there any more."""
    overrides = await store.overrides.find_by_articles(article_ids)
    undone = [override for override in overrides if override.id == override_id]
    if not undone:
        raise Overtaken("this override was removed already")
    return await _remove(store, undone, cause)


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


async def _add(
    store: Store,
    kind: OverrideKind,
    first_ids: Iterable[str],
    second_ids: Iterable[str],
    cause: ActCause,
) -> Override:
    """Save the override, then mark its articles. May be repeated after StoreUnavailable."""
    override = Override(
        kind,
        first_ids=tuple(sorted(first_ids)),
        second_ids=tuple(sorted(second_ids)),
        by=cause.by,
        at=now(),
        reason=cause.reason,
    )

    async def save() -> Override:
        await store.overrides.save(override)
        await _mark_for_linking(store, override.article_ids)
        return override

    return await perform(
        store,
        kind,
        cause,
        save,
        subjects=await _list_subjects(store, override.article_ids),
        describe=lambda _: f"saved, on {format_count(len(override.article_ids), 'article')}",
        details=lambda _: {"override": override.id},
    )


async def _list_subjects(store: Store, article_ids: Collection[str]) -> list[str]:
    """The stories that the articles are in, and the articles."""
    story_ids = await store.stories.get_story_ids(article_ids)
    return [*sorted({*story_ids.values()}), *sorted(article_ids)]


async def _find_between(
    store: Store, first_ids: Collection[str], second_ids: Collection[str]
) -> list[Override]:
    pairs: set[tuple[str, str]] = set()
    for first_id in first_ids:
        pairs |= {ordered_pair(first_id, second_id) for second_id in second_ids}
    overrides = await store.overrides.find_by_articles(first_ids)
    return [override for override in overrides if override.pairs & pairs]


async def _remove(store: Store, overrides: Sequence[Override], cause: ActCause) -> list[Override]:
    affected: set[str] = set()
    for override in overrides:
        affected |= override.article_ids

    async def remove() -> list[Override]:
        await store.overrides.delete(overrides)
        await _mark_for_linking(store, affected)
        return list(overrides)

    return await perform(
        store,
        "undo",
        cause,
        remove,
        subjects=await _list_subjects(store, affected),
        describe=lambda removed: "; ".join(f"removed: {format_override(each)}" for each in removed),
    )


async def _mark_for_linking(store: Store, article_ids: Collection[str]) -> None:
    """Have linking look again at these articles and at those that other overrides tie to them.

    Until it has, they wait for the stage *related*.
    """
    affected = {*article_ids}
    for override in await load_overrides(article_ids, store):
        affected |= override.article_ids
    await store.articles.reopen_stage("related", affected)
    await store.neighbourhoods.mark_dirty(affected, now())
