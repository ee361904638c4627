"""The command in this process, over a store that ingest has filled."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

import pytest

from services.console.cli.main import run
from services.ingest.handlers import IngestHandler
from shared.broker.records import Headers, Record
from shared.store import Store, connect

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)

Result = TypeVar("Result")


@dataclass(frozen=True)
class Output:
    """What a command did."""

    exit_code: int
    stdout: str
    stderr: str


class Newsroom:
    """A store, and the commands that read it."""

    def __init__(self, store_url: str, capsys: pytest.CaptureFixture[str]) -> None:
        self._store_url = store_url
        self._capsys = capsys
        self._offset = 0

    def use_store(self, work: Callable[[Store], Awaitable[Result]]) -> Result:
        async def open_and_work() -> Result:
            store = connect(self._store_url)
            await store.open()
            try:
                return await work(store)
            finally:
                await store.close()

        return asyncio.run(open_and_work())

    def drop(self, *seeds: bytes, headers: Headers = ()) -> None:
        """Have ingest handle these seeds as one batch."""
        records = [self._build_record(seed, headers) for seed in seeds]
        handler = IngestHandler(clock=lambda: NOW, overdue_seconds=30)
        self.use_store(lambda store: handler.handle(records, store))

    def run(self, *arguments: str) -> Output:
        self._capsys.readouterr()
        exit_code = run(arguments)
        captured = self._capsys.readouterr()
        return Output(exit_code, captured.out, captured.err)

    def read_json(self, *arguments: str) -> list[dict[str, Any]]:
        """The objects that the command prints, one a line."""
        lines = self.run(*arguments, "--json").stdout.split("\n")
        return [json.loads(line) for line in lines if line]

    def _build_record(self, seed: bytes, headers: Headers) -> Record:
        self._offset += 1
        return Record("c", "seeds", 0, self._offset, NOW, None, seed, headers)


def make_seed(name: str, fields: Sequence[str] = (), title: str = "A bridge") -> bytes:
    """A seed with the URL `https://paper.example/NAME`."""
    lines = [
        "---",
        f"title: {json.dumps(title)}",
        "publishedDateTime: 2026-03-02T10:00:00Z",
        f'webUrl: "https://paper.example/{name}"',
        *fields,
        "---",
        "",
    ]
    return "\n".join(lines).encode()
