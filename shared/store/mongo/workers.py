"""Heartbeats in MongoDB."""

from dataclasses import asdict
from datetime import datetime

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
