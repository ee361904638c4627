"""Stories as they happen: what is told of them, what the newsroom says of them, and what a crash leaves behind."""

from collections import Counter

import pytest

from services.console.actions import explain_pair, overrides
from services.console.replay.dry_run import record
from services.enrichment.related.handlers import Related
from services.enrichment.related.main import related
from services.enrichment.related.settings import RelatedSettings
from shared.article_view import views
from shared.broker.records import Record
from shared.broker.topics import STORIES_LOG
from shared.events.catalogue import ingested
from shared.store import Move, Store, StoredArticle
from tests.integration.stories.newsroom import Newsroom, kind

COMET = (
    "Comet Vaskell brightens over Pelmoor Observatory",
    "Crowds climb to Pelmoor Observatory for comet Vaskell",
)
STRIKE = (
    "Dockworkers of Varnholm strike over cranes",
    "Varnholm dockworkers strike over crane jobs",
)


@pytest.fixture
def newsroom(store: Store) -> Newsroom:
    return Newsroom(store)


def announcement(article: StoredArticle) -> Record:
    return record(ingested(article))


def a_minute_later() -> Related:
    """As it sees things then: what was just written is overdue by half a minute."""
    return related(RelatedSettings().model_copy(update={"related_overdue_seconds": -30}))


async def two_stories(newsroom: Newsroom) -> None:
    await newsroom.drop("c1", COMET[0], quality=80)
    await newsroom.drop("c2", COMET[1], quality=60, hours=1)
    await newsroom.drop("d1", STRIKE[0], quality=70)
    await newsroom.drop("d2", STRIKE[1], quality=65, hours=1)


async def test_a_story_is_created_joined_merged_split_and_led_by_another(newsroom: Newsroom):
    await two_stories(newsroom)
    await newsroom.drop(
        "c3", "Comet Vaskell over Pelmoor Observatory as crowds climb", quality=90, hours=2
    )
    await overrides.merge(newsroom.store, "c1", "d1", "ann", "the strike is at the observatory")
    await newsroom.rehearsal.settle()
    await overrides.split(newsroom.store, ["c2"], "c1", "bo", "")
    await newsroom.rehearsal.settle()
    assert await newsroom.stories() == [{"c1", "c3", "d1", "d2"}]
    kinds = Counter(turn for turn, _ in newsroom.turns)
    assert kinds["story.created"] == 2
    assert kinds["story.merged"] == 2  # once for each of the two
    assert {"story.joined", "story.split", "story.led", "story.lead-changed"} <= kinds.keys()
    (ended,) = [data for _, data in newsroom.turns if data["supersededBy"]]
    assert (ended["id"], ended["supersededBy"], ended["members"]) == ("sd1", "sc1", [])
    assert all(data["reason"] for _, data in newsroom.turns)
    assert any("merge by ann" in data["reason"] for _, data in newsroom.turns)
    assert any("split by bo" in data["reason"] for _, data in newsroom.turns)
    assert_gapless(newsroom)


def assert_gapless(newsroom: Newsroom) -> None:
    """Every version of every story was told, in order, once by its id and bytes."""
    versions: dict[str, list[int]] = {}
    seen: dict[bytes | None, bytes | None] = {}
    for event, (_, data) in zip(newsroom.told, newsroom.turns, strict=True):
        event_id = dict(event.headers)["ce_id"]
        assert event_id == f"{data['id']}.{data['version']}".encode()
        if event_id in seen:
            assert seen[event_id] == event.value
            continue
        seen[event_id] = event.value
        versions.setdefault(data["id"], []).append(data["version"])
    assert all(numbers == [*range(1, len(numbers) + 1)] for numbers in versions.values()), versions


