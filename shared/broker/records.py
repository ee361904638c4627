"""What goes through Kafka: a record as it was read, an event as it is sent. Bytes stay bytes."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

# The last day of the year 9999: a producer may set any timestamp, and datetime ends there.
MAX_TIMESTAMP_MS: Final = 253_402_214_400_000

Headers = tuple[tuple[str, bytes | None], ...]

# What Kafka adds to the parts of a record, at the most: for a batch of one, and for each header.
_RECORD_OVERHEAD: Final = 100
_HEADER_OVERHEAD: Final = 10


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
    fault: str = ""  # why its content could not be read; empty if it could

    @property
    def id(self) -> str:
        """Names this record for good: a cluster that is created again has another id."""
        return f"{self.cluster}/{self.topic}/{self.partition}/{self.offset}"

    @property
    def source(self) -> str:
        """Where the offset counts: offsets of two records compare only within one source."""
        return f"{self.cluster}/{self.partition}"

    @property
    def size(self) -> int:
        """The bytes that it took in Kafka, before compression."""
        return measure_record(self.key, self.value, self.headers)

    def header(self, name: str) -> str | None:
        """The first header of that name, as text; bytes that are not UTF-8 are replaced."""
        return find_header(self.headers, name)


def to_record(cluster: str, raw: Any) -> Record:
    """A record of aiokafka, or an UnreadableRecord, from *cluster*, as handlers get it."""
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
        fault=getattr(raw, "fault", ""),
    )


def measure_record(key: bytes | None, value: bytes | None, headers: Headers) -> int:
    """The bytes that a record takes in Kafka, before compression; some more than less."""
    parts = len(key or b"") + len(value or b"")
    return _RECORD_OVERHEAD + parts + measure_headers(headers)


def measure_headers(headers: Headers) -> int:
    """The bytes that these headers take in Kafka."""
    return sum(measure_header(name, value) for name, value in headers)


def measure_header(name: str, value: bytes | None) -> int:
    return _HEADER_OVERHEAD + len(name.encode(errors="surrogatepass")) + len(value or b"")


def find_header(headers: Headers, name: str) -> str | None:
    """The first header of that name, as text; bytes that are not UTF-8 are replaced."""
    for header, value in headers:
        if header == name and value is not None:
            return value.decode(errors="replace")
    return None


FOLLOW_UP: Final = 2
"""The phase of events by which other processes look at what a batch changed. They are sent once the
acknowledgements of the other events are saved: or who is woken would find these unannounced still,
and send them a second time."""


class Acknowledgement:
    """What an event completes once Kafka has acknowledged it.

    The broker layer carries these and hands them to an `AcknowledgementHook`; it knows no kind.
    """


@dataclass(frozen=True)
class Event:
    """One record to send. A repeat has the same bytes.

    Of the events that are sent together, those of a lower *phase* are acknowledged before any of a
    higher one is sent.
    """

    topic: str
    key: bytes | None
    value: bytes | None
    headers: Headers = ()
    on_ack: Acknowledgement | None = None
    phase: int = 0

    @property
    def size(self) -> int:
        """The bytes that it takes in Kafka; never to be more than MAX_EVENT_BYTES."""
        return measure_record(self.key, self.value, self.headers)

    @property
    def id(self) -> str:
        """Its deterministic id, which a repeat has too; empty for a record that is no event."""
        return self.header("ce_id") or ""

    def header(self, name: str) -> str | None:
        """The first header of that name, as text."""
        return find_header(self.headers, name)
