"""The stage over a real store: what is kept, parked and told, and what a crash leaves."""

import asyncio
import json
from collections import Counter
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

import pytest

from services.enrichment.images.fetching.fetch_outcome import (
    Failed,
    Failure,
    Later,
    Measured,
    Unchanged,
    Validators,
)
from services.enrichment.images.handlers import Images
from services.enrichment.images.scheduling.fetch_coordinator import Desk
from services.enrichment.images.scheduling.retry_policy import Patience
from shared.broker.records import Record
from shared.broker.sender import settle
from shared.broker.topics import ENRICHED, WANTED
from shared.clock import now
from shared.errors import Unprocessable
from shared.events.catalogue import ingested, is_wanted_again
from shared.store import Claim, Link, Save, StoredArticle, connect

PICTURE = Measured(b"bytes", "image/jpeg", 640, 480, 1)
GONE = Failed(Failure.NOT_FOUND, "the host answered 404")
SLOW = Later("it took longer than 3 s")
SEED = '---\ntitle: "{0}"\npublishedDateTime: 2026-03-02T10:00:00Z\nwebUrl: "https://p.example/{0}"\nimages:\n{1}---\n'


class Web:
    """Answers by URL; counts what is asked, and how much of it at once."""

    def __init__(self, **answers):
        self.answers = answers
        self.asked, self.validators = [], []
        self.now, self.most = Counter(), Counter()
        self.held = asyncio.Event()
        self.held.set()

    @asynccontextmanager
    async def fetched(self, url, seconds, known):
        name = url.rpartition("/")[2]
        self.asked.append((name, seconds))
        self.validators.append(known)
        self.now[url] += 1
        self.most[url] = max(self.most[url], self.now[url])
        await self.held.wait()
        self.now[url] -= 1
        yield self.answers[name]


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


def stage(web, clock, refuse=lambda url: None):
    return Images(Desk(web.fetched, Patience(attempts=3), clock, lambda: 1.0, refuse=refuse), clock)


async def save(store, name, *pictures, version=1):
    urls = [picture if "/" in picture else f"//h.example/{picture}" for picture in pictures]
    lines = "".join(f'  - url: "https:{url}"\n' for url in urls)
    seed = SEED.format(name, lines or "  []\n").encode()
    await store.articles.claim([Claim(name, (name,))])
    article = StoredArticle(name, seed, version, (name,), now(), now())
    assert await store.articles.save([Save(article, version - 1)]) == [True]


async def until(fact):
    """Let the others go on until it is so; they wait for nothing but each other."""
    async with asyncio.timeout(10):
        for _ in iter(fact, True):
            await asyncio.sleep(0)


async def announced(store, *names):
    return records([ingested(article) for article in (await store.articles.get(names)).values()])


def records(events):
    return [
        Record("c", e.topic, 0, n, now(), e.key, e.value, e.headers) for n, e in enumerate(events)
    ]


def wants(events):
    """The events for owners of hosts among *events*: host and picture of each."""
    data = [
        (e.key.decode(), json.loads(e.value)["url"].rpartition("/")[2])
        for e in events
        if e.topic == WANTED
    ]
    assert len(data) == len({dict(e.headers)["ce_id"] for e in events if e.topic == WANTED})
    return data


def told(events):
    return [event.key.decode() for event in events if event.topic == ENRICHED]


async def through(work, store, *names):
    """Plan and fetch, as one worker would; the events that leave the stage."""
    planned = await work.plan(await announced(store, *names), store)
    return await onward(work, store, planned)


async def onward(work, store, events):
    wanted = [event for event in events if event.topic == WANTED]
    fetched = await work.fetch(records(wanted), store) if wanted else []
    return [event for event in [*events, *fetched] if event.topic == ENRICHED]


async def pending(store, name):
    return "images" in (await store.articles.get([name]))[name].pending


async def touches(store, *names):
    articles = await store.articles.get(names)
    return [articles[name].touches for name in names]


async def known(store, *names):
    pictures = await store.pictures.get([f"https://h.example/{name}" for name in names])
    return {url.rpartition("/")[2]: picture for url, picture in pictures.items()}


