"""Rejected seeds of an address that no article has."""

from services.console.actions.articles.known_articles import (
    ArticleNotFound,
    find_article_id,
    list_spellings,
)
from services.console.actions.rejected.rejected_records import (
    UNFINISHED,
    iterate_rejected,
    path_of,
)
from shared.article.identity.stated_urls import find_stated_aliases
from shared.errors import SeedwireError
from shared.events.topics import SEEDS
from shared.store import RejectedRecord, Store


class SeedWasRejected(SeedwireError):
    """No article has the address, but a rejected seed has. A command ends with exit code 1."""


async def require_article(store: Store, reference: str) -> str:
    """The id of the article with this id or URL.

    Raises SeedWasRejected if a seed with this address, or from this file, was rejected and never
    mended; otherwise ArticleNotFound. Reads all rejected records, but only then.
    """
    try:
        return await find_article_id(store, reference)
    except ArticleNotFound as error:
        record = await find_rejected_drop(store, reference)
        if record is None:
            raise
        raise SeedWasRejected(_explain(record, reference)) from error


async def find_rejected_drop(store: Store, reference: str) -> RejectedRecord | None:
    """The last unfinished case of a seed with this address, or from this file."""
    spellings = {*list_spellings(reference)}
    latest: RejectedRecord | None = None
    async for record in iterate_rejected(store):
        if record.topic != SEEDS or record.state not in UNFINISHED:
            continue
        named = {path_of(record), *find_stated_aliases(record.value or b"")}
        if not named.isdisjoint(spellings) and _is_later(record, latest):
            latest = record
    return latest


def _is_later(record: RejectedRecord, than: RejectedRecord | None) -> bool:
    return than is None or record.rejected_at >= than.rejected_at


def _explain(record: RejectedRecord, reference: str) -> str:
    cause = record.causes[0]
    where = f"{cause.field}: " if cause.field else ""
    more = f" (and {len(record.causes) - 1} more)" if len(record.causes) > 1 else ""
    return (
        f"no article has the URL {reference}: its seed was rejected. {where}{cause.message}{more} "
        f"See `seedwire rejected show {record.id}`"
    )
