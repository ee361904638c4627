"""What goes through Kafka: a record as it was read, an event as it is sent. Bytes stay bytes."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from aiokafka import ConsumerRecord

from shared.store.ports.parked import Parked

LATEST_MS: Final = (
    253_402_214_400_000  # the last day of the year 9999: a producer may say what it likes
)

Headers = tuple[tuple[str, bytes | None], ...]


@dataclass(frozen=True)
class Record:
    """One record of a topic, untouched: any key, value or header that Kafka takes, a null value included."""

    cluster: str
    topic: str
    partition: int
    offset: int
    timestamp: datetime
    key: bytes | None
    value: bytes | None
    headers: Headers = ()

    @property
    def id(self) -> str:
        """Names this record for good: a cluster that is made anew has another id."""
        return f"{self.cluster}/{self.topic}/{self.partition}/{self.offset}"

    @property
    def source(self) -> str:
        """Where offsets count: positions of two records compare only within one source."""
        return f"{self.cluster}/{self.partition}"

    def header(self, name: str) -> str | None:
        """The first header of that name, as text; bytes that are not UTF-8 are shown replaced."""
        return next(
            (v.decode(errors="replace") for k, v in self.headers if k == name and v is not None),
            None,
        )


def record(cluster: str, raw: "ConsumerRecord[bytes | None, bytes | None]") -> Record:
    """One record of *cluster* as the handlers get it."""
    return Record(
        cluster=cluster,
        topic=raw.topic,
        partition=raw.partition,
        offset=raw.offset,
        timestamp=datetime.fromtimestamp(min(max(raw.timestamp, 0), LATEST_MS) / 1000, UTC),
        key=raw.key,
        value=raw.value,
        headers=tuple(raw.headers),
    )


@dataclass(frozen=True)
class ArticleAnnounced:
    article_id: str
    version: int


@dataclass(frozen=True)
class RevisionAnnounced:
    article_id: str
    revision: int


@dataclass(frozen=True)
class StoryAnnounced:
    story_id: str
    version: int


@dataclass(frozen=True)
class ParkedDone:
    work: Parked


Settles = ArticleAnnounced | RevisionAnnounced | StoryAnnounced | ParkedDone
"""What is no longer due once an event is acknowledged."""


@dataclass(frozen=True)
class Event:
    """One record to send. A repeat has the same bytes. *settles* is written to the store after the acknowledgement."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: Headers = ()
    settles: Settles | None = None
