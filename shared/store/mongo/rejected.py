"""Rejected records in MongoDB."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from shared.store.mongo.database import Database, Document
from shared.store.ports.rejected import Cause, Rejected


class MongoRejected:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def save(self, records: Sequence[Rejected]) -> None:
        await self._database.insert_missing("rejected", [_document(record) for record in records])

    async def page(self, after: str = "", limit: int = 500) -> list[Rejected]:
        found = await self._database.find(
            "rejected", {"_id": {"$gt": after}}, sort=[("_id", 1)], limit=limit
        )
        return [_rejected(one) for one in found]

    async def get(self, record_id: str) -> Rejected | None:
        found = await self._database.find_ids("rejected", [record_id])
        return _rejected(found[0]) if found else None

    async def redriven(self, record_id: str, at: datetime) -> None:
        change = {"$inc": {"attempts": 1}, "$set": {"redrivenAt": at}}
        await self._database.do(self._database["rejected"].update_one({"_id": record_id}, change))

    async def count(self) -> int:
        return int(
            await self._database.do(
                self._database["rejected"].count_documents({"redrivenAt": None})
            )
        )


def _document(record: Rejected) -> Document:
    return {
        "_id": record.id,
        "service": record.service,
        "topic": record.topic,
        "partition": record.partition,
        "offset": record.offset,
        "key": record.key,
        "value": record.value,
        "headers": [{"name": name, "value": value} for name, value in record.headers],
        "causes": [asdict(cause) for cause in record.causes],
        "rejectedAt": record.rejected_at,
        "attempts": record.attempts,
        "redrivenAt": record.redriven_at,
    }


def _rejected(one: Mapping[str, Any]) -> Rejected:
    return Rejected(
        id=one["_id"],
        service=one["service"],
        topic=one["topic"],
        partition=one["partition"],
        offset=one["offset"],
        key=one["key"],
        value=one["value"],
        headers=tuple((header["name"], header["value"]) for header in one["headers"]),
        causes=tuple(Cause(**cause) for cause in one["causes"]),
        rejected_at=one["rejectedAt"],
        attempts=one["attempts"],
        redriven_at=one["redrivenAt"],
    )
