"""Publishing with a real store: crashes, repeats, and writers that lose."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from services.enrichment.related.stories.story_snapshots import write_story_snapshots
from services.publishing.announcing.revisions import plan_decision_write
from services.publishing.deciding.reconciler import Reconciler
from services.publishing.deciding.rules import Rules
from services.publishing.handlers import PublishingHandler
from shared.clock import now
from shared.events.acknowledgements import save_acknowledgements
from shared.events.topics import ENRICHED, PUBLISHED_STATE
from shared.runtime.service import Input
from shared.runtime.store_delivery import build_delivery
from shared.settings import Settings
from shared.store import (
    AliasClaim,
    ArticleWrite,
    Link,
    Picture,
    StoredArticle,
    Story,
    StoryMove,
    connect,
    ordered_pair,
)
from shared.views.article_snapshot import load_snapshots
from shared.views.article_view import load_views
from tests.unit.publishing.enriched_records import make_records, read_log, read_woken

# The store records by its own clock since when something waits.
NOW = now() + timedelta(hours=1)


class Clock:
    """Advances by a second at each call."""

    def __init__(self):
        self.now = NOW

    def __call__(self):
        self.now += timedelta(seconds=1)
        return self.now


@pytest.fixture
async def store(store_url):
    store = connect(store_url)
    await store.open()
    yield store
    await store.close()


@pytest.fixture
def publishing():
    return make_worker()


def make_worker(**rules):
    clock = Clock()
    return PublishingHandler(Reconciler(Rules(**rules), clock), clock, overdue_seconds=30)


async def enrich(store, name, quality, title="A title", image="", linked=()):
    """Save the article's next version, as ingest does, and complete both stages for it."""
    old = (await store.articles.get([name])).get(name)
    version = old.version + 1 if old else 1
    alias = f"https://paper.example/{name}"
    images = f'images:\n  - url: "{image}"\n    isCached: true\n' if image else ""
    seed = (
        f'---\ntitle: "{title}"\npublishedDateTime: 2026-03-02T10:00:00Z\n'
        f'webUrl: "{alias}"\nquality: {quality}\n{images}secured: "c2VjcmV0;aXY="\n---\n'
    )
    if not old:
        (grant,) = await store.articles.claim_aliases([AliasClaim(name, (alias,))])
        assert grant.article_id == name
    article = StoredArticle(name, seed.encode(), version, (alias,), NOW, NOW)
    assert await store.articles.save([ArticleWrite(article, old.version if old else 0)]) == [True]
    await relate(store, name, *linked)
    await store.articles.mark_announced({name: version})
    await store.articles.complete_stage("images", {name: version}, [name, *linked])
    await store.articles.complete_stage("related", {name: version}, [name, *linked])


async def relate(store, name, *others):
    await store.links.save([Link(*ordered_pair(name, other), 0.5) for other in others])


def read_states(events):
    """The values for `published.state`."""
    return [event.value for event in events if event.topic == PUBLISHED_STATE]


async def deliver(publishing, store, *names):
    """Handle a batch, acknowledge its events, and handle what it wakes; returns all events."""
    events = await publishing.handle(make_records(*names), store)
    await save_acknowledgements(events, store)
    woken = read_woken(events)
    if woken:
        events += await deliver(publishing, store, *woken)
    return events


async def find_waiting(store):
    """The articles that wait for a decision."""
    waiting = await store.articles.find_waiting("decision", NOW + timedelta(days=36500))
    return {article.id for article in waiting}


class LateSender:
    """Sends to a list; *before_first_send* runs before the first events arrive there."""

    def __init__(self, before_first_send):
        self.sent = []
        self._before_first_send = before_first_send

    async def send(self, events):
        before_first_send, self._before_first_send = self._before_first_send, None
        if before_first_send:
            await before_first_send()
        self.sent += events
        return []


