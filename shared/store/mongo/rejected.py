"""Rejected records in MongoDB."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from shared.store.mongo.database import Database, Document
from shared.store.ports.rejected import Cause, RejectedRecord


class MongoRejected:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def save(self, records: Sequence[RejectedRecord]) -> None:
        await self._database.insert_missing("rejected", map(_document, records))

    async def list_page(self, after: str = "", limit: int = 500) -> list[RejectedRecord]:
        return await self._database.load_page(_rejected_record, "rejected", after, limit)

    async def get(self, record_id: str) -> RejectedRecord | None:
        documents = await self._database.find_ids("rejected", [record_id])
        return _rejected_record(documents[0]) if documents else None

    async def mark_redriven(self, record_id: str, at: datetime) -> None:
        change = {"$inc": {"attempts": 1}, "$set": {"redrivenAt": at}}
        await self._database.update_if("rejected", {"_id": record_id}, change)

    async def count(self) -> int:
        return await self._database.count("rejected", {"redrivenAt": None})


def _document(record: RejectedRecord) -> Document:
    headers = [{"name": name, "value": value} for name, value in record.headers]
    causes = [asdict(cause) for cause in record.causes]
    return {
        "_id": record.id,
        "service": record.service,
        "topic": record.topic,
        "partition": record.partition,
        "offset": record.offset,
        "key": record.key,
        "value": record.value,
        "headers": headers,
        "causes": causes,
        "rejectedAt": record.rejected_at,
        "attempts": record.attempts,
        "redrivenAt": record.redriven_at,
    }


def _rejected_record(document: Mapping[str, Any]) -> RejectedRecord:
    headers = tuple((header["name"], header["value"]) for header in document["headers"])
    causes = tuple(Cause(**cause) for cause in document["causes"])
    return RejectedRecord(
        id=document["_id"],
        service=document["service"],
        topic=document["topic"],
        partition=document["partition"],
        offset=document["offset"],
        key=document["key"],
        value=document["value"],
        headers=headers,
        causes=causes,
        rejected_at=document["rejectedAt"],
        attempts=document["attempts"],
        redriven_at=document["redrivenAt"],
    )
