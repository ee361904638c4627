"""Restores a decision that is gone from the store, from the newest event in the log."""

import json
from datetime import datetime
from typing import Any

from services.console.audit.topics.published_records import ForeignRecord, parse_published_record
from services.console.audit.topics.topic_reader import TopicReader
from services.console.progress import ignore_progress
from services.publishing.announcing.revisions import KEEP_PENDING, digest_view
from services.publishing.deciding.rules import OUTRANKED
from shared.broker.network.connection import fetch_cluster_id
from shared.broker.records import Record
from shared.events.cloud_event import read_trace
from shared.events.topics import PUBLISHED_LOG
from shared.settings import Settings
from shared.store import Decision, DecisionWrite, Revision, Store


async def restore_decision(article_id: str, settings: Settings, store: Store) -> None:
    """Save the decision, unless there is one by now or the log has nothing about the article.

    Reads the whole log. May be repeated.

    Without the decision the article would begin again with revision 1, under which consumers have
    seen something else. What the event does not say (inputs, rules) stays empty until publishing
    decides the article again.
    """
    record = await _find_newest(article_id, settings)
    stored = (await store.articles.get([article_id])).get(article_id)
    if record is not None and stored is not None:
        decision = rebuild_decision(record, stored.version)
        await store.decisions.save([DecisionWrite(decision, KEEP_PENDING)])


def rebuild_decision(record: Record, version: int) -> Decision:
    """The decision behind an event of the log, as the first one of its article.

    Raises ForeignRecord for any other record.
    """
    parsed = parse_published_record(record)
    data: dict[str, Any] = json.loads(record.value or b"{}")
    announced_at = datetime.fromisoformat(record.header("ce_time") or "")
    kind: Any = parsed.kind
    is_published = kind != "retracted"
    latest = Revision(
        article_id=parsed.subject_id,
        number=parsed.revision,
        kind=kind,
        at=announced_at,
        data=record.value or b"",
        trace=read_trace(record),
    )
    return Decision(
        article_id=parsed.subject_id,
        stamp=1,
        version=version,
        revision=parsed.revision,
        published=is_published,
        heat=data.get("heat", OUTRANKED),
        lead=data.get("lead") or data.get("successor") or parsed.subject_id,
        reason=data.get("reason") or "",
        rules={},
        inputs={"quality": 0, "relatives": [], "holders": []},
        decided_at=announced_at,
        shown=digest_view(data) if is_published else "",
        latest=latest,
    )


async def _find_newest(article_id: str, settings: Settings) -> Record | None:
    """The log's record with the article's highest revision."""
    cluster = await fetch_cluster_id(settings)
    reader = TopicReader(settings, cluster, PUBLISHED_LOG, ignore_progress)
    newest: Record | None = None
    highest = 0
    async for record in reader.read():
        if record.key != article_id.encode():
            continue
        try:
            revision = parse_published_record(record).revision
        except ForeignRecord:
            continue
        if revision > highest:
            newest, highest = record, revision
    return newest
