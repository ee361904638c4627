"""What `published.log` and `published.state` say of each article, and `stories.…` of each story.

It keeps which revisions were announced, in which order and with which bytes; of a story, these are
its versions. Memory: 16 bytes a revision and some hundred an article; contents are not kept. Pure.
"""

from collections.abc import Iterable
from typing import Final

from services.console.audit.breaches import Breach, Promise
from services.console.audit.topics.published_records import (
    ARTICLES,
    DIGEST,
    EventContract,
    ForeignRecord,
    PublishedRecord,
    decode_key,
    parse_published_record,
    place_of,
)
from shared.broker.records import Record

MISSING: Final = bytes(DIGEST)
MAX_SKIP: Final = 100_000  # revisions that a record may skip; one that skips more is not ours


class RevisionHistory:
    """The revisions of one article, or the versions of one story, that the log has.

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
        """Add a record; return the promise it breaks, if it breaks one.

        With it comes what is to follow `revision ` in a sentence. A repeat changes nothing.
        """
        revision, last = record.revision, self.last
        existing = self.digest(revision)
        if existing == record.digest:
            return None
        if existing is not None:
            sentence = f"{revision} is there twice under one id, with different bytes"
            return Promise.SAME_BYTES, sentence
        if revision > last + MAX_SKIP:
            return Promise.OURS, f"{revision} follows {last}"
        is_late = revision < last and record.where.partition in self.partitions
        self._insert(record)
        return (Promise.ORDER, f"{revision} comes after {last}") if is_late else None

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
    """`published.log`, or `stories.log`, as far as it was read."""

    def __init__(self, contract: EventContract = ARTICLES) -> None:
        self._contract = contract
        self.histories: dict[str, RevisionHistory] = {}
        self.breaches: list[Breach] = []
        self.records = 0

    def add(self, record: Record) -> None:
        """Add a record. Those of one partition must come in their order."""
        self.records += 1
        try:
            parsed = parse_published_record(record, self._contract)
            if parsed.is_tombstone:
                raise ForeignRecord("it has no value")
        except ForeignRecord as error:
            self.breaches.append(_foreign_record_breach(record, error, self._contract))
            return
        history = self.histories.get(parsed.subject_id)
        if history is None:
            self.histories[parsed.subject_id] = RevisionHistory(parsed)
            return
        if fault := history.add(parsed):
            promise, sentence = fault
            numbered = f"{self._contract.number} {sentence}"
            self.breaches.append(
                self._contract.build_breach(promise, parsed.subject_id, numbered, parsed.where)
            )

    def take_checkpoint(self) -> None:
        """Call this before reading the store: what was announced so far must be saved there."""
        for history in self.histories.values():
            history.checkpoint = history.last


class PublishedState:
    """`published.state`, or `stories.state`, as far as it was read.

    It keeps the last record of each key, as compaction does, and in *checkpoint* the revision that
    each article had when the audit began to read the store.
    """

    def __init__(self, contract: EventContract = ARTICLES) -> None:
        self._contract = contract
        self.latest: dict[str, PublishedRecord] = {}
        self.checkpoint: dict[str, int] = {}
        self.breaches: list[Breach] = []
        self.records = 0

    def add(self, record: Record) -> None:
        self.records += 1
        try:
            parsed = parse_published_record(record, self._contract)
        except ForeignRecord as error:
            self.breaches.append(_foreign_record_breach(record, error, self._contract))
            return
        self.latest[parsed.subject_id] = parsed

    def take_checkpoint(self) -> None:
        self.checkpoint = {
            article_id: record.revision for article_id, record in self.latest.items()
        }


def _foreign_record_breach(
    record: Record, reason: ForeignRecord, contract: EventContract
) -> Breach:
    sentence = f"none of our services writes such a record: {reason}"
    return contract.build_breach(Promise.OURS, decode_key(record.key), sentence, place_of(record))


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
