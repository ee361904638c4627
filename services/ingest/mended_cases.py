"""Closes the cases of rejected seeds that somebody mended and dropped again.

Such a drop is a record of its own, and names no case. It is known by its address: if an article
with an address of the rejected seed was accepted from a later drop, nothing is left to do.
"""

from collections.abc import Mapping
from typing import Final

from shared.article.stated_urls import find_stated_aliases
from shared.clock import Clock
from shared.events.topics import SEEDS
from shared.store import AnsweredDrop, RejectedRecord, Store, StoredArticle

PAGE: Final = 200  # open cases that are looked at together
TAKEN: Final = ("accepted", "updated")


class MendedCases:
    """Looks at the open cases page by page, and begins anew after the last one."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._after = ""

    async def close_some(self, store: Store) -> int:
        """Close those of the next page that are mended; returns how many. May be repeated."""
        if not self._after and not await store.rejected.count():
            return 0
        page = await store.rejected.list_page(self._after, PAGE, state="open")
        self._after = page[-1].id if page else ""
        aliases: dict[str, list[str]] = {}
        for record in page:
            if record.topic == SEEDS:
                aliases[record.id] = find_stated_aliases(record.value or b"")
        stated = {alias for listed in aliases.values() for alias in listed}
        articles = await _load_articles(stated, store)
        closed = 0
        for record in page:
            reason = _explain_mended(record, aliases.get(record.id, []), articles)
            if reason and await store.rejected.resolve(record.id, "ingest", reason, self._clock()):
                closed += 1
        return closed


async def _load_articles(aliases: set[str], store: Store) -> dict[str, StoredArticle]:
    """By alias."""
    owners = await store.articles.resolve_aliases(aliases) if aliases else {}
    articles = await store.articles.get({*owners.values()}) if owners else {}
    return {alias: articles[owner] for alias, owner in owners.items() if owner in articles}


def _explain_mended(
    record: RejectedRecord, aliases: list[str], articles: Mapping[str, StoredArticle]
) -> str:
    """Which later drop brought what *record* was to bring; empty if none did."""
    for alias in aliases:
        article = articles.get(alias)
        drop = _find_later_drop(record, article) if article else None
        if article and drop:
            partition = drop.source.rpartition("/")[2]
            place = f"{SEEDS}/{partition}/{drop.offset}"
            return f"the later drop {place} was {drop.status}: article {article.id}"
    return ""


def _find_later_drop(record: RejectedRecord, article: StoredArticle) -> AnsweredDrop | None:
    """The first drop that changed the article after *record* was dropped."""
    for drop in article.answered_drops:
        if drop.status in TAKEN and _is_later(drop, record):
            return drop
    return None


def _is_later(drop: AnsweredDrop, record: RejectedRecord) -> bool:
    cluster = record.id.partition("/")[0]
    if drop.source == f"{cluster}/{record.partition}":
        return drop.offset > record.offset
    if record.recorded_at is None:
        return False
    return drop.timestamp_ms > record.recorded_at.timestamp() * 1000
