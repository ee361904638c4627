"""A feed of invented towns, in which no article is alike another for its towns alone.

What linking does with it shows when its statistics change.
"""

from datetime import UTC, datetime, timedelta

from services.enrichment.related.judging.feed_statistics import MIN_BASIS
from services.enrichment.related.main import build_handler
from services.enrichment.related.settings import RelatedSettings
from services.enrichment.related.stage import RelatedStage
from services.enrichment.related.stream import link_stream, save_articles
from shared.store import Store

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
OLDER = 7  # articles; with as many of each event, they would say the same of the feed
TOWNS = ["Lowmarsh", "Pelmoor", "Varnholm", "Grauholm", "Brannock", "Odrel", "Meridore", "Belgrave"]
EVENTS = (
    "Bridge in {town} closes after the storm",
    "Storm closes the bridge in {town} for days",
    "{town} votes on the reform of its harbour",
    "Harbour reform wins the vote in {town}",
    "Comet seen over the observatory of {town}",
)


def build_lines(count: int) -> list[dict[str, object]]:
    lines: list[dict[str, object]] = []
    for number in range(count):
        form = EVENTS[number % len(EVENTS)]
        town = TOWNS[number // len(EVENTS) % len(TOWNS)]
        at = MONDAY + number * timedelta(hours=1)
        lines.append({"id": f"{number:03}", "title": form.format(town=town), "ts": at.timestamp()})
    return lines


def build_table_handler() -> RelatedStage:
    return build_handler(RelatedSettings(related_model="off"))


async def add_older_articles(store: Store) -> RelatedStage:
    """A feed whose statistics are made of other articles than they were: nothing waits for that."""
    lines = build_lines(MIN_BASIS + OLDER)
    handler = build_table_handler()
    await link_stream(lines[OLDER:], handler, store, lambda done, total: None)
    await handler.update_neighbours(await save_articles(lines[:OLDER], store), store)
    while await store.neighbourhoods.count_dirty():
        await handler.recompute(store)
    return handler
