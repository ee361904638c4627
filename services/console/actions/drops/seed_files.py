"""The seed files that a command line names, and the key under which each is dropped."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from shared.drops.seed import Seed
from shared.errors import SettingsError

SUFFIXES: Final = (".md", ".markdown")


def find_seed_files(paths: Sequence[str]) -> list[Path | None]:
    """The files that *paths* name; folders are searched in the order of names. None is stdin.

    Raises SettingsError for a path that does not exist, and if there is no file at all.
    """
    files: list[Path | None] = []
    for path in paths:
        files += _find_files(path)
    if not files:
        raise SettingsError(
            f"no seed files in {', '.join(paths)}: expected names that end in "
            f"{' or '.join(SUFFIXES)}"
        )
    return files


def load_seed_file(file: Path | None) -> Seed:
    """Read the file, or standard input. Raises SettingsError if it cannot be read."""
    if file is None:
        return Seed("-", sys.stdin.buffer.read())
    try:
        return Seed(str(file), file.read_bytes())
    except OSError as error:
        raise SettingsError(f"cannot read {file}: {error.strerror}") from error


def _find_files(path: str) -> list[Path | None]:
    if path == "-":
        return [None]
    if Path(path).is_dir():
        return [*_search_folder(Path(path))]
    if Path(path).exists():
        return [Path(path)]
    raise SettingsError(f"{path} does not exist")


def _search_folder(folder: Path) -> list[Path]:
    """Seed files in the folder and below it, without hidden ones and READMEs, sorted."""
    return sorted(file for file in folder.rglob("*") if _is_seed(file, folder))


def _is_seed(file: Path, folder: Path) -> bool:
    if file.suffix not in SUFFIXES or file.name == "README.md":
        return False
    parts = file.relative_to(folder).parts
    is_hidden = any(part.startswith(".") for part in parts)
    return file.is_file() and not is_hidden
