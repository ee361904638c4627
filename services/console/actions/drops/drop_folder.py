"""The drop folder: seed files that arrive in it are dropped and moved to `done/` or `failed/`.

Every move is one atomic rename, and a file moves on only after its receipt came. While it waits for
that, it is in `.taken/` inside the drop folder. What a crash leaves there is dropped again at the
next start, which does no harm.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from services.console.actions.drops.receipt_text import describe_receipt
from services.console.actions.drops.seed_files import SUFFIXES, load_seed_file
from services.console.supervisor.lockfile import hold_lock
from shared.drops.receipt import Receipt
from shared.drops.seed import Seed
from shared.errors import SettingsError
from shared.visible_text import make_visible


@dataclass(frozen=True)
class FileVersion:
    """Tells whether a file changed between two looks."""

    inode: int
    size: int  # bytes
    modified_ns: int


@dataclass(frozen=True)
class DropFolder:
    """The drop folder and the two folders that answered files move to."""

    folder: Path
    done: Path
    failed: Path

    @property
    def taken(self) -> Path:
        return self.folder / ".taken"

    def create(self) -> None:
        for folder in (self.folder, self.taken, self.done, self.failed):
            folder.mkdir(parents=True, exist_ok=True)

    @contextmanager
    def hold(self) -> Iterator[None]:
        """Be the only process that watches this folder: two would move each other's files.

        Raises SettingsError if another process watches it, or if answered files cannot move on:
        they would be dropped again for ever.
        """
        self.create()
        self._require_usable_target(self.done)
        self._require_usable_target(self.failed)
        watched = SettingsError(f"another process already watches {self.folder}")
        with hold_lock(self.taken / ".lock", watched):
            yield

    def list_arrivals(self) -> dict[Path, FileVersion]:
        """Seed files in the drop folder now, by path.

        Hidden files are still being written. Links stay: moved, they might point to nothing.
        """
        arrivals: dict[Path, FileVersion] = {}
        with os.scandir(self.folder) as entries:
            for entry in entries:
                if _is_seed(entry):
                    with suppress(FileNotFoundError):  # its writer took it back
                        arrivals[Path(entry.path)] = _version_of(entry)
        return arrivals

    def list_taken(self) -> list[Path]:
        """Files that were taken and have not moved on, sorted."""
        return sorted(file for file in self.taken.glob("[!.]*") if file.is_file())

    def take(self, file: Path) -> Path | None:
        """Move a file that arrived to `.taken/`; returns its new path, or None if it is gone."""
        try:
            return _move(file, _find_free_name(self.taken / file.name))
        except FileNotFoundError:
            return None

    def load(self, file: Path) -> Seed:
        """Read a taken file, under the path it arrived at. Raises SettingsError."""
        return replace(load_seed_file(file), path=str(self.folder / file.name))

    def move_answered(self, file: Path, receipt: Receipt) -> Path:
        """Move a taken file by its receipt; returns its new path.

        The reasons of a rejected file are written beside it first.
        """
        if receipt.status != "rejected":
            return _move(file, _find_free_name(self.done / file.name))
        target = _find_free_name(self.failed / file.name)
        reasons = target.with_name(f"{target.name}.reason.txt")
        lines = [make_visible(line) for line in describe_receipt(receipt)]
        reasons.write_text("\n".join(lines) + "\n")
        return _move(file, target)

    def _require_usable_target(self, target: Path) -> None:
        if target.samefile(self.folder) or target.samefile(self.taken):
            raise SettingsError(
                f"{target} is the drop folder itself: its answered files would be dropped again"
            )
        if target.stat().st_dev != self.taken.stat().st_dev:
            raise SettingsError(
                f"{target} is on another file system than {self.folder}, so a file cannot move "
                "there in one step: name folders on the same file system with --done and "
                "--failed, such as folders inside the drop folder"
            )


def _is_seed(entry: os.DirEntry[str]) -> bool:
    is_visible = not entry.name.startswith(".")
    return is_visible and entry.name.endswith(SUFFIXES) and entry.is_file(follow_symlinks=False)


def _version_of(entry: os.DirEntry[str]) -> FileVersion:
    stat = entry.stat()
    return FileVersion(stat.st_ino, stat.st_size, stat.st_mtime_ns)


def _move(file: Path, target: Path) -> Path:
    file.rename(target)
    return target


def _find_free_name(target: Path) -> Path:
    """*target*, or the next free name beside it: no file is ever overwritten."""
    number = 1
    candidate = target
    while candidate.exists():
        number += 1
        candidate = target.with_name(f"{target.stem}-{number}{target.suffix}")
    return candidate
