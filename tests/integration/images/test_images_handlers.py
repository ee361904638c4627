"""The stage over a real store: what is kept, parked and told, and what a crash leaves."""

from datetime import timedelta

import pytest

from services.enrichment.images.desk import Desk, Patience
from services.enrichment.images.handlers import Images
from services.enrichment.images.outcomes import Failed, Failure, Later, Measured
from shared.broker.records import Record
from shared.broker.sender import settle
from shared.clock import now
from shared.events import ingested
from shared.store import Claim, Link, Save, StoredArticle, connect

PICTURE = Measured(b"bytes", "image/jpeg", 640, 480, 1)
GONE = Failed(Failure.NOT_FOUND, "the host answered 404")
SLOW = Later("it took longer than 3 s")
SEED = '---\ntitle: "{0}"\npublishedDateTime: 2026-03-02T10:00:00Z\nwebUrl: "https://p.example/{0}"\nimages:\n{1}---\n'


class Web:
    """Answers by URL; counts what is asked."""

    def __init__(self, **answers):
        self.answers = answers
        self.asked = []

    async def fetch(self, url, seconds):
        self.asked.append((url.rpartition("/")[2], seconds))
        return self.answers[url.rpartition("/")[2]]


class Clock:
    def __init__(self):
        self.now = now()

    def __call__(self):
        return self.now


@pytest.fixture
async def store(new_store):
    opened = connect(new_store)
    await opened.open()
    yield opened
    await opened.close()


@pytest.fixture
def clock():
    return Clock()


def stage(web, clock):
    return Images(Desk(web.fetch, Patience(attempts=3), clock, lambda: 1.0), clock)


async def save(store, name, *pictures):
    lines = "".join(f'  - url: "https://h.example/{picture}"\n' for picture in pictures)
    seed = SEED.format(name, lines or "  []\n").encode()
    await store.articles.claim([Claim(name, (name,))])
    article = StoredArticle(name, seed, 1, (name,), now(), now())
    assert await store.articles.save([Save(article, 0)]) == [True]


async def records(store, *names):
    events = [ingested(article) for article in (await store.articles.get(names)).values()]
    return [Record("c", e.topic, 0, n, now(), e.key, e.value, e.headers) for n, e in enumerate(events)]


async def pending(store, name):
    return "images" in (await store.articles.get([name]))[name].pending


def told(events):
    return [event.key.decode() for event in events]


async def test_outcomes_are_kept_and_the_stage_is_done(store, clock):
    await save(store, "a", "good", "gone")
    web = Web(good=PICTURE, gone=GONE)
    events = await stage(web, clock).handle(await records(store, "a"), store)
    known = await store.pictures.get(["https://h.example/good", "https://h.example/gone"])
    assert {p.url[-4:]: (p.state, p.width, p.reason[:9]) for p in known.values()} == {
        "good": ("cached", 640, ""),
        "gone": ("failed", 0, "not-found"),
    }
    assert told(events) == ["a"]
    assert not await pending(store, "a")
    assert {seconds for _, seconds in web.asked} == {3}


async def test_relatives_are_told_too(store, clock):
    await save(store, "a", "good")
    await save(store, "b")
    await store.relations.relate([Link("a", "b", 0.5)])
    assert told(await stage(Web(good=PICTURE), clock).handle(await records(store, "a"), store)) == ["a", "b"]


async def test_an_article_without_pictures_is_done(store, clock):
    await save(store, "a")
    assert told(await stage(Web(), clock).handle(await records(store, "a"), store)) == ["a"]
    assert not await pending(store, "a")


async def test_what_is_known_is_not_fetched_again(store, clock):
    await save(store, "a", "good", "gone")
    await save(store, "b", "good", "gone")
    web = Web(good=PICTURE, gone=GONE)
    await stage(web, clock).handle(await records(store, "a"), store)
    await stage(web, clock).handle(await records(store, "b"), store)
    assert len(web.asked) == 2
    clock.now += timedelta(days=2)
    await stage(web, clock).handle(await records(store, "b"), store)
    assert [name for name, _ in web.asked[2:]] == ["gone"]


async def test_a_repeat_tells_the_same_with_the_same_ids(store, clock):
    await save(store, "a", "good")
    first = await stage(Web(good=PICTURE), clock).handle(await records(store, "a"), store)
    assert await stage(Web(), clock).handle(await records(store, "a"), store) == first


class TestParked:
    @pytest.fixture
    async def web(self, store, clock):
        """A slow picture of two articles, parked for both."""
        web = Web(slow=SLOW)
        await save(store, "a", "slow")
        await save(store, "b", "slow")
        await stage(web, clock).handle(await records(store, "a", "b"), store)
        return web

    async def test_what_is_slow_holds_up_no_stage(self, store, web):
        assert not await pending(store, "a")
        assert await store.parked.count() == 2
        assert web.asked == [("slow", 3)]

    async def test_it_is_not_taken_up_early(self, store, clock, web):
        clock.now += timedelta(seconds=59)
        assert await stage(web, clock).take_up(store) == []

    async def test_it_is_taken_up_with_a_long_attempt_and_forgotten_once_told(self, store, clock, web):
        web.answers["slow"] = PICTURE
        clock.now += timedelta(seconds=60)
        events = await stage(web, clock).take_up(store)
        assert web.asked[1:] == [("slow", 30)]
        assert sorted(told(events)) == ["a", "b"]
        assert await store.parked.count() == 2
        await settle(events, store)
        assert await store.parked.count() == 0

    async def test_a_death_before_it_was_told_leaves_it_to_the_next(self, store, clock, web):
        web.answers["slow"] = PICTURE
        clock.now += timedelta(seconds=60)
        lost = await stage(web, clock).take_up(store)
        assert await stage(web, clock).take_up(store) == []  # the dead one's lease
        clock.now += timedelta(minutes=5)
        again = await stage(web, clock).take_up(store)
        assert sorted(told(again)) == sorted(told(lost))
        assert len(web.asked) == 2  # its bytes are kept already

    async def test_what_stays_slow_is_given_up_and_told(self, store, clock, web):
        clock.now += timedelta(seconds=60)
        assert await stage(web, clock).take_up(store) == []
        assert [piece.attempts for piece in await store.parked.page()] == [2, 2]
        clock.now += timedelta(seconds=120)
        events = await stage(web, clock).take_up(store)
        assert sorted(told(events)) == ["a", "b"]
        (picture,) = (await store.pictures.get(["https://h.example/slow"])).values()
        assert picture.reason.startswith("gave-up")

    async def test_a_host_that_asks_for_patience_gets_it(self, store, clock, web):
        web.answers["slow"] = Later("503", after=7200)
        clock.now += timedelta(seconds=60)
        await stage(web, clock).take_up(store)
        assert {piece.due for piece in await store.parked.page()} == {clock.now + timedelta(hours=2)}