class TestTheLeadOfAStory:
    async def make_story(self, store):
        """Of `a` and `b`, both of which are related to `c`, which is in no story with them."""
        await enrich(store, "a", 80)
        await enrich(store, "b", 75, linked=["a"])
        await store.stories.move([StoryMove(name, "", "s1") for name in ("a", "b")])
        assert await store.stories.save([Story("s1", 1, ("a", "b"), NOW)]) == [True]

    async def read_story(self, store):
        return (await store.stories.get(["s1"]))["s1"]

    async def test_has_no_lead_while_all_its_articles_are_outranked(self, publishing, store):
        await self.make_story(store)
        await deliver(publishing, store, "a", "b")
        assert (await self.read_story(store)).lead == "a"
        await enrich(store, "c", 95, title="Better", linked=["a", "b"])
        await deliver(publishing, store, "a", "b", "c")
        story = await self.read_story(store)
        assert (story.lead, story.title, story.heat) == ("", "", None)
        data = json.loads(story.latest.data)
        assert story.latest.kind == "lead-changed"
        assert (data["previousLead"], data["reasonCode"]) == ("a", "lead-outranked")
        assert data["reason"] == (
            "“A title” (quality 80) no longer leads, and no other article of the story does"
        )
        assert "lead" not in data
        assert "title" not in data

    async def test_is_led_again_once_an_article_of_it_leads(self, publishing, store):
        await self.make_story(store)
        await enrich(store, "c", 95, linked=["a", "b"])
        await deliver(publishing, store, "a", "b", "c")
        assert (await self.read_story(store)).lead == ""
        await enrich(store, "b", 99)
        await deliver(publishing, store, "b")
        story = await self.read_story(store)
        assert (story.lead, story.latest.kind) == ("b", "led")

    async def test_may_be_an_unpublished_article_that_comes_into_it(self, publishing, store):
        await self.make_story(store)
        await enrich(store, "c", 95, linked=["a", "b"])
        await enrich(store, "d", 60)
        await store.stories.move([StoryMove("d", "", "s2")])
        await deliver(publishing, store, "a", "b", "c", "d")
        await store.stories.move([StoryMove("d", "s2", "s1")])
        written = await write_story_snapshots(["s1", "s2"], ["d"], [], store, Clock())
        await deliver(publishing, store, *written.woken)
        assert (await self.read_story(store)).lead == "d"


class TestALateSend:
    """A process is stopped between its save and its send; its successor publishes meanwhile."""

    async def deliver_late(self, publishing, store, quality):
        """Deliver `a`, which meanwhile gets this quality; returns all events as they were sent."""

        async def run_successor():
            await enrich(store, "a", quality)
            sender.sent += await deliver(make_worker(), store, "a")

        sender = LateSender(run_successor)
        source = Input("publishing", ENRICHED, handle=publishing.handle)
        await build_delivery(source, store, sender, Settings()).deliver(make_records("a"))
        return sender.sent

    async def test_does_not_leave_an_old_state_behind(self, publishing, store):
        await enrich(store, "a", 80)
        sent = await self.deliver_late(publishing, store, 90)
        numbers = [number for _, number, _ in read_log(sent)]
        assert numbers == [1, 2, 1]  # the last is a repeat: same id, same bytes
        assert json.loads(read_states(sent)[-1])["revision"] == 2

    async def test_does_not_bring_back_what_was_retracted(self, publishing, store):
        await enrich(store, "a", 80)
        sent = await self.deliver_late(publishing, store, 10)
        assert read_states(sent)[-1] is None


class TestACrash:
    async def test_after_the_save_sends_the_revision_again_with_the_same_bytes(
        self, publishing, store
    ):
        await enrich(store, "a", 80)
        lost = await publishing.handle(make_records("a"), store)  # saved, never sent
        assert read_log(lost) == [("a", 1, "article.published")]
        again = await make_worker().handle(
            make_records("a"), store
        )  # another process, another time
        assert again == lost
        await save_acknowledgements(again, store)
        assert await make_worker().handle(make_records("a"), store) == []

    async def test_after_the_save_sends_the_old_revision_before_the_next(self, publishing, store):
        await enrich(store, "a", 80)
        lost = await publishing.handle(make_records("a"), store)
        await enrich(store, "a", 80, title="Corrected")
        events = await make_worker().handle(make_records("a"), store)
        assert read_log(events) == [("a", 1, "article.published"), ("a", 2, "article.updated")]
        assert events[: len(lost)] == lost

    async def test_between_the_save_and_the_next_look_leaves_the_article_waiting(
        self, publishing, store
    ):
        await enrich(store, "a", 80)
        snapshot = (await load_snapshots(store, ["a"]))["a"]
        assert await store.decisions.save([plan_decision_write(snapshot, Rules(), NOW)]) == [True]
        assert await find_waiting(store) == {"a"}
        events = await publishing.sweep(store)
        assert [(event.topic, event.key) for event in events] == [(ENRICHED, b"a")]
        assert read_log(await deliver(publishing, store, "a")) == [("a", 1, "article.published")]
        assert await find_waiting(store) == set()

    async def test_before_relatives_are_woken_is_repaired_by_the_repeat(self, publishing, store):
        await enrich(store, "a", 80)
        await enrich(store, "b", 60, linked=["a"])
        await deliver(publishing, store, "a", "b")
        await enrich(store, "c", 90)
        await relate(store, "c", "a")
        snapshot = (await load_snapshots(store, ["a"]))["a"]
        await store.decisions.save([plan_decision_write(snapshot, Rules(), NOW)])  # and died
        events = await publishing.handle(make_records("a"), store)
        assert [event.key for event in events if event.topic == ENRICHED] == [b"b"]
        assert "b" in await find_waiting(store)


