"""Bytes of pictures in files of one folder, beside the SQLite file."""

import asyncio
import contextlib
import os
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any, Final, TypeVar

from shared.errors import StoreUnavailable
from shared.store.blobs.error_classes import build_error, classify_os_error
from shared.store.ports.picture.picture_bytes import StoredBytes

Result = TypeVar("Result")

_HIDDEN: Final = "."  # begins the name of a file that is being written or deleted


class FileBytes:
    """`FOLDER/ab/ab…`: a folder for the first two digits of the hash."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @property
    def address(self) -> str:
        return str(self._folder)

    async def open(self) -> None:
        """Does nothing: `put` creates the folders."""

    async def close(self) -> None:
        """Does nothing: no file stays open."""

    async def put(self, name: str, content: bytes) -> None:
        try:
            await self._do(self._put, name, content)
        except FileNotFoundError as error:  # the folder, or the unfinished file, is gone
            raise StoreUnavailable(
                f"a picture could not be written to {self._folder}: {error}"
            ) from error

    async def get(self, name: str) -> bytes | None:
        with contextlib.suppress(FileNotFoundError):
            return await self._do(self._file(name).read_bytes)
        return None

    async def get_size(self, name: str) -> int | None:
        with contextlib.suppress(FileNotFoundError):
            return (await self._do(self._file(name).stat)).st_size
        return None

    async def delete(self, name: str, stored_before: datetime) -> bool:
        return await self._do(self._delete, name, stored_before.timestamp())

    async def list_page(self, after: str = "", limit: int = 500) -> list[StoredBytes]:
        return await self._do(lambda: list(islice(self._list_from(after), limit)))

    async def sweep_leftovers(self, begun_before: datetime, remove: bool) -> int:
        return await self._do(self._sweep_leftovers, begun_before.timestamp(), remove)

    async def _do(self, work: Callable[..., Result], *arguments: Any) -> Result:
        """Run *work* on a thread.

        Raises FileNotFoundError as it is, and errors of ours for all other file errors.
        """
        try:
            return await asyncio.to_thread(work, *arguments)
        except FileNotFoundError:
            raise
        except OSError as error:
            message = (
                f"a picture in {self._folder} failed: {error};"
                " check whether the disk is full or the folder is gone"
            )
            raise build_error(classify_os_error(error), message) from error

    def _file(self, name: str) -> Path:
        return self._folder / name[:2] / name

    def _put(self, name: str, content: bytes) -> None:
        """Write under another name, flush, rename: no reader ever sees an incomplete picture."""
        file = self._file(name)
        if _renew(file, len(content)):
            return
        file.parent.mkdir(parents=True, exist_ok=True)
        descriptor, unfinished = tempfile.mkstemp(dir=file.parent, prefix=_HIDDEN)
        try:
            with os.fdopen(descriptor, "wb") as stream:
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())
            Path(unfinished).replace(file)
        except OSError:
            Path(unfinished).unlink(missing_ok=True)
            raise

    def _delete(self, name: str, stored_before: float) -> bool:
        """Rename the file first, then look at its time.

        A writer that puts the bytes meanwhile either writes a new file or renewed this one.
        """
        file = self._file(name)
        aside = file.with_name(f"{_HIDDEN}{name}.{os.getpid()}")
        try:
            file.replace(aside)
        except FileNotFoundError:
            return False
        if aside.stat().st_mtime >= stored_before:
            aside.replace(file)
            return False
        aside.unlink()
        return True

    def _list_from(self, after: str) -> Iterator[StoredBytes]:
        for folder in self._folders():
            if folder.name < after[:2]:
                continue
            for file in sorted(folder.iterdir()):
                if file.name > after and not file.name.startswith(_HIDDEN):
                    yield from _describe(file)

    def _sweep_leftovers(self, begun_before: float, remove: bool) -> int:
        count = 0
        for folder in self._folders():
            for file in folder.glob(f"{_HIDDEN}*"):
                count += _sweep(file, begun_before, remove)
        return count

    def _folders(self) -> list[Path]:
        if not self._folder.is_dir():
            return []
        return sorted(folder for folder in self._folder.iterdir() if folder.is_dir())


def _renew(file: Path, size: int) -> bool:
    """Make *file* count as written now if it is there with this size; returns whether it is."""
    with contextlib.suppress(FileNotFoundError):
        if file.stat().st_size == size:
            os.utime(file)
            return True
    return False


def _describe(file: Path) -> Iterator[StoredBytes]:
    """The entry of the file, or nothing if it was deleted meanwhile."""
    with contextlib.suppress(FileNotFoundError):
        status = file.stat()
        modified_at = datetime.fromtimestamp(status.st_mtime, UTC)
        yield StoredBytes(file.name, status.st_size, modified_at)


def _sweep(file: Path, begun_before: float, remove: bool) -> bool:
    """Whether the file is a leftover from before that time; with *remove* it is deleted."""
    with contextlib.suppress(FileNotFoundError):
        if file.stat().st_mtime >= begun_before:
            return False
        if remove:
            file.unlink()
        return True
    return False