class TestPlanning:
    async def test_each_picture_is_wanted_from_the_owner_of_its_host(self, store, clock):
        await save(store, "a", "one", "//Other.Example:8080/two", "one", "//[::1]/three")
        events = await stage(Web(), clock).plan(await announced(store, "a"), store)
        assert wants(events) == [("h.example", "one"), ("other.example", "two"), ("[::1]", "three")]
        assert told(events) == []
        assert await pending(store, "a")

    async def test_an_article_without_pictures_is_done(self, store, clock):
        await save(store, "a")
        assert told(await through(stage(Web(), clock), store, "a")) == ["a"]
        assert not await pending(store, "a")

    async def test_an_article_whose_pictures_are_known_is_done(self, store, clock):
        await save(store, "a", "good", "gone")
        await save(store, "b", "good", "gone")
        work = stage(Web(good=PICTURE, gone=GONE), clock)
        await through(work, store, "a")
        events = await work.plan(await announced(store, "b"), store)
        assert (wants(events), told(events)) == ([], ["b"])
        assert not await pending(store, "b")

    async def test_a_failure_is_remembered_the_longer_the_more_often_it_failed(self, store, clock):
        await save(store, "a", "gone")
        work = stage(Web(gone=GONE), clock)
        await through(work, store, "a")
        for hours in (1, 2, 4, 8, 16, 24, 24):
            clock.now += timedelta(hours=hours) - timedelta(seconds=1)
            assert wants(await work.plan(await announced(store, "a"), store)) == []
            clock.now += timedelta(seconds=1)
            await through(work, store, "a")
        assert (await known(store, "gone"))["gone"].failures == 8

    async def test_a_repeat_plans_the_same_with_the_same_ids(self, store, clock):
        await save(store, "a", "one", "two")
        work = stage(Web(), clock)
        assert await work.plan(await announced(store, "a"), store) == await work.plan(
            await announced(store, "a"), store
        )

    async def test_an_address_that_is_none_is_wanted_too_and_fails(self, store, clock):
        await save(store, "a", "//user@inside.example/x")
        assert wants(await stage(Web(), clock).plan(await announced(store, "a"), store)) == [
            ("", "x")
        ]

    async def test_what_waits_for_long_is_planned_anew(self, store, clock):
        await save(store, "a", "one")
        await save(store, "b")
        work = stage(Web(), clock)
        assert await work.sweep(store) == []
        clock.now += timedelta(minutes=11)
        events = await work.sweep(store)
        assert (wants(events), told(events)) == ([("h.example", "one")], ["b"])


