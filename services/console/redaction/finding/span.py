"""A hidden part of a text."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Span:
    """Characters from *start* up to *end*, which hold a value of *size* bytes."""

    start: int
    end: int
    size: int

    @property
    def placeholder(self) -> str:
        return describe_hidden(self.size)


def describe_hidden(size: int) -> str:
    """What stands in place of a value of so many bytes."""
    return f"<secured, {size:,} bytes>"


def merge_spans(spans: Iterable[Span]) -> list[Span]:
    """The spans in order, with those that overlap made one. The smallest size is the most exact."""
    merged: list[Span] = []
    for span in sorted(spans, key=lambda span: (span.start, -span.end)):
        if merged and span.start < merged[-1].end:
            first = merged.pop()
            end, size = max(first.end, span.end), min(first.size, span.size)
            merged.append(Span(first.start, end, size))
        else:
            merged.append(span)
    return merged
