"""Heartbeats in MongoDB."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any, Final

from pymongo.errors import DuplicateKeyError

from shared.store.mongo.engine.database import Database
from shared.store.ports.operations.workers import Heartbeat

_FIELDS: Final = (
    "service",
    "host",
    "pid",
    "state",
    "at",
    "lag",
    "counts",
    "note",
    "waits_for",
    "waits_since",
    "handled_at",
)
"""Versions before step 4 fail at a field that they do not know, so later ones stand elsewhere."""


class MongoWorkers:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def save_heartbeat(self, heartbeat: Heartbeat) -> None:
        """What older versions do not know is written first, with the same time.

        A heartbeat that is newer than that comes from an older version under the same name.
        """
        fields = asdict(heartbeat)
        instance = fields["instance"]
        known = {"schema": heartbeat.schema, "mode": heartbeat.mode, "at": heartbeat.at}
        await self._database.replace("worker_schemas", {instance: known})
        document = {name: fields[name] for name in _FIELDS}
        await self._database.replace("workers", {instance: document})

    async def list_heartbeats(self) -> list[Heartbeat]:
        documents = await self._database.find("workers", {}, sort=[("_id", 1)])
        instances = [document["_id"] for document in documents]
        schemas = await self._database.find_ids("worker_schemas", instances)
        known = {schema["_id"]: schema for schema in schemas}
        return [_heartbeat(document, known.get(document["_id"])) for document in documents]

    async def delete_heartbeats(self, before: datetime) -> None:
        for collection in ("workers", "worker_schemas"):
            deletion = self._database[collection].delete_many({"at": {"$lt": before}})
            await self._database.do(deletion)

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


def _heartbeat(document: Mapping[str, Any], known: Mapping[str, Any] | None) -> Heartbeat:
    """A heartbeat without its own *known* step comes from a version that did not write one.

    Versions before step 7 wrote no mode.
    """
    fields = {name: document[name] for name in _FIELDS}
    if known is None or known["at"] < document["at"]:
        return Heartbeat(instance=document["_id"], **fields)
    mode = known.get("mode", "")
    return Heartbeat(instance=document["_id"], schema=known["schema"], mode=mode, **fields)
