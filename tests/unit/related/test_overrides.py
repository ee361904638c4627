"""The newsroom's instructions: what stands of them, and that stories are assembled by them."""

from datetime import UTC, datetime, timedelta

from services.enrichment.related.stories.clustering import Cost, assemble
from services.enrichment.related.stories.overrides import Orders, latest_first, orders
from shared.store import Instruction

T0 = datetime(2026, 3, 2, tzinfo=UTC)


def said(word, ones, others, minute=0):
    return Instruction(word, tuple(ones), tuple(others), "ann", T0 + timedelta(minutes=minute))


def standing(*given: Instruction) -> Orders:
    return orders(latest_first(given))


class TestOrders:
    def test_nothing_said_is_no_order(self):
        assert standing() == Orders()

    def test_pins_put_articles_in_one_group(self):
        found = standing(said("pin", "a", "b"), said("merge", "b", "cd"))
        assert found.together == {("a", "b"), ("b", "c"), ("b", "d")}
        assert found.group == dict.fromkeys("abcd", "a")
        assert found.partners(["a"]) == {"a", "b"}

    def test_a_split_keeps_each_from_each(self):
        assert standing(said("split", "ab", "cd")).apart == {
            ("a", "c"),
            ("a", "d"),
            ("b", "c"),
            ("b", "d"),
        }

    def test_of_two_words_on_one_pair_the_later_stands(self):
        pin, block = said("pin", "a", "b", 1), said("block", "a", "b", 2)
        assert standing(pin, block) == Orders(apart=frozenset({("a", "b")}))
        assert standing(said("block", "a", "b", 1), said("pin", "a", "b", 2)).together == {
            ("a", "b")
        }

    def test_what_contradicts_by_way_of_a_third_gives_way_too(self):
        found = standing(
            said("pin", "a", "b", 1), said("pin", "b", "c", 2), said("block", "a", "c", 3)
        )
        assert (found.together, found.apart) == ({("b", "c")}, {("a", "c")})

    def test_a_block_of_two_that_belong_together_by_later_words_is_void(self):
        found = standing(
            said("block", "a", "c", 1), said("pin", "a", "b", 2), said("pin", "b", "c", 3)
        )
        assert (found.together, found.apart) == ({("a", "b"), ("b", "c")}, frozenset())


LINKS = {"a": {"b": 0.9}, "b": {"a": 0.9}, "c": {"d": 0.9}, "d": {"c": 0.9}, "e": {}}


def assembled(*given: Instruction, links=LINKS) -> set[frozenset[str]]:
    return set(assemble(links, Cost(), standing(*given)))


def groups(*names: str) -> set[frozenset[str]]:
    return {frozenset(name) for name in names}


class TestAssembly:
    def test_links_alone(self):
        assert assembled() == groups("ab", "cd", "e")

    def test_pinned_articles_stand_together_and_bring_theirs(self):
        assert assembled(said("pin", "a", "e")) == groups("abe", "cd")
        assert assembled(said("pin", "b", "c")) == groups("abcd", "e")

    def test_blocked_articles_stand_apart(self):
        assert assembled(said("block", "a", "b")) == groups("a", "b", "cd", "e")

    def test_a_third_goes_with_one_of_two_that_are_kept_apart(self):
        links = {one: {two: 0.9 for two in "abc" if two != one} for one in "abc"}
        found = assembled(said("block", "a", "b"), links=links)
        assert sorted(map(len, found)) == [1, 2]
        assert not any({"a", "b"} <= members for members in found)

    def test_whole_groups_do_not_merge_over_a_block(self):
        strong = {one: {two: 0.9 for two in "abcdef" if two != one} for one in "abcdef"}
        assert not any(
            {"a", "f"} <= members for members in assembled(said("block", "a", "f"), links=strong)
        )

    def test_what_is_pinned_brings_along_nobody_whom_it_would_bring_together_with_a_foe(self):
        found = assembled(said("block", "a", "d"), said("pin", "b", "c"))
        assert any({"b", "c"} <= members for members in found)
        assert not any({"a", "d"} <= members for members in found)
        assert sorted(map(len, found)) == [1, 1, 3]

    def test_orders_on_articles_elsewhere_do_nothing(self):
        assert assembled(said("pin", "a", "z"), said("block", "y", "z")) == groups("ab", "cd", "e")
