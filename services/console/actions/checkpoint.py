"""The place that a long action has reached, in a file: it goes on there after it was killed.

Written anew as a whole and renamed: after a crash the file has this place or the one before.
"""

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from services.console.supervisor.lockfile import hold_lock
from shared.errors import SettingsError

Place = Mapping[str, str | int]


def name_place(*parts: str) -> str:
    """A file's name for what a place belongs to: its folder, its store. Passwords stay unread."""
    return hashlib.sha256("\0".join(parts).encode(errors="surrogateescape")).hexdigest()[:16]


class Checkpoint:
    """One action's file. Raises SettingsError where it cannot be read or written."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def load(self) -> Place:
        """The place that was saved last; empty if there is none."""
        try:
            place: Place = json.loads(self._file.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as error:
            raise SettingsError(f"{self._file} cannot be read: {error}") from error
        return place

    def save(self, place: Place) -> None:
        """Keep the place. It is on the disk when this returns."""
        temporary = self._file.with_name(f".{self._file.name}.new")
        try:
            with temporary.open("w", encoding="utf-8") as file:
                json.dump(dict(place), file)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(self._file)
        except OSError as error:
            raise _unwritable(self._file, error) from error

    def clear(self) -> None:
        """Forget the place: the action is done."""
        self._file.unlink(missing_ok=True)

    @contextmanager
    def hold(self) -> Iterator[None]:
        """Be the only process at this action. Raises SettingsError if another one is."""
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise _unwritable(self._file, error) from error
        busy = SettingsError(f"another process is at it: it holds {self._file}.lock")
        with hold_lock(self._file.with_name(f"{self._file.name}.lock"), busy):
            yield


def _unwritable(file: Path, error: OSError) -> SettingsError:
    return SettingsError(
        f"{file} cannot be written: {error.strerror}. It keeps how far the command has come; name"
        " a writable folder in SEEDWIRE_HOME"
    )