class TestTheNewsroomsWord:
    async def test_what_is_pinned_stands_together_whatever_its_words_say(self, newsroom: Newsroom):
        await two_stories(newsroom)
        await overrides.between(newsroom.store, "pin", "c2", "d2", "ann", "")
        await newsroom.rehearsal.settle()
        (link,) = [
            one
            for one in (await newsroom.store.relations.links(["c2"]))["c2"]
            if one.other("c2") == "d2"
        ]
        assert (link.score, link.pinned) == (1.0, True)
        assert await together(newsroom, "c2", "d2")
        await overrides.unpin(newsroom.store, "c2", "d2")
        await newsroom.rehearsal.settle()
        assert sorted(map(sorted, await newsroom.stories())) == [["c1", "c2"], ["d1", "d2"]]
        assert "d2" not in {
            one.other("c2") for one in (await newsroom.store.relations.links(["c2"]))["c2"]
        }

    async def test_what_is_blocked_is_neither_related_nor_in_one_story(self, newsroom: Newsroom):
        await two_stories(newsroom)
        await overrides.between(newsroom.store, "block", "c1", "c2", "ann", "")
        await newsroom.rehearsal.settle()
        assert (await newsroom.store.relations.links(["c1"]))["c1"] == []
        assert not await together(newsroom, "c1", "c2")
        decisions = await newsroom.store.decisions.get(["c1", "c2"])
        assert [decisions[one].lead for one in ("c1", "c2")] == ["c1", "c2"]

    async def test_it_stands_against_later_linking(self, newsroom: Newsroom):
        await two_stories(newsroom)
        await overrides.between(newsroom.store, "block", "c1", "c2", "ann", "")
        await overrides.between(newsroom.store, "pin", "c2", "d2", "ann", "")
        await newsroom.rehearsal.settle()
        for number, title in enumerate((*COMET, *COMET)):
            await newsroom.drop(f"x{number}", f"{title} again", hours=number)
        await newsroom.drop("c2", f"{COMET[1]} tonight", quality=60)
        assert not await together(newsroom, "c1", "c2")
        assert await together(newsroom, "c2", "d2")

    async def test_the_later_word_stands(self, newsroom: Newsroom):
        await two_stories(newsroom)
        await overrides.between(newsroom.store, "pin", "c1", "d1", "ann", "")
        await overrides.between(newsroom.store, "block", "c1", "d1", "bo", "")
        await newsroom.rehearsal.settle()
        assert not await together(newsroom, "c1", "d1")
        assert len(await overrides.unpin(newsroom.store, "c1", "d1")) == 2

    async def test_who_left_stays_out(self, newsroom: Newsroom):
        await two_stories(newsroom)
        await newsroom.drop("c3", "Comet Vaskell over Pelmoor Observatory as crowds climb", hours=2)
        await overrides.split(newsroom.store, ["c2"], "", "ann", "")
        await newsroom.rehearsal.settle()
        await newsroom.drop("c2", f"{COMET[1]} tonight", quality=60)
        assert not await together(newsroom, "c1", "c2")
        assert await together(newsroom, "c1", "c3")

    async def test_what_cannot_be_done_is_said(self, newsroom: Newsroom):
        await two_stories(newsroom)
        for impossible in (
            overrides.between(newsroom.store, "pin", "c1", "c1", "ann", ""),
            overrides.merge(newsroom.store, "c1", "c2", "ann", ""),
            overrides.split(newsroom.store, ["c1"], "d1", "ann", ""),
            overrides.split(newsroom.store, ["c1", "c2"], "", "ann", ""),
            overrides.unpin(newsroom.store, "c1", "d1"),
        ):
            with pytest.raises(overrides.NoStory):
                await impossible


async def together(newsroom: Newsroom, one: str, two: str) -> bool:
    standing = await newsroom.store.stories.of([one, two])
    return standing[one] == standing[two]


class TestLeads:
    async def test_the_lead_changes_past_the_margin_alone(self, newsroom: Newsroom):
        await newsroom.drop("c1", COMET[0], quality=80)
        await newsroom.drop("c2", COMET[1], quality=81, hours=1)
        assert [turn for turn, _ in newsroom.turns if turn == "story.lead-changed"] == []
        await newsroom.drop("c2", f"{COMET[1]} tonight", quality=82, hours=1)
        (changed,) = [data for turn, data in newsroom.turns if turn == "story.lead-changed"]
        assert (changed["previousLead"], changed["lead"]) == ("c1", "c2")
        assert "better by 2 or more" in changed["reason"]

    async def test_when_the_lead_leaves_the_next_best_leads(self, newsroom: Newsroom):
        await newsroom.drop("c1", COMET[0], quality=80)
        await newsroom.drop("c2", COMET[1], quality=60, hours=1)
        await newsroom.drop(
            "c3", "Comet Vaskell over Pelmoor Observatory as crowds climb", quality=70, hours=2
        )
        await overrides.split(newsroom.store, ["c1"], "", "ann", "")
        await newsroom.rehearsal.settle()
        turn, last = newsroom.turns[-1]
        assert (turn, last["previousLead"], last["lead"]) == ("story.lead-changed", "c1", "c3")
        assert "left the story" in last["reason"]


class TestNewTitles:
    async def test_an_article_dropped_with_another_title_goes_where_it_belongs(
        self, newsroom: Newsroom
    ):
        await two_stories(newsroom)
        await newsroom.drop("d3", COMET[0], quality=40, hours=2)
        assert await together(newsroom, "c1", "d3")
        await newsroom.drop(
            "d3", "Varnholm dockworkers on strike over the cranes", quality=40, hours=2
        )
        assert await together(newsroom, "d1", "d3")
        assert "d3" not in {
            one.other("c1") for one in (await newsroom.store.relations.links(["c1"]))["c1"]
        }
        assert {turn for turn, _ in newsroom.turns[-2:]} == {"story.split", "story.joined"}
        assert_gapless(newsroom)


