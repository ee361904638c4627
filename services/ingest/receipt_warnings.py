"""What the receipt of a valid drop warns of, beside the faults of hints."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

from shared.article import Article, ParsedSeed, find_url_field
from shared.store import Cause, OwnedAlias

EARLIEST: Final = datetime(1990, 1, 1, tzinfo=UTC)  # there was no web before
MAX_AHEAD: Final = timedelta(days=2)
"""How far in the future a date may be: a day for time zones, and one for what is announced."""

_DATE: Final = "publishedDateTime"


def warn_of_date(seed: ParsedSeed, dropped_at: datetime) -> Iterator[Cause]:
    """A warning if the article is dated before the web, or long after it was dropped.

    *dropped_at* is the time of the record, so that a drop which is delivered again gets the same
    warnings. A record without a time has no future.
    """
    date = seed.article.published_date_time
    if date < EARLIEST:
        yield _warn_of_date(seed, f"a date since {EARLIEST.year}")
    elif dropped_at >= EARLIEST and date - dropped_at > MAX_AHEAD:
        yield _warn_of_date(seed, f"a date at most {MAX_AHEAD.days} days ahead of the drop")


def _warn_of_date(seed: ParsedSeed, expected: str) -> Cause:
    found = seed.article.published_date_time.isoformat().replace("+00:00", "Z")
    message = f"Expected {expected}, found {found}. It is kept as it is."
    return Cause(_DATE, seed.find_line((_DATE,)), message)


def warn_of_other_articles(article: Article, others: Iterable[OwnedAlias]) -> Iterator[Cause]:
    """A warning for each URL of *article* that names another article."""
    for alias, other in others:
        field = find_url_field(article, alias)
        if field is not None:
            message = (
                f"Expected URLs of one article, but {alias} is a URL of the article {other}, "
                "which keeps it and is not changed."
            )
            yield Cause(field, None, message)
