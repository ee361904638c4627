"""Checks that the listing of an article repeats what its seed and its decision say. Pure."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from services.console.audit.breaches import Breach, Promise, store_place
from services.console.audit.repairs.repair_actions import RebuildListing
from shared.store import Decision, Listing, StoredArticle
from shared.store.listing_content import describe_content

LISTINGS = store_place("listings")
_OF_THE_SEED = ("title", "slug", "published_at", "provider", "topics", "quality", "problem")


def check_listing(
    article: StoredArticle, decision: Decision | None, listing: Listing | None
) -> Iterator[Breach]:
    """A decision that is under way may not be listed yet."""
    rebuild = RebuildListing(article.id)
    if listing is None:
        sentence = "no list has it"
        yield Breach(Promise.LISTED, article.id, sentence, LISTINGS, rebuild)
        return
    content = describe_content(article)
    expected: dict[str, Any] = {name: getattr(content, name) for name in _OF_THE_SEED}
    expected["version"] = article.version
    expected["published_at"] = _cut_time(content.published_at)
    if decision is not None and not article.pending:
        expected |= _expect_decision(decision)
    listed = listing._replace(published_at=_cut_time(listing.published_at))._asdict()
    differences = [name for name, value in expected.items() if listed[name] != value]
    if differences:
        sentence = f"lists have something else as its {', '.join(differences)}"
        yield Breach(Promise.LISTED, article.id, sentence, LISTINGS, rebuild)


def _cut_time(time: datetime) -> datetime:
    """To milliseconds: MongoDB keeps no more."""
    return time.replace(microsecond=time.microsecond // 1000 * 1000)


def _expect_decision(decision: Decision) -> dict[str, Any]:
    return {
        "is_published": decision.published,
        "heat": decision.heat,
        "lead": decision.lead,
        "revision": decision.revision,
    }
