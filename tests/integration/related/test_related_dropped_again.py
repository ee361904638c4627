"""An article that is dropped again with another title leaves its former neighbours."""

from datetime import UTC, datetime, timedelta

from services.enrichment.related.linking.recompute_schedule import SMALL_BATCH
from services.enrichment.related.main import build_handler
from services.enrichment.related.settings import RelatedSettings
from services.enrichment.related.stage import RelatedStage
from services.enrichment.related.stream import build_record, recompute_all, save_articles
from shared.store import Neighbour, Store

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
MANY = 80  # more than a neighbour list holds: some lists lack articles that have them in theirs


def build_line(number: int, title: str) -> dict[str, object]:
    at = MONDAY + number * MINUTE
    return {
        "id": f"{number:03}",
        "title": title,
        "provider": f"paper {number}",
        "ts": at.timestamp(),
    }


async def drop(lines: list[dict[str, object]], handler: RelatedStage, store: Store) -> list[str]:
    articles = await save_articles(lines, store)
    for start in range(0, len(articles), SMALL_BATCH):
        batch = articles[start : start + SMALL_BATCH]
        await handler.handle([build_record(article) for article in batch], store)
    await recompute_all(handler, store)
    return [article.id for article in articles]


def find_one_sided(lists: dict[str, dict[str, Neighbour]]) -> str:
    """An article that is in the list of another one which its own list lacks."""
    for article_id, own in lists.items():
        for other, entries in lists.items():
            if article_id in entries and other not in own:
                return article_id
    raise AssertionError("all lists are symmetric")


async def test_it_leaves_all_neighbour_lists_and_its_story(store: Store):
    handler = build_handler(RelatedSettings())
    title = "Comet Vaskell brightens and needs no telescope to be seen"
    ids = await drop([build_line(number, title) for number in range(MANY)], handler, store)
    moved = find_one_sided(await store.neighbour_lists.get_entries(ids))

    other_title = "Parliament votes on the reform of dairy subsidies"
    await drop([build_line(ids.index(moved), other_title)], handler, store)
    lists = await store.neighbour_lists.get_entries(ids)
    assert not any(moved in entries for entries in lists.values())
    story_of = await store.stories.get_story_ids(ids)
    assert [member for member in ids if story_of[member] == story_of[moved]] == [moved]
