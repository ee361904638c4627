"""/stories/{id}: what is shown of a story, and what an editor does to it."""

from typing import Any

import pytest

from services.console.actions.acts import ActCause
from services.console.actions.stories.overrides import split_story
from shared.clock import now
from shared.events.stories.story_changes import attach_story_event
from shared.store import Link, Store, Story, StoryMove
from tests.integration.console.desk import Desk, read_text
from tests.integration.console.web.conftest import Visit
from tests.integration.web.newsroom import decide, make_seed, publish

STORY = "s-a-strike"
MEMBERS = ("a-cranes", "a-queue", "a-strike", "a-vow")
QUALITIES = {"a-cranes": 96, "a-queue": 46, "a-strike": 82, "a-vow": 39}


async def save_strike(store: Store) -> None:
    """A story of four articles, all linked, led by the best with heat 126."""
    await publish(store, {name: make_seed(name, quality=QUALITIES[name]) for name in MEMBERS})
    await store.stories.move([StoryMove(name, f"s-{name}", STORY) for name in MEMBERS])
    links = [Link(a, b, 0.9, event=0.99) for a in MEMBERS for b in MEMBERS if a < b]
    await store.links.save(links)
    for _ in range(2):  # the second time they know who leads
        await decide(store, MEMBERS)
    story = Story(STORY, 1, MEMBERS, now(), lead="a-cranes", title="The a-cranes", heat=126)
    assert await store.stories.save([attach_story_event(None, story)]) == [True]


@pytest.fixture
async def desk(visit: Visit, store: Store) -> Desk:
    await save_strike(store)
    visit.sign_in("ann")
    return Desk(visit.client)


class TestShowing:
    async def test_a_story_shows_its_members_lead_links_and_history(self, desk: Desk):
        text = read_text(await desk.read(f"/stories/{STORY}"))
        assert "heat 126" in text
        assert "4 articles" in text
        assert "99 % one event with" in text
        assert "4 articles about one event" in text  # what was announced

    async def test_an_article_that_stands_alone_has_a_page_too(self, visit: Visit, store: Store):
        await publish(store, {"a-lone": make_seed("lone")})
        page = await Desk(visit.client).read("/stories/s-a-lone")
        assert "nothing was announced" in page

    async def test_a_provider_that_is_missing_leaves_no_gap(self, visit: Visit, store: Store):
        await publish(store, {"a-lone": make_seed("lone", provider=None)})
        assert "<span></span>" not in await Desk(visit.client).read("/stories/s-a-lone")

    async def test_heat_of_a_lead_that_is_not_published_is_marked(self, visit: Visit, store: Store):
        await publish(store, {"a-lone": make_seed("lone", quality=90)})
        page = await Desk(visit.client).read("/stories/s-a-lone")
        assert "its lead is not published" not in page
        await decide(store, ["a-lone"], publish_at=95)
        text = read_text(await Desk(visit.client).read("/stories/s-a-lone"))
        assert "heat 90" in text
        assert "its lead is not published" in text

    @pytest.mark.parametrize("story_id", ["s-nothing", "nothing", "%00", "s%E2%80%AEx"])
    async def test_an_unknown_story_is_not_found(self, visit: Visit, story_id: str):
        await Desk(visit.client).read(f"/stories/{story_id}", status=404)

    async def test_a_story_that_ended_leads_to_the_one_in_its_place(
        self, visit: Visit, store: Store
    ):
        await save_strike(store)
        ended = Story("s-old", 1, (), now(), superseded_by=STORY)
        await store.stories.save([ended])
        response = await visit.client.get("/stories/s-old")
        assert response.status_code == 303
        assert response.headers["location"].startswith(f"/stories/{STORY}")

    async def test_without_signing_in_there_are_no_forms(self, visit: Visit, store: Store):
        await save_strike(store)
        assert "/preview" not in await Desk(visit.client).read(f"/stories/{STORY}")


class TestPreview:
    async def test_a_split_says_what_becomes_of_both(self, desk: Desk):
        page = await desk.read(f"/stories/{STORY}")
        action = f"/stories/{STORY}/preview"
        text = read_text(await desk.send(page, action, kind="split", article="a-strike"))
        assert "4 → 3 articles; the lead stays; heat 126 → 116." in text
        assert "“The a-strike” stands alone, with heat 82: published." in text

    async def test_to_split_the_lead_off_gives_another_lead(self, desk: Desk):
        page = await desk.read(f"/stories/{STORY}")
        action = f"/stories/{STORY}/preview"
        text = read_text(await desk.send(page, action, kind="split", article="a-cranes"))
        assert "4 → 3 articles; “The a-strike” leads; heat 126 → 102." in text

    async def test_a_preview_changes_nothing(self, desk: Desk, store: Store):
        page = await desk.read(f"/stories/{STORY}")
        await desk.send(page, f"/stories/{STORY}/preview", kind="split", article="a-strike")
        assert await store.overrides.find_by_articles(MEMBERS) == []
        assert await store.history.list_acts() == []

    @pytest.mark.parametrize(
        ("fields", "sentence"),
        [
            ({"kind": "split"}, "choose the articles"),
            ({"kind": "split", "article": list(MEMBERS)}, "leave one unticked"),
            ({"kind": "split", "article": "a-stranger"}, "not in this story"),
            ({"kind": "pin", "article": "a-vow"}, "choose the two articles"),
            ({"kind": "merge"}, "name the other story"),
            ({"kind": "merge", "other": STORY}, "one story already"),
            ({"kind": "merge", "other": "nothing"}, "no article has the id"),
            ({"kind": "explode"}, "what is to be done"),
            ({"kind": "split", "seen": "x", "article": "a-vow"}, "seen"),
        ],
    )
    async def test_what_cannot_be_is_said_in_a_sentence(
        self, desk: Desk, fields: dict[str, Any], sentence: str
    ):
        page = await desk.read(f"/stories/{STORY}")
        answer = await desk.send(page, f"/stories/{STORY}/preview", status=422, **fields)
        assert sentence.lower() in read_text(answer).lower()