class TestCrashes:
    async def test_what_was_written_and_not_announced_is_told_by_the_sweep(
        self, newsroom: Newsroom
    ):
        linking = newsroom.rehearsal.related
        await newsroom.drop("c1", COMET[0], quality=80)
        before = len(newsroom.told)
        article = await newsroom.keep("c2", COMET[1], quality=60)
        await linking.handle(
            [announcement(article)], newsroom.store
        )  # and dies before anything is sent
        assert len(newsroom.told) == before
        swept = await a_minute_later().sweep(newsroom.store)
        assert [kind(event) for event in swept] == ["story.created"]
        assert await linking.sweep(newsroom.store) == []  # it is young: redelivery comes first

    async def test_articles_that_were_opened_and_never_marked_are_found_by_the_sweep(
        self, newsroom: Newsroom
    ):
        await two_stories(newsroom)
        await newsroom.store.articles.reopen(
            "related", ["c1", "c2"]
        )  # and whoever was about to mark them dies
        await newsroom.rehearsal.related.sweep(newsroom.store)
        assert (await newsroom.store.relations.counts())[
            "unsettled"
        ] == 0  # they are young: the mark may still come
        await a_minute_later().sweep(newsroom.store)
        await newsroom.rehearsal.settle()
        assert not any(
            article.pending - {"announcement"} for article in await newsroom.store.articles.page()
        )

    async def test_what_waits_to_be_placed_is_left_to_its_record_by_the_sweep(
        self, newsroom: Newsroom
    ):
        await newsroom.keep("c1", COMET[0], quality=80)
        await a_minute_later().sweep(newsroom.store)
        assert (await newsroom.store.relations.counts())["unsettled"] == 0

    async def test_a_batch_that_comes_again_gives_the_same_notices(self, newsroom: Newsroom):
        await newsroom.drop("c1", COMET[0], quality=80)
        article = await newsroom.keep("c2", COMET[1], quality=60)
        first, second = [
            await newsroom.rehearsal.related.handle([announcement(article)], newsroom.store)
            for _ in "ab"
        ]
        notices = [event for event in first if event.topic == STORIES_LOG]
        assert [kind(event) for event in notices] == ["story.created"]
        assert [event for event in second if event.topic == STORIES_LOG] == notices

    async def test_a_face_that_was_never_written_is_written_later(self, newsroom: Newsroom):
        """Articles were moved, and the worker died before it said so of either story."""
        await two_stories(newsroom)
        await overrides.merge(newsroom.store, "c1", "d1", "ann", "")
        await newsroom.store.stories.move([Move("d1", "sd1", "sc1"), Move("d2", "sd1", "sc1")])
        await newsroom.rehearsal.settle()
        faces = await newsroom.store.stories.get(["sc1", "sd1"])
        assert faces["sc1"].members == ("c1", "c2", "d1", "d2")
        assert (faces["sd1"].members, faces["sd1"].superseded_by) == ((), "sc1")
        assert_gapless(newsroom)


class TestWhy:
    async def test_the_score_that_is_explained_is_the_one_that_stands(self, newsroom: Newsroom):
        await two_stories(newsroom)
        await newsroom.drop("c3", "Comet Vaskell over Pelmoor Observatory as crowds climb", hours=2)
        for links in (await newsroom.store.relations.links(["c1", "c2", "c3", "d1"])).values():
            for link in links:
                found = await explain_pair.answer(newsroom.store, link.a, link.b)
                assert found.link == link
                assert found.explained.score == pytest.approx(link.score, abs=0.0051)
                assert found.explained.related

    async def test_it_answers_for_two_that_were_never_scored(self, newsroom: Newsroom):
        await newsroom.keep("c1", COMET[0])
        await newsroom.keep("d1", STRIKE[0])
        found = await explain_pair.answer(newsroom.store, "c1", "d1")
        assert found.link is None
        assert explain_pair.sentence(found).startswith("not related")

    async def test_the_newsrooms_word_is_told_with_its_author(self, newsroom: Newsroom):
        await two_stories(newsroom)
        await overrides.between(newsroom.store, "block", "c1", "c2", "ann", "another comet")
        await newsroom.rehearsal.settle()
        said = explain_pair.sentence(await explain_pair.answer(newsroom.store, "c1", "c2"))
        assert said.endswith("(block by ann, “another comet”)")

    async def test_a_pinned_relative_is_marked_in_what_people_see(self, newsroom: Newsroom):
        await two_stories(newsroom)
        await overrides.between(newsroom.store, "pin", "c1", "d1", "ann", "")
        await newsroom.rehearsal.settle()
        related = (await views(newsroom.store, ["c1"]))["c1"]["related"]
        assert {one["id"]: one.get("pinned") for one in related} == {"c2": None, "d1": True}
        assert {one["id"]: one["score"] for one in related}["d1"] == 1.0
