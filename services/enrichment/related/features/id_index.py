"""Names by number: what is kept side by side as arrays is found by it."""

from collections.abc import Iterable


class Numbering(dict[str, int]):
    """The number of each name, from 0 on: one that is asked for and has none gets the next.

    `names` has them by number. `get` and `in` ask without giving any.
    """

    def __init__(self, *names: str) -> None:
        super().__init__()
        self.names: list[str] = []
        self.of(names)

    def of(self, names: Iterable[str]) -> list[int]:
        """The numbers of these names, in order."""
        return [*map(self.__getitem__, names)]

    def __missing__(self, name: str) -> int:
        number = self[name] = len(self.names)
        self.names.append(name)
        return number
