"""The history entries that saved states leave behind. Both adapters write these."""

import json
from typing import Any, Final

from shared.store.ports.article.articles import StoredArticle
from shared.store.ports.article.decisions import DecisionWrite
from shared.store.ports.operations.history import MAX_REASON_CHARACTERS, HistoryEntry
from shared.store.ports.story.stories import Story

_MAX_TITLE_CHARACTERS: Final = 200
_MAX_LISTED: Final = 20  # articles that joined or left a story at once


def describe_version(article: StoredArticle) -> HistoryEntry:
    """The entry of a new version. The status of its drop says what kind it is."""
    latest = article.answered_drops[-1] if article.answered_drops else None
    kind = "accepted" if article.version == 1 else "updated"
    details = {} if latest is None else {"source": latest.source, "offset": latest.offset}
    return HistoryEntry(
        article.id, "version", article.version, article.changed_at, kind, details=details
    )


def describe_decision(write: DecisionWrite) -> HistoryEntry:
    """The entry of a decision; it is `decided` if consumers see no change."""
    decision = write.decision
    kind = write.revision.kind if write.revision else "decided"
    details = {
        "published": decision.published,
        "heat": decision.heat,
        "lead": decision.lead,
        "version": decision.version,
        "revision": decision.revision,
    }
    reason = cut_reason(decision.reason)
    return HistoryEntry(
        decision.article_id, "decision", decision.stamp, decision.decided_at, kind, reason, details
    )


def describe_story_version(story: Story) -> HistoryEntry:
    """The entry of a story's version: what its event says of it, with the note of the house."""
    event = story.event_to_announce
    data: dict[str, Any] = json.loads(event.data) if event else {}
    details = {
        "lead": story.lead,
        "title": story.title[:_MAX_TITLE_CHARACTERS],
        "heat": story.heat,
        "members": len(story.members),
        "joined": data.get("joined", [])[:_MAX_LISTED],
        "left": data.get("left", [])[:_MAX_LISTED],
        "supersededBy": story.superseded_by,
        "note": cut_reason(story.note),
    }
    kind = event.kind if event else "updated"
    reason = cut_reason(str(data.get("reason", "")))
    return HistoryEntry(story.id, "story", story.version, story.changed_at, kind, reason, details)


def cut_reason(text: str) -> str:
    if len(text) <= MAX_REASON_CHARACTERS:
        return text
    return text[: MAX_REASON_CHARACTERS - 1] + "…"


def order_latest_first(entries: list[HistoryEntry]) -> list[HistoryEntry]:
    """Of one moment, a decision comes after the version that it was made on."""
    ranks = {"version": 0, "decision": 1, "story": 2}
    return sorted(
        entries, key=lambda entry: (entry.at, ranks[entry.source], entry.number), reverse=True
    )
