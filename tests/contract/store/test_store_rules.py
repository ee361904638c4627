"""The contract of promoted rules: one number, one winner."""

from dataclasses import replace

from shared.store import Promoted, Store
from tests.contract.store.build import at

FIRST = Promoted(1, {"publish_at": "80"}, "ann", at(1))


class TestPromotedRules:
    async def test_nothing_was_promoted_at_first(self, store: Store):
        assert await store.rules.latest() == Promoted(0)

    async def test_the_latest_stands(self, store: Store, other: Store):
        second = replace(FIRST, number=2, settings={})
        assert await store.rules.promote(FIRST)
        assert await other.rules.latest() == FIRST
        assert await other.rules.promote(second)
        assert await store.rules.latest() == second

    async def test_of_two_at_once_one_wins(self, store: Store, other: Store):
        assert await store.rules.promote(FIRST)
        assert not await other.rules.promote(replace(FIRST, by="bo"))
        assert not await other.rules.promote(replace(FIRST, number=3))
        assert await store.rules.latest() == FIRST
