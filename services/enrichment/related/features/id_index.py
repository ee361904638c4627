"""Numbers for strings, so that what is kept about them can lie side by side in arrays."""

from collections.abc import Hashable, Iterable, Iterator, Sequence
from typing import Final, TypeVar

IDS_PER_READ: Final = 500  # of the store: what is read takes ten times the memory of what is kept

Item = TypeVar("Item", bound=Hashable)


class IdIndex(dict[str, int]):
    """Gives each string a number, counted from 0: looking up a new string gives it the next number.

    `ids` has the strings by number. `get` and `in` look up a string without giving it a number.
    """

    def __init__(self, *ids: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.index_all(ids)

    def index_all(self, ids: Iterable[str]) -> list[int]:
        """Look up the numbers of *ids*, in order; new ones get numbers."""
        return [*map(self.__getitem__, ids)]

    def __missing__(self, new_id: str) -> int:
        number = self[new_id] = len(self.ids)
        self.ids.append(new_id)
        return number


def number_items(items: Iterable[Item]) -> dict[Item, int]:
    """The place of each item, counted from 0."""
    return {item: place for place, item in enumerate(items)}


def split_ids(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    """Parts of *ids* that are few enough to be read at once."""
    for start in range(0, len(ids), IDS_PER_READ):
        yield ids[start : start + IDS_PER_READ]
