"""Why a story has another version: a code for programs, a sentence for people, and a note.

The code and the sentence are public. The note says which override of which editor it was, and why:
it stays in the store.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from shared.events.public.stories import StoryReasonCode
from shared.store.ports.story.overrides import Override
from shared.store.ports.story.stories import Story, StoryEventKind

_BY_AN_EDITOR: Final = "by an editor's override"


@dataclass(frozen=True)
class StoryReason:
    """*note* names editors and quotes them; it must be in no event."""

    code: StoryReasonCode
    sentence: str
    note: str = ""


@dataclass(frozen=True)
class MemberChange:
    """Which articles joined and left with a version of a story, and which stories it absorbed.

    *merged_into* is given where the story ended because all its articles went to that one.
    """

    joined: frozenset[str] = frozenset()
    left: frozenset[str] = frozenset()
    absorbed: Collection[str] = ()
    merged_into: str = ""


def explain_members(
    kind: StoryEventKind, after: Story, change: MemberChange, overrides: Collection[Override]
) -> StoryReason:
    """Why the story has other members."""
    sentence = _describe_change(kind, after, change)
    causes = [override for override in overrides if _has_caused(override, change, after)]
    code = _classify(kind, change)
    if not causes:
        return StoryReason(code, sentence)
    notes = [f"{_BY_AN_EDITOR}: {format_override(override)}" for override in causes]
    if kind != "ended":
        code = "editor"
    return StoryReason(code, f"{sentence}; {_BY_AN_EDITOR}", "; ".join(notes))


def format_override(override: Override) -> str:
    """The override, by whom, and why: `pin by ann, “the same bridge”`. For the house alone."""
    reason = f", “{override.reason}”" if override.reason else ""
    return f"{override.kind} by {override.by}{reason}"


def _classify(kind: StoryEventKind, change: MemberChange) -> StoryReasonCode:
    if kind == "ended":
        return "merged-away" if change.merged_into else "fell-apart"
    return "other-event" if kind == "split" else "one-event"


def _describe_change(kind: StoryEventKind, after: Story, change: MemberChange) -> str:
    size = f"{len(after.members)} in all"
    match kind:
        case "created":
            return f"{len(after.members)} articles about one event"
        case "merged":
            return f"became one with {', '.join(sorted(change.absorbed))}: {size}"
        case "split":
            return f"{_count_articles(change.left)} left: {size}"
        case "ended" if change.merged_into:
            return f"became part of {change.merged_into}"
        case "ended" if after.superseded_by:
            return f"came apart: most of it stands in {after.superseded_by}"
        case "ended":
            return "its articles are gone"
        case _:
            return f"{_count_articles(change.joined)} joined: {size}"


def _has_caused(override: Override, change: MemberChange, after: Story) -> bool:
    """Whether *override* is about an article that came or left, and about one of the others."""
    is_gone = not after.members
    if override.should_link and not is_gone:
        members = set(after.members)
        return any({a, b} <= members and {a, b} & change.joined for a, b in override.pairs)
    return bool(change.left & override.article_ids) and override.should_link == is_gone


def _count_articles(article_ids: Collection[str]) -> str:
    return "1 article" if len(article_ids) == 1 else f"{len(article_ids)} articles"
