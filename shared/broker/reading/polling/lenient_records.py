"""Reads records whose header names are not UTF-8, which Kafka takes and aiokafka cannot read.

With aiokafka alone such a record stops its partition: every fetch fails at it, for every consumer.
Here the bytes of such a name that are not UTF-8 are replaced, and the record is read like others.

aiokafka has no seam for this, so `install` exchanges the class by which its fetcher reads what
Kafka sent. The version of aiokafka is pinned, and a change would be noticed by
`tests/unit/broker/reading/test_lenient_records.py`.
"""

import struct
from collections.abc import Iterator
from itertools import islice
from typing import Any, Final

from aiokafka.consumer import fetcher
from aiokafka.record.default_records import _DefaultRecordBatchPy
from aiokafka.record.memory_records import MemoryRecords

# A batch begins with its base offset (8 bytes) and the length (4 bytes) of what follows.
_LENGTH: Final = struct.Struct(">8xi")


class LenientRecords:
    """What one fetch brought for one partition: batches, one after the other."""

    def __init__(self, data: bytes) -> None:
        self._data = memoryview(data)
        self._position = 0
        self._records = MemoryRecords(data)

    def size_in_bytes(self) -> int:
        return int(self._records.size_in_bytes())

    def has_next(self) -> bool:
        return bool(self._records.has_next())

    def next_batch(self) -> "LenientBatch":
        start = self._position
        (length,) = _LENGTH.unpack_from(self._data, start)
        self._position = start + _LENGTH.size + length
        return LenientBatch(self._records.next_batch(), self._data[start : self._position])


class LenientBatch:
    """A batch as aiokafka reads it, and in another way from the first name that it cannot read."""

    def __init__(self, batch: Any, data: memoryview) -> None:
        self._batch = batch
        self._data = data

    def __getattr__(self, name: str) -> Any:
        return getattr(self._batch, name)

    def __iter__(self) -> Iterator[Any]:
        read = 0
        try:
            for record in self._batch:
                yield record
                read += 1
        except UnicodeDecodeError:
            yield from islice(_read_leniently(self._data), read, None)

    def __next__(self) -> Any:
        return next(self._batch)  # of a control batch, which has no headers


class _LenientBytes(bytearray):
    """Bytes of which every part can be decoded."""

    def __getitem__(self, index: Any) -> Any:
        part = super().__getitem__(index)
        return _LenientBytes(part) if isinstance(index, slice) else part

    def decode(self, encoding: str = "utf-8", errors: str = "replace") -> str:
        return super().decode(encoding, "replace")


def _read_leniently(data: memoryview) -> Iterator[Any]:
    batch: Any = _DefaultRecordBatchPy(data)
    batch._maybe_uncompress()
    batch._buffer = _LenientBytes(batch._buffer)
    return iter(batch)


def install() -> None:
    """Have every consumer of this process read leniently. May be repeated."""
    fetcher.MemoryRecords = LenientRecords
