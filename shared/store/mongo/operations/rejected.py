"""Rejected records in MongoDB; the originals of large ones are in GridFS.

`stamp` counts the changes of a document, so that two of its history never overwrite one another.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import timedelta
from functools import partial
from typing import Any, Final

import bson

from shared.clock import now
from shared.store.blobs.gridfs import GridFsBytes
from shared.store.case_changes import CaseChanges, Change
from shared.store.compare_and_set import repeat_until_stable
from shared.store.mongo.engine.database import Database, Document
from shared.store.paging import take_page
from shared.store.ports.operations.rejected import (
    CASE_STATES,
    CaseState,
    Cause,
    Dismissal,
    RedriveAttempt,
    RejectedRecord,
    digest_value,
)
from shared.store.redrive_history import (
    reject_again,
)

# Originals up to this size are part of the document, which with all its causes and attempts stays
# far below MongoDB's 16 MB.
MAX_INLINE: Final = 1 << 20
# A writer that is still alive has finished its upload long before that.
LEFTOVER_AGE: Final = timedelta(days=1)


class MongoRejected(CaseChanges):
    def __init__(self, database: Database) -> None:
        self._database = database
        self._originals = GridFsBytes(database, "rejected_files", "rejected_bytes")

    async def save(self, records: Sequence[RejectedRecord]) -> None:
        documents = []
        for record in records:
            is_known = record.origin is not None and await self._reject_again(record)
            if not is_known:
                documents.append(await self._build_document(record))
        await self._database.insert_missing("rejected", documents)

    async def list_page(
        self, after: str = "", limit: int = 500, state: CaseState | None = None
    ) -> list[RejectedRecord]:
        query: Document = {"_id": {"$gt": after}}
        if state is not None:
            query["state"] = state
        entries = await self._database.find(
            "rejected", query, projection=["size"], sort=[("_id", 1)], limit=limit
        )
        sizes = {entry["_id"]: entry["size"] for entry in entries}
        documents = await self._database.find_ids("rejected", take_page(sizes))
        records = [await self._load(document) for document in documents]
        return sorted(records, key=lambda record: record.id)

    async def get(self, record_id: str) -> RejectedRecord | None:
        documents = await self._database.find_ids("rejected", [record_id])
        return await self._load(documents[0]) if documents else None

    async def count(self) -> int:
        return await self._database.count("rejected", {"state": "open"})

    async def count_by_state(self) -> dict[CaseState, int]:
        counts: dict[CaseState, int] = {}
        for state in CASE_STATES:
            counts[state] = await self._database.count("rejected", {"state": state})
        return counts

    async def _reject_again(self, record: RejectedRecord) -> bool:
        assert record.origin is not None
        change = partial(reject_again, record=record)
        return await self.change(record.origin.record_id, change) is not None

    async def change(self, record_id: str, change: Change) -> RejectedRecord | None:
        changed: RejectedRecord | None = None

        async def change_once(ids: Sequence[str]) -> Sequence[str]:
            nonlocal changed
            documents = await self._database.find_ids("rejected", ids)
            changed = None
            if not documents:
                return ()
            case = await self._load(documents[0])
            changed = change(case)
            if changed is None or changed is case:
                return ()
            return () if await self._write_history(documents[0]["stamp"], changed) else ids

        await repeat_until_stable(change_once, [record_id], "changes of a rejected record")
        return changed

    async def _write_history(self, stamp: int, record: RejectedRecord) -> bool:
        query = {"_id": record.id, "stamp": stamp}
        change = {"$set": _history(record), "$inc": {"stamp": 1}}
        return await self._database.update_if("rejected", query, change)

    async def _build_document(self, record: RejectedRecord) -> Document:
        original: Document = _original(record)
        name = ""
        if record.size > MAX_INLINE:
            content = bson.encode(original)
            name, original = digest_value(content), {}
            await self._keep_original(name, content)
        return {
            "_id": record.id,
            "service": record.service,
            "topic": record.topic,
            "partition": record.partition,
            "offset": record.offset,
            **original,
            "original": name,
            "causes": [asdict(cause) for cause in record.causes],
            "rejectedAt": record.rejected_at,
            "recordedAt": record.recorded_at,
            "stamp": 0,
            **_history(record),
        }

    async def _keep_original(self, name: str, content: bytes) -> None:
        """Before the document that names it. Removes what a writer left that died in between."""
        await self._originals.put(name, content)
        await self._originals.sweep_leftovers(now() - LEFTOVER_AGE, remove=True)

    async def _load(self, document: Document) -> RejectedRecord:
        """With its original. A damaged one counts as empty: the causes are still worth showing."""
        if name := document["original"]:
            content = await self._originals.get(name)
            original = bson.decode(content) if content else {"headers": []}
            document = {"key": None, "value": None, **document, **original}
        return _rejected_record(document)


def _original(record: RejectedRecord) -> Document:
    headers = [{"name": name, "value": value} for name, value in record.headers]
    return {"key": record.key, "value": record.value, "headers": headers}


def _history(record: RejectedRecord) -> Document:
    redrives = [asdict(attempt) for attempt in record.redrives]
    return {
        "state": record.state,
        "size": record.size,
        "redrives": redrives,
        "correction": record.correction,
        "dismissal": asdict(record.dismissal) if record.dismissal else None,
    }


def _rejected_record(document: Mapping[str, Any]) -> RejectedRecord:
    headers = tuple((header["name"], header["value"]) for header in document["headers"])
    dismissal = document["dismissal"]
    redrives = tuple(_attempt(attempt) for attempt in document["redrives"])
    return RejectedRecord(
        id=document["_id"],
        service=document["service"],
        topic=document["topic"],
        partition=document["partition"],
        offset=document["offset"],
        key=document["key"],
        value=document["value"],
        headers=headers,
        causes=_causes(document["causes"]),
        rejected_at=document["rejectedAt"],
        state=document["state"],
        redrives=redrives,
        dismissal=Dismissal(**dismissal) if dismissal else None,
        correction=document.get("correction"),
        recorded_at=document["recordedAt"],
    )


def _attempt(document: Mapping[str, Any]) -> RedriveAttempt:
    return RedriveAttempt(**{**document, "causes": _causes(document["causes"])})


def _causes(documents: Sequence[Mapping[str, Any]]) -> tuple[Cause, ...]:
    return tuple(Cause(**cause) for cause in documents)
