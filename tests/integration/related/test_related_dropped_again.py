"""An article that is dropped again with another title leaves what it was near to, however large that is."""

from datetime import UTC, datetime, timedelta

from services.enrichment.related.handlers import FEW, Related
from services.enrichment.related.main import related
from services.enrichment.related.settings import RelatedSettings
from services.enrichment.related.stream import keep, record, settle
from shared.store import Store

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
MANY = 80  # more than a near list holds: some have an article in theirs that is full of others


def a_line(number: int, title: str) -> dict[str, object]:
    at = MONDAY + number * MINUTE
    return {
        "id": f"{number:03}",
        "title": title,
        "provider": f"paper {number}",
        "ts": at.timestamp(),
    }


async def dropped(lines: list[dict[str, object]], worker: Related, store: Store) -> list[str]:
    articles = await keep(lines, store)
    for start in range(0, len(articles), FEW):
        await worker.handle([record(article) for article in articles[start : start + FEW]], store)
    await settle(worker, store)
    return [article.id for article in articles]


async def test_nobody_has_it_in_a_near_list_any_more_and_it_leaves_its_story(store: Store):
    worker = related(RelatedSettings())
    lines = [
        a_line(number, "Comet Vaskell brightens and needs no telescope to be seen")
        for number in range(MANY)
    ]
    ids = await dropped(lines, worker, store)
    near = await store.relations.near(ids)
    moved = next(
        one for one in ids if any(one in near[other] and other not in near[one] for other in ids)
    )

    await dropped(
        [a_line(ids.index(moved), "Parliament votes on the reform of dairy subsidies")],
        worker,
        store,
    )
    near = await store.relations.near(ids)
    assert not any(moved in entries for entries in near.values())
    story = await store.stories.of(ids)
    assert [one for one in ids if story[one] == story[moved]] == [moved]
