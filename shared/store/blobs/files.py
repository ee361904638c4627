"""Bytes of pictures in files of one folder: beside the SQLite file."""

import asyncio
import contextlib
import os
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any, Final, TypeVar

from shared.errors import StoreAway
from shared.store.ports.picture_bytes import KeptBytes

Result = TypeVar("Result")

_HIDDEN: Final = "."  # begins the name of what is being written or deleted


class FileBytes:
    """`FOLDER/ab/ab…`: a folder for the first two digits of the hash."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @property
    def address(self) -> str:
        return str(self._folder)

    async def open(self) -> None:
        """Folders are made when the first picture comes."""

    async def close(self) -> None:
        """Nothing is held open."""

    async def put(self, name: str, content: bytes) -> None:
        try:
            await self._do(self._put, name, content)
        except FileNotFoundError as error:  # the folder, or what was half written, is gone
            raise StoreAway(f"a picture could not be kept in {self._folder}: {error}") from error

    async def get(self, name: str) -> bytes | None:
        with contextlib.suppress(FileNotFoundError):
            return await self._do(self._file(name).read_bytes)
        return None

    async def size(self, name: str) -> int | None:
        with contextlib.suppress(FileNotFoundError):
            return (await self._do(self._file(name).stat)).st_size
        return None

    async def delete(self, name: str, kept_before: datetime) -> bool:
        return await self._do(self._delete, name, kept_before.timestamp())

    async def page(self, after: str = "", limit: int = 500) -> list[KeptBytes]:
        return await self._do(lambda: list(islice(self._listed(after), limit)))

    async def leftovers(self, before: datetime, remove: bool) -> int:
        return await self._do(self._leftovers, before.timestamp(), remove)

    async def _do(self, work: Callable[..., Result], *arguments: Any) -> Result:
        """Off the loop. Raises FileNotFoundError as it is, and StoreAway for every other trouble with files."""
        try:
            return await asyncio.to_thread(work, *arguments)
        except FileNotFoundError:
            raise
        except OSError as error:
            raise StoreAway(
                f"a picture in {self._folder}: {error}; is the disk full, or the folder gone?"
            ) from error

    def _file(self, name: str) -> Path:
        return self._folder / name[:2] / name

    def _put(self, name: str, content: bytes) -> None:
        """Written under another name, flushed, renamed: nobody ever sees half a picture."""
        file = self._file(name)
        with contextlib.suppress(FileNotFoundError):
            if file.stat().st_size == len(content):
                os.utime(file)
                return
        file.parent.mkdir(parents=True, exist_ok=True)
        descriptor, fresh = tempfile.mkstemp(dir=file.parent, prefix=_HIDDEN)
        try:
            with os.fdopen(descriptor, "wb") as stream:
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())
            Path(fresh).replace(file)
        except OSError:
            Path(fresh).unlink(missing_ok=True)
            raise

    def _delete(self, name: str, kept_before: float) -> bool:
        """Set aside first, judged then: who puts it meanwhile either makes it anew or has renewed what is judged."""
        file = self._file(name)
        aside = file.with_name(f"{_HIDDEN}{name}.{os.getpid()}")
        try:
            file.replace(aside)
        except FileNotFoundError:
            return False
        if aside.stat().st_mtime >= kept_before:
            aside.replace(file)
            return False
        aside.unlink()
        return True

    def _listed(self, after: str) -> Iterator[KeptBytes]:
        for folder in self._folders():
            if folder.name >= after[:2]:
                for file in sorted(folder.iterdir()):
                    if file.name > after and not file.name.startswith(_HIDDEN):
                        yield from _kept(file)

    def _leftovers(self, before: float, remove: bool) -> int:
        found = 0
        for folder in self._folders():
            for file in folder.glob(f"{_HIDDEN}*"):
                with contextlib.suppress(FileNotFoundError):
                    if file.stat().st_mtime < before:
                        found += 1
                        if remove:
                            file.unlink()
        return found

    def _folders(self) -> list[Path]:
        return (
            sorted(folder for folder in self._folder.iterdir() if folder.is_dir())
            if self._folder.is_dir()
            else []
        )


def _kept(file: Path) -> Iterator[KeptBytes]:
    with contextlib.suppress(FileNotFoundError):  # deleted meanwhile
        found = file.stat()
        yield KeptBytes(file.name, found.st_size, datetime.fromtimestamp(found.st_mtime, UTC))
