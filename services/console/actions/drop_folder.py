"""The drop folder: files that come in are taken, dropped, and moved to `done/` or `failed/` beside it.

Every move is one atomic rename, and a file moves on only after its receipt came. A file that is taken lies in
`.taken/` inside the drop folder; what a crash leaves there is dropped again at the next start, which does no harm.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from services.console.actions.drop import Receipt
from services.console.actions.seed_files import SUFFIXES, SeedFile, load
from services.console.cli.drop import line
from services.console.supervisor.lockfile import locked
from shared.errors import SettingsError

Stamp = tuple[int, int, int]  # inode, size in bytes, nanoseconds of the last change


@dataclass(frozen=True)
class DropFolder:
    folder: Path
    done: Path
    failed: Path

    @property
    def taken(self) -> Path:
        return self.folder / ".taken"

    def make(self) -> None:
        for folder in (self.folder, self.taken, self.done, self.failed):
            folder.mkdir(parents=True, exist_ok=True)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Watch it alone: two watchers would move each other's files. Raises SettingsError when it is watched.

        Or when its files could not be moved on: an answered one would be dropped again for ever.
        """
        self.make()
        for target in (self.done, self.failed):
            self._require_beside(target)
        with locked(
            self.taken / ".lock",
            SettingsError(f"{self.folder} is watched by another process already"),
        ):
            yield

    def _require_beside(self, target: Path) -> None:
        if target.samefile(self.folder) or target.samefile(self.taken):
            raise SettingsError(
                f"{target} is the drop folder itself: its answered files would come in again"
            )
        if target.stat().st_dev != self.taken.stat().st_dev:
            raise SettingsError(
                f"{target} is on another file system than {self.folder}, and files cannot be moved there at once: "
                "name a folder on the same one with --done and --failed, such as one inside the drop folder"
            )

    def arrivals(self) -> dict[Path, Stamp]:
        """Seed files in the drop folder as they are now. Hidden ones are somebody's unfinished business.

        Links are left alone: once they are moved they may point to nothing.
        """
        found = {}
        with os.scandir(self.folder) as entries:
            for entry in entries:
                if entry.name.startswith(".") or not entry.name.endswith(SUFFIXES):
                    continue
                if not entry.is_file(follow_symlinks=False):
                    continue
                with suppress(FileNotFoundError):  # taken back by whoever put it there
                    stat = entry.stat()
                    found[Path(entry.path)] = (stat.st_ino, stat.st_size, stat.st_mtime_ns)
        return found

    def left_behind(self) -> list[Path]:
        """What was taken, but never moved on: a crash came between."""
        return sorted(
            file
            for file in self.taken.iterdir()
            if file.is_file() and not file.name.startswith(".")
        )

    def take(self, file: Path) -> Path | None:
        """Where it lies now; None if whoever put it there took it back."""
        try:
            return _moved(file, self.taken)
        except FileNotFoundError:
            return None

    def load(self, file: Path) -> SeedFile:
        """A taken file, under the name that it came with. Raises SettingsError when it cannot be read."""
        return replace(load(file), path=str(self.folder / file.name))

    def settle(self, file: Path, receipt: Receipt) -> Path:
        """Move a taken file on, by its receipt; a failed one gets its reasons beside it, written first."""
        if receipt.status != "rejected":
            return _moved(file, self.done)
        target = _free(self.failed / file.name)
        target.with_name(f"{target.name}.reason.txt").write_text(line(receipt) + "\n")
        return _moved(file, self.failed, target)


def _moved(file: Path, folder: Path, target: Path | None = None) -> Path:
    target = target or _free(folder / file.name)
    file.rename(target)
    return target


def _free(target: Path) -> Path:
    """*target*, or the next name beside it that is free: nothing is ever written over."""
    number = 1
    candidate = target
    while candidate.exists():
        number += 1
        candidate = target.with_name(f"{target.stem}-{number}{target.suffix}")
    return candidate
