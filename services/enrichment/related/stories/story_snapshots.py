"""Brings the snapshots of stories up to date with where their articles are, each with its event.

The story of an article is stored with the article, in one write, and is the truth. A snapshot lags
behind if a worker died before writing it. It then lists articles that are in another story now, and
is found through them.
"""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import chain

from shared import failpoints
from shared.clock import Clock
from shared.events.stories.story_changes import StoryContext, attach_story_event, current_lead
from shared.store import Override, Store, Story, initial_story_id
from shared.trace_context import TraceContext


@dataclass(frozen=True)
class SnapshotWrite:
    """*is_saved* is False if another worker was faster: then look again.

    *woken* has the articles that are to be decided again, each with the story that it is in: what
    consumers see of them names another story, or their story needs another lead.
    """

    is_saved: bool
    woken: Mapping[str, str] = field(default_factory=dict)


async def write_story_snapshots(
    story_ids: Collection[str],
    article_ids: Collection[str],
    overrides: Collection[Override],
    store: Store,
    clock: Clock,
) -> SnapshotWrite:
    """Save the next version of these stories, and of those that list any of the articles.

    Stories whose members did not change are left alone. The articles to decide again are touched
    before that: a repeat after a crash finds them by the snapshots that are not saved yet. Raises
    StoreUnavailable, and may then be repeated.
    """
    known = await store.stories.find_by_members(article_ids)
    known |= await store.stories.get({*story_ids} - known.keys())
    # Read the members after the snapshots: so of two writers the later one wins.
    members = await store.stories.get_members({*story_ids, *known})
    listed = chain.from_iterable(story.members for story in known.values())
    current = await store.stories.get_story_ids(set(listed))
    changed = build_next_snapshots(known, members, current, clock())
    absorbed = _find_absorbed(changed)
    traces = await _load_traces(changed, known, store)
    snapshots = []
    for story in changed:
        before = known.get(story.id)
        around = StoryContext(current, absorbed.get(story.id, ()), overrides)
        trace = _find_trace_of_cause(before, story, traces)
        snapshots.append(attach_story_event(before, story, around, trace=trace))
    woken = await _wake(snapshots, known, current, store)
    return SnapshotWrite(all(await store.stories.save(snapshots)), woken)


async def _load_traces(
    changed: Collection[Story], known: Mapping[str, Story], store: Store
) -> dict[str, TraceContext]:
    """The traces of the articles that came and left; that of the latest change comes last."""
    article_ids: set[str] = set()
    for story in changed:
        article_ids |= _find_difference(known.get(story.id), story)
    return await store.articles.get_traces(article_ids) if article_ids else {}


def _find_trace_of_cause(
    before: Story | None, after: Story, traces: Mapping[str, TraceContext]
) -> TraceContext | None:
    """Of the articles that came or left, the one that changed last has most likely caused it."""
    concerned = _find_difference(before, after)
    found = [trace for article_id, trace in traces.items() if article_id in concerned]
    return found[-1] if found else None


def _find_difference(before: Story | None, after: Story) -> set[str]:
    return set(before.members if before else ()) ^ set(after.members)


async def _wake(
    changed: Collection[Story],
    known: Mapping[str, Story],
    current: Mapping[str, str],
    store: Store,
) -> dict[str, str]:
    """Touch the articles that are to be decided again because of these versions."""
    moved = find_moved(changed, known, current)
    decisions = await store.decisions.get(moved) if moved else {}
    woken: dict[str, str] = {}
    for article_id, decision in decisions.items():
        if decision.lead == article_id:  # it is published, or may lead its new story
            woken[article_id] = moved[article_id]
    for story in changed:
        if story.members and story.lead and not current_lead(story):
            woken.setdefault(story.members[0], story.id)
    if woken:
        await store.articles.touch(woken.keys())
        await failpoints.hit("woken")
    return woken


def find_moved(
    changed: Collection[Story], known: Mapping[str, Story], current: Mapping[str, str]
) -> dict[str, str]:
    """The articles that came into one of the *changed* stories or left it, and where they are."""
    moved: dict[str, str] = {}
    for story in changed:
        before = set(known[story.id].members) if story.id in known else set()
        for article_id in before.difference(story.members):
            if article_id in current:
                moved[article_id] = current[article_id]
    for story in changed:
        before = set(known[story.id].members) if story.id in known else set()
        for article_id in set(story.members) - before:
            if story.id != initial_story_id(article_id):  # it has always been there
                moved[article_id] = story.id
    return moved


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
