"""Brings the snapshots of stories up to date with where their articles are, each with its event.

The story of an article is stored with the article, in one write, and is the truth. A snapshot lags
behind if a worker died before writing it. It then lists articles that are in another story now, and
is found through them.
"""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime
from itertools import chain

from shared.clock import Clock
from shared.events.story_changes import StoryContext, attach_story_event
from shared.store import Override, Store, Story


async def write_story_snapshots(
    story_ids: Collection[str],
    article_ids: Collection[str],
    overrides: Collection[Override],
    store: Store,
    clock: Clock,
) -> bool:
    """Save the next version of these stories, and of those that list any of the articles.

    Stories whose members did not change are left alone. Returns False if another worker was faster:
    then look again. Raises StoreUnavailable, and may then be repeated.
    """
    known = await store.stories.find_by_members(article_ids)
    known |= await store.stories.get({*story_ids} - known.keys())
    # Read the members after the snapshots: so of two writers the later one wins.
    members = await store.stories.get_members({*story_ids, *known})
    listed = chain.from_iterable(story.members for story in known.values())
    current = await store.stories.get_story_ids(set(listed))
    changed = build_next_snapshots(known, members, current, clock())
    absorbed = _find_absorbed(changed)
    snapshots = []
    for story in changed:
        around = StoryContext(current, absorbed.get(story.id, ()), overrides)
        snapshots.append(attach_story_event(known.get(story.id), story, around))
    return all(await store.stories.save(snapshots))


def build_next_snapshots(
    known: Mapping[str, Story],
    members: Mapping[str, Collection[str]],
    current: Mapping[str, str],
    now: datetime,
) -> list[Story]:
    """The next version of each story whose *members* differ from its *known* snapshot.

    *current* has the story that each article of a known story is in now. A single article does not
    make a new story. A story that lost all articles is superseded by the story that most of them
    went to; if there are several, by the one with the smallest id.
    """
    changed: list[Story] = []
    for story_id, articles in sorted(members.items()):
        new_members, previous = tuple(sorted(articles)), known.get(story_id)
        if previous is None:
            if len(new_members) > 1:
                changed.append(Story(story_id, 1, new_members, now))
        elif previous.members != new_members:
            changed.append(_build_next_version(previous, new_members, current, now))
    return changed


def _build_next_version(
    previous: Story, members: tuple[str, ...], current: Mapping[str, str], now: datetime
) -> Story:
    return replace(
        previous,
        version=previous.version + 1,
        members=members,
        changed_at=now,
        superseded_by="" if members else _find_successor(previous, current),
    )


def _find_successor(story: Story, current: Mapping[str, str]) -> str:
    """Find the story that most articles of *story* are in now."""
    counts = Counter(current[article_id] for article_id in story.members if article_id in current)
    return min(counts, key=lambda story_id: (-counts[story_id], story_id), default="")


def _find_absorbed(stories: Collection[Story]) -> dict[str, set[str]]:
    """For each story that superseded others, the ids of these."""
    absorbed: dict[str, set[str]] = {}
    for story in stories:
        if story.superseded_by:
            absorbed.setdefault(story.superseded_by, set()).add(story.id)
    return absorbed
