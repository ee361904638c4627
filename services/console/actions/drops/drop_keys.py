"""Under which keys the files of one drop go.

Kafka keeps the order of records under one key alone. Two versions of an article may name it by
different URLs, so files that share a URL, also through a third file, go under one key.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from services.console.actions.drops.seed_files import load_seed_file
from shared.article import SeedError, fold_url, list_urls, parse_seed, partition_key
from shared.drops.seed import Seed, encode_path


def load_seed_files(files: Sequence[Path | None]) -> Iterator[Seed]:
    """Read the files in their order, with their keys.

    Each file is read twice, so that not all of them are in memory; standard input is kept. Raises
    SettingsError for a file that cannot be read.
    """
    kept: dict[int, Seed] = {}
    grouping = _Grouping()
    for number, file in enumerate(files):
        seed = load_seed_file(file)
        grouping.add(seed)
        if file is None:
            kept[number] = seed
    for number, (file, key) in enumerate(zip(files, grouping.list_keys(), strict=True)):
        seed = kept.get(number) or load_seed_file(file)
        yield replace(seed, group_key=key)


def assign_keys(seeds: Iterable[Seed]) -> list[Seed]:
    """The same seeds with their keys."""
    grouping = _Grouping()
    added = []
    for seed in seeds:
        grouping.add(seed)
        added.append(seed)
    keys = grouping.list_keys()
    return [replace(seed, group_key=key) for seed, key in zip(added, keys, strict=True)]


class _Grouping:
    """Groups of files that share URLs, as they are added. The first file's key is the group's."""

    def __init__(self) -> None:
        self._keys: list[bytes] = []  # by file: its own key
        self._parents: list[int] = []  # by file: an earlier file of its group, or itself
        self._owners: dict[str, int] = {}  # by URL: a file that names it

    def add(self, seed: Seed) -> None:
        number = len(self._keys)
        self._parents.append(number)
        try:
            article = parse_seed(seed.content)
        except SeedError:
            self._keys.append(encode_path(seed.path))
            return
        self._keys.append(partition_key(article).encode())
        for url in list_urls(article):
            owner = self._owners.setdefault(fold_url(url), number)
            self._join(owner, number)

    def list_keys(self) -> list[bytes]:
        """The key of each file, in the order in which they were added."""
        return [self._keys[self._find_first(number)] for number in range(len(self._keys))]

    def _join(self, a: int, b: int) -> None:
        first_of_a, first_of_b = self._find_first(a), self._find_first(b)
        self._parents[max(first_of_a, first_of_b)] = min(first_of_a, first_of_b)

    def _find_first(self, number: int) -> int:
        """The first file of the group. Shortens the way for the next time."""
        first = number
        while self._parents[first] != first:
            first = self._parents[first]
        while self._parents[number] != first:
            self._parents[number], number = first, self._parents[number]
        return first
