"""Stories as they happen: their events, what editors override, and what a crash leaves behind."""

from collections import Counter

import pytest

from services.console.actions.acts import ActCause
from services.console.actions.stories import overrides
from services.console.actions.stories.explain_pair import explain_pair
from services.console.actions.stories.named_stories import OverrideRejected
from services.console.replay.offline_pipeline import to_record
from services.enrichment.related.main import build_handler
from services.enrichment.related.settings import RelatedSettings
from services.enrichment.related.stage import CROWDED, RelatedStage
from shared.broker.records import Record
from shared.events.acknowledgements import save_acknowledgements
from shared.events.article_events import build_article_ingested
from shared.events.stories.story_changes import attach_story_event
from shared.events.stories.story_wake_ups import is_story_wake_up
from shared.events.topics import ENRICHED, STORIES_LOG, STORIES_STATE
from shared.store import Store, StoredArticle, Story, StoryMove
from shared.views.article_view import load_views
from tests.integration.stories.newsroom import T0, Newsroom

COMET = (
    "Comet Vaskell brightens over Pelmoor Observatory",
    "Crowds climb to Pelmoor Observatory for comet Vaskell",
)
THIRD_COMET = "Comet Vaskell over Pelmoor Observatory as crowds climb"
STRIKE = (
    "Dockworkers of Varnholm strike over cranes",
    "Varnholm dockworkers strike over crane jobs",
)


@pytest.fixture
def newsroom(store: Store) -> Newsroom:
    return Newsroom(store)


def build_record(article: StoredArticle) -> Record:
    return to_record(build_article_ingested(article))


def build_later_handler() -> RelatedStage:
    """A handler for which everything that was just written is overdue by half a minute."""
    return build_handler(RelatedSettings().model_copy(update={"related_overdue_seconds": -30}))


async def drop_two_stories(newsroom: Newsroom) -> None:
    await newsroom.drop("c1", COMET[0], quality=80)
    await newsroom.drop("c2", COMET[1], quality=60, hours=1)
    await newsroom.drop("d1", STRIKE[0], quality=70)
    await newsroom.drop("d2", STRIKE[1], quality=65, hours=1)


async def test_a_story_is_created_joined_merged_split_and_led_by_another(newsroom: Newsroom):
    await drop_two_stories(newsroom)
    await newsroom.drop("c3", THIRD_COMET, quality=90, hours=2)
    reason = "the strike is at the observatory"
    await overrides.merge_stories(newsroom.store, "c1", "d1", ActCause("ann", reason))
    await newsroom.pipeline.finish()
    await overrides.split_story(newsroom.store, ["c2"], "c1", ActCause("bo"))
    await newsroom.pipeline.finish()
    assert await newsroom.stories() == [{"c1", "c3", "d1", "d2"}]
    changes = newsroom.story_changes
    counts = Counter(kind for kind, _ in changes)
    assert counts["story.created"] == 2
    assert (counts["story.merged"], counts["story.ended"]) == (1, 1)
    assert {"story.joined", "story.split", "story.led", "story.lead-changed"} <= counts.keys()
    (ended,) = [data for kind, data in changes if kind == "story.ended"]
    assert (ended["id"], ended["mergedInto"], ended["left"]) == ("sd1", "sc1", ["d1", "d2"])
    assert all(data["reason"] and data["reasonCode"] for _, data in changes)
    by_editors = [kind for kind, data in changes if data["reasonCode"] == "editor"]
    assert by_editors == ["story.merged", "story.split"]
    assert_events_are_gapless(newsroom)


def assert_events_are_gapless(newsroom: Newsroom) -> None:
    """Every version of every story was announced, in order. Repeats have the same id and bytes."""
    versions: dict[str, list[int]] = {}
    seen: dict[bytes | None, bytes | None] = {}
    for event, (_, data) in zip(newsroom.story_events, newsroom.story_changes, strict=True):
        event_id = dict(event.headers)["ce_id"]
        assert event_id == f"{data['id']}.{data['version']}".encode()
        if event_id in seen:
            assert seen[event_id] == event.value
            continue
        seen[event_id] = event.value
        versions.setdefault(data["id"], []).append(data["version"])
    assert all(numbers == [*range(1, len(numbers) + 1)] for numbers in versions.values()), versions


