"""The event that answers a drop: its receipt."""

from collections.abc import Sequence

from shared.broker.records import Event, Record
from shared.budgets import MAX_EVENT_KEY_BYTES, MAX_PATH_CHARACTERS, cut_bytes, cut_text
from shared.events.acknowledgements import RedriveAnswered
from shared.events.causes import build_faults
from shared.events.cloud_event import build_cloud_event, find_trace
from shared.events.public.receipts import SeedReceipt, SeedRecord
from shared.events.rejections import format_place, read_origin
from shared.events.topics import RECEIPTS
from shared.store.ports.operations.rejected import REJECTED_AGAIN, Cause


def build_seed_receipt(
    record: Record,
    status: str,
    article_id: str | None,
    causes: Sequence[Cause] = (),
    warnings: Sequence[Cause] = (),
) -> Event:
    """What became of one drop: *causes* say why it was rejected, *warnings* what looks wrong.

    `seed` names the record of the drop; `path` repeats its header of that name, if there was one.
    Path and key are cut where they exceed their budgets: `seed` alone identifies the drop. If the
    record was sent again after a rejection, the acknowledgement of its receipt answers that.
    """
    origin = None if status == REJECTED_AGAIN else read_origin(record)
    receipt = SeedReceipt(
        seed=SeedRecord(topic=record.topic, partition=record.partition, offset=record.offset),
        path=_read_path(record),
        status=status,
        article_id=article_id,
        errors=build_faults(causes),
        warnings=build_faults(warnings),
    )
    return build_cloud_event(
        RECEIPTS,
        key=article_id or _cut_key(record.key),
        event_id=f"receipt.{record.id}",
        kind="seed.receipt",
        data=receipt.as_json(),
        time=record.timestamp,
        subject=format_place(record),
        trace=find_trace(record),
        on_ack=RedriveAnswered(origin, status) if origin else None,
    )


def _read_path(record: Record) -> str | None:
    path = record.header("path")
    return None if path is None else cut_text(path, MAX_PATH_CHARACTERS)


def _cut_key(key: bytes | None) -> bytes | None:
    return None if key is None else cut_bytes(key, MAX_EVENT_KEY_BYTES)
