"""What is told of a story: one notice for each version of it, made of nothing but that version and the one before.

So a notice that is made again is the same one, and whoever reads them in order knows the story without asking.
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from shared.store.ports.overrides import Instruction
from shared.store.ports.stories import Notice, Story, Turn


@dataclass(frozen=True)
class Around:
    """What happened around a story: where its former articles *stand* now (article: story), which other stories it
    *absorbed*, and the *instructions* of the newsroom that concern its articles."""

    stands: Mapping[str, str] = field(default_factory=dict)
    absorbed: Collection[str] = ()
    instructions: Collection[Instruction] = ()


def told(
    before: Story | None, after: Story, around: Around | None = None, reason: str = ""
) -> Story:
    """*after*, the version that follows *before*, with its notice. *reason* is given when the lead changes."""
    around = around or Around()
    joined, left = _members(after) - _members(before), _members(before) - _members(after)
    kind = _kind(before, after, around)
    data = {
        "id": after.id,
        "version": after.version,
        "members": list(after.members),
        "joined": sorted(joined),
        "left": sorted(left),
        "merged": sorted(around.absorbed),
        "lead": lead(after),
        "previousLead": (before.lead or None) if before and before.lead != after.lead else None,
        "supersededBy": after.superseded_by or None,
        "reason": reason or _reason(kind, after, joined, left, around),
    }
    return replace(
        after, latest=Notice(after.id, after.version, kind, after.changed_at, _json(data))
    )


def lead(story: Story) -> str | None:
    """The article that leads the story, unless it has left."""
    return story.lead if story.lead in story.members else None


def _kind(before: Story | None, after: Story, around: Around) -> Turn:
    old, new = _members(before), _members(after)
    if before and old == new:
        return "lead-changed" if before.lead else "led"
    if after.superseded_by:
        return (
            "merged"
            if {around.stands.get(one) for one in old} == {after.superseded_by}
            else "split"
        )
    if not old:
        return "created"
    if around.absorbed:
        return "merged"
    return "split" if old - new else "joined"


def _reason(kind: Turn, after: Story, joined: set[str], left: set[str], around: Around) -> str:
    many = f"{len(after.members)} in all"
    reasons = {
        "created": f"{len(after.members)} articles about one event",
        "joined": f"{_articles(joined)} joined: {many}",
        "merged": f"became one with {', '.join(sorted(around.absorbed))}: {many}",
        "split": f"{_articles(left)} left: {many}",
    }
    if after.superseded_by:
        how = "became part of" if kind == "merged" else "came apart: most of it stands in"
        reasons[kind] = f"{how} {after.superseded_by}"
    words = [said(one) for one in around.instructions if _is_behind(one, joined, left, after)]
    return "; ".join(
        [reasons.get(kind, "another lead"), *(f"by the newsroom's word: {word}" for word in words)]
    )


def said(instruction: Instruction) -> str:
    """The word, by whom, and why: `pin by ann, “the same bridge”`."""
    return f"{instruction.word} by {instruction.by}" + (
        f", “{instruction.reason}”" if instruction.reason else ""
    )


def _is_behind(one: Instruction, joined: set[str], left: set[str], after: Story) -> bool:
    """Whether an instruction is about someone who came and someone who is there, or someone who left and another."""
    if one.together and not after.superseded_by:
        return any({a, b} <= {*after.members} and {a, b} & joined for a, b in one.pairs)
    return bool(left & one.articles) and (one.together == bool(after.superseded_by))


def _members(story: Story | None) -> set[str]:
    return set(story.members) if story else set()


def _articles(ids: Collection[str]) -> str:
    return "1 article" if len(ids) == 1 else f"{len(ids)} articles"


def _json(data: Mapping[str, Any]) -> bytes:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()