class TestFetching:
    async def test_outcomes_are_kept_and_the_stage_is_done(self, store, clock):
        await save(store, "a", "good", "gone")
        web = Web(good=PICTURE, gone=GONE)
        assert told(await through(stage(web, clock), store, "a")) == ["a"]
        assert {
            name: (p.state, p.width, p.reason[:9])
            for name, p in (await known(store, "good", "gone")).items()
        } == {
            "good": ("cached", 640, ""),
            "gone": ("failed", 0, "not-found"),
        }
        assert not await pending(store, "a")
        assert {seconds for _, seconds in web.asked} == {3}

    async def test_relatives_are_told_too(self, store, clock):
        await save(store, "a", "good")
        await save(store, "b")
        await store.relations.relate([Link("a", "b", 0.5)])
        assert told(await through(stage(Web(good=PICTURE), clock), store, "a")) == ["a", "b"]

    async def test_an_article_is_done_with_the_last_of_its_pictures(self, store, clock):
        await save(store, "a", "good", "gone")
        work = stage(Web(good=PICTURE, gone=GONE), clock)
        first, last = await work.plan(await announced(store, "a"), store)
        assert await onward(work, store, [first]) == []
        assert await pending(store, "a")
        assert told(await onward(stage(Web(gone=GONE), clock), store, [last])) == ["a"]
        assert not await pending(store, "a")

    async def test_two_owners_who_finish_at_once_do_not_both_miss_it(self, store, clock):
        await save(store, "a", "good", "gone")
        web = Web(good=PICTURE, gone=GONE)
        planned = await stage(web, clock).plan(await announced(store, "a"), store)
        web.held.clear()
        owners = [
            asyncio.create_task(onward(stage(web, clock), store, [event])) for event in planned
        ]
        await until(lambda: len(web.asked) == 2)
        web.held.set()
        said = [one for events in await asyncio.gather(*owners) for one in events]
        assert set(told(said)) == {"a"}
        assert len({event.headers for event in said}) == 1
        assert not await pending(store, "a")

    async def test_a_repeat_tells_the_same_with_the_same_ids(self, store, clock):
        await save(store, "a", "good")
        work = stage(Web(good=PICTURE), clock)
        planned = await work.plan(await announced(store, "a"), store)
        first = await onward(work, store, planned)
        assert await onward(stage(Web(), clock), store, planned) == first

    async def test_a_url_of_two_batches_at_once_is_asked_for_once(self, store, clock):
        await save(store, "a", "good")
        await save(store, "b", "good")
        web = Web(good=PICTURE)
        work = stage(web, clock)
        planned = await work.plan(await announced(store, "a", "b"), store)
        web.held.clear()
        batches = [asyncio.create_task(onward(work, store, [event])) for event in planned]
        await until(lambda: bool(web.asked))
        web.held.set()
        assert sorted(
            told([one for events in await asyncio.gather(*batches) for one in events])
        ) == ["a", "b"]
        assert len(web.asked) == 1

    async def test_a_slow_url_is_not_asked_for_by_two_batches_at_once(self, store, clock):
        await save(store, "a", "slow")
        await save(store, "b", "slow")
        web = Web(slow=SLOW)
        work = stage(web, clock)
        planned = await work.plan(await announced(store, "a", "b"), store)
        await asyncio.gather(*(onward(work, store, [event]) for event in planned))
        assert web.asked == [("slow", 3)]
        assert {(piece.article_id, piece.attempts) for piece in await store.parked.page()} == {
            ("a", 1),
            ("b", 1),
        }

    async def test_an_article_that_was_dropped_again_waits_for_its_new_picture(self, store, clock):
        await save(store, "a", "good")
        work = stage(Web(good=PICTURE, new=PICTURE), clock)
        planned = await work.plan(await announced(store, "a"), store)
        await save(store, "a", "new", version=2)
        assert await onward(work, store, planned) == []
        assert await pending(store, "a")
        assert told(await through(work, store, "a")) == ["a"]
        assert not await pending(store, "a")

    async def test_a_record_that_is_none_of_ours_is_unprocessable(self, store, clock):
        with pytest.raises(Unprocessable):
            await stage(Web(), clock).fetch(
                [Record("c", WANTED, 0, 0, now(), None, b'{"articleId": "a"}')], store
            )