class TestARepeat:
    async def test_of_the_same_records_is_no_new_revision(self, publishing, store):
        await enrich(store, "a", 80)
        await enrich(store, "b", 60, linked=["a"])
        await deliver(publishing, store, "a", "b")
        before = await store.decisions.get(["a", "b"])
        assert await deliver(publishing, store, "a", "b", "a") == []
        assert await store.decisions.get(["a", "b"]) == before
        assert await find_waiting(store) == set()

    async def test_of_a_whole_batch_after_a_crash_is_the_same_batch(self, publishing, store):
        for name in "abc":
            await enrich(store, name, 80)
        lost = await publishing.handle(make_records("a", "b", "c"), store)
        assert await make_worker().handle(make_records("a", "b", "c"), store) == lost


class TestAStaleWriter:
    async def test_loses(self, publishing, store):
        await enrich(store, "a", 80)
        stale = plan_decision_write((await load_snapshots(store, ["a"]))["a"], Rules(), NOW)
        await deliver(publishing, store, "a")
        assert await store.decisions.save([stale]) == [False]
        assert (await store.decisions.get(["a"]))["a"].stamp == 1

    async def test_that_read_an_old_state_and_saves_late_decides_again(self, publishing, store):
        """The zombie's write succeeds, since its stamp is the next; deciding again corrects it."""
        await enrich(store, "a", 80)
        await deliver(publishing, store, "a")
        old = (await load_snapshots(store, ["a"]))["a"]
        weaker = replace(old.article, seed=old.article.seed.replace(b"80", b"60"))
        stale = plan_decision_write(replace(old, article=weaker), Rules(), NOW)
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
        assert read_log(events) == [("a", 2, "article.updated")]
        assert json.loads(events[0].value)["related"][0]["title"] == "Corrected"

    async def test_a_picture_that_was_cached_updates_the_lead_that_shows_it(
        self, publishing, store
    ):
        url = "https://paper.example/one.jpg"
        await enrich(store, "a", 80, image=url)
        first = await deliver(publishing, store, "a")
        assert json.loads(first[0].value)["images"] == [{"url": url, "isCached": False}]
        picture = Picture(url, "cached", NOW, "", "ab12", "image/png", 64, 48, 1, 3)
        await store.pictures.save(picture, b"png")
        await store.articles.complete_stage("images", {"a": 1}, ["a"])
        events = await deliver(publishing, store, "a")
        assert read_log(events) == [("a", 2, "article.updated")]
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
        assert sorted(read_log(events)) == [
            ("a", 2, "article.retracted"),
            ("b", 1, "article.published"),
        ]
        state, log = (event for event in events if event.key == b"a")
        assert json.loads(log.value)["successor"] == "b"
        reason = json.loads(log.value)["reason"]
        assert reason == "lost the lead to “Better” (quality 90 against 80)"
        assert (state.topic, state.value) == (PUBLISHED_STATE, None)
        await enrich(store, "b", 60, title="Worse", linked=["a"])
        events = await deliver(publishing, store, "b", "a")
        assert sorted(read_log(events)) == [
            ("a", 3, "article.published"),
            ("b", 2, "article.retracted"),
        ]

    async def test_a_lead_is_kept_against_a_challenger_within_the_margin(self, publishing, store):
        await enrich(store, "a", 80)
        await deliver(publishing, store, "a")
        await enrich(store, "b", 81, linked=["a"])
        events = await deliver(publishing, store, "b", "a")
        assert read_log(events) == [("a", 2, "article.updated")]
        views = await load_views(store, ["a", "b"])
        expected = "keeps the lead: a challenger with 81 is within the margin of 2"
        assert views["a"]["reason"].startswith(expected)
        b = views["b"]
        assert (b["lead"], b["heat"], b["published"]) == ("a", -1, False)

    async def test_decided_articles_no_longer_wait_and_announced_revisions_leave_the_outbox(
        self, publishing, store
    ):
        await enrich(store, "a", 80)
        await enrich(store, "b", 75, linked=["a"])
        await deliver(publishing, store, "a", "b")
        assert await find_waiting(store) == set()
        assert await store.decisions.find_unannounced() == []
        assert (await store.decisions.counts())["published"] == 1


class TestANewCluster:
    async def test_gets_the_published_state_with_the_same_ids_and_bytes(self, publishing, store):
        for number in range(3):
            await enrich(store, f"a{number}", 80 - 10 * number)
        events = await deliver(publishing, store, "a0", "a1", "a2")
        pages = [page async for page in publishing.resend(store)]
        assert [event for page in pages for event in page] == events
        assert [key for key, _, _ in read_log(events)] == ["a0", "a1"]
