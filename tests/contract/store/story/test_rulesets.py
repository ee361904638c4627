"""The contract of rulesets: one number, one winner."""

from dataclasses import replace

from shared.store import Ruleset, Store
from tests.contract.store.builders import at

FIRST = Ruleset(1, {"publish_at": "80"}, "ann", at(1))


async def test_at_first_there_is_no_ruleset(store: Store):
    assert await store.rulesets.get_latest() == Ruleset(0)


async def test_the_latest_is_in_force(store: Store, other: Store):
    second = replace(FIRST, number=2, settings={})
    assert await store.rulesets.promote(FIRST)
    assert await other.rulesets.get_latest() == FIRST
    assert await other.rulesets.promote(second)
    assert await store.rulesets.get_latest() == second


async def test_of_two_promotions_at_once_one_wins(store: Store, other: Store):
    assert await store.rulesets.promote(FIRST)
    assert not await other.rulesets.promote(replace(FIRST, by="bo"))
    assert not await other.rulesets.promote(replace(FIRST, number=3))
    assert await store.rulesets.get_latest() == FIRST