class TestOverrides:
    async def test_pinned_articles_share_a_story_whatever_their_words_say(self, newsroom: Newsroom):
        await drop_two_stories(newsroom)
        await overrides.override_pair(newsroom.store, "pin", "c2", "d2", ActCause("ann"))
        await newsroom.pipeline.finish()
        links = (await newsroom.store.links.get(["c2"]))["c2"]
        (link,) = [link for link in links if link.other("c2") == "d2"]
        assert (link.score, link.pinned) == (1.0, True)
        assert await newsroom.are_together("c2", "d2")
        await overrides.remove_overrides(newsroom.store, "c2", "d2", ActCause("ann"))
        await newsroom.pipeline.finish()
        assert sorted(map(sorted, await newsroom.stories())) == [["c1", "c2"], ["d1", "d2"]]
        assert "d2" not in await newsroom.relatives_of("c2")

    async def test_blocked_articles_are_neither_related_nor_in_one_story(self, newsroom: Newsroom):
        await drop_two_stories(newsroom)
        await overrides.override_pair(newsroom.store, "block", "c1", "c2", ActCause("ann"))
        await newsroom.pipeline.finish()
        assert await newsroom.relatives_of("c1") == set()
        assert not await newsroom.are_together("c1", "c2")
        decisions = await newsroom.store.decisions.get(["c1", "c2"])
        assert [decisions[article_id].lead for article_id in ("c1", "c2")] == ["c1", "c2"]

    async def test_overrides_hold_against_later_linking(self, newsroom: Newsroom):
        await drop_two_stories(newsroom)
        await overrides.override_pair(newsroom.store, "block", "c1", "c2", ActCause("ann"))
        await overrides.override_pair(newsroom.store, "pin", "c2", "d2", ActCause("ann"))
        await newsroom.pipeline.finish()
        for number, title in enumerate((*COMET, *COMET)):
            await newsroom.drop(f"x{number}", f"{title} again", hours=number)
        await newsroom.drop("c2", f"{COMET[1]} tonight", quality=60)
        assert not await newsroom.are_together("c1", "c2")
        assert await newsroom.are_together("c2", "d2")

    async def test_of_two_overrides_of_one_pair_the_later_holds(self, newsroom: Newsroom):
        await drop_two_stories(newsroom)
        await overrides.override_pair(newsroom.store, "pin", "c1", "d1", ActCause("ann"))
        await overrides.override_pair(newsroom.store, "block", "c1", "d1", ActCause("bo"))
        await newsroom.pipeline.finish()
        assert not await newsroom.are_together("c1", "d1")
        assert (
            len(await overrides.remove_overrides(newsroom.store, "c1", "d1", ActCause("ann"))) == 2
        )

    async def test_an_article_that_was_split_off_does_not_return(self, newsroom: Newsroom):
        await drop_two_stories(newsroom)
        await newsroom.drop("c3", THIRD_COMET, hours=2)
        await overrides.split_story(newsroom.store, ["c2"], "", ActCause("ann"))
        await newsroom.pipeline.finish()
        await newsroom.drop("c2", f"{COMET[1]} tonight", quality=60)
        assert not await newsroom.are_together("c1", "c2")
        assert await newsroom.are_together("c1", "c3")

    async def test_an_impossible_override_is_rejected(self, newsroom: Newsroom):
        await drop_two_stories(newsroom)
        for impossible in (
            overrides.override_pair(newsroom.store, "pin", "c1", "c1", ActCause("ann")),
            overrides.merge_stories(newsroom.store, "c1", "c2", ActCause("ann")),
            overrides.split_story(newsroom.store, ["c1"], "d1", ActCause("ann")),
            overrides.split_story(newsroom.store, ["c1", "c2"], "", ActCause("ann")),
            overrides.remove_overrides(newsroom.store, "c1", "d1", ActCause("ann")),
        ):
            with pytest.raises(OverrideRejected):
                await impossible


