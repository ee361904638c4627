"""Where the seeds give the relations: what a later drop changes about them."""

from datetime import UTC, datetime

import pytest

from services.ingest.handlers import IngestHandler
from shared.article import canonical_url
from shared.broker.records import Event, Record
from shared.clock import now
from shared.events.topics import INGESTED, RECEIPTS
from shared.store import Store
from tests.integration.stories.given_newsroom import GivenNewsroom, build_seed


class GivenSite(GivenNewsroom):
    """With ingest: articles are named by their URLs, as a site would drop them."""

    def __init__(self, store: Store) -> None:
        super().__init__(store)
        self.ingest = IngestHandler(now, 30, has_given_relations=True)
        self._offset = 0

    def make_record(self, seed: bytes) -> Record:
        self._offset += 1
        return Record("c", "seeds", 0, self._offset, datetime.now(UTC), None, seed)

    async def deliver(self, record: Record) -> list[Event]:
        """Bring a record through every stage; returns ingest's events."""
        events = await self.ingest.handle([record], self.store)
        announced = {event.key.decode() for event in events if event.topic == INGESTED}
        articles = await self.store.articles.get(announced)
        await self.pipeline.process([*articles.values()])
        return events

    async def drop_seed(self, seed: bytes) -> str:
        """The status of the receipt."""
        events = await self.deliver(self.make_record(seed))
        (receipt,) = [event for event in events if event.topic == RECEIPTS]
        return receipt.value.decode()

    async def relatives_at(self, name: str) -> set[str]:
        """The hosts of the relatives of the article at this host."""
        article = await self.store.articles.find(canonical_url(f"https://{name}.example/story"))
        links = await self.store.links.get([article.id])
        others = await self.store.articles.get([x.other(article.id) for x in links[article.id]])
        return {other.article.title.removeprefix("Title of ") for other in others.values()}


@pytest.fixture
async def site(store: Store) -> GivenSite:
    return GivenSite(store)


async def test_a_drop_that_changes_only_its_list_is_a_new_version(site: GivenSite):
    for name in "abc":
        await site.drop_seed(build_seed(name, 60, []))
    assert '"updated"' in await site.drop_seed(build_seed("a", 60, ["b"]))
    assert await site.relatives_at("a") == {"b"}
    assert '"updated"' in await site.drop_seed(build_seed("a", 60, ["c"]))
    assert await site.relatives_at("a") == {"c"}
    assert await site.relatives_at("b") == set()
    assert '"unchanged"' in await site.drop_seed(build_seed("a", 60, ["c"]))


async def test_relations_are_found_by_an_alias_that_a_duplicate_brought(site: GivenSite):
    await site.drop_seed(build_video("a"))
    await site.drop_seed(build_seed("b", 50, ["moved"]))
    assert await site.relatives_at("a") == set()
    assert '"duplicate"' in await site.drop_seed(build_video("moved"))
    assert await site.relatives_at("a") == {"b"}
    assert await site.relatives_at("b") == {"a"}


async def test_a_duplicate_is_taken_up_after_a_crash_too(site: GivenSite):
    await site.drop_seed(build_video("a"))
    await site.drop_seed(build_seed("b", 50, ["moved"]))
    record = site.make_record(build_video("moved"))
    await site.ingest.handle([record], site.store)  # and dies before it sends anything
    await site.deliver(record)
    assert await site.relatives_at("a") == {"b"}


def build_video(host: str) -> bytes:
    """Always the same one, which has another URL at each *host*."""
    url = f'webUrl: "https://{host}.example/story"'
    original = 'originalUrl: "https://video.example/1"'
    seed = build_seed("a", 60, []).decode()
    return seed.replace('webUrl: "https://a.example/story"', f"{url}\n{original}").encode()
