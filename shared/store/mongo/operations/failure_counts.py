"""How often work has failed, in MongoDB."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from pymongo import DeleteOne, UpdateOne

from shared.store.mongo.engine.database import Database
from shared.store.ports.operations.failure_counts import FailureCount


class MongoFailureCounts:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(
        self, subjects: Collection[str], reason: str, at: datetime, case_id: str = ""
    ) -> dict[str, int]:
        change = {
            "$inc": {"count": 1},
            "$set": {"reason": reason, "lastAt": at},
        }
        requests = [UpdateOne({"_id": subject}, change, upsert=True) for subject in subjects]
        await self._database.upsert("failures", requests)
        if case_id:
            named = {"$set": {"caseId": case_id}}
            unnamed = [{"_id": subject, "caseId": None} for subject in subjects]
            await self._database.bulk_write(
                "failures", [UpdateOne(query, named) for query in unnamed]
            )
        return {subject: failure.count for subject, failure in (await self.get(subjects)).items()}

    async def get(self, subjects: Collection[str]) -> dict[str, FailureCount]:
        return await self._database.load_by_id(_failure_count, "failures", subjects)

    async def remove(self, subjects: Collection[str]) -> None:
        requests = [DeleteOne({"_id": subject}) for subject in subjects]
        await self._database.bulk_write("failures", requests)

    async def list_page(self, after: str = "", limit: int = 500) -> list[FailureCount]:
        return await self._database.load_page(_failure_count, "failures", after, limit)


def _failure_count(document: Mapping[str, Any]) -> FailureCount:
    return FailureCount(
        subject=document["_id"],
        count=document["count"],
        reason=document["reason"],
        last_at=document["lastAt"],
        case_id=document.get("caseId", ""),
    )