class TestLeads:
    async def test_the_lead_changes_past_the_margin_alone(self, newsroom: Newsroom):
        await newsroom.drop("c1", COMET[0], quality=80)
        await newsroom.drop("c2", COMET[1], quality=81, hours=1)
        assert "story.lead-changed" not in dict(newsroom.story_changes)
        await newsroom.drop("c2", f"{COMET[1]} tonight", quality=82, hours=1)
        (changed,) = [data for kind, data in newsroom.story_changes if kind == "story.lead-changed"]
        assert (changed["previousLead"], changed["lead"]) == ("c1", "c2")
        assert "better by 2 or more" in changed["reason"]

    async def test_when_the_lead_leaves_the_next_best_leads(self, newsroom: Newsroom):
        await newsroom.drop("c1", COMET[0], quality=80)
        await newsroom.drop("c2", COMET[1], quality=60, hours=1)
        await newsroom.drop("c3", THIRD_COMET, quality=70, hours=2)
        await overrides.split_story(newsroom.store, ["c1"], "", ActCause("ann"))
        await newsroom.pipeline.finish()
        kind, last = newsroom.story_changes[-1]
        assert (kind, last["previousLead"], last["lead"]) == ("story.lead-changed", "c1", "c3")
        assert "left the story" in last["reason"]


class TestNewTitles:
    async def test_an_article_dropped_with_another_title_goes_where_it_belongs(
        self, newsroom: Newsroom
    ):
        await drop_two_stories(newsroom)
        await newsroom.drop("d3", COMET[0], quality=40, hours=2)
        assert await newsroom.are_together("c1", "d3")
        before = len(newsroom.story_changes)
        other_title = "Varnholm dockworkers on strike over the cranes"
        await newsroom.drop("d3", other_title, quality=40, hours=2)
        assert await newsroom.are_together("d1", "d3")
        assert "d3" not in await newsroom.relatives_of("c1")
        latest = {kind for kind, _ in newsroom.story_changes[before:]}
        assert latest == {"story.split", "story.joined", "story.updated"}
        assert_events_are_gapless(newsroom)


