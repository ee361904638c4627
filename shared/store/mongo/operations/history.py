"""History in MongoDB: of articles and stories a list inside their documents; acts in their own.

So an entry is part of the atomic write that saves what it tells of. The lists are read by nobody
else: `Database.find` leaves them out unless a projection names them.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from shared.store.history_entries import order_latest_first
from shared.store.mongo.engine.database import HISTORY, Database, Document
from shared.store.ports.operations.history import (
    MAX_ACT_SUBJECTS,
    MAX_ACTS,
    MAX_ENTRIES,
    Act,
    ActPosition,
    HistoryEntry,
    Source,
)

_LATEST_FIRST: Final = [("at", -1), ("_id", -1)]
_EARLIEST: Final = datetime(1970, 1, 1, tzinfo=UTC)


class MongoHistory:
    def __init__(self, database: Database, max_acts: int = MAX_ACTS) -> None:
        self._database = database
        self._max_acts = max_acts

    async def list_article(self, article_id: str) -> list[HistoryEntry]:
        entries = await self._load("articles", article_id, "version")
        entries += await self._load("decisions", article_id, "decision")
        return order_latest_first(entries)

    async def list_story(self, story_id: str) -> list[HistoryEntry]:
        return order_latest_first(await self._load("stories", story_id, "story"))

    async def record_act(self, act: Act) -> Act:
        inserted = await self._database.insert_missing("acts", [_act_document(act)])
        if inserted:
            await self._remove_oldest()
        kept = await self.get_act(act.id)
        return act if kept is None else kept  # one that is older than all that are kept is gone

    async def answer_act(
        self, act_id: str, outcome: str, at: datetime, details: Mapping[str, Any] | None = None
    ) -> None:
        answer: Document = {"outcome": outcome, "answeredAt": at}
        if details is not None:
            answer["details"] = dict(details)
        await self._database.update_if("acts", {"_id": act_id}, {"$set": answer})

    async def get_act(self, act_id: str) -> Act | None:
        documents = await self._database.find_ids("acts", [act_id])
        return _act(documents[0]) if documents else None

    async def list_acts(
        self, subject: str = "", after: ActPosition | None = None, limit: int = 50
    ) -> list[Act]:
        chosen: Document = {"subjects": subject} if subject else {}
        found: list[Document] = []
        for part in _list_parts(after):
            found += await self._database.find(
                "acts", {**chosen, **part}, sort=_LATEST_FIRST, limit=limit - len(found)
            )
            if len(found) >= limit:
                break
        return [_act(document) for document in found]

    async def _load(self, collection: str, subject: str, source: Source) -> list[HistoryEntry]:
        documents = await self._database.find_ids(collection, [subject], projection=[HISTORY])
        entries = documents[0].get(HISTORY, []) if documents else []
        return [_entry(subject, source, entry) for entry in entries]

    async def _remove_oldest(self) -> None:
        too_many = await self._database.find(
            "acts", {}, sort=_LATEST_FIRST, skip=self._max_acts, limit=1, projection=["at"]
        )
        if not too_many:
            return
        latest = too_many[0]
        for part in _list_parts(ActPosition(latest["at"], latest["_id"])):
            await self._database.do(self._database["acts"].delete_many(part))
        await self._database.do(self._database["acts"].delete_one({"_id": latest["_id"]}))


def push_entry(entry: HistoryEntry) -> Document:
    """The `$push` of an update that saves the state that the entry tells of; the oldest ones go."""
    return {HISTORY: {"$each": [build_entry(entry)], "$slice": -MAX_ENTRIES}}


def build_entry(entry: HistoryEntry) -> Document:
    return {
        "number": entry.number,
        "at": entry.at,
        "kind": entry.kind,
        "reason": entry.reason,
        "details": dict(entry.details),
    }


def _list_parts(after: ActPosition | None) -> list[Document]:
    """What follows a position, in parts that are each read from the index in its order."""
    if after is None:
        return [{"at": {"$gte": _EARLIEST}}]
    return [{"at": after.at, "_id": {"$lt": after.act_id}}, {"at": {"$lt": after.at}}]


def _entry(subject: str, source: Source, document: Mapping[str, Any]) -> HistoryEntry:
    return HistoryEntry(
        subject,
        source,
        document["number"],
        document["at"],
        document["kind"],
        document["reason"],
        document["details"],
    )


def _act_document(act: Act) -> Document:
    return {
        "_id": act.id,
        "kind": act.kind,
        "by": act.by,
        "at": act.at,
        "reason": act.reason,
        "subjects": list(act.subjects[:MAX_ACT_SUBJECTS]),
        "details": dict(act.details),
        "outcome": act.outcome,
        "answeredAt": act.answered_at,
    }


def _act(document: Mapping[str, Any]) -> Act:
    subjects: Sequence[str] = document["subjects"]
    return Act(
        id=document["_id"],
        kind=document["kind"],
        by=document["by"],
        at=document["at"],
        reason=document["reason"],
        subjects=tuple(subjects),
        details=document["details"],
        outcome=document["outcome"],
        answered_at=document["answeredAt"],
    )