class TestLeftAlone:
    """Pictures of a host that is to be left alone for now."""

    @pytest.fixture
    def down(self):
        """The hosts whose URLs hold one of these names are down."""
        return {"dead"}

    @pytest.fixture
    def work(self, clock, down):
        def refuse(url):
            return (
                Later("it is down", 300, blames_host=False)
                if any(name in url for name in down)
                else None
            )

        self.web = Web(good=PICTURE, dead=PICTURE)
        return stage(self.web, clock, refuse)

    async def test_they_are_parked_when_they_are_planned(self, store, clock, work):
        await save(store, "a", "good", "dead")
        await save(store, "b", "dead")
        events = await work.plan(await announced(store, "a", "b"), store)
        assert (wants(events), told(events)) == ([("h.example", "good")], ["b"])
        parked = await store.parked.page()
        assert {(piece.article_id, piece.attempts, piece.due - clock()) for piece in parked} == {
            ("a", 1, timedelta(seconds=300)),
            ("b", 1, timedelta(seconds=300)),
        }
        assert told(await onward(work, store, events)) == ["b", "a"]
        assert [name for name, _ in self.web.asked] == ["good"]

    async def test_they_are_parked_when_they_are_wanted(self, store, clock, work, down):
        down.clear()
        await save(store, "a", "good", "dead")
        planned = await work.plan(await announced(store, "a"), store)
        down.add("dead")
        assert told(await onward(work, store, planned)) == ["a"]
        assert [name for name, _ in self.web.asked] == ["good"]
        assert [piece.attempts for piece in await store.parked.page()] == [1]

    async def test_they_are_parked_when_their_time_has_come(self, store, clock, work, down):
        await save(store, "a", "dead")
        await work.plan(await announced(store, "a"), store)
        clock.now += timedelta(seconds=300)
        assert await work.take_up(store) == []
        assert [(piece.attempts, piece.claim) for piece in await store.parked.page()] == [(2, "")]
        down.clear()
        clock.now += timedelta(seconds=300)
        assert set(told(await onward(work, store, await work.take_up(store)))) == {"a"}
        assert (await known(store, "dead"))["dead"].state == "cached"

    async def test_who_was_put_off_often_enough_has_failed(self, store, clock, work):
        await save(store, "a", "dead")
        self.web.answers["dead"] = Later("it is down", 300, blames_host=False)
        await work.plan(await announced(store, "a"), store)
        for _ in range(2):
            clock.now += timedelta(hours=1)
            last = await onward(work, store, await work.take_up(store))
        assert (await known(store, "dead"))["dead"].reason.startswith("gave-up")
        assert set(told(last)) == {"a"}

    async def test_who_names_it_as_well_waits_with_the_others(self, store, clock, work):
        await save(store, "a", "dead")
        await work.plan(await announced(store, "a"), store)
        clock.now += timedelta(seconds=10)
        await save(store, "b", "dead")
        assert told(await work.plan(await announced(store, "b"), store)) == ["b"]
        assert len({piece.due for piece in await store.parked.page()}) == 1

    async def test_what_is_kept_stays_and_is_looked_at_another_time(self, store, clock, work, down):
        down.clear()
        await save(store, "a", "dead")
        await through(work, store, "a")
        down.add("dead")
        clock.now += timedelta(days=2)
        self.web.answers["dead"] = Later("it is down", 300, blames_host=False)
        await save(store, "b", "dead")
        assert told(await through(work, store, "b")) == ["b"]
        assert await store.parked.count() == 0


class TestSharing:
    """A picture that one article has fetched anew is shown by others, too."""

    @pytest.fixture
    async def web(self, store, clock):
        """*a* and its relative were told that the picture is gone; *b* names it, when it may be asked for again."""
        web = Web(x=GONE)
        await save(store, "a", "x")
        await save(store, "near")
        await store.relations.relate([Link("a", "near", 0.9)])
        assert sorted(told(await through(stage(web, clock), store, "a"))) == ["a", "near"]
        clock.now += timedelta(hours=2)
        await save(store, "b", "x")
        return web

    async def test_who_was_told_that_it_failed_is_told_that_it_is_there(self, store, clock, web):
        web.answers["x"] = PICTURE
        before = await touches(store, "a", "near")
        assert sorted(told(await through(stage(web, clock), store, "b"))) == ["a", "b", "near"]
        assert await touches(store, "a", "near") == [count + 1 for count in before]

    async def test_a_repeat_tells_them_again_with_the_same_ids(self, store, clock, web):
        web.answers["x"] = PICTURE
        planned = records(await stage(web, clock).plan(await announced(store, "b"), store))
        first = await stage(web, clock).fetch(planned, store)
        assert await stage(Web(), clock).fetch(planned, store) == first
        assert sorted(told(first)) == ["a", "b", "near"]

    async def test_they_are_told_when_it_comes_later_than_at_the_first_attempt(
        self, store, clock, web
    ):
        web.answers["x"] = SLOW
        work = stage(web, clock)
        assert told(await through(work, store, "b")) == ["b"]
        web.answers["x"] = PICTURE
        clock.now += timedelta(minutes=2)
        again = await work.take_up(store)
        assert set(told(await onward(work, store, again))) == {"a", "b", "near"}

    async def test_another_failure_is_no_news(self, store, clock, web):
        assert told(await through(stage(web, clock), store, "b")) == ["b"]

    async def test_what_was_replaced_before_it_was_wanted_is_no_news(self, store, clock, web):
        web.answers["x"] = PICTURE
        await through(stage(web, clock), store, "b")
        clock.now += timedelta(days=2)
        web.answers["x"] = Unchanged()
        await save(store, "c", "x")
        planned = await stage(web, clock).plan(await announced(store, "c"), store)
        later = [replace(record, timestamp=clock()) for record in records(planned)]
        assert told(await stage(web, clock).fetch(later, store)) == ["c"]

    async def test_another_version_is_told_to_all_who_show_it(self, store, clock, web):
        web.answers["x"] = PICTURE
        await through(stage(web, clock), store, "b")
        clock.now += timedelta(days=2)
        web.answers["x"] = replace(PICTURE, content=b"other", width=320)
        await save(store, "c", "x")
        assert sorted(told(await through(stage(web, clock), store, "c"))) == ["a", "b", "c", "near"]


