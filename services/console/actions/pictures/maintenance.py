"""Checks stored images, deletes those that nothing needs, gathers them for a contact sheet."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from services.console.actions.acts import ActCause, perform
from services.console.actions.articles.known_articles import iterate_articles
from services.console.actions.articles.readable_articles import UnreadableArticle
from services.console.actions.pictures.contact_sheet import Card, build_failed_card, build_kept_card
from services.enrichment.images.decoding.process_pool import DecodingPool
from services.enrichment.images.maintenance.garbage_collection import Orphan, collect_orphans
from services.enrichment.images.maintenance.integrity import Finding, IntegrityChecker
from shared.clock import now
from shared.store import Content, Picture, Store, thumbnail_name

__all__ = [
    "Finding",
    "IntegrityChecker",
    "Orphan",
    "build_integrity_checker",
    "collect_garbage",
    "describe_finding",
    "describe_orphan",
    "find_garbage",
    "load_cards",
]

CARD_THUMBNAIL_WIDTH: Final = 640  # pixels at most: twice the width of a card


def build_integrity_checker(repair: bool) -> IntegrityChecker:
    """A checker of every stored image; `check_pictures` reads one after the other."""
    return IntegrityChecker(DecodingPool(), now, repair)


async def find_garbage(
    store: Store, grace: timedelta, report: Callable[[Orphan], None]
) -> list[Orphan]:
    """What `collect_garbage` would delete. Each is reported as soon as it is known."""
    return await _report_orphans(collect_orphans(store, now() - grace, remove=False), report)


async def collect_garbage(
    store: Store, grace: timedelta, report: Callable[[Orphan], None], cause: ActCause
) -> list[Orphan]:
    """Delete what nothing refers to and was stored before the grace period; report each.

    Safe beside running workers: a fetch in progress stores its bytes first and refers to them last.
    """
    return await perform(
        store,
        "delete images",
        cause,
        lambda: _report_orphans(collect_orphans(store, now() - grace, remove=True), report),
        describe=lambda orphans: f"{len(orphans)} that nothing refers to",
    )


async def _report_orphans(
    orphans: AsyncIterator[Orphan], report: Callable[[Orphan], None]
) -> list[Orphan]:
    found: list[Orphan] = []
    async for orphan in orphans:
        found.append(orphan)
        report(orphan)
    return found


def describe_finding(finding: Finding) -> dict[str, Any]:
    """The finding as JSON values."""
    return {
        "sha256": finding.sha256,
        "url": finding.url,
        "what": finding.what,
        "mended": finding.is_repaired,
    }


def describe_orphan(orphan: Orphan, dry_run: bool) -> dict[str, Any]:
    """The orphan as JSON values."""
    return {
        "name": orphan.name,
        "size": orphan.size,
        "why": orphan.why,
        "deleted": not dry_run,
    }


async def load_cards(store: Store, limit: int) -> Sequence[Card]:
    """A card for each image URL, in the order of articles; *limit* at most."""
    cards: dict[str, Card] = {}
    async for article in iterate_articles(store):
        if isinstance(article, UnreadableArticle):
            continue
        images = [image for image in article.get("images") or [] if image["url"] not in cards]
        pictures = await store.pictures.get([image["url"] for image in images])
        for image in images[: limit - len(cards)]:
            url = image["url"]
            cards[url] = await _load_card(store, article, image, pictures.get(url))
    return [*cards.values()]


async def _load_card(
    store: Store, article: Mapping[str, Any], image: Mapping[str, Any], picture: Picture | None
) -> Card:
    if picture is None:
        return build_failed_card(article, image, "not fetched yet")
    if picture.state != "cached":
        return build_failed_card(article, image, picture.reason)
    contents = await store.contents.get([picture.sha256])
    content = contents.get(picture.sha256)
    drawing = await store.picture_bytes.get(_choose_bytes(picture, content))
    return build_kept_card(article, image, drawing, content)


def _choose_bytes(picture: Picture, content: Content | None) -> str:
    """The name of the bytes to draw the card from: a large thumbnail, or else the original."""
    name = picture.sha256
    if content is None:
        return name
    for thumbnail in content.thumbnails:  # narrowest first
        if thumbnail.width <= CARD_THUMBNAIL_WIDTH:
            name = thumbnail_name(picture.sha256, thumbnail.width)
    return name
