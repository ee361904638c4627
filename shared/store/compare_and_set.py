"""The one loop around compare-and-set writes: repeat for what lost, but not without end."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Final, TypeVar

from shared.errors import StoreUnavailable

# In each round some process wins, so an item that loses this often means a faulty store.
MAX_ROUNDS: Final = 20

Item = TypeVar("Item")

Round = Callable[[Sequence[Item]], Awaitable[Iterable[Item]]]
"""Reads, decides and writes for some items; returns those for which another writer was faster."""


async def repeat_until_stable(
    run_round: Round[Item], items: Iterable[Item], subject: str, max_rounds: int = MAX_ROUNDS
) -> None:
    """Run *run_round* on *items*, then on those that it returns, until it returns none.

    Raises StoreUnavailable when items are left after *max_rounds*; *subject* says what they are, in
    the plural.
    """
    remaining = list(items)
    for _ in range(max_rounds):
        if not remaining:
            return
        remaining = list(await run_round(remaining))
    if remaining:
        raise StoreUnavailable(
            f"{len(remaining)} {subject} lost to other writers {max_rounds} times in a row"
        )
