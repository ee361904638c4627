"""Compare-and-set writes are repeated for what another writer changed, but not without end."""

from collections.abc import Sequence

import pytest

from shared.errors import StoreUnavailable
from shared.store import repeat_until_stable


class Writer:
    """Loses the first *losses* rounds for the items that are even."""

    def __init__(self, losses: int) -> None:
        self.losses = losses
        self.rounds: list[list[int]] = []

    async def write(self, items: Sequence[int]) -> list[int]:
        self.rounds.append([*items])
        if len(self.rounds) > self.losses:
            return []
        return [item for item in items if item % 2 == 0]


async def test_items_that_lost_are_written_again():
    writer = Writer(losses=2)
    await repeat_until_stable(writer.write, [1, 2, 3, 4], "numbers")
    assert writer.rounds == [[1, 2, 3, 4], [2, 4], [2, 4]]


async def test_nothing_to_write_is_nothing_done():
    writer = Writer(losses=0)
    await repeat_until_stable(writer.write, [], "numbers")
    assert writer.rounds == []


async def test_the_last_round_may_succeed():
    await repeat_until_stable(Writer(losses=2).write, [2], "numbers", max_rounds=3)


async def test_items_that_lose_every_round_make_the_store_unavailable():
    with pytest.raises(StoreUnavailable, match="2 numbers lost to other writers 3 times in a row"):
        await repeat_until_stable(Writer(losses=9).write, [2, 3, 4], "numbers", max_rounds=3)
