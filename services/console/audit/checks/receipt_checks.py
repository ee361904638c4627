"""What became of every drop: one receipt each, and rejected drops are kept. Pure."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from services.console.audit.breaches import Breach, Place, Promise
from services.console.audit.checks.rejected_checks import (
    NOT_STORED,
    REJECTED_PLACE,
    RejectedRecords,
)
from services.console.audit.topics.published_records import place_of
from shared.broker.records import Record


@dataclass(frozen=True)
class ReceiptDigest:
    """What the receipts say of one drop."""

    status: str
    article_id: str
    content_hash: int  # of the whole receipt


class Receipts:
    """`seeds.receipts` by drop (partition and offset): some hundred bytes each."""

    def __init__(self) -> None:
        self.by_drop: dict[tuple[int, int], ReceiptDigest] = {}
        self.breaches: list[Breach] = []

    def add(self, record: Record) -> None:
        try:
            drop, receipt = _parse_receipt(record)
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            sentence = f"none of our services writes such a record: {error!r}"
            self.breaches.append(Breach(Promise.OURS, "", sentence, place_of(record)))
            return
        first = self.by_drop.setdefault(drop, receipt)
        if first != receipt:
            partition, offset = drop
            sentence = (
                f"the drop {partition}/{offset} has two receipts that differ: "
                f"{first.status}, then {receipt.status}"
            )
            place = place_of(record)
            self.breaches.append(Breach(Promise.RECEIPTS, receipt.article_id, sentence, place))

    def check_drop(self, seed: Record, rejected: RejectedRecords) -> Iterator[Breach]:
        """Check that a committed drop has its receipt, and is kept if it was rejected."""
        receipt = self.by_drop.get((seed.partition, seed.offset))
        if receipt is None:
            sentence = "ingest has committed this drop, but it has no receipt"
            yield Breach(Promise.RECEIPTS, "", sentence, place_of(seed))
        elif receipt.status == "rejected":
            yield from _check_kept(seed, rejected)


def _parse_receipt(record: Record) -> tuple[tuple[int, int], ReceiptDigest]:
    data: Any = json.loads(record.value or b"")
    drop = (int(data["seed"]["partition"]), int(data["seed"]["offset"]))
    content_hash = hash(json.dumps(data, sort_keys=True))
    return drop, ReceiptDigest(str(data["status"]), str(data.get("articleId", "")), content_hash)


def _check_kept(seed: Record, rejected: RejectedRecords) -> Iterator[Breach]:
    """Check that the rejected drop is in the store, with its bytes."""
    fault = rejected.find_fault(seed)
    if fault:
        place = place_of(seed) if fault == NOT_STORED else REJECTED_PLACE
        yield Breach(Promise.REJECTED, "", f"the rejected drop {seed.id} {fault}", place)


def unknown_article(article_id: str, place: Place) -> Breach:
    sentence = "a receipt names it, but it is not in the store"
    return Breach(Promise.RECEIPTS, article_id, sentence, place)
