"""A real site's groups, given by its seeds: heat, lead and published end as the site has them."""

import random

import pytest

from services.console.replay.newsroom_state import load_state
from shared.store import connect
from tests.integration.stories.given_newsroom import GivenNewsroom
from tests.site_groups import Judgement, compare_with_site, load_whole_groups

BATCH = 20
SINGLE_ARTICLES = 60  # beside all groups of several


@pytest.mark.parametrize("order", [1, 2])
async def test_the_real_seeds_end_as_on_the_site_in_any_order(store_url: str, order: int):
    store = connect(f"{store_url}?synchronous=normal" if "sqlite" in store_url else store_url)
    await store.open()
    try:
        await check_replay(GivenNewsroom(store), random.Random(order))
    finally:
        await store.close()


async def check_replay(newsroom: GivenNewsroom, chance: random.Random) -> None:
    groups = [group for group in load_whole_groups() if len(group.articles) > 1]
    groups = chance.sample(groups, 80)
    singles = [group for group in load_whole_groups() if len(group.articles) == 1]
    groups += chance.sample(singles, SINGLE_ARTICLES)
    seeds: list[tuple[str, bytes]] = []
    for group in groups:
        seeds += [(article.id, article.seed) for article in group.articles.values()]
    chance.shuffle(seeds)
    for start in range(0, len(seeds), BATCH):
        await newsroom.drop_seeds(seeds[start : start + BATCH])
    state = await load_state(newsroom.store)
    judgements: dict[str, Judgement] = {}
    for article_id, heat in state.heat.items():
        is_published = article_id in state.published
        judgements[article_id] = Judgement(state.leads[article_id], heat, is_published)
    comparison = compare_with_site(groups, judgements)
    assert comparison.wrong == []
    assert comparison.articles == len(seeds)
    stories = {frozenset(members) for members in state.stories.values()}
    assert stories == {frozenset(group.articles) for group in groups if len(group.articles) > 1}