class TestCrashes:
    async def test_the_sweep_announces_what_was_written_and_not_announced(self, newsroom: Newsroom):
        handler = newsroom.pipeline.related
        await newsroom.drop("c1", COMET[0], quality=80)
        before = len(newsroom.story_events)
        article = await newsroom.save("c2", COMET[1], quality=60)
        # The worker dies before anything is sent.
        await handler.handle([build_record(article)], newsroom.store)
        assert len(newsroom.story_events) == before
        assert await handler.sweep(newsroom.store) == []  # not overdue: redelivery comes first
        swept = await build_later_handler().sweep(newsroom.store)
        assert [(event.topic, event.key) for event in swept] == [(ENRICHED, b"sc1")]
        await newsroom.pipeline.finish(swept)
        assert [kind for kind, _ in newsroom.story_changes[:1]] == ["story.created"]

    async def test_the_sweep_announces_a_story_itself_before_its_outbox_is_full(
        self, newsroom: Newsroom
    ):
        """Publishing does not run, and linking must be able to save more versions."""
        before = None
        for version in range(1, CROWDED + 1):
            members = tuple(f"c{number}" for number in range(2 + version % 2))
            story = attach_story_event(before, Story("sc1", version, members, T0))
            assert await newsroom.store.stories.save([story]) == [True]
            before = story
        swept = await build_later_handler().sweep(newsroom.store)
        assert [event.topic for event in swept] == [STORIES_STATE, STORIES_LOG] * CROWDED
        await save_acknowledgements(swept, newsroom.store)
        assert await build_later_handler().sweep(newsroom.store) == []

    async def test_the_sweep_finds_articles_that_were_reopened_and_never_marked(
        self, newsroom: Newsroom
    ):
        await drop_two_stories(newsroom)
        # The worker dies before it marks them.
        await newsroom.store.articles.reopen_stage("related", ["c1", "c2"])
        await newsroom.pipeline.related.sweep(newsroom.store)
        # They are not overdue: the mark may still come.
        assert await newsroom.store.neighbourhoods.count_dirty() == 0
        await build_later_handler().sweep(newsroom.store)
        await newsroom.pipeline.finish()
        for article in await newsroom.store.articles.list_page():
            assert not article.pending - {"announcement"}

    async def test_the_sweep_leaves_articles_that_were_not_handled_to_their_record(
        self, newsroom: Newsroom
    ):
        await newsroom.save("c1", COMET[0], quality=80)
        await build_later_handler().sweep(newsroom.store)
        assert await newsroom.store.neighbourhoods.count_dirty() == 0

    async def test_another_process_wakes_the_same_stories_for_a_repeated_batch(
        self, newsroom: Newsroom
    ):
        await newsroom.drop("c1", COMET[0], quality=80)
        record = build_record(await newsroom.save("c2", COMET[1], quality=60))
        first = await newsroom.pipeline.related.handle([record], newsroom.store)
        second = await build_later_handler().handle([record], newsroom.store)
        wake_ups = [event for event in first if is_story_wake_up(event)]
        assert [event.key for event in wake_ups] == [b"sc1"]
        assert [event for event in second if is_story_wake_up(event)] == wake_ups

    async def test_one_process_wakes_a_story_once_for_each_version(self, newsroom: Newsroom):
        await newsroom.drop("c1", COMET[0], quality=80)
        record = build_record(await newsroom.save("c2", COMET[1], quality=60))
        await newsroom.pipeline.related.handle([record], newsroom.store)
        again = await newsroom.pipeline.related.handle([record], newsroom.store)
        assert not any(is_story_wake_up(event) for event in again)

    async def test_a_snapshot_that_was_never_written_is_written_later(self, newsroom: Newsroom):
        """A worker moved articles and died before it wrote the snapshot of either story."""
        await drop_two_stories(newsroom)
        await overrides.merge_stories(newsroom.store, "c1", "d1", ActCause("ann"))
        moves = [StoryMove("d1", "sd1", "sc1"), StoryMove("d2", "sd1", "sc1")]
        await newsroom.store.stories.move(moves)
        await newsroom.pipeline.finish()
        stories = await newsroom.store.stories.get(["sc1", "sd1"])
        assert stories["sc1"].members == ("c1", "c2", "d1", "d2")
        assert (stories["sd1"].members, stories["sd1"].superseded_by) == ((), "sc1")
        assert_events_are_gapless(newsroom)


class TestExplanations:
    async def test_have_the_score_of_the_link(self, newsroom: Newsroom):
        await drop_two_stories(newsroom)
        await newsroom.drop("c3", THIRD_COMET, hours=2)
        for links in (await newsroom.store.links.get(["c1", "c2", "c3", "d1"])).values():
            for link in links:
                found = await explain_pair(newsroom.store, link.a, link.b)
                assert found.link == link
                assert found.explanation.score == pytest.approx(link.score, abs=0.0051)
                assert found.explanation.is_related

    async def test_exist_for_two_articles_that_were_never_scored(self, newsroom: Newsroom):
        await newsroom.save("c1", COMET[0])
        await newsroom.save("d1", STRIKE[0])
        found = await explain_pair(newsroom.store, "c1", "d1")
        assert found.link is None
        assert found.reason.startswith("not related")

    async def test_name_the_author_of_an_override(self, newsroom: Newsroom):
        await drop_two_stories(newsroom)
        await overrides.override_pair(
            newsroom.store, "block", "c1", "c2", ActCause("ann", "another comet")
        )
        await newsroom.pipeline.finish()
        found = await explain_pair(newsroom.store, "c1", "c2")
        assert found.reason.endswith("(block by ann, “another comet”)")

    async def test_a_pinned_relative_is_marked_in_what_people_see(self, newsroom: Newsroom):
        await drop_two_stories(newsroom)
        await overrides.override_pair(newsroom.store, "pin", "c1", "d1", ActCause("ann"))
        await newsroom.pipeline.finish()
        view = (await load_views(newsroom.store, ["c1"]))["c1"]
        relatives = {entry["id"]: entry for entry in view["related"]}
        pins = {article_id: entry.get("pinned") for article_id, entry in relatives.items()}
        assert pins == {"c2": None, "d1": True}
        assert relatives["d1"]["score"] == 1.0
