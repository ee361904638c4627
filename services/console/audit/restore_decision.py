"""Puts back a decision that is gone from the store, as far as the newest event in the log tells of it."""

import json
from datetime import datetime
from typing import Any

from services.console.audit.published_log import Foreign, announcement
from services.console.audit.topic_reader import TopicReader
from services.publishing.revisions import KEEP_WAITING, digest
from services.publishing.rules import OUTRANKED
from shared.broker.connection import cluster_id
from shared.broker.records import Record
from shared.broker.topics import PUBLISHED_LOG
from shared.settings import Settings
from shared.store import Decision, Publication, Store, Verdict


async def restore(article_id: str, settings: Settings, store: Store) -> None:
    """Save the decision, unless there is one by now or the log knows nothing. Reads the whole log. May be repeated.

    Without it the article would begin again with revision 1, under which consumers have seen something else. What the
    event does not tell (inputs, rules) is left empty: deciding the article anew fills it in.
    """
    record = await _newest(article_id, settings)
    stored = (await store.articles.get([article_id])).get(article_id)
    if record is not None and stored is not None:
        decision = restored(record, stored.version)
        await store.decisions.save([Verdict(decision, KEEP_WAITING)])


def restored(record: Record, version: int) -> Decision:
    """The decision behind an event of the log, as the first of its article. Raises Foreign for any other record."""
    one = announcement(record)
    said: dict[str, Any] = json.loads(record.value or b"{}")
    published = one.kind != "retracted"
    at = datetime.fromisoformat(record.header("ce_time") or "")
    kind: Any = one.kind
    return Decision(
        article_id=one.article_id,
        stamp=1,
        version=version,
        revision=one.revision,
        published=published,
        heat=said.get("heat", OUTRANKED),
        lead=said.get("lead") or said.get("successor") or one.article_id,
        reason=said.get("reason") or "",
        rules={},
        inputs={"quality": 0, "relatives": [], "holders": []},
        decided_at=at,
        shown=digest(said) if published else "",
        latest=Publication(one.article_id, one.revision, kind, at, record.value or b""),
    )


async def _newest(article_id: str, settings: Settings) -> Record | None:
    cluster = await cluster_id(settings)
    newest: tuple[int, Record] | None = None
    reader = TopicReader(settings, cluster, PUBLISHED_LOG, lambda *_: None)
    async for record in reader.read():
        if record.key != article_id.encode():
            continue
        try:
            revision = announcement(record).revision
        except Foreign:
            continue
        if newest is None or revision > newest[0]:
            newest = (revision, record)
    return newest[1] if newest else None
