"""Which records a batch has: of each partition, the first and the last offset."""

from collections.abc import Iterable, Sequence

from shared.broker.records import Record

Spans = dict[tuple[str, int], tuple[int, int]]
"""By topic and partition."""


def find_spans(records: Iterable[Record]) -> Spans:
    spans: Spans = {}
    for record in records:
        _extend(spans, (record.topic, record.partition), record.offset, record.offset)
    return spans


def join_spans(parts: Iterable[Spans]) -> Spans:
    """The spans that begin with the first of *parts* in each partition, and end with the last."""
    joined: Spans = {}
    for spans in parts:
        for partition, (first, last) in spans.items():
            _extend(joined, partition, first, last)
    return joined


def describe_spans(spans: Spans) -> str:
    """In words: `seeds/0/17-36, seeds/1/4-4`."""
    ordered = sorted(spans.items())
    return ", ".join(
        f"{topic}/{number}/{first}-{last}" for (topic, number), (first, last) in ordered
    )


def name_batch(records: Sequence[Record]) -> str:
    """The batch in words: `12 records from seeds/2/117 on`."""
    first = records[0]
    place = f"{first.topic}/{first.partition}/{first.offset}"
    if len(records) == 1:
        return f"the record {place}"
    return f"{len(records)} records from {place} on"


def _extend(spans: Spans, partition: tuple[str, int], first: int, last: int) -> None:
    known_first, known_last = spans.get(partition, (first, last))
    spans[partition] = (min(first, known_first), max(last, known_last))
