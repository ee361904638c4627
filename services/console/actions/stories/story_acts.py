"""What an editor does to a story that is looked at: split, merge, pin, block, and undo.

Each act names the version of the story that was looked at. If the story has another one by now,
nothing is done: Overtaken.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from services.console.actions.acts import ActCause
from services.console.actions.overtaken import Overtaken
from services.console.actions.stories.named_stories import OverrideRejected
from services.console.actions.stories.overrides import (
    merge_stories,
    override_pair,
    split_story,
    undo_override,
)
from services.console.actions.stories.story_members import load_member_ids
from shared.store import Override, OverrideKind, Store

KINDS: Final[tuple[OverrideKind, ...]] = ("split", "merge", "pin", "block")


@dataclass(frozen=True)
class StoryAct:
    """What is to be done to which story, as it was at *seen_version*.

    *article_ids* are the articles that leave (split), or the two of a pair (pin, block); *other* is
    the story to merge with, by its id or by an article.
    """

    kind: OverrideKind
    story_id: str
    seen_version: int
    article_ids: Sequence[str] = ()
    other: str = ""


def require_complete(act: StoryAct) -> None:
    """Raises OverrideRejected if the act does not name what it needs."""
    if act.kind == "split" and not act.article_ids:
        raise OverrideRejected("choose the articles that are to leave the story")
    if act.kind in ("pin", "block") and len(set(act.article_ids)) != 2:
        raise OverrideRejected(f"choose the two articles to {act.kind}")
    if act.kind == "merge" and not act.other:
        raise OverrideRejected("name the other story: its id, or the id or URL of an article in it")


async def require_current(store: Store, act: StoryAct) -> None:
    """Raises Overtaken if the story is not as it was when the editor looked."""
    version = (await store.stories.get_versions([act.story_id])).get(act.story_id, 0)
    if version != act.seen_version:
        raise Overtaken(
            f"the story has changed since you looked at it (version {act.seen_version}, now "
            f"{version}), and nothing was done"
        )


async def carry_out(store: Store, act: StoryAct, cause: ActCause) -> Override:
    """Save the override; linking applies it. Raises Overtaken, OverrideRejected and others.

    May be repeated with the same cause after StoreUnavailable.
    """
    require_complete(act)
    await require_current(store, act)
    if act.kind == "split":
        return await split_story(store, act.article_ids, "", cause)
    if act.kind == "merge":
        first = await name_by_article(store, act.story_id)
        second = await name_by_article(store, act.other)
        return await merge_stories(store, first, second, cause)
    first, second = act.article_ids
    return await override_pair(store, act.kind, first, second, cause)


async def name_by_article(store: Store, reference: str) -> str:
    """The reference; for the story of an article that stands alone, which has none, its article."""
    if await store.stories.get_versions([reference]):
        return reference
    members = await load_member_ids(store, reference, None)
    return min(members, default=reference)


async def undo(
    store: Store, story_id: str, override_id: str, cause: ActCause
) -> Sequence[Override]:
    """Take back an override that concerns articles of this story. Raises Overtaken if it is gone.

    It is an act of its own: the log keeps both.
    """
    members = await load_member_ids(store, story_id, None)
    return await undo_override(store, override_id, members, cause)
