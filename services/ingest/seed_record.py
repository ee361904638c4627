"""Parses a record of the seeds topic into a valid drop, or an invalid one with its mistakes.

A record never raises an exception here.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from shared.article import (
    Article,
    SeedError,
    collect_aliases,
    derive_article_id,
    parse_seed,
    primary_alias,
)
from shared.broker.records import Record
from shared.store import AliasClaim, Cause


@dataclass(frozen=True)
class ValidDrop:
    """A record that contains a valid seed."""

    record: Record
    article: Article

    @property
    def claim(self) -> AliasClaim:
        article_id = derive_article_id(primary_alias(self.article))
        return AliasClaim(article_id, collect_aliases(self.article))


@dataclass(frozen=True)
class InvalidDrop:
    """A record that contains no valid seed, with every mistake that was found."""

    record: Record
    causes: tuple[Cause, ...]


Drop = ValidDrop | InvalidDrop


def parse_drop(record: Record) -> Drop:
    if record.value is None:
        message = "expected a seed file, found a null value (a tombstone)"
        return InvalidDrop(record, (Cause("record", None, message),))
    try:
        return ValidDrop(record, parse_seed(record.value))
    except SeedError as error:
        causes = [Cause(each.field, each.line, each.message) for each in error.errors]
        return InvalidDrop(record, tuple(causes))


def select_valid(drops: Iterable[Drop]) -> list[ValidDrop]:
    return [drop for drop in drops if isinstance(drop, ValidDrop)]


def select_invalid(drops: Iterable[Drop]) -> list[InvalidDrop]:
    return [drop for drop in drops if isinstance(drop, InvalidDrop)]
