"""What is loaded of an article and its relatives, in which order, and in how many store calls."""

import pytest

from shared.views.article_snapshot import load_snapshots, ranking_key
from shared.views.article_view import load_views
from tests.unit.publishing.memory_store import MemoryStore, make_article


def test_the_best_comes_first_then_the_earlier_then_the_smaller_id():
    articles = [
        make_article("d"),
        make_article("c", 5, minutes=1),
        make_article("b", 5),
        make_article("a", 5),
        make_article("e", 9),
    ]
    in_order = sorted(articles, key=ranking_key)
    assert [article.id for article in in_order] == ["e", "a", "b", "c", "d"]


class CountingStore(MemoryStore):
    pauses = 0

    async def _pause(self):
        self.pauses += 1

    @property
    def calls(self):
        return self.pauses / 2  # one before and one after each call


@pytest.fixture
def store():
    store = CountingStore()
    for number in range(14):
        store.add(make_article(f"a{number}", number))
    for number in range(1, 14):
        store.link("a0", f"a{number}", number / 20)
    return store


async def test_only_the_ten_best_relatives_are_shown(store):
    related = (await load_views(store, ["a0"]))["a0"]["related"]
    assert [entry["id"] for entry in related] == [f"a{number}" for number in range(13, 3, -1)]


async def test_a_link_is_seen_from_both_sides(store):
    related = (await load_views(store, ["a3"]))["a3"]["related"]
    assert [entry["id"] for entry in related] == ["a0"]


async def test_unknown_articles_and_links_to_them_are_left_out(store):
    store.link("a3", "gone")
    views = await load_views(store, ["a3", "nowhere"])
    assert list(views) == ["a3"]
    assert len(views["a3"]["related"]) == 1


async def test_any_number_of_articles_takes_seven_store_calls(store):
    await load_snapshots(store, ["a0"])
    assert store.calls == 7
    await load_snapshots(store, [f"a{number}" for number in range(14)])
    assert store.calls == 2 * 7
