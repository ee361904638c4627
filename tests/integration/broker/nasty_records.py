"""Records that no client should send and Kafka takes: at every limit, and beyond every limit."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from aiokafka import AIOKafkaProducer
from aiokafka.producer.message_accumulator import BatchBuilder
from aiokafka.record.default_records import _DefaultRecordBatchBuilderPy

from shared.article import parse_seed
from shared.broker.network.connection import client_options
from shared.broker.records import measure_header
from shared.budgets import (
    MAX_ARTICLE_BYTES,
    MAX_RECORD_HEADERS_BYTES,
    MAX_RECORD_KEY_BYTES,
    MAX_SEED_BYTES,
)
from shared.settings import Settings
from tests.published_size import measure_article

REFUSED: Final = "rejected"
ACCEPTED: Final = "accepted"
ANY: Final = "any"  # of a record of which only an answer is known to come
CONTROL_CHARACTERS: Final = "".join(map(chr, [*range(0x20), 0x7F, *range(0x80, 0xA0)]))
MAX_REQUEST_BYTES: Final = 64 * 2**20  # before compression

_LETTERS: Final = str.maketrans("0123456789", "ghijklmnop")

Headers = Sequence[tuple[str, bytes | None]]


@dataclass(frozen=True)
class NastyRecord:
    """*status* is that of its receipt."""

    name: str
    status: str
    value: bytes | None
    key: bytes | None = b"k"
    headers: Headers = ()
    codec: str | None = None
    timestamp_ms: int | None = None  # None: that of the sending


class RawName(str):
    """A header name that goes onto the wire as bytes that are no UTF-8."""

    def encode(self, *_: Any) -> bytes:
        return b"\xff\xfe\x00" + super().encode("latin-1")


def invent_words(name: bytes) -> str:
    """Five words that no other name gives, so that no two titles are alike."""
    letters = hashlib.sha256(name).hexdigest().translate(_LETTERS)
    return " ".join(letters[start : start + 8] for start in range(0, 40, 8))


@dataclass
class SeedWriter:
    """Writes seeds of distinct articles, so that each is accepted if it is valid."""

    host: str
    count: int = field(default=0)

    def write(self, body: bytes = b"", front_matter: bytes = b"") -> bytes:
        """A valid seed with further lines in its front matter."""
        self.count += 1
        url = f"https://{self.host}/{self.count}".encode()
        return (
            b"---\n"
            b'title: "Nasty: %s"\n'
            b"publishedDateTime: 2026-03-02T10:00:00Z\n"
            b'webUrl: "%s"\n%s---\n%s' % (invent_words(url).encode(), url, front_matter, body)
        )

    def fill(self, size: int) -> bytes:
        """A valid seed of exactly *size* bytes."""
        seed = self.write()
        return seed + b"x" * (size - len(seed))


def list_nasty_records(host: str) -> Iterator[NastyRecord]:
    """The cases that stopped the line once, and others of their kinds."""
    seeds = SeedWriter(host)
    yield NastyRecord("3 MiB", REFUSED, b"\0" * (3 * 2**20))
    yield NastyRecord("key of 1.4 MB", REFUSED, b"junk", b"k" * 1_400_000)
    yield NastyRecord("seed with such a key", REFUSED, seeds.write(), b"\xff" * 1_400_000)
    controls = ("path", b"\x01" * 400_000)
    yield NastyRecord("400 kB of control characters", REFUSED, seeds.write(), b"k", [controls])
    path = ("path", b"p" * 1_400_000)
    yield NastyRecord("path of 1.4 MB", REFUSED, seeds.write(), b"k", [path])
    many = [(f"h{number}", b"") for number in range(30_000)]
    yield NastyRecord("30,000 headers", REFUSED, seeds.write(), b"k", many)
    names = [(CONTROL_CHARACTERS, CONTROL_CHARACTERS.encode()), ("path", b"\x1b[2J\r\n")]
    yield NastyRecord("control characters in headers", ACCEPTED, seeds.write(), b"\x00", names)
    raw = [(RawName("x"), b"\xff"), ("", None), ("path", None)]
    yield NastyRecord("header name that is no UTF-8", ACCEPTED, seeds.write(), b"\xff", raw)
    forged = [("seedwire-record", b"\xff"), ("seedwire-attempt", b"1"), ("ce_id", b"x")]
    yield NastyRecord("our own header names", ACCEPTED, seeds.write(), None, forged)
    yield NastyRecord("body of quotation marks", REFUSED, seeds.write(b'"' * 700_000))
    yield NastyRecord("body of NULs", REFUSED, seeds.write(b"\0" * 200_000))
    yield NastyRecord("body of vertical tabs", REFUSED, seeds.write(b"\v" * 200_000))
    yield NastyRecord("seed of 1 MiB", REFUSED, seeds.fill(MAX_SEED_BYTES))
    yield NastyRecord("seed of 1 MiB and a byte", REFUSED, seeds.fill(MAX_SEED_BYTES + 1))
    yield NastyRecord("40 MiB, compressed", REFUSED, b"---\n" + b"a" * (40 << 20), codec="gzip")
    yield NastyRecord("seed, compressed", ACCEPTED, seeds.write(b"a" * 500_000), codec="zstd")
    yield NastyRecord("tombstone", REFUSED, None)
    yield NastyRecord("empty", REFUSED, b"")
    yield NastyRecord("brackets", REFUSED, b"---\n" + b"[" * 100_000)
    wrong = b"topics:\n" + b"  - [1]\n" * 50_000
    yield NastyRecord("50,000 faults", REFUSED, seeds.write(front_matter=wrong))
    deep = b"x: " + b"{a: " * 30 + b"[" + b"1," * 20_000 + b"1]" + b"}" * 30 + b"\n"
    yield NastyRecord("lists that grow when stored", REFUSED, seeds.write(front_matter=deep))
    yield from _list_limits(seeds)


def _list_limits(seeds: SeedWriter) -> Iterator[NastyRecord]:
    """Sizes at each limit, one below and one above."""
    for surplus in (-1, 0, 1):
        status = REFUSED if surplus > 0 else ACCEPTED
        key = b"k" * (MAX_RECORD_KEY_BYTES + surplus)
        yield NastyRecord(f"key limit {surplus:+}", status, seeds.write(), key)
        room = MAX_RECORD_HEADERS_BYTES - measure_header("path", b"")
        headers = [("path", b"\x02" * (room + surplus))]
        yield NastyRecord(f"headers limit {surplus:+}", status, seeds.write(), b"k", headers)
        empty = seeds.write()
        own = measure_article(parse_seed(empty + b"x")) - 1  # as JSON, a body has its own length
        body = b"x" * (MAX_ARTICLE_BYTES - own + surplus)
        yield NastyRecord(f"article limit {surplus:+}", status, empty + body)


class ForeignProducer:
    """Sends what our own producers would not."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._clients: dict[str | None, AIOKafkaProducer] = {}

    async def send(self, topic: str, record: NastyRecord) -> tuple[int, int]:
        """Returns partition and offset."""
        client = await self._open(record.codec)
        if any(isinstance(name, RawName) for name, _ in record.headers):
            sent = await _send_raw(client, topic, record)
        else:
            sent = await client.send_and_wait(
                topic,
                record.value,
                key=record.key,
                headers=list(record.headers),
                timestamp_ms=record.timestamp_ms,
            )
        return sent.partition, sent.offset

    async def stop(self) -> None:
        for client in self._clients.values():
            await client.stop()

    async def _open(self, codec: str | None) -> AIOKafkaProducer:
        if codec not in self._clients:
            client = AIOKafkaProducer(
                **client_options(self._settings),
                compression_type=codec,
                max_request_size=MAX_REQUEST_BYTES,
            )
            await client.start()
            self._clients[codec] = client
        return self._clients[codec]


async def _send_raw(client: AIOKafkaProducer, topic: str, record: NastyRecord) -> Any:
    batch: BatchBuilder = client.create_batch()
    batch._builder = _DefaultRecordBatchBuilderPy(
        2,
        0,
        is_transactional=False,
        producer_id=-1,
        producer_epoch=-1,
        base_sequence=0,
        batch_size=MAX_REQUEST_BYTES,
    )
    batch.append(timestamp=None, key=record.key, value=record.value, headers=list(record.headers))
    batch.close()
    return await (await client.send_batch(batch, topic, partition=0))
