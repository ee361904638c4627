"""The store of layout 3 as a program, to run beside this version.

`layout_3.zip` has the package `shared` as it was before the first step, and a `__main__.py`: it
opens the store that its first argument names, and saves, decides and reads one article after
another until its standard input ends. It prints the id of each, and at last how many it sees.
"""

import asyncio
import os
import sys
import zipfile
from pathlib import Path
from types import TracebackType
from typing import Self

PUBLISH = """
import asyncio, sys
from shared.store import FeedSnapshot, connect

async def publish():
    store = connect(sys.argv[1])
    await store.open()
    before = await store.feed.get_snapshot()
    version = before.version + 1 if before else 1
    assert await store.feed.publish(FeedSnapshot(version, "table", b"", 0.25))
    await store.close()

asyncio.run(publish())
"""
ARCHIVE = Path(__file__).with_name("layout_3.zip")
WAIT_SECONDS = 20


async def publish_statistics(folder: Path, store_url: str) -> None:
    """Have the old version publish the next feed snapshot, whatever was published before."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-c", PUBLISH, store_url),
        env={**os.environ, "PYTHONPATH": str(_unpack(folder))},
        cwd=folder,
        stderr=asyncio.subprocess.PIPE,
    )
    _, errors = await asyncio.wait_for(process.communicate(), WAIT_SECONDS)
    assert process.returncode == 0, errors.decode()


def _unpack(folder: Path) -> Path:
    program = folder / "layout_3"
    with zipfile.ZipFile(ARCHIVE) as archive:
        archive.extractall(program)
    return program


class OldVersion:
    """One process of the old version while the block runs; `acknowledged` are its articles."""

    def __init__(self, folder: Path, store_url: str, name: str = "old") -> None:
        self._folder = folder
        self._arguments = (store_url, name)
        self._process: asyncio.subprocess.Process | None = None
        self.acknowledged: list[str] = []
        self.seen = 0

    async def __aenter__(self) -> Self:
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            str(_unpack(self._folder)),
            *self._arguments,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        assert self._process is not None
        if self._process.returncode is None:
            self._process.kill()
        await self._process.communicate()

    async def wait_for_articles(self, more: int) -> None:
        """Return when the process has saved so many articles more. Raises if it ends before."""
        assert self._process is not None
        assert self._process.stdout is not None
        for _ in range(more):
            line = await asyncio.wait_for(self._process.stdout.readline(), WAIT_SECONDS)
            if not line:
                raise AssertionError(await self.read_refusal())
            self.acknowledged.append(line.decode().strip())

    async def stop(self) -> None:
        """Let it finish its round; remembers what it saved, and how many articles it saw."""
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.close()
        output, errors = await asyncio.wait_for(self._process.communicate(), WAIT_SECONDS)
        assert self._process.returncode == 0, errors.decode()
        *articles, seen = output.decode().splitlines()
        self.acknowledged += articles
        self.seen = int(seen.removeprefix("sees "))

    async def read_refusal(self) -> str:
        """What it says on standard error when it ends by itself."""
        assert self._process is not None
        _, errors = await asyncio.wait_for(self._process.communicate(), WAIT_SECONDS)
        return errors.decode()
