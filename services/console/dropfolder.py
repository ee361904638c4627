"""The drop folder: files that come in are taken, dropped, and moved to `done/` or `failed/` beside it.

Every move is one atomic rename, and a file moves on only after its receipt came. A file that is taken lies in
`.taken/` inside the drop folder; what a crash leaves there is dropped again at the next start, which does no harm.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from services.console.drop import line
from services.console.dropping import Receipt
from services.console.seedfiles import SUFFIXES, SeedFile, load
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
        """Watch it alone: two watchers would move each other's files. Raises SettingsError when it is watched."""
        self.make()
        with (self.taken / ".lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise SettingsError(f"{self.folder} is watched by another process already") from error
            yield

    def arrivals(self) -> dict[Path, Stamp]:
        """Seed files in the drop folder as they are now. Hidden ones are somebody's unfinished business."""
        found = {}
        with os.scandir(self.folder) as entries:
            for entry in entries:
                if entry.name.startswith(".") or not entry.name.endswith(SUFFIXES) or not entry.is_file():
                    continue
                stat = entry.stat()
                found[Path(entry.path)] = (stat.st_ino, stat.st_size, stat.st_mtime_ns)
        return found

    def left_behind(self) -> list[Path]:
        """What was taken, but never moved on: a crash came between."""
        return sorted(file for file in self.taken.iterdir() if file.is_file() and not file.name.startswith("."))

    def take(self, file: Path) -> Path:
        return _moved(file, self.taken)

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
