"""Heartbeats in MongoDB."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from pymongo import ReplaceOne

from shared.store.mongo.database import Database
from shared.store.ports.workers import Heartbeat


class MongoWorkers:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def beat(self, heartbeat: Heartbeat) -> None:
        fields = {name: value for name, value in asdict(heartbeat).items() if name != "instance"}
        await self._database.upsert(
            "workers", [ReplaceOne({"_id": heartbeat.instance}, fields, upsert=True)]
        )

    async def all(self) -> list[Heartbeat]:
        return [
            _heartbeat(one) for one in await self._database.find("workers", {}, sort=[("_id", 1)])
        ]

    async def forget(self, before: datetime) -> None:
        await self._database.do(self._database["workers"].delete_many({"at": {"$lt": before}}))

    async def known_cluster(self, service: str) -> str | None:
        found = await self._database.find_ids("clusters", [service])
        return found[0]["cluster"] if found else None

    async def remember_cluster(self, service: str, cluster: str) -> None:
        await self._database.upsert(
            "clusters", [ReplaceOne({"_id": service}, {"cluster": cluster}, upsert=True)]
        )


def _heartbeat(one: Mapping[str, Any]) -> Heartbeat:
    fields = {name: value for name, value in one.items() if name != "_id"}
    return Heartbeat(instance=one["_id"], **fields)
