"""Publishing against a real store in a file: crashes, repeats, and writers that lose."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from services.publishing.handlers import Publishing
from services.publishing.reconciler import Desk
from services.publishing.revisions import verdict
from services.publishing.rules import Rules
from shared.article_view import load, views
from shared.broker.delivery import Delivery
from shared.broker.invalid_limit import InvalidCap
from shared.broker.records import Record
from shared.broker.sender import settle
from shared.broker.topics import ENRICHED, PUBLISHED_LOG, PUBLISHED_STATE
from shared.clock import now
from shared.events.catalogue import enriched
from shared.settings import Settings
from shared.store import Claim, Link, Picture, Save, StoredArticle, connect

NOW = now() + timedelta(hours=1)  # a store notes by its own clock since when something waits


class Clock:
    """Each look is a second later."""

    def __init__(self):
        self.now = NOW

    def __call__(self):
        self.now += timedelta(seconds=1)
        return self.now


@pytest.fixture
async def store(new_store):
    store = connect(new_store)
    await store.open()
    yield store
    await store.close()


@pytest.fixture
def publishing():
    return worker()


def worker(**rules):
    clock = Clock()
    return Publishing(Desk(Rules(**rules), clock), clock, overdue_seconds=30)


async def enrich(store, name, quality, title="A title", image="", linked=()):
    """Save the article's next version, as ingest does, and finish both stages for it."""
    old = (await store.articles.get([name])).get(name)
    version = old.version + 1 if old else 1
    alias = f"https://paper.example/{name}"
    images = f'images:\n  - url: "{image}"\n    isCached: true\n' if image else ""
    seed = (
        f'---\ntitle: "{title}"\npublishedDateTime: 2026-03-02T10:00:00Z\nwebUrl: "{alias}"\nquality: {quality}\n'
        f'{images}secured: "c2VjcmV0;aXY="\n---\n'
    )
    if not old:
        assert await store.articles.claim([Claim(name, (alias,))]) == [name]
    article = StoredArticle(name, seed.encode(), version, (alias,), NOW, NOW)
    assert await store.articles.save([Save(article, old.version if old else 0)]) == [True]
    await relate(store, name, *linked)
    await store.articles.announced({name: version})
    await store.articles.enriched("images", {name: version}, [name, *linked])
    await store.articles.enriched("related", {name: version}, [name, *linked])


async def relate(store, name, *others):
    await store.relations.relate([Link(*sorted((name, other)), 0.5) for other in others])


def records(*names):
    events = [enriched(name, "related", "x.v1") for name in names]
    return [
        Record("c", ENRICHED, 0, n, NOW, e.key, e.value, e.headers) for n, e in enumerate(events)
    ]


def told(events):
    """What the log gets: (article, revision, kind)."""
    rows = [(e, dict(e.headers)) for e in events if e.topic == PUBLISHED_LOG]
    return [
        (e.key.decode(), json.loads(e.value)["revision"], h["ce_type"].decode()) for e, h in rows
    ]


async def deliver(publishing, store, *names):
    """A batch all the way: handled, sent, settled; and what it woke too."""
    events = await publishing.handle(records(*names), store)
    await settle(events, store)
    woken = [event.key.decode() for event in events if event.topic == ENRICHED]
    return events + (await deliver(publishing, store, *woken) if woken else [])


class Topics:
    """Takes what is sent; *meanwhile* happens before the first of it arrives."""

    def __init__(self, meanwhile):
        self.records = []
        self._meanwhile = meanwhile

    async def send(self, events):
        meanwhile, self._meanwhile = self._meanwhile, None
        if meanwhile:
            await meanwhile()
        self.records += events


async def waiting(store):
    return {a.id for a in await store.articles.waiting("decision", NOW + timedelta(days=36500))}


