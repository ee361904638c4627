"""Parses a record of the seeds topic into a valid drop, or an invalid one with its mistakes.

A record never raises an exception here.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from services.ingest.receipt_warnings import warn_of_date, warn_of_other_articles
from shared.article import (
    Article,
    FieldError,
    SeedError,
    collect_aliases,
    read_seed,
    warn_of_near_names,
)
from shared.broker.records import Record, measure_headers
from shared.budgets import MAX_RECORD_HEADERS_BYTES, MAX_RECORD_KEY_BYTES
from shared.store import Cause, GrantedClaim
from shared.views.publishable import check_publishable


@dataclass(frozen=True)
class ValidDrop:
    """A record that contains a valid seed."""

    record: Record
    article: Article
    seed_warnings: tuple[Cause, ...] = ()  # what the seed itself says wrongly
    grant: GrantedClaim | None = None  # once its aliases are claimed

    @property
    def aliases(self) -> tuple[str, ...]:
        """Those that its article may list: other articles keep theirs."""
        return self.grant.aliases if self.grant else collect_aliases(self.article)

    @property
    def warnings(self) -> tuple[Cause, ...]:
        """What the receipt warns of; the same whenever the drop is delivered again."""
        others = self.grant.others if self.grant else ()
        return (*self.seed_warnings, *warn_of_other_articles(self.article, others))


@dataclass(frozen=True)
class InvalidDrop:
    """A record that contains no valid seed, with every mistake that was found."""

    record: Record
    causes: tuple[Cause, ...]


Drop = ValidDrop | InvalidDrop


def parse_drop(record: Record) -> Drop:
    """Refuses also what could not be stored or published later, naming the limit and the size."""
    causes = [*_check_sizes(record)]
    if record.fault:
        message = f"Kafka's client cannot read this record, nor keep its content: {record.fault}"
        return InvalidDrop(record, (Cause("record", None, message),))
    if record.value is None:
        message = "expected a seed file, found a null value (a tombstone)"
        return InvalidDrop(record, (Cause("record", None, message), *causes))
    try:
        seed = read_seed(record.value)
        check_publishable(seed.article, len(record.value))
    except SeedError as error:
        return InvalidDrop(record, (*causes, *_to_causes(error.errors)))
    if causes:
        return InvalidDrop(record, tuple(causes))
    faults = _to_causes([*seed.warnings, *warn_of_near_names(seed)])
    warnings = (*faults, *warn_of_date(seed, record.timestamp))
    return ValidDrop(record, seed.article, warnings)


def _to_causes(errors: Iterable[FieldError]) -> list[Cause]:
    return [Cause(error.field, error.line, error.message) for error in errors]


def _check_sizes(record: Record) -> Iterator[Cause]:
    """The size of the seed itself is checked when it is parsed."""
    sizes = (
        ("key", len(record.key or b""), MAX_RECORD_KEY_BYTES),
        ("headers", measure_headers(record.headers), MAX_RECORD_HEADERS_BYTES),
    )
    for part, size, limit in sizes:
        if size > limit:
            message = f"Expected {part} of at most {limit:,} bytes, found {size:,}."
            yield Cause(part, None, message)


def select_valid(drops: Iterable[Drop]) -> list[ValidDrop]:
    return [drop for drop in drops if isinstance(drop, ValidDrop)]


def select_invalid(drops: Iterable[Drop]) -> list[InvalidDrop]:
    return [drop for drop in drops if isinstance(drop, InvalidDrop)]
