"""Watches a drop folder and drops every seed file that arrives in it."""

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from services.console.actions.drops.drop_folder import DropFolder, FileVersion
from services.console.actions.drops.drop_keys import assign_keys
from services.console.actions.drops.dropper import open_dropper
from shared.drops.receipt import Receipt
from shared.errors import DependencyUnavailable
from shared.settings import Settings

# A file is complete when two looks in a row find it unchanged.
CHECK_INTERVAL: Final = 0.5  # seconds
RECEIPT_TIMEOUT: Final = 30.0  # seconds without any receipt; then the drops are repeated
MAX_BATCH: Final = 200  # files dropped together

OnAnswer = Callable[[Receipt, Path], object]
"""Called with each receipt and the path that its file moved to."""

OnProblem = Callable[[str], object]
"""Called with a sentence when files have to wait."""


class FolderWatcher:
    """Watches a drop folder that this process holds."""

    def __init__(
        self, settings: Settings, folder: DropFolder, on_answer: OnAnswer, on_problem: OnProblem
    ) -> None:
        self._settings = settings
        self._folder = folder
        self._on_answer = on_answer
        self._on_problem = on_problem
        self._versions: dict[Path, FileVersion] = {}  # at the latest look

    async def watch(self, once: bool) -> None:
        """Drop what arrives until cancelled, or with *once* until the folder is empty.

        While Kafka is unavailable, files wait. Raises SettingsError for an unreadable file.
        """
        while True:
            has_arrivals = self._take_complete_files()
            taken = self._folder.list_taken()
            if taken:
                await self._drop(taken[:MAX_BATCH])
            elif once and not has_arrivals:
                return
            if len(taken) <= MAX_BATCH:
                await asyncio.sleep(CHECK_INTERVAL)

    def _take_complete_files(self) -> bool:
        """Take files that did not change since the latest look. Says whether any file was there."""
        arrivals = self._folder.list_arrivals()
        for file, version in sorted(arrivals.items(), key=lambda arrival: arrival[0]):
            if self._versions.get(file) == version:
                self._folder.take(file)
        self._versions = arrivals
        return bool(arrivals)

    async def _drop(self, files: Sequence[Path]) -> None:
        """Drop these files and move on those that are answered; the others are dropped again."""
        try:
            async with open_dropper(self._settings) as dropper:
                sent = await dropper.send(assign_keys(map(self._folder.load, files)))
                receipts = await dropper.wait_for_receipts(sent, RECEIPT_TIMEOUT)
        except DependencyUnavailable as error:
            self._on_problem(f"files wait: {error}")
            return
        for file, receipt in zip(files, receipts, strict=True):
            self._finish(file, receipt)

    def _finish(self, file: Path, receipt: Receipt) -> None:
        if receipt.status == "sent":
            self._on_problem(
                f"{file.name} was not answered within {RECEIPT_TIMEOUT:g} s and is dropped again: "
                "is ingest running (`seedwire status`)?"
            )
        else:
            self._on_answer(receipt, self._folder.move_answered(file, receipt))