class TestALateSend:
    async def test_does_not_leave_an_old_state_behind(self, publishing, store):
        """A process is stopped between its save and its send; its successor publishes the next revision first."""
        await enrich(store, "a", 80)

        async def successor():
            await enrich(store, "a", 90)
            topics.records += await deliver(worker(), store, "a")

        topics = Topics(successor)
        delivery = Delivery(
            "publishing", publishing.handle, store, topics, InvalidCap(Settings()), 1
        )
        await delivery.deliver(records("a"))
        assert [revision for _, revision, _ in told(topics.records)] == [
            1,
            2,
            1,
        ]  # a repeat: same id, same bytes
        last = [event for event in topics.records if event.topic == PUBLISHED_STATE][-1]
        assert json.loads(last.value)["revision"] == 2

    async def test_does_not_bring_back_what_was_retracted(self, publishing, store):
        await enrich(store, "a", 80)

        async def successor():
            await enrich(store, "a", 10)
            topics.records += await deliver(worker(), store, "a")

        topics = Topics(successor)
        delivery = Delivery(
            "publishing", publishing.handle, store, topics, InvalidCap(Settings()), 1
        )
        await delivery.deliver(records("a"))
        assert [event for event in topics.records if event.topic == PUBLISHED_STATE][
            -1
        ].value is None


class TestACrash:
    async def test_after_the_save_sends_the_revision_again_with_the_same_bytes(
        self, publishing, store
    ):
        await enrich(store, "a", 80)
        lost = await publishing.handle(records("a"), store)  # saved, never sent
        assert told(lost) == [("a", 1, "article.published")]
        again = await worker().handle(records("a"), store)  # another process, another time
        assert again == lost
        await settle(again, store)
        assert await worker().handle(records("a"), store) == []

    async def test_after_the_save_sends_the_old_revision_before_the_next(self, publishing, store):
        await enrich(store, "a", 80)
        lost = await publishing.handle(records("a"), store)
        await enrich(store, "a", 80, title="Corrected")
        events = await worker().handle(records("a"), store)
        assert told(events) == [("a", 1, "article.published"), ("a", 2, "article.updated")]
        assert events[: len(lost)] == lost

    async def test_between_the_save_and_the_next_look_leaves_the_article_waiting(
        self, publishing, store
    ):
        await enrich(store, "a", 80)
        known = (await load(store, ["a"]))["a"]
        assert await store.decisions.save([verdict(known, Rules(), NOW)]) == [True]
        assert await waiting(store) == {"a"}
        events = await publishing.sweep(store)
        assert [(event.topic, event.key) for event in events] == [(ENRICHED, b"a")]
        assert told(await deliver(publishing, store, "a")) == [("a", 1, "article.published")]
        assert await waiting(store) == set()

    async def test_before_relatives_are_woken_is_mended_by_the_repeat(self, publishing, store):
        await enrich(store, "a", 80)
        await enrich(store, "b", 60, linked=["a"])
        await deliver(publishing, store, "a", "b")
        await enrich(store, "c", 90)
        await relate(store, "c", "a")
        known = (await load(store, ["a"]))["a"]
        await store.decisions.save([verdict(known, Rules(), NOW)])  # and died
        events = await publishing.handle(records("a"), store)
        assert [event.key for event in events if event.topic == ENRICHED] == [b"b"]
        assert "b" in await waiting(store)


class TestARepeat:
    async def test_of_the_same_records_is_no_new_revision(self, publishing, store):
        await enrich(store, "a", 80)
        await enrich(store, "b", 60, linked=["a"])
        await deliver(publishing, store, "a", "b")
        before = await store.decisions.get(["a", "b"])
        assert await deliver(publishing, store, "a", "b", "a") == []
        assert await store.decisions.get(["a", "b"]) == before
        assert await waiting(store) == set()

    async def test_of_a_whole_batch_after_a_crash_is_the_same_batch(self, publishing, store):
        for name in "abc":
            await enrich(store, name, 80)
        lost = await publishing.handle(records("a", "b", "c"), store)
        assert await worker().handle(records("a", "b", "c"), store) == lost


class TestAStaleWriter:
    async def test_loses(self, publishing, store):
        await enrich(store, "a", 80)
        stale = verdict((await load(store, ["a"]))["a"], Rules(), NOW)
        await deliver(publishing, store, "a")
        assert await store.decisions.save([stale]) == [False]
        assert (await store.decisions.get(["a"]))["a"].stamp == 1

    async def test_that_reads_the_old_world_and_saves_late_decides_again(self, publishing, store):
        """The zombie's write is let through, as its stamp is the next one; its second look puts it right."""
        await enrich(store, "a", 80)
        await deliver(publishing, store, "a")
        old = (await load(store, ["a"]))["a"]
        stale = verdict(
            replace(old, article=replace(old.article, seed=old.article.seed.replace(b"80", b"60"))),
            Rules(),
            NOW,
        )
        await store.decisions.save([stale])
        await deliver(publishing, store, "a")
        decision = (await store.decisions.get(["a"]))["a"]
        assert (decision.published, decision.revision) == (True, 3)


