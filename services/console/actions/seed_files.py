"""The seed files that a command line names, and how each is put on the topic."""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from shared.article import SeedError, parse, primary
from shared.errors import SettingsError

SUFFIXES = (".md", ".markdown")


@dataclass(frozen=True)
class SeedFile:
    """One file to drop; `path` is what its receipt will call it."""

    path: str
    content: bytes

    @property
    def key(self) -> bytes:
        """The canonical URL, so that versions of one article share a partition; without one, the path."""
        try:
            return primary(parse(self.content)).encode()
        except SeedError:
            return self.path.encode(errors="surrogateescape")


def collect(paths: Sequence[str]) -> list[Path | None]:
    """Every file that *paths* name, folders searched for seeds in the order of their names; None is stdin.

    Raises SettingsError for a path that is not there, and when nothing is found.
    """
    found = [file for path in paths for file in _files(path)]
    if not found:
        raise SettingsError(
            f"no seed files in {', '.join(paths)}: expected files that end in {' or '.join(SUFFIXES)}"
        )
    return found


def load(file: Path | None) -> SeedFile:
    if file is None:
        return SeedFile("-", sys.stdin.buffer.read())
    try:
        return SeedFile(str(file), file.read_bytes())
    except OSError as error:
        raise SettingsError(f"{file} cannot be read: {error.strerror}") from error


def _files(path: str) -> Iterator[Path | None]:
    if path == "-":
        yield None
    elif Path(path).is_dir():
        inside = (
            file for file in Path(path).rglob("*") if file.suffix in SUFFIXES and file.is_file()
        )
        yield from sorted(
            file
            for file in inside
            if not _is_hidden(file.relative_to(path)) and file.name != "README.md"
        )
    elif Path(path).exists():
        yield Path(path)
    else:
        raise SettingsError(f"{path} is not there")


def _is_hidden(file: Path) -> bool:
    return any(part.startswith(".") for part in file.parts)
