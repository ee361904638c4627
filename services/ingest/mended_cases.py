"""Closes the cases of rejected seeds that somebody mended and dropped again.

Such a drop is a record of its own, and names no case. It is known by its address: if a later drop
brought a new article with the rejected seed's own address, nothing is left to do. An article that
was there before may have been updated for other reasons, and the rejected seed may state its
address by mistake. So an update closes the case only if it has the rejected seed's title, or if
that seed has none that can be read.
"""

import re
from typing import Final

from shared.article import SeedError
from shared.article.identity.stated_urls import find_own_url
from shared.clock import Clock
from shared.events.topics import SEEDS
from shared.store import AnsweredDrop, RejectedRecord, Store, StoredArticle

PAGE: Final = 200  # open cases that are looked at together
TAKEN: Final = ("accepted", "updated")
_TITLE: Final = re.compile(rb"^title[ \t]*:([^\r\n]*)", re.MULTILINE)


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
        urls: dict[str, str] = {}
        for record in page:
            url = find_own_url(record.value or b"") if record.topic == SEEDS else None
            if url is not None:
                urls[record.id] = url
        articles = await _load_articles({*urls.values()}, store)
        closed = 0
        for record in page:
            article = articles.get(urls.get(record.id, ""))
            reason = _explain_mended(record, article) if article else ""
            if reason and await store.rejected.resolve(record.id, "ingest", reason, self._clock()):
                closed += 1
        return closed


async def _load_articles(aliases: set[str], store: Store) -> dict[str, StoredArticle]:
    """By alias."""
    owners = await store.articles.resolve_aliases(aliases) if aliases else {}
    articles = await store.articles.get({*owners.values()}) if owners else {}
    return {alias: articles[owner] for alias, owner in owners.items() if owner in articles}


def _explain_mended(record: RejectedRecord, article: StoredArticle) -> str:
    """Which later drop brought what *record* was to bring; empty if none did."""
    drop = _find_later_drop(record, article)
    if drop is None or (drop.status == "updated" and not _may_have_title_of(article, record)):
        return ""
    place = f"{SEEDS}/{drop.source.rpartition('/')[2]}/{drop.offset}"
    return f"the later drop {place} was {drop.status}: article {article.id}"


def _find_later_drop(record: RejectedRecord, article: StoredArticle) -> AnsweredDrop | None:
    """The first drop that changed the article after *record* was dropped."""
    for drop in article.answered_drops:
        if drop.status in TAKEN and _is_later(drop, record):
            return drop
    return None


def _may_have_title_of(article: StoredArticle, record: RejectedRecord) -> bool:
    found = _TITLE.search(record.value or b"")
    title = found[1].decode(errors="replace").strip() if found else ""
    if title[:1] in ("", ">", "|"):
        return True
    if title[0] in "\"'":
        title = title.strip(title[0])
    try:
        known_title = article.article_without_related.title
    except SeedError:  # damaged in the store
        return False
    return title.casefold().split() == known_title.casefold().split()


def _is_later(drop: AnsweredDrop, record: RejectedRecord) -> bool:
    cluster = record.id.partition("/")[0]
    if drop.source == f"{cluster}/{record.partition}":
        return drop.offset > record.offset
    if record.recorded_at is None:
        return False
    return drop.timestamp_ms > record.recorded_at.timestamp() * 1000
