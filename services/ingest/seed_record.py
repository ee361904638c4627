"""A record of the seeds topic, read: a seed, or the causes for which it is refused. Never an exception."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from shared.article import Article, SeedError, aliases, article_id, parse, primary
from shared.broker.records import Record
from shared.store import Cause, Claim


@dataclass(frozen=True)
class Seed:
    """A drop that is a valid seed."""

    record: Record
    article: Article

    @property
    def claim(self) -> Claim:
        return Claim(article_id(primary(self.article)), aliases(self.article))


@dataclass(frozen=True)
class Refusal:
    """A drop that is no valid seed, with every fault found."""

    record: Record
    causes: tuple[Cause, ...]


Drop = Seed | Refusal


def read(record: Record) -> Drop:
    if record.value is None:
        return Refusal(
            record,
            (Cause("record", None, "expected a seed file, found a null value (a tombstone)"),),
        )
    try:
        return Seed(record, parse(record.value))
    except SeedError as error:
        return Refusal(record, tuple(Cause(e.field, e.line, e.message) for e in error.errors))


def seeds(drops: Iterable[Drop]) -> list[Seed]:
    return [drop for drop in drops if isinstance(drop, Seed)]


def refusals(drops: Sequence[Drop]) -> list[Refusal]:
    return [drop for drop in drops if isinstance(drop, Refusal)]