class TestAskingAgain:
    """A kept picture that an article names anew is asked for again after a day."""

    @pytest.fixture
    async def web(self, store, clock):
        web = Web(
            good=replace(PICTURE, validators=Validators('"1"', "Mon, 02 Mar 2026 10:00:00 GMT"))
        )
        await save(store, "a", "good")
        await through(stage(web, clock), store, "a")
        clock.now += timedelta(hours=24)
        await save(store, "b", "good")
        return web

    async def test_what_is_lost_is_asked_for_as_if_it_were_new(self, store, clock, web):
        (kept,) = await store.pictures.page()
        assert await store.bytes.delete(kept.sha256, now() + timedelta(hours=1))
        assert told(await through(stage(web, clock), store, "b")) == ["b"]
        assert web.validators[-1] == Validators()
        assert await store.bytes.size(kept.sha256) == kept.size

    async def test_not_before(self, store, clock, web):
        clock.now -= timedelta(seconds=1)
        assert told(await through(stage(web, clock), store, "b")) == ["b"]
        assert len(web.asked) == 1

    async def test_the_host_is_asked_for_another_version_than_ours(self, store, clock, web):
        web.answers["good"] = Unchanged()
        before = (await known(store, "good"))["good"]
        assert told(await through(stage(web, clock), store, "b")) == ["b"]
        assert web.validators[-1] == Validators('"1"', "Mon, 02 Mar 2026 10:00:00 GMT")
        after = (await known(store, "good"))["good"]
        assert after == replace(before, checked_at=after.checked_at)
        assert after.checked_at - before.checked_at == timedelta(hours=24)
        assert not await pending(store, "b")

    async def test_another_version_takes_its_place(self, store, clock, web):
        web.answers["good"] = replace(PICTURE, content=b"other", width=320)
        await through(stage(web, clock), store, "b")
        picture = (await known(store, "good"))["good"]
        assert (picture.width, picture.etag) == (320, "")

    @pytest.mark.parametrize("answer", [GONE, SLOW])
    async def test_what_is_kept_stays_when_that_fails(self, store, clock, web, answer):
        web.answers["good"] = answer
        assert told(await through(stage(web, clock), store, "b")) == ["b"]
        assert (await known(store, "good"))["good"].state == "cached"
        assert await store.parked.count() == 0
        assert told(await through(stage(web, clock), store, "b")) == ["b"]
        assert len(web.asked) == 2


