"""Relations as the seeds give them, in each store: either order, removal, overrides, crashes."""

import itertools
from datetime import timedelta

import pytest

from services.console.actions.acts import ActCause
from services.console.actions.stories import overrides
from services.console.actions.stories.explain_pair import explain_pair
from services.console.replay.offline_pipeline import to_record
from services.enrichment.related.given import relation_update
from shared.clock import now
from shared.events.article_events import build_article_ingested
from shared.store import Store
from tests.integration.stories.given_newsroom import GivenNewsroom, build_seed


class Killed(Exception):
    """Stands for SIGKILL."""


@pytest.fixture
async def newsroom(store: Store) -> GivenNewsroom:
    return GivenNewsroom(store)


async def test_an_article_is_related_to_one_that_it_lists(newsroom: GivenNewsroom):
    await newsroom.drop("a", 80)
    await newsroom.drop("b", 60, "a")
    assert await newsroom.relatives_of("a") == {"b"}
    assert await newsroom.heat_of("a", "b") == [100, -1]
    assert await newsroom.stories() == [{"a", "b"}]


async def test_a_relation_is_taken_up_when_the_other_article_arrives(newsroom: GivenNewsroom):
    await newsroom.drop("b", 60, "a")
    assert await newsroom.relatives_of("b") == set()
    await newsroom.drop("a", 80)
    assert await newsroom.relatives_of("b") == {"a"}
    assert await newsroom.heat_of("a", "b") == [100, -1]


async def test_nothing_is_linked_that_no_seed_lists(newsroom: GivenNewsroom):
    await newsroom.drop("a", 80)
    await newsroom.drop("b", 80)
    assert await newsroom.store.links.count() == 0
    assert await newsroom.stories() == []


async def test_every_order_of_arrival_ends_alike(store: Store, newsroom: GivenNewsroom):
    lists = {"a": "b", "b": "", "c": "ab", "d": "c"}
    for number, order in enumerate(itertools.permutations(lists)):
        suffix = f"x{number}"
        for name in order:
            listed = [other + suffix for other in lists[name]]
            await newsroom.drop(name + suffix, 60, *listed, minutes=ord(name))
        names = [name + suffix for name in lists]
        relatives = {name[0]: await newsroom.relatives_of(name) for name in names}
        expected = {"a": "bc", "b": "ac", "c": "abd", "d": "c"}
        assert {name: {other[0] for other in others} for name, others in relatives.items()} == {
            name: {*others} for name, others in expected.items()
        }
        story_of = await store.stories.get_story_ids(names)
        assert len({*story_of.values()}) == 1
        assert await newsroom.heat_of(*names) == [100, -1, -1, -1]


async def test_a_later_seed_that_no_longer_lists_an_article_ends_the_relation(
    newsroom: GivenNewsroom,
):
    await newsroom.drop("a", 80)
    await newsroom.drop("b", 75, "a")
    await newsroom.drop("c", 70, "b")
    await newsroom.drop("b", 76, "c")
    assert await newsroom.relatives_of("a") == set()
    assert await newsroom.heat_of("a", "b", "c") == [80, 96, -1]
    assert await newsroom.stories() == [{"b", "c"}]


async def test_a_relation_that_the_other_still_lists_stays(newsroom: GivenNewsroom):
    await newsroom.drop("a", 80, "b")
    await newsroom.drop("b", 75, "a")
    await newsroom.drop("b", 76)
    assert await newsroom.relatives_of("a") == {"b"}


async def test_a_block_comes_before_the_seeds_and_may_be_taken_back(
    store: Store, newsroom: GivenNewsroom
):
    await newsroom.drop("a", 80)
    await newsroom.drop("b", 75, "a")
    await overrides.override_pair(store, "block", "a", "b", ActCause("ann"))
    await newsroom.pipeline.finish()
    assert await newsroom.relatives_of("a") == set()
    assert await newsroom.heat_of("a", "b") == [80, 75]
    assert await newsroom.stories() == []
    await newsroom.drop("b", 76, "a")
    assert await newsroom.relatives_of("a") == set()


async def test_a_pin_relates_what_no_seed_lists(store: Store, newsroom: GivenNewsroom):
    await newsroom.drop("a", 80)
    await newsroom.drop("b", 75)
    await overrides.override_pair(store, "pin", "a", "b", ActCause("ann"))
    await newsroom.pipeline.finish()
    (link,) = (await store.links.get(["a"]))["a"]
    assert (link.b, link.pinned) == ("b", True)
    assert await newsroom.heat_of("a", "b") == [100, -1]
    assert await newsroom.stories() == [{"a", "b"}]


async def test_a_batch_that_comes_again_changes_nothing(newsroom: GivenNewsroom):
    seeds = [("a", build_seed("a", 80, ["b"])), ("b", build_seed("b", 75, []))]
    articles = await newsroom.save(seeds)
    await newsroom.pipeline.process(articles)
    before = await newsroom.store.decisions.get(["a", "b"])
    announced = len(newsroom.pipeline.announced)
    await newsroom.pipeline.process(articles)
    assert await newsroom.store.decisions.get(["a", "b"]) == before
    assert len(newsroom.pipeline.announced) == announced


@pytest.mark.parametrize("point", ["parsed", "stage-reopened", "links-saved", "stories-saved"])
async def test_a_crash_at_any_point_is_made_good_by_the_redelivery(
    newsroom: GivenNewsroom, point: str, monkeypatch: pytest.MonkeyPatch
):
    await newsroom.drop("a", 80)
    await newsroom.drop("b", 75, "a")
    await newsroom.drop("c", 70)
    (changed,) = await newsroom.save([("b", build_seed("b", 76, ["c"]))])

    async def die(name: str) -> None:
        if name == point:
            raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(relation_update.failpoints, "hit", die)
        with pytest.raises(Killed):
            await newsroom.related.handle(
                [to_record(build_article_ingested(changed))], newsroom.store
            )
    await newsroom.pipeline.process([changed])
    # The other article was claimed by the worker that died; its lease ends.
    marks = await newsroom.store.neighbourhoods.claim_dirty(
        now() + timedelta(minutes=5), timedelta(0), 10
    )
    await newsroom.store.neighbourhoods.mark_dirty([mark.article_id for mark in marks], now())
    await newsroom.pipeline.finish()
    assert await newsroom.relatives_of("b") == {"c"}
    assert await newsroom.heat_of("a", "b", "c") == [80, 96, -1]
    assert await newsroom.stories() == [{"b", "c"}]
    waiting = await newsroom.store.articles.counts()
    assert (waiting["related"], waiting["decision"]) == (0, 0)


async def test_why_says_whose_seed_gives_the_relation(
    newsroom: GivenNewsroom, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("SEEDWIRE_RELATED", "given")
    await newsroom.drop("a", 80)
    await newsroom.drop("b", 60, "a")
    explained = await explain_pair(newsroom.store, "a", "b")
    assert explained.reason == "given by the seed of “Title of b” (b)"
    assert explained.as_json()["related"] is True
