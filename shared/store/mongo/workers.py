"""Heartbeats in MongoDB."""

from dataclasses import asdict
from datetime import datetime, timedelta

from pymongo.errors import DuplicateKeyError

from shared.store.mongo.database import Database
from shared.store.ports.workers import Heartbeat


class MongoWorkers:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def save_heartbeat(self, heartbeat: Heartbeat) -> None:
        fields = asdict(heartbeat)
        instance = fields.pop("instance")
        await self._database.replace("workers", {instance: fields})

    async def list_heartbeats(self) -> list[Heartbeat]:
        documents = await self._database.find("workers", {}, sort=[("_id", 1)])
        return [Heartbeat(instance=document.pop("_id"), **document) for document in documents]

    async def delete_heartbeats(self, before: datetime) -> None:
        await self._database.do(self._database["workers"].delete_many({"at": {"$lt": before}}))

    async def get_cluster(self, service: str) -> str | None:
        documents = await self._database.find_ids("clusters", [service])
        return documents[0]["cluster"] if documents else None

    async def save_cluster(self, service: str, cluster: str) -> None:
        await self._database.replace("clusters", {service: {"cluster": cluster}})

    async def claim_refill(
        self, service: str, cluster: str, holder: str, now: datetime, lease: timedelta
    ) -> bool:
        """Where somebody else holds it, the upsert fails on the id."""
        expired, other = {"leasedUntil": {"$lte": now}}, {"cluster": {"$ne": cluster}}
        query = {"_id": service, "$or": [{"holder": holder}, expired, other]}
        claim = {"cluster": cluster, "holder": holder, "leasedUntil": now + lease}
        update = self._database["refills"].update_one(query, {"$set": claim}, upsert=True)
        try:
            await self._database.do(update)
        except DuplicateKeyError:
            return False
        return True
