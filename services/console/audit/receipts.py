"""What became of every drop: one receipt each, and rejected ones kept with their bytes. Pure."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from services.console.audit.breaches import Breach, Place, Promise, store_place
from services.console.audit.published_topics import digest_parts, place_of
from services.console.audit.repair_actions import AnnounceRejection
from shared.broker.records import Record
from shared.store import RejectedRecord

ORIGIN: Final = ("seedwire-record", "seedwire-service", "seedwire-causes")
"""Headers that follow the original ones in `seeds.rejected`."""

REJECTED = store_place("rejected")


@dataclass(frozen=True)
class Receipt:
    """What the receipts say of one drop."""

    status: str
    article_id: str
    content_hash: int  # of the whole receipt


class Receipts:
    """`seeds.receipts` by drop (partition and offset): some hundred bytes each."""

    def __init__(self) -> None:
        self.by_drop: dict[tuple[int, int], Receipt] = {}
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

    def check_drop(self, seed: Record, rejected: "RejectedRecords") -> Iterator[Breach]:
        """Check that a committed drop has its receipt, and is kept if it was rejected."""
        receipt = self.by_drop.get((seed.partition, seed.offset))
        if receipt is None:
            sentence = "ingest has committed this drop, but it has no receipt"
            yield Breach(Promise.RECEIPTS, "", sentence, place_of(seed))
        elif receipt.status == "rejected":
            yield from _check_kept(seed, rejected)


def _parse_receipt(record: Record) -> tuple[tuple[int, int], Receipt]:
    data: Any = json.loads(record.value or b"")
    drop = (int(data["seed"]["partition"]), int(data["seed"]["offset"]))
    content_hash = hash(json.dumps(data, sort_keys=True))
    return drop, Receipt(str(data["status"]), str(data["articleId"] or ""), content_hash)


def _check_kept(seed: Record, rejected: "RejectedRecords") -> Iterator[Breach]:
    """Check that the rejected drop is in the store, with its bytes."""
    kept = rejected.digests.get(seed.id)
    if kept is None:
        sentence = f"the rejected drop {seed.id} is not in the store"
        yield Breach(Promise.REJECTED, "", sentence, place_of(seed))
    elif kept != digest_parts(seed.key, seed.value, seed.headers):
        sentence = f"the rejected drop {seed.id} has other bytes in the store"
        yield Breach(Promise.REJECTED, "", sentence, REJECTED)


class RejectedRecords:
    """Rejected records of the store, as digests by id, and which of them were announced."""

    def __init__(self) -> None:
        self.digests: dict[str, bytes] = {}
        self.announced: set[str] = set()  # ids that are in `seeds.rejected`
        self.breaches: list[Breach] = []

    def add_stored(self, rejected: RejectedRecord) -> None:
        self.digests[rejected.id] = digest_parts(rejected.key, rejected.value, rejected.headers)

    def add_announced(self, record: Record) -> None:
        """Check that a record of `seeds.rejected` is in the store, with the same bytes."""
        record_id = parse_record_id(record)
        if record_id is None:
            sentence = "none of our services writes such a record: it has no seedwire-record"
            self.breaches.append(Breach(Promise.OURS, "", sentence, place_of(record)))
            return
        self.announced.add(record_id)
        stored = self.digests.get(record_id)
        if stored is None:
            sentence = f"the rejected record {record_id} is not in the store"
            self.breaches.append(Breach(Promise.REJECTED, "", sentence, place_of(record)))
        elif stored not in _list_possible_digests(record):
            sentence = f"the rejected record {record_id} has other bytes in the store"
            self.breaches.append(Breach(Promise.REJECTED, "", sentence, REJECTED))

    def check_announced(self, rejected: RejectedRecord, cluster: str) -> Iterator[Breach]:
        """Check that a record of the store is in the `seeds.rejected` of its cluster."""
        if rejected.id not in self.announced and rejected.id.startswith(f"{cluster}/"):
            sentence = f"the rejected record {rejected.id} is not in seeds.rejected"
            action = AnnounceRejection(rejected)
            yield Breach(Promise.REJECTED, "", sentence, REJECTED, action)


def parse_record_id(record: Record) -> str | None:
    """The id of the record that was rejected.

    It is in the last header of that name, since the rejected record may bring one of its own.
    """
    for name, value in reversed(record.headers):
        if name == ORIGIN[0] and value is not None:
            return value.decode(errors="replace")
    return None


def _list_possible_digests(record: Record) -> list[bytes]:
    """Digests of what may have been rejected: an empty value may stand for a null one."""
    headers = record.headers[: -len(ORIGIN)]
    digests = [digest_parts(record.key, record.value, headers)]
    if record.key is None and record.value == b"":
        digests.append(digest_parts(None, None, headers))
    return digests


def unknown_article(article_id: str, place: Place) -> Breach:
    sentence = "a receipt names it, but it is not in the store"
    return Breach(Promise.RECEIPTS, article_id, sentence, place)
