"""What a record of a published topic says: which revision it is, and a digest of its bytes. Pure.

The events of articles and of stories are numbered alike; a story's revisions are its versions.
"""

import hashlib
import json
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal, get_args

from services.console.audit.breaches import Breach, Place, Promise
from shared.broker.records import Event, Headers, Record
from shared.events.cloud_event import SOURCE_HEADER, read_kind
from shared.store import StoryEventKind

DIGEST: Final = 16  # bytes
REVISION: Final = re.compile(r"[1-9][0-9]{0,11}")
TOMBSTONE_ENDING: Final = ".tombstone"


@dataclass(frozen=True)
class EventContract:
    """What the events of a log and of its state topic are about, and how they are numbered."""

    subject: Literal["article", "story"]
    number: Literal["revision", "version"]
    last_kind: str  # that of a retraction or an end, for which the state has a tombstone
    kinds: tuple[str, ...]

    @property
    def tombstone_kind(self) -> str:
        return f"{self.subject}.removed"

    def build_breach(self, promise: Promise, subject_id: str, sentence: str, at: Place) -> Breach:
        if self.subject == "article":
            return Breach(promise, subject_id, sentence, at)
        return Breach(promise, "", sentence, at, story_id=subject_id)


ARTICLES: Final = EventContract(
    subject="article",
    number="revision",
    last_kind="retracted",
    kinds=("article.published", "article.updated", "article.retracted"),
)
STORIES: Final = EventContract(
    subject="story",
    number="version",
    last_kind="ended",
    kinds=tuple(f"story.{kind}" for kind in get_args(StoryEventKind)),
)


def digest_parts(key: bytes | None, value: bytes | None, headers: Headers) -> bytes:
    """Compute a digest of all that a consumer sees of a record, in 16 bytes."""
    parts = [key, value]
    for name, content in headers:
        parts += [name.encode(), content]
    framed = [b"null;" if part is None else b"%d:%b" % (len(part), part) for part in parts]
    return hashlib.blake2b(b"".join(framed), digest_size=DIGEST).digest()


def digest_record(record: Record | Event) -> bytes:
    """Without its source, which is added to an event when it is sent."""
    headers = tuple(header for header in record.headers if header[0] != SOURCE_HEADER)
    return digest_parts(record.key, record.value, headers)


def place_of(record: Record) -> Place:
    return Place(topic=record.topic, partition=record.partition, offset=record.offset)


@dataclass(frozen=True)
class PublishedRecord:
    """One record of a published topic, without its contents.

    *subject_id* is the id of the article or the story. Of a story, *revision* is its version.
    """

    subject_id: str
    revision: int
    kind: str  # such as published or retracted
    digest: bytes
    where: Place
    at: datetime  # Kafka's timestamp
    is_tombstone: bool = False


class ForeignRecord(Exception):
    """None of our services writes such a record. Consequence: a breach; its content is ignored."""


def parse_published_record(record: Record, contract: EventContract = ARTICLES) -> PublishedRecord:
    """Raises ForeignRecord with the reason."""
    key, kind, event_id = decode_key(record.key), read_kind(record), record.header("ce_id") or ""
    is_tombstone = record.value is None
    subject, _, number = _remove_ending(event_id, is_tombstone).rpartition(".")
    if not key or subject != key or not REVISION.fullmatch(number):
        named = f"a {contract.number} of its key {key!r}"
        raise ForeignRecord(f"its ce_id {event_id!r} is not {named}")
    if kind not in ((contract.tombstone_kind,) if is_tombstone else contract.kinds):
        raise ForeignRecord(f"its ce_type is {record.header('ce_type')!r}")
    if record.value is not None and _parse_numbered(record.value, contract) != (key, int(number)):
        raise ForeignRecord(f"its value is not {contract.number} {number} of {key}")
    return PublishedRecord(
        subject_id=key,
        revision=int(number),
        kind=contract.last_kind if is_tombstone else kind.removeprefix(f"{contract.subject}."),
        digest=digest_record(record),
        where=place_of(record),
        at=record.timestamp,
        is_tombstone=is_tombstone,
    )


def _remove_ending(event_id: str, is_tombstone: bool) -> str:
    """The id of the revision, of which a tombstone has its own; empty if it has not."""
    if not is_tombstone:
        return event_id
    return event_id.removesuffix(TOMBSTONE_ENDING) if event_id.endswith(TOMBSTONE_ENDING) else ""


def _parse_numbered(value: bytes, contract: EventContract) -> tuple[Any, Any]:
    """The id and the number in the data of an event."""
    try:
        data = json.loads(value)
    except (ValueError, RecursionError):
        return None, None
    if not isinstance(data, dict):
        return None, None
    return data.get("id"), data.get(contract.number)


def decode_key(key: bytes | None) -> str:
    return "" if key is None else key.decode(errors="replace")
