"""What goes through Kafka: a record as it was read, an event as it is sent. Bytes stay bytes."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from aiokafka import ConsumerRecord

# The last day of the year 9999: a producer may set any timestamp, and datetime ends there.
MAX_TIMESTAMP_MS: Final = 253_402_214_400_000

Headers = tuple[tuple[str, bytes | None], ...]


@dataclass(frozen=True)
class Record:
    """One record of a topic, untouched: any key, value and headers that Kafka takes, even null."""

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
        """Names this record for good: a cluster that is created again has another id."""
        return f"{self.cluster}/{self.topic}/{self.partition}/{self.offset}"

    @property
    def source(self) -> str:
        """Where the offset counts: offsets of two records compare only within one source."""
        return f"{self.cluster}/{self.partition}"

    def header(self, name: str) -> str | None:
        """The first header of that name, as text; bytes that are not UTF-8 are replaced."""
        for key, value in self.headers:
            if key == name and value is not None:
                return value.decode(errors="replace")
        return None


def to_record(cluster: str, raw: "ConsumerRecord[bytes | None, bytes | None]") -> Record:
    """aiokafka's record, read from *cluster*, as handlers get it."""
    timestamp_ms = min(max(raw.timestamp, 0), MAX_TIMESTAMP_MS)
    return Record(
        cluster=cluster,
        topic=raw.topic,
        partition=raw.partition,
        offset=raw.offset,
        timestamp=datetime.fromtimestamp(timestamp_ms / 1000, UTC),
        key=raw.key,
        value=raw.value,
        headers=tuple(raw.headers),
    )


class Acknowledgement:
    """What an event completes once Kafka has acknowledged it.

    The broker layer carries these and hands them to an `AcknowledgementHook`; it knows no kind.
    """


@dataclass(frozen=True)
class Event:
    """One record to send. A repeat has the same bytes."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: Headers = ()
    on_ack: Acknowledgement | None = None