class TestParked:
    @pytest.fixture
    async def web(self, store, clock):
        """A slow picture of two articles, parked for both."""
        web = Web(slow=SLOW)
        await save(store, "a", "slow")
        await save(store, "b", "slow")
        assert sorted(told(await through(stage(web, clock), store, "a", "b"))) == ["a", "b"]
        return web

    async def take_up(self, web, store, clock):
        work = stage(web, clock)
        return await onward(work, store, await work.take_up(store))

    async def test_what_is_slow_holds_up_no_stage(self, store, web):
        assert not await pending(store, "a")
        assert await store.parked.count() == 2
        assert web.asked == [("slow", 3)]

    async def test_it_is_not_taken_up_early(self, store, clock, web):
        clock.now += timedelta(seconds=59)
        assert await stage(web, clock).take_up(store) == []

    async def test_it_goes_to_the_owner_of_its_host_when_its_time_has_come(self, store, clock, web):
        clock.now += timedelta(seconds=60)
        work = stage(web, clock)
        again = await work.take_up(store)
        assert wants(again) == [("h.example", "slow"), ("h.example", "slow")]
        assert all(is_wanted_again(record) for record in records(again))
        assert await work.take_up(store) == []
        assert web.asked == [("slow", 3)]

    async def test_it_gets_a_long_attempt_and_is_forgotten_once_told(self, store, clock, web):
        web.answers["slow"] = PICTURE
        clock.now += timedelta(seconds=60)
        events = await self.take_up(web, store, clock)
        assert web.asked[1:] == [("slow", 30)]
        assert set(told(events)) == {"a", "b"}
        assert await store.parked.count() == 2
        await settle(events, store)
        assert await store.parked.count() == 0

    async def test_a_death_before_it_was_told_leaves_it_to_the_next(self, store, clock, web):
        web.answers["slow"] = PICTURE
        clock.now += timedelta(seconds=60)
        lost = await self.take_up(web, store, clock)
        assert await self.take_up(web, store, clock) == []  # the dead one's lease
        clock.now += timedelta(minutes=15)
        again = await self.take_up(web, store, clock)
        assert sorted(told(again)) == sorted(told(lost))
        assert len(web.asked) == 2  # its bytes are kept already

    async def test_a_record_that_comes_twice_is_one_attempt(self, store, clock, web):
        work = stage(web, clock)
        clock.now += timedelta(seconds=60)
        wanted = await work.take_up(store)
        await onward(work, store, wanted)
        await onward(work, store, wanted)
        assert web.asked == [("slow", 3), ("slow", 30)]
        assert [piece.attempts for piece in await store.parked.page()] == [2, 2]

    async def test_who_asks_for_what_is_parked_waits_with_the_others(self, store, clock, web):
        await save(store, "c", "slow")
        assert told(await through(stage(web, clock), store, "c")) == ["c"]
        assert len(web.asked) == 1
        pieces = await store.parked.page()
        assert [piece.article_id for piece in pieces] == ["a", "b", "c"]
        assert len({(piece.due, piece.attempts) for piece in pieces}) == 1

    async def test_what_stays_slow_is_given_up_and_told(self, store, clock, web):
        clock.now += timedelta(seconds=60)
        assert set(told(await self.take_up(web, store, clock))) == {"a", "b"}
        assert [piece.attempts for piece in await store.parked.page()] == [2, 2]
        clock.now += timedelta(seconds=120)
        events = await self.take_up(web, store, clock)
        assert set(told(events)) == {"a", "b"}
        assert (await known(store, "slow"))["slow"].reason.startswith("gave-up")
        await settle(events, store)
        assert await store.parked.count() == 0

    async def test_a_host_that_is_busy_with_us_costs_no_attempt(self, store, clock, web):
        web.answers["slow"] = Later("the host is busy with others of ours", after=10, counts=False)
        for _ in range(5):
            clock.now += timedelta(seconds=60)
            await self.take_up(web, store, clock)
        assert [piece.attempts for piece in await store.parked.page()] == [1, 1]
        assert len(web.asked) == 6

    async def test_a_host_that_asks_for_patience_gets_it(self, store, clock, web):
        web.answers["slow"] = Later("503", after=7200)
        clock.now += timedelta(seconds=60)
        await self.take_up(web, store, clock)
        assert {piece.due for piece in await store.parked.page()} == {
            clock.now + timedelta(hours=2)
        }

    async def test_what_the_article_no_longer_names_is_forgotten(self, store, clock, web):
        await save(store, "a", "good", version=2)
        clock.now += timedelta(seconds=60)
        assert [e.value for e in await stage(web, clock).take_up(store)] == [
            b'{"articleId":"b","url":"https://h.example/slow"}'
        ]
        assert [piece.article_id for piece in await store.parked.page()] == ["b"]
