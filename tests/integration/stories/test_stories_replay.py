"""Other rules on a copy: the live newsroom is left alone, the same rules change nothing, promoted ones hold."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.console.actions import overrides
from services.console.replay.diff import changes
from services.console.replay.dry_run import quiet
from services.console.replay.shadow import judge_anew, rehearse, state
from shared.store import Store, connect
from tests.integration.stories.newsroom import Newsroom
from tests.integration.stories.test_stories_live import two_stories


@pytest.fixture
async def newsroom(store: Store) -> Newsroom:
    newsroom = Newsroom(store)
    await two_stories(newsroom)
    await newsroom.drop(
        "c3", "Comet Vaskell over Pelmoor Observatory as crowds climb", quality=81, hours=2
    )
    await overrides.between(store, "block", "d1", "d2", "ann", "")
    await newsroom.rehearsal.settle()
    return newsroom


@pytest.fixture
async def shadow(tmp_path: Path) -> AsyncIterator[Store]:
    opened = connect(f"sqlite:///{tmp_path / 'shadow' / 'seedwire.db'}?synchronous=normal")
    await opened.open()
    yield opened
    await opened.close()


async def test_the_same_rules_change_nothing(newsroom: Newsroom, shadow: Store):
    before, after = await rehearse(newsroom.store, shadow, {}, quiet)
    assert before == await state(newsroom.store)
    assert changes(before, after) == []
    assert len(after.stories) == 1  # the blocked ones stay apart


async def test_other_rules_show_what_they_would_change_and_touch_nothing(
    newsroom: Newsroom, shadow: Store
):
    live = await state(newsroom.store)
    before, after = await rehearse(
        newsroom.store, shadow, {"publish_at": "91", "publish_heat_per_relative": "5"}, quiet
    )
    assert before == live == await state(newsroom.store)
    found = {(change.what, change.subject) for change in changes(before, after)}
    assert ("unpublished", "c1") in found
    assert ("heat", "c1") in found
    assert (await newsroom.store.relations.counts())["unsettled"] == 0


async def test_judging_anew_brings_the_live_newsroom_to_where_the_shadow_was(
    newsroom: Newsroom, shadow: Store
):
    rules = {"publish_at": "95"}
    _, expected = await rehearse(newsroom.store, shadow, rules, quiet)
    promoted = Newsroom(newsroom.store, publish_at=95)
    assert await judge_anew(newsroom.store, promoted.rehearsal.related, quiet) == 5
    await promoted.rehearsal.settle()
    assert await state(newsroom.store) == expected
    assert "c1" not in expected.published or expected.heat["c1"] >= 95
