"""What happened to a story between two of its versions.

Each version gets one story event, derived from that version and the one before it alone. So an
event that is derived again is the same, and a reader of all events in order knows the story.
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from shared.budgets import MAX_STORY_EVENT_BYTES, cut_text
from shared.events.public.stories import StoryChange, StoryEnded
from shared.events.stories.story_reasons import MemberChange, StoryReason, explain_members
from shared.store.ports.story.overrides import Override
from shared.store.ports.story.stories import Story, StoryEvent, StoryEventKind
from shared.trace_context import TraceContext

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
    before: Story | None,
    after: Story,
    context: StoryContext | None = None,
    reason: StoryReason | None = None,
    trace: TraceContext | None = None,
) -> Story:
    """*after*, the version that follows *before*, with its story event.

    *reason* is given when its lead changes; otherwise it follows from the difference. *trace* is
    that of the drop that caused it.
    """
    context = context or StoryContext()
    change = _compare_members(before, after, context)
    kind = _classify_change(before, after, change)
    reason = reason or explain_members(kind, after, change, context.overrides)
    if kind == "ended":
        data = _describe_end(before, after, change, reason)
    else:
        data = _describe_story(before, after, change, reason)
    event = StoryEvent(after.id, after.version, kind, after.changed_at, _encode(data), trace)
    return replace(after, note=reason.note, latest=event)


def current_lead(story: Story) -> str | None:
    """The article that leads the story, unless it has left."""
    return story.lead if story.lead in story.members else None


def _compare_members(before: Story | None, after: Story, context: StoryContext) -> MemberChange:
    old, new = _members(before), _members(after)
    destinations = {context.current_stories.get(article_id) for article_id in old}
    is_merged = not new and destinations == {after.superseded_by}
    return MemberChange(
        joined=new - old,
        left=old - new,
        absorbed=context.absorbed,
        merged_into=after.superseded_by if is_merged else "",
    )


def _classify_change(before: Story | None, after: Story, change: MemberChange) -> StoryEventKind:
    if not after.members:
        return "ended"
    if before is None or not before.members:
        return "created"
    if before.members == after.members:
        return _classify_lead_change(before, after)
    if change.absorbed:
        return "merged"
    return "split" if change.left else "joined"


def _classify_lead_change(before: Story, after: Story) -> StoryEventKind:
    if before.lead == after.lead:
        return "updated"
    return "lead-changed" if before.lead else "led"


def _describe_story(
    before: Story | None, after: Story, change: MemberChange, reason: StoryReason
) -> dict[str, Any]:
    lead = current_lead(after)
    described = StoryChange(
        id=after.id,
        version=after.version,
        title=after.title if lead else None,
        lead=lead,
        heat=after.heat if lead else None,
        member_count=len(after.members),
        members=list(after.members),
        joined=sorted(change.joined),
        left=sorted(change.left),
        merged=sorted(change.absorbed),
        previous_lead=_previous_lead(before, after),
        reason_code=reason.code,
        reason=reason.sentence,
    )
    return described.as_json()


def _describe_end(
    before: Story | None, after: Story, change: MemberChange, reason: StoryReason
) -> dict[str, Any]:
    described = StoryEnded(
        id=after.id,
        version=after.version,
        title=after.title if before and current_lead(before) else None,
        merged_into=change.merged_into or None,
        left=sorted(change.left),
        reason_code=reason.code,
        reason=reason.sentence,
    )
    return described.as_json()


def _previous_lead(before: Story | None, after: Story) -> str | None:
    if before is None or before.lead == after.lead:
        return None
    return before.lead or None


def _members(story: Story | None) -> frozenset[str]:
    return frozenset(story.members) if story else frozenset()


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
        surplus = len(data.get(name, ())) - max_listed
        if surplus > 0:
            cut[name] = data[name][:max_listed]
            omitted[name] = surplus
    return cut | {"omitted": omitted}


def _encode_json(data: Mapping[str, Any]) -> bytes:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()
