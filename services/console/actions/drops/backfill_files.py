"""The seed files of a large folder, in one fixed order, without a list of all of them."""

import os
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Final

from services.console.actions.drops.seed_files import SUFFIXES, load_seed_file
from shared.drops.receipt import Receipt
from shared.drops.seed import Seed
from shared.errors import SettingsError

CHUNK_BYTES: Final = 8_000_000
_IGNORED: Final = "README.md"


def walk_seed_files(folder: Path, after: str = "") -> Iterator[str]:
    """Paths below *folder* in their order, from the first after *after*: folders after files.

    Hidden files and folders are left out, and links to folders are not followed.
    """
    for path in _walk(folder, ""):
        if not after or _order(path) > _order(after):
            yield path


def count_seed_files(folder: Path) -> int:
    """How many there are now."""
    return sum(1 for _ in walk_seed_files(folder))


def load_chunk(
    folder: Path, paths: Iterator[str], size: int
) -> tuple[list[str], list[Seed], list[Receipt]]:
    """The next *size* files, or fewer if they are large; what cannot be read is answered at once.

    Gives the paths that were taken from *paths*, their seeds, and the receipts of the others.
    """
    taken: list[str] = []
    seeds: list[Seed] = []
    unreadable: list[Receipt] = []
    loaded = 0
    for path in islice(paths, size):
        taken.append(path)
        try:
            seed = load_seed_file(folder / path)
        except SettingsError as error:
            unreadable.append(_answer_unreadable(path, error))
            continue
        seeds.append(Seed(path, seed.content))
        loaded += len(seed.content)
        if loaded > CHUNK_BYTES:
            break
    return taken, seeds, unreadable


def _answer_unreadable(path: str, error: SettingsError) -> Receipt:
    fault = {"field": "file", "line": None, "message": f"{error}."}
    return Receipt(path, "rejected", errors=(fault,))


def _walk(folder: Path, prefix: str) -> Iterator[str]:
    try:
        with os.scandir(folder) as entries:
            visible = [entry for entry in entries if not entry.name.startswith(".")]
    except OSError as error:
        raise SettingsError(f"cannot read the folder {folder}: {error.strerror}") from error
    for name in sorted(_name_seeds(visible)):
        yield prefix + name
    for name in sorted(entry.name for entry in visible if entry.is_dir(follow_symlinks=False)):
        yield from _walk(folder / name, f"{prefix}{name}/")


def _name_seeds(entries: Iterable[os.DirEntry[str]]) -> Iterator[str]:
    for entry in entries:
        if entry.name.endswith(SUFFIXES) and entry.name != _IGNORED and entry.is_file():
            yield entry.name


def _order(path: str) -> list[tuple[bool, str]]:
    """The key by which `_walk` sorts: of one folder, its files come before its folders."""
    *folders, name = path.split("/")
    return [*((True, folder) for folder in folders), (False, name)]
