"""What happened to a story between two of its versions.

Each version gets one story event, derived from that version and the one before it alone. So an
event that is derived again is the same, and a reader of all events in order knows the story.
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from shared.budgets import MAX_STORY_EVENT_BYTES, cut_text
from shared.store.ports.overrides import Override
from shared.store.ports.stories import Story, StoryEvent, StoryEventKind

_LISTS: Final = ("members", "joined", "left", "merged")
# Where an event is too large; 10,000 characters take 60,000 bytes if each of them is escaped.
_MAX_REASON_CHARACTERS: Final = 10_000
_MAX_LISTED: Final = 2**14


@dataclass(frozen=True)
class StoryContext:
    """What happened around a story."""

    current_stories: Mapping[str, str] = field(default_factory=dict)
    """Where the articles that left it are now: article to story."""
    absorbed: Collection[str] = ()
    """The stories that became part of it."""
    overrides: Collection[Override] = ()
    """The editor's overrides that concern its articles."""


def attach_story_event(
    before: Story | None, after: Story, context: StoryContext | None = None, reason: str = ""
) -> Story:
    """*after*, the version that follows *before*, with its story event.

    *reason* is given when the lead changes; otherwise it follows from the difference.
    """
    context = context or StoryContext()
    joined, left = _members(after) - _members(before), _members(before) - _members(after)
    kind = _classify_change(before, after, context)
    data = {
        "id": after.id,
        "version": after.version,
        "members": list(after.members),
        "joined": sorted(joined),
        "left": sorted(left),
        "merged": sorted(context.absorbed),
        "lead": current_lead(after),
        "previousLead": _previous_lead(before, after),
        "supersededBy": after.superseded_by or None,
        "reason": reason or _explain(kind, after, joined, left, context),
    }
    event = StoryEvent(after.id, after.version, kind, after.changed_at, _encode(data))
    return replace(after, latest=event)


def current_lead(story: Story) -> str | None:
    """The article that leads the story, unless it has left."""
    return story.lead if story.lead in story.members else None


def format_override(override: Override) -> str:
    """The override, by whom, and why: `pin by ann, “the same bridge”`."""
    reason = f", “{override.reason}”" if override.reason else ""
    return f"{override.kind} by {override.by}{reason}"


def _previous_lead(before: Story | None, after: Story) -> str | None:
    if before is None or before.lead == after.lead:
        return None
    return before.lead or None


def _classify_change(before: Story | None, after: Story, context: StoryContext) -> StoryEventKind:
    old, new = _members(before), _members(after)
    if before and old == new:
        return "lead-changed" if before.lead else "led"
    if after.superseded_by:
        destinations = {context.current_stories.get(article_id) for article_id in old}
        return "merged" if destinations == {after.superseded_by} else "split"
    if not old:
        return "created"
    if context.absorbed:
        return "merged"
    return "split" if old - new else "joined"


def _explain(
    kind: StoryEventKind, after: Story, joined: set[str], left: set[str], context: StoryContext
) -> str:
    sentences = [_describe_change(kind, after, joined, left, context)]
    for override in context.overrides:
        if _has_caused(override, joined, left, after):
            sentences.append(f"by an editor's override: {format_override(override)}")
    return "; ".join(sentences)


def _describe_change(
    kind: StoryEventKind, after: Story, joined: set[str], left: set[str], context: StoryContext
) -> str:
    size = f"{len(after.members)} in all"
    if after.superseded_by:
        if kind == "merged":
            return f"became part of {after.superseded_by}"
        return f"came apart: most of it stands in {after.superseded_by}"
    match kind:
        case "created":
            return f"{len(after.members)} articles about one event"
        case "joined":
            return f"{_count_articles(joined)} joined: {size}"
        case "merged":
            return f"became one with {', '.join(sorted(context.absorbed))}: {size}"
        case "split":
            return f"{_count_articles(left)} left: {size}"
        case _:
            return "another lead"


def _has_caused(override: Override, joined: set[str], left: set[str], after: Story) -> bool:
    """Whether *override* is about an article that came or left, and about one of the others."""
    is_gone = bool(after.superseded_by)
    if override.should_link and not is_gone:
        members = set(after.members)
        return any({a, b} <= members and {a, b} & joined for a, b in override.pairs)
    return bool(left & override.article_ids) and override.should_link == is_gone


def _members(story: Story | None) -> set[str]:
    return set(story.members) if story else set()


def _count_articles(article_ids: Collection[str]) -> str:
    return "1 article" if len(article_ids) == 1 else f"{len(article_ids)} articles"


def _encode(data: Mapping[str, Any]) -> bytes:
    """As JSON; an event that is too large loses the ends of its lists, and says how much it lost.

    A reader of all events still knows a story of any size: it adds `joined` and removes `left`,
    each of which is cut only where more than 8,000 articles came or went at once.
    """
    encoded = _encode_json(data)
    max_listed = _MAX_LISTED
    while len(encoded) > MAX_STORY_EVENT_BYTES:
        encoded = _encode_json(_cut_lists(data, max_listed))
        max_listed //= 2
    return encoded


def _cut_lists(data: Mapping[str, Any], max_listed: int) -> dict[str, Any]:
    cut = dict(data, reason=cut_text(data["reason"], _MAX_REASON_CHARACTERS))
    omitted: dict[str, int] = {}
    for name in _LISTS:
        surplus = len(data[name]) - max_listed
        if surplus > 0:
            cut[name] = data[name][:max_listed]
            omitted[name] = surplus
    return cut | {"omitted": omitted}


def _encode_json(data: Mapping[str, Any]) -> bytes:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()