class TestAStory:
    async def test_a_new_title_of_a_relative_updates_the_lead_that_shows_it(
        self, publishing, store
    ):
        await enrich(store, "a", 80)
        await enrich(store, "b", 60, linked=["a"])
        await deliver(publishing, store, "a", "b")
        await enrich(store, "b", 60, title="Corrected", linked=["a"])
        events = await deliver(publishing, store, "b", "a")
        assert told(events) == [("a", 2, "article.updated")]
        assert json.loads(events[0].value)["related"][0]["title"] == "Corrected"

    async def test_a_picture_that_was_cached_updates_the_lead_that_shows_it(
        self, publishing, store
    ):
        url = "https://paper.example/one.jpg"
        await enrich(store, "a", 80, image=url)
        first = await deliver(publishing, store, "a")
        assert json.loads(first[0].value)["images"] == [{"url": url, "isCached": False}]
        await store.pictures.save(
            Picture(url, "cached", NOW, "", "ab12", "image/png", 64, 48, 1, 3), b"png"
        )
        await store.articles.enriched("images", {"a": 1}, ["a"])
        events = await deliver(publishing, store, "a")
        assert told(events) == [("a", 2, "article.updated")]
        measured = {
            "width": 64,
            "height": 48,
            "isCached": True,
            "mediaType": "image/png",
            "sha256": "ab12",
        }
        assert json.loads(events[0].value)["images"] == [{"url": url} | measured]

    async def test_a_lost_lead_is_retracted_with_its_successor_and_comes_back(
        self, publishing, store
    ):
        await enrich(store, "a", 80)
        await deliver(publishing, store, "a")
        await enrich(store, "b", 90, title="Better", linked=["a"])
        events = await deliver(publishing, store, "a", "b")
        assert sorted(told(events)) == [
            ("a", 2, "article.retracted"),
            ("b", 1, "article.published"),
        ]
        log, state = (event for event in events if event.key == b"a")
        assert json.loads(log.value)["successor"] == "b"
        assert (
            json.loads(log.value)["reason"] == "lost the lead to “Better” (quality 90 against 80)"
        )
        assert (state.topic, state.value) == (PUBLISHED_STATE, None)
        await enrich(store, "b", 60, title="Worse", linked=["a"])
        events = await deliver(publishing, store, "b", "a")
        assert sorted(told(events)) == [
            ("a", 3, "article.published"),
            ("b", 2, "article.retracted"),
        ]

    async def test_a_lead_is_kept_against_a_challenger_within_the_margin(self, publishing, store):
        await enrich(store, "a", 80)
        await deliver(publishing, store, "a")
        await enrich(store, "b", 81, linked=["a"])
        events = await deliver(publishing, store, "b", "a")
        assert told(events) == [("a", 2, "article.updated")]
        seen = await views(store, ["a", "b"])
        assert seen["a"]["reason"].startswith(
            "keeps the lead: a challenger with 81 is within the margin of 2"
        )
        assert (seen["b"]["lead"], seen["b"]["heat"], seen["b"]["published"]) == ("a", -1, False)

    async def test_what_was_decided_waits_no_more_and_is_due_no_more(self, publishing, store):
        await enrich(store, "a", 80)
        await enrich(store, "b", 75, linked=["a"])
        await deliver(publishing, store, "a", "b")
        assert await waiting(store) == set()
        assert await store.decisions.due() == []
        assert (await store.decisions.counts())["published"] == 1


class TestANewCluster:
    async def test_gets_the_published_state_with_the_same_ids_and_bytes(self, publishing, store):
        for number in range(3):
            await enrich(store, f"a{number}", 80 - 10 * number)
        events = await deliver(publishing, store, "a0", "a1", "a2")
        assert await publishing.resend(store) == events
        assert [key for key, _, _ in told(events)] == ["a0", "a1"]
