"""Rejected records are kept with their bytes, and announced with the same ones. Pure."""

from collections.abc import Iterator
from typing import Final

from services.console.audit.breaches import Breach, Promise, store_place
from services.console.audit.repairs.repair_actions import AnnounceRejection
from services.console.audit.topics.published_records import digest_parts, place_of
from shared.broker.records import Event, Record
from shared.events.rejections import (
    RECORD_HEADER,
    UNDELIVERED,
    build_rejection_event,
    select_carried,
)
from shared.events.topics import ENRICHED, INGESTED, PUBLISHED_LOG, PUBLISHED_STATE
from shared.store import RejectedRecord
from shared.store.ports.operations.rejected import digest_value

KEYED_BY_ARTICLE: Final = (INGESTED, ENRICHED, PUBLISHED_LOG, PUBLISHED_STATE)

CUT_VALUE: Final = "seedwire-cut-value-sha256"
"""Header of an event in `seeds.rejected` that carries only a part of the value."""

REJECTED_PLACE: Final = store_place("rejected")
NOT_STORED: Final = "is not in the store"
OTHER_BYTES: Final = "has other bytes in the store"


class RejectedRecords:
    """Rejected records of the store, as digests by id, and which of them were announced.

    A record that was sent again and rejected again is an attempt of the record that it was first.
    """

    def __init__(self) -> None:
        self.digests: dict[str, bytes] = {}  # of what was rejected
        self.announced: set[str] = set()  # ids that are in `seeds.rejected`
        self.breaches: list[Breach] = []
        self._announced_digests: dict[str, bytes] = {}  # of what an event carries of it
        self._attempts: dict[str, str] = {}  # the SHA-256 of the value that an attempt sent

    def add_stored(self, rejected: RejectedRecord) -> None:
        if rejected.id.startswith(f"{UNDELIVERED}/"):
            self.breaches += _check_undelivered(rejected)
            return
        self.digests[rejected.id] = digest_parts(rejected.key, rejected.value, rejected.headers)
        event = build_rejection_event(rejected)
        self._announced_digests[rejected.id] = _digest_carried(event)
        for attempt in rejected.redrives:
            if attempt.record_id:
                self._attempts[attempt.record_id] = attempt.sha256

    def add_announced(self, record: Record) -> None:
        """Check that a record of `seeds.rejected` is in the store, with the same bytes."""
        record_id = parse_record_id(record)
        if record_id is None:
            sentence = "none of our services writes such a record: it has no seedwire-record"
            self.breaches.append(Breach(Promise.OURS, "", sentence, place_of(record)))
            return
        self.announced.add(record_id)
        fault = self._find_announced_fault(record_id, record)
        if fault:
            sentence = f"the rejected record {record_id} {fault}"
            place = place_of(record) if fault == NOT_STORED else REJECTED_PLACE
            self.breaches.append(Breach(Promise.REJECTED, "", sentence, place))

    def find_fault(self, record: Record) -> str:
        """What is wrong with how a rejected *record* is kept; empty if nothing is."""
        if record.id in self.digests:
            is_same = self.digests[record.id] == digest_parts(
                record.key, record.value, record.headers
            )
        elif record.id in self._attempts:
            is_same = self._attempts[record.id] == digest_value(record.value)
        else:
            return NOT_STORED
        return "" if is_same else OTHER_BYTES

    def check_announced(self, rejected: RejectedRecord, cluster: str) -> Iterator[Breach]:
        """Check that a record of the store is in the `seeds.rejected` of its cluster."""
        if rejected.id not in self.announced and rejected.id.startswith(f"{cluster}/"):
            sentence = f"the rejected record {rejected.id} is not in seeds.rejected"
            action = AnnounceRejection(rejected)
            yield Breach(Promise.REJECTED, "", sentence, REJECTED_PLACE, action)

    def _find_announced_fault(self, record_id: str, record: Record) -> str:
        """What is wrong with how the record is kept that *record* announces."""
        if record_id in self._announced_digests:
            is_same = self._announced_digests[record_id] == _digest_carried(record)
        elif record_id in self._attempts:
            sent = record.header(CUT_VALUE) or digest_value(record.value)
            is_same = self._attempts[record_id] == sent
        else:
            return NOT_STORED
        return "" if is_same else OTHER_BYTES


def parse_record_id(record: Record) -> str | None:
    """The id of the record that was rejected."""
    return record.header(RECORD_HEADER)


def _check_undelivered(event: RejectedRecord) -> Iterator[Breach]:
    """An event that Kafka refused breaks a promise until it was sent after all, or dismissed."""
    if event.state in ("open", "redriven"):
        sentence = (
            f"an event for {event.topic} was saved, but Kafka refused it: "
            f"{event.causes[0].message} (kept as {event.id})"
        )
        is_about_article = event.topic in KEYED_BY_ARTICLE
        article_id = (event.key or b"").decode(errors="replace") if is_about_article else ""
        yield Breach(Promise.ANNOUNCED, article_id, sentence, REJECTED_PLACE)


def _digest_carried(record: Record | Event) -> bytes:
    """Of the rejected record alone: a repeat may give other causes."""
    return digest_parts(record.key, record.value, select_carried(record.headers))
