"""What `published.log` and `published.state` say of each article. Pure.

It keeps which revisions were announced, in which order and with which bytes. Memory: 16 bytes a
revision and some hundred an article; contents are not kept.
"""

import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from services.console.audit.breaches import Breach, Place, Promise
from shared.broker.records import Event, Headers, Record

DIGEST: Final = 16  # bytes
MISSING: Final = bytes(DIGEST)
MAX_SKIP: Final = 100_000  # revisions that a record may skip; one that skips more is not ours
REVISION: Final = re.compile(r"[1-9][0-9]{0,11}")
KINDS: Final = ("article.published", "article.updated", "article.retracted")


def digest_parts(key: bytes | None, value: bytes | None, headers: Headers) -> bytes:
    """Compute a digest of all that a consumer sees of a record, in 16 bytes."""
    parts = [key, value]
    for name, content in headers:
        parts += [name.encode(), content]
    whole = hashlib.blake2b(digest_size=DIGEST)
    for part in parts:
        whole.update(b"null;" if part is None else b"%d:" % len(part))
        whole.update(part or b"")
    return whole.digest()


def digest_record(record: Record | Event) -> bytes:
    return digest_parts(record.key, record.value, record.headers)


def place_of(record: Record) -> Place:
    return Place(topic=record.topic, partition=record.partition, offset=record.offset)


@dataclass(frozen=True)
class PublishedRecord:
    """One record of a published topic, without its contents."""

    article_id: str
    revision: int
    kind: str  # published, updated or retracted
    digest: bytes
    where: Place
    at: datetime  # Kafka's timestamp
    is_tombstone: bool = False


class ForeignRecord(Exception):
    """None of our services writes such a record. Consequence: a breach; its content is ignored."""


def parse_published_record(record: Record) -> PublishedRecord:
    """Raises ForeignRecord with the reason."""
    key, kind = _decode_key(record.key), record.header("ce_type") or ""
    subject, _, number = (record.header("ce_id") or "").rpartition(".")
    if not key or subject != key or not REVISION.fullmatch(number):
        event_id = record.header("ce_id")
        raise ForeignRecord(f"its ce_id {event_id!r} is not a revision of its key {key!r}")
    if kind not in KINDS:
        raise ForeignRecord(f"its ce_type is {kind!r}")
    if record.value is not None and _parse_id_and_revision(record.value) != (key, int(number)):
        raise ForeignRecord(f"its value is not revision {number} of {key}")
    return PublishedRecord(
        article_id=key,
        revision=int(number),
        kind=kind.removeprefix("article."),
        digest=digest_record(record),
        where=place_of(record),
        at=record.timestamp,
        is_tombstone=record.value is None,
    )


def _parse_id_and_revision(value: bytes) -> tuple[Any, Any]:
    try:
        data = json.loads(value)
    except (ValueError, RecursionError):
        return None, None
    if not isinstance(data, dict):
        return None, None
    return data.get("id"), data.get("revision")


def _decode_key(key: bytes | None) -> str:
    return "" if key is None else key.decode(errors="replace")


class RevisionHistory:
    """The revisions of one article that the log has.

    *checkpoint* is the highest revision at the moment when the audit began to read the store.
    """

    def __init__(self, start: PublishedRecord) -> None:
        self.first = start.revision
        self.newest = start  # the highest revision
        self.partitions = {start.where.partition}
        self.checkpoint = 0
        self._digests = bytearray(start.digest)

    @property
    def last(self) -> int:
        return self.first + len(self._digests) // DIGEST - 1

    def digest(self, revision: int) -> bytes | None:
        """The digest of *revision*; None if the log does not have it."""
        start = (revision - self.first) * DIGEST
        if not 0 <= start < len(self._digests):
            return None
        found = bytes(self._digests[start : start + DIGEST])
        return None if found == MISSING else found

    def find_gaps(self) -> list[int]:
        return [
            revision for revision in range(self.first, self.last) if self.digest(revision) is None
        ]

    def add(self, record: PublishedRecord) -> tuple[Promise, str] | None:
        """Add a record; return the promise it breaks, with a sentence, if it breaks one.

        A repeat changes nothing.
        """
        revision, last = record.revision, self.last
        existing = self.digest(revision)
        if existing == record.digest:
            return None
        if existing is not None:
            sentence = f"revision {revision} is there twice under one id, with different bytes"
            return Promise.SAME_BYTES, sentence
        if revision > last + MAX_SKIP:
            return Promise.OURS, f"revision {revision} follows {last}"
        is_late = revision < last and record.where.partition in self.partitions
        self._insert(record)
        return (Promise.ORDER, f"revision {revision} comes after {last}") if is_late else None

    def _insert(self, record: PublishedRecord) -> None:
        revision = record.revision
        self.partitions.add(record.where.partition)
        if revision < self.first:
            self._digests[:0] = bytes((self.first - revision) * DIGEST)
            self.first = revision
        if revision > self.last:
            self.newest = record
            self._digests.extend(bytes((revision - self.last) * DIGEST))
        start = (revision - self.first) * DIGEST
        self._digests[start : start + DIGEST] = record.digest


class PublishedLog:
    """`published.log` as far as it was read."""

    def __init__(self) -> None:
        self.histories: dict[str, RevisionHistory] = {}
        self.breaches: list[Breach] = []
        self.records = 0

    def add(self, record: Record) -> None:
        """Add a record. Those of one partition must come in their order."""
        self.records += 1
        try:
            parsed = parse_published_record(record)
            if parsed.is_tombstone:
                raise ForeignRecord("it has no value")
        except ForeignRecord as error:
            self.breaches.append(_foreign_record_breach(record, error))
            return
        history = self.histories.get(parsed.article_id)
        if history is None:
            self.histories[parsed.article_id] = RevisionHistory(parsed)
            return
        if fault := history.add(parsed):
            promise, sentence = fault
            self.breaches.append(Breach(promise, parsed.article_id, sentence, parsed.where))

    def take_checkpoint(self) -> None:
        """Call this before reading the store: what was announced so far must be saved there."""
        for history in self.histories.values():
            history.checkpoint = history.last


class PublishedState:
    """`published.state` as far as it was read.

    It keeps the last record of each key, as compaction does, and in *checkpoint* the revision that
    each article had when the audit began to read the store.
    """

    def __init__(self) -> None:
        self.latest: dict[str, PublishedRecord] = {}
        self.checkpoint: dict[str, int] = {}
        self.breaches: list[Breach] = []
        self.records = 0

    def add(self, record: Record) -> None:
        self.records += 1
        try:
            parsed = parse_published_record(record)
        except ForeignRecord as error:
            self.breaches.append(_foreign_record_breach(record, error))
            return
        self.latest[parsed.article_id] = parsed

    def take_checkpoint(self) -> None:
        self.checkpoint = {
            article_id: record.revision for article_id, record in self.latest.items()
        }


def _foreign_record_breach(record: Record, reason: ForeignRecord) -> Breach:
    sentence = f"none of our services writes such a record: {reason}"
    return Breach(Promise.OURS, _decode_key(record.key), sentence, place_of(record))


def format_ranges(numbers: Iterable[int]) -> str:
    """Format numbers for people: `1, 3 to 5`."""
    runs: list[list[int]] = []
    for number in sorted(numbers):
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return ", ".join(_format_run(first, last) for first, last in runs)


def _format_run(first: int, last: int) -> str:
    return str(first) if first == last else f"{first} to {last}"
