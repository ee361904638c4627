"""The event that answers a drop: its receipt."""

from collections.abc import Sequence

from shared.broker.records import Event, Record
from shared.events.cloud_event import build_cloud_event
from shared.events.topics import RECEIPTS
from shared.store.ports.rejected import Cause


def build_seed_receipt(
    record: Record, status: str, article_id: str | None, causes: Sequence[Cause] = ()
) -> Event:
    """What became of one drop.

    `seed` names the record of the drop; `path` repeats its header of that name, if there was one.
    """
    errors = [{"field": c.field, "line": c.line, "message": c.message} for c in causes]
    data = {
        "seed": {"topic": record.topic, "partition": record.partition, "offset": record.offset},
        "path": record.header("path"),
        "status": status,
        "articleId": article_id,
        "errors": errors,
    }
    return build_cloud_event(
        RECEIPTS,
        key=article_id or record.key,
        event_id=f"receipt.{record.id}",
        kind="seed.receipt",
        data=data,
    )
