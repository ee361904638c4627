"""Records whose header names are not UTF-8 are read like any other."""

from typing import Any

import pytest
from aiokafka.consumer import fetcher
from aiokafka.record import default_records

from shared.broker.network import connection
from shared.broker.reading.polling.lenient_records import LenientRecords

CODECS = {"none": 0, "gzip": 1, "snappy": 2, "lz4": 3, "zstd": 4}


class RawName(str):
    """A header name that goes onto the wire as other bytes than UTF-8."""

    def encode(self, *_: Any) -> bytes:
        return b"\xff\xfe" + super().encode("latin-1")


def build_batch(*headers: list[tuple[str, bytes | None]], codec: int = 0) -> bytes:
    builder = default_records._DefaultRecordBatchBuilderPy(
        2,
        codec,
        is_transactional=False,
        producer_id=-1,
        producer_epoch=-1,
        base_sequence=0,
        batch_size=10**6,
    )
    for offset, parts in enumerate(headers):
        builder.append(offset, 1, b"k%d" % offset, b"v" * 200, parts)
    return bytes(builder.build())


def read(data: bytes) -> list[tuple[bytes, list[tuple[str, bytes | None]]]]:
    records = LenientRecords(data)
    found = []
    while records.has_next():
        batch = records.next_batch()
        assert batch.validate_crc()
        found += [(record.key, [*record.headers]) for record in batch]
    assert records.size_in_bytes() == len(data)
    return found


@pytest.mark.parametrize("codec", CODECS.values(), ids=CODECS.keys())
def test_bytes_of_a_name_that_are_no_utf_8_are_replaced(codec: int):
    raw: list[tuple[str, bytes | None]] = [("a", b"1"), (RawName("x"), None), ("ä", b"\xff")]
    data = build_batch([("first", b"")], raw, [("last", None)], codec=codec)
    assert read(data) == [
        (b"k0", [("first", b"")]),
        (b"k1", [("a", b"1"), ("\ufffd\ufffdx", None), ("ä", b"\xff")]),
        (b"k2", [("last", None)]),
    ]


def test_the_batches_around_it_are_read_too():
    data = build_batch([("a", b"1")]) + build_batch([(RawName(""), b"2")]) + build_batch([])
    assert [headers for _, headers in read(data)] == [
        [("a", b"1")],
        [("\ufffd\ufffd", b"2")],
        [],
    ]


def test_a_fetch_that_ends_within_a_batch_has_the_whole_ones():
    data = build_batch([("a", b"1")]) + build_batch([(RawName(""), b"2")])[:-1]
    records = LenientRecords(data)
    assert len([*records.next_batch()]) == 1
    assert not records.has_next()


def test_every_consumer_of_a_process_reads_so():
    assert connection.START_SECONDS  # importing it installs it
    assert fetcher.MemoryRecords is LenientRecords
