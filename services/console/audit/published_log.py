"""The published topics folded: of each article what was announced, in which order, with which bytes. Pure.

Memory: 16 bytes a revision, and some hundred an article; no contents.
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
FARTHEST: Final = 100_000  # revisions that one record may be ahead: what is farther is none of ours
REVISION: Final = re.compile(r"[1-9][0-9]{0,11}")
KINDS: Final = ("article.published", "article.updated", "article.retracted")


def digest(key: bytes | None, value: bytes | None, headers: Headers) -> bytes:
    """16 bytes that stand for all that a consumer sees of a record."""
    whole = hashlib.blake2b(digest_size=DIGEST)
    named = [part for name, content in headers for part in (name.encode(), content)]
    for part in (key, value, *named):
        whole.update(b"null;" if part is None else b"%d:" % len(part))
        whole.update(part or b"")
    return whole.digest()


def digest_of(one: Record | Event) -> bytes:
    return digest(one.key, one.value, one.headers)


def place_of(record: Record) -> Place:
    return Place(topic=record.topic, partition=record.partition, offset=record.offset)


@dataclass(frozen=True)
class Announcement:
    """One record of a published topic, without its contents."""

    article_id: str
    revision: int
    kind: str  # published, updated or retracted
    digest: bytes
    where: Place
    at: datetime  # when Kafka took it
    tombstone: bool = False


class Foreign(Exception):
    """The record is none of ours. Consequence: a breach; it is not folded."""


def announcement(record: Record) -> Announcement:
    """Raises Foreign, with the reason."""
    key, kind = _text(record.key), record.header("ce_type") or ""
    subject, _, number = (record.header("ce_id") or "").rpartition(".")
    if not key or subject != key or not REVISION.fullmatch(number):
        raise Foreign(f"its ce_id {record.header('ce_id')!r} is not a revision of its key {key!r}")
    if kind not in KINDS:
        raise Foreign(f"its ce_type is {kind!r}")
    if record.value is not None and _said(record.value) != (key, int(number)):
        raise Foreign(f"its value is not revision {number} of {key}")
    return Announcement(
        article_id=key,
        revision=int(number),
        kind=kind.removeprefix("article."),
        digest=digest_of(record),
        where=place_of(record),
        at=record.timestamp,
        tombstone=record.value is None,
    )


def _said(value: bytes) -> tuple[Any, Any]:
    try:
        data = json.loads(value)
    except (ValueError, RecursionError):
        return None, None
    return (data.get("id"), data.get("revision")) if isinstance(data, dict) else (None, None)


def _text(key: bytes | None) -> str:
    return "" if key is None else key.decode(errors="replace")


class Chain:
    """The revisions of one article, as the log has them."""

    def __init__(self, start: Announcement) -> None:
        self.first = start.revision
        self.newest = start  # the highest revision
        self.partitions = {start.where.partition}
        self.marked = 0  # the highest revision when the store began to be read
        self._digests = bytearray(start.digest)

    @property
    def last(self) -> int:
        return self.first + len(self._digests) // DIGEST - 1

    def digest(self, revision: int) -> bytes | None:
        """None when that revision is not in the log."""
        start = (revision - self.first) * DIGEST
        if not 0 <= start < len(self._digests):
            return None
        found = bytes(self._digests[start : start + DIGEST])
        return None if found == MISSING else found

    def holes(self) -> list[int]:
        return [
            revision for revision in range(self.first, self.last) if self.digest(revision) is None
        ]

    def add(self, one: Announcement) -> tuple[Promise, str] | None:
        """Take one more; what is wrong with it, if anything is. A repeat changes nothing."""
        known = self.digest(one.revision)
        if known is not None:
            return None if known == one.digest else (Promise.SAME_BYTES, _two_contents(one))
        if one.revision > self.last + FARTHEST:
            return Promise.OURS, f"revision {one.revision} follows {self.last}"
        late = one.revision < self.last and one.where.partition in self.partitions
        self._put(one)
        return (
            (Promise.ORDER, f"revision {one.revision} stands behind {self.last}") if late else None
        )

    def _put(self, one: Announcement) -> None:
        self.partitions.add(one.where.partition)
        if one.revision < self.first:
            self._digests[:0] = bytes((self.first - one.revision) * DIGEST)
            self.first = one.revision
        if one.revision > self.last:
            self.newest = one
            self._digests.extend(bytes((one.revision - self.last) * DIGEST))
        start = (one.revision - self.first) * DIGEST
        self._digests[start : start + DIGEST] = one.digest


def _two_contents(one: Announcement) -> str:
    return f"revision {one.revision} is there twice under one id, with different bytes"


class PublishedLog:
    """`published.log` as far as it was read."""

    def __init__(self) -> None:
        self.chains: dict[str, Chain] = {}
        self.breaches: list[Breach] = []
        self.records = 0

    def fold(self, record: Record) -> None:
        """Records of one partition must come in their order."""
        self.records += 1
        try:
            one = announcement(record)
            if one.tombstone:
                raise Foreign("it has no value")
        except Foreign as error:
            self.breaches.append(_foreign(record, error))
            return
        chain = self.chains.get(one.article_id)
        if chain is None:
            self.chains[one.article_id] = Chain(one)
        elif fault := chain.add(one):
            self.breaches.append(Breach(fault[0], one.article_id, fault[1], one.where))

    def mark(self) -> None:
        """The store is read from now on: whatever was announced so far must be saved there."""
        for chain in self.chains.values():
            chain.marked = chain.last


class PublishedState:
    """`published.state` as far as it was read: the last record of each key, which is what compaction keeps."""

    def __init__(self) -> None:
        self.latest: dict[str, Announcement] = {}
        self.marked: dict[str, int] = {}
        self.breaches: list[Breach] = []
        self.records = 0

    def fold(self, record: Record) -> None:
        self.records += 1
        try:
            one = announcement(record)
        except Foreign as error:
            self.breaches.append(_foreign(record, error))
            return
        self.latest[one.article_id] = one

    def mark(self) -> None:
        self.marked = {article_id: one.revision for article_id, one in self.latest.items()}


def _foreign(record: Record, why: Foreign) -> Breach:
    sentence = f"a record that no service of ours writes: {why}"
    return Breach(Promise.OURS, _text(record.key), sentence, place_of(record))


def ranges(numbers: Iterable[int]) -> str:
    """`1, 3 to 5` for people."""
    runs: list[list[int]] = []
    for number in sorted(numbers):
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return ", ".join(f"{a}" if a == b else f"{a} to {b}" for a, b in runs)