class TestActs:
    async def split(self, desk: Desk, status: int = 200) -> str:
        page = await desk.read(f"/stories/{STORY}")
        action = f"/stories/{STORY}/preview"
        preview = await desk.send(page, action, kind="split", article="a-strike")
        return await desk.send(
            preview, f"/stories/{STORY}/act", status, reason="another event", article="a-strike"
        )

    async def test_a_split_is_saved_with_name_and_reason_and_worked_on(
        self, desk: Desk, store: Store
    ):
        text = read_text(await self.split(desk))
        (override,) = await store.overrides.find_by_articles(["a-strike"])
        assert (override.kind, override.by, override.reason) == ("split", "ann", "another event")
        assert override.first_ids == ("a-strike",)
        assert "Saved: split off" in text
        assert "Working on it: 4 articles are still to be linked" in text
        (act,) = await store.history.list_acts()
        assert (act.kind, act.by, act.reason) == ("split", "ann", "another event")

    async def test_another_person_undoes_it_and_both_are_in_the_log(
        self, desk: Desk, visit: Visit, store: Store
    ):
        await self.split(desk)
        visit.client.cookies.clear()
        visit.sign_in("bob")
        page = await desk.read(f"/stories/{STORY}")
        await desk.send(page, f"/stories/{STORY}/undo", reason="it was right")
        assert await store.overrides.find_by_articles(MEMBERS) == []
        acts = await store.history.list_acts()
        assert [(act.by, act.reason) for act in acts] == [
            ("bob", "it was right"),
            ("ann", "another event"),
        ]

    async def test_to_undo_twice_is_overtaken(self, desk: Desk):
        await self.split(desk)
        page = await desk.read(f"/stories/{STORY}")
        await desk.send(page, f"/stories/{STORY}/undo", reason="once")
        await desk.send(page, f"/stories/{STORY}/undo", 409, reason="twice", key="another key 1234")

    async def test_an_act_on_a_story_that_changed_meanwhile_is_overtaken(
        self, desk: Desk, store: Store
    ):
        page = await desk.read(f"/stories/{STORY}")
        before = (await store.stories.get([STORY]))[STORY]
        changed = Story(STORY, 2, MEMBERS[:3], now(), lead="a-cranes")
        await store.stories.save([attach_story_event(before, changed)])
        form = {"kind": "split", "article": "a-strike", "reason": "late"}
        answer = await desk.send(page, f"/stories/{STORY}/preview", 409, **form)
        assert "version 1, now 2" in read_text(answer)
        assert await store.overrides.find_by_articles(MEMBERS) == []

    async def test_a_reason_is_needed(self, desk: Desk, store: Store):
        page = await desk.read(f"/stories/{STORY}")
        preview = await desk.send(
            page, f"/stories/{STORY}/preview", kind="split", article="a-strike"
        )
        action = f"/stories/{STORY}/act"
        await desk.send(preview, action, 422, reason="  ", article="a-strike")
        assert await store.overrides.find_by_articles(MEMBERS) == []

    async def test_two_articles_are_kept_together_or_apart(self, desk: Desk, store: Store):
        for kind in ("pin", "block"):
            page = await desk.read(f"/stories/{STORY}")
            chosen = ["a-queue", "a-vow"]
            preview = await desk.send(page, f"/stories/{STORY}/preview", kind=kind, article=chosen)
            await desk.send(
                preview, f"/stories/{STORY}/act", kind=kind, article=chosen, reason="so it is"
            )
        saved = await store.overrides.find_by_articles(["a-vow"])
        assert {override.kind for override in saved} == {"pin", "block"}

    async def test_a_merge_names_an_article_of_the_other_story(self, desk: Desk, store: Store):
        await publish(store, {"a-lone": make_seed("lone")})
        page = await desk.read(f"/stories/{STORY}")
        action = f"/stories/{STORY}/preview"
        preview = await desk.send(page, action, kind="merge", other="a-lone")
        assert "4 → 5 articles; the lead stays; heat 126 → 136." in read_text(preview)
        await desk.send(preview, f"/stories/{STORY}/act", reason="one event")
        (override,) = await store.overrides.find_by_articles(["a-lone"])
        assert override.kind == "merge"


async def test_the_state_says_when_a_story_is_settled(visit: Visit, store: Store):
    await save_strike(store)
    await store.articles.complete_stage("related", dict.fromkeys(MEMBERS, 1))
    summaries = await store.articles.get_summaries(MEMBERS)
    touches = {name: summary.touches for name, summary in summaries.items()}
    await store.decisions.mark_unchanged(touches)
    response = await visit.client.get(f"/stories/{STORY}/state")
    assert "HX-Refresh" in response.headers
    await split_story(store, ["a-vow"], "", ActCause("ann"))
    response = await visit.client.get(f"/stories/{STORY}/state")
    assert "HX-Refresh" not in response.headers
    assert "Working on it" in response.text
