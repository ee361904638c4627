"""Other rules on a copy leave the live newsroom alone; promoted, they do what the copy showed."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.console.actions.acts import ActCause
from services.console.actions.stories import overrides
from services.console.progress import ignore_progress
from services.console.replay.diff import diff_states
from services.console.replay.newsroom_state import load_state
from services.console.replay.replay import try_rules
from services.console.replay.requeue import requeue_all_articles
from shared.store import Store, connect
from tests.integration.stories.newsroom import Newsroom
from tests.integration.stories.test_stories_live import THIRD_COMET, drop_two_stories


@pytest.fixture
async def newsroom(store: Store) -> Newsroom:
    newsroom = Newsroom(store)
    await drop_two_stories(newsroom)
    await newsroom.drop("c3", THIRD_COMET, quality=81, hours=2)
    await overrides.override_pair(store, "block", "d1", "d2", ActCause("ann"))
    await newsroom.pipeline.finish()
    return newsroom


@pytest.fixture
async def shadow(tmp_path: Path) -> AsyncIterator[Store]:
    opened = connect(f"sqlite:///{tmp_path / 'shadow' / 'seedwire.db'}?synchronous=normal")
    await opened.open()
    yield opened
    await opened.close()


async def test_the_same_rules_change_nothing(newsroom: Newsroom, shadow: Store):
    before, after = await try_rules(newsroom.store, shadow, {}, ignore_progress)
    assert before == await load_state(newsroom.store)
    assert diff_states(before, after) == []
    assert len(after.stories) == 1  # the blocked articles stay apart


async def test_other_rules_show_what_they_would_change_and_touch_nothing(
    newsroom: Newsroom, shadow: Store
):
    live = await load_state(newsroom.store)
    rules = {"publish_at": "91", "publish_heat_per_relative": "5"}
    before, after = await try_rules(newsroom.store, shadow, rules, ignore_progress)
    assert before == live == await load_state(newsroom.store)
    changes = {(change.kind, change.subject) for change in diff_states(before, after)}
    assert ("unpublished", "c1") in changes
    assert ("heat", "c1") in changes
    assert await newsroom.store.neighbourhoods.count_dirty() == 0


async def test_promoted_rules_bring_the_live_newsroom_to_where_the_shadow_was(
    newsroom: Newsroom, shadow: Store
):
    rules = {"publish_at": "95"}
    _, expected = await try_rules(newsroom.store, shadow, rules, ignore_progress)
    promoted = Newsroom(newsroom.store, publish_at=95)
    related = promoted.pipeline.related
    assert await requeue_all_articles(newsroom.store, related, ignore_progress) == 5
    await promoted.pipeline.finish()
    assert await load_state(newsroom.store) == expected
    assert "c1" not in expected.published or expected.heat["c1"] >= 95
