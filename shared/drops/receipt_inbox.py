"""The receipts of one cluster, as they come in."""

import json

from aiokafka import AIOKafkaConsumer, ConsumerRecord

from shared.drops.receipt import Receipt
from shared.drops.seed import Position
from shared.events.topics import SEEDS


class ReceiptInbox:
    """Reads every receipt from the consumer's position on, and keeps the latest *capacity*.

    *cluster* is the id of the cluster that the seeds go to. A cluster that is created again counts
    its offsets from 0, so its receipts are about other drops: those are not kept.
    """

    def __init__(
        self, consumer: AIOKafkaConsumer, cluster: str, capacity: int | None = None
    ) -> None:
        self._consumer = consumer
        self._cluster = cluster
        self._capacity = capacity
        self._receipts: dict[Position, Receipt] = {}

    @property
    def positions(self) -> set[Position]:
        """The drops that are answered."""
        return {*self._receipts}

    def get(self, position: Position) -> Receipt | None:
        return self._receipts.get(position)

    async def read(self, timeout_ms: int) -> list[Position]:
        """Wait for receipts; returns the drops that are answered now. Raises KafkaError."""
        read: list[Position] = []
        batches = await self._consumer.getmany(timeout_ms=timeout_ms)
        for records in batches.values():
            for record in records:
                read += self._keep(record)
        while self._capacity is not None and len(self._receipts) > self._capacity:
            del self._receipts[next(iter(self._receipts))]
        return read

    def _keep(self, record: ConsumerRecord[bytes, bytes]) -> list[Position]:
        """Keep the receipt, unless it answers a drop into another cluster."""
        data = json.loads(record.value or b"")
        position = Position(data["seed"]["partition"], data["seed"]["offset"])
        drop_id = f"{self._cluster}/{SEEDS}/{position.partition}/{position.offset}"
        if dict(record.headers).get("ce_id") != f"receipt.{drop_id}".encode():
            return []  # of a drop into another cluster
        self._receipts[position] = Receipt(
            path=data.get("path", ""),
            status=data["status"],
            article_id=data.get("articleId"),
            errors=tuple(data["errors"]),
            warnings=tuple(data.get("warnings", ())),
            case_id=drop_id if data["status"] == "rejected" else "",
        )
        return [position]
