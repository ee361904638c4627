"""`seedwire watch`: drops every file that arrives in a folder."""

import asyncio
import signal
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from services.console.actions.drops.drop_folder import DropFolder
from services.console.actions.drops.receipt_text import describe_receipt
from services.console.actions.drops.watch import FolderWatcher
from services.console.cli.output import print_error, print_lines, print_note
from shared.drops.receipt import Receipt
from shared.runtime import exit_codes
from shared.settings import Settings, load_settings


def watch(
    folder: Annotated[Path, typer.Argument(help="The drop folder; created if it is missing.")],
    done: Annotated[
        Path | None, typer.Option(help="Where answered files go. Default: done/ beside the folder.")
    ] = None,
    failed: Annotated[
        Path | None,
        typer.Option(help="Where rejected files go. Default: failed/ beside the folder."),
    ] = None,
    once: Annotated[bool, typer.Option("--once", help="End when the folder is empty.")] = False,
) -> int:
    """Drop every seed file that arrives in a folder.

    Takes *.md and *.markdown, not from folders inside. When ingest has answered, the file moves to
    done/ or failed/; the reasons of a rejection are written beside the rejected file. No file is
    lost or overwritten: one that is taken when the command ends is dropped again at the next start.
    While Kafka is unavailable, files wait. With --once, the exit code is 1 if a seed was rejected.

    Examples:

      seedwire watch inbox/

      seedwire watch inbox/ --once
    """
    beside = folder.absolute().parent
    drop_folder = DropFolder(folder, done or beside / "done", failed or beside / "failed")
    statuses: Counter[str] = Counter()
    with drop_folder.hold(), suppress(asyncio.CancelledError):
        if not once:
            print_note(f"watching {folder.absolute()}; Ctrl-C ends it")
        asyncio.run(_watch(drop_folder, once, statuses))
    return choose_exit_code(statuses, once)


def choose_exit_code(statuses: Counter[str], once: bool) -> int:
    """1 if a seed was rejected. A watch that somebody had to end has not failed."""
    return exit_codes.FAILED if once and statuses["rejected"] else exit_codes.OK


async def _watch(folder: DropFolder, once: bool, statuses: Counter[str]) -> None:
    """Watch, and count the answers in *statuses*."""

    def count_and_print(receipt: Receipt, moved_to: Path) -> None:
        statuses[receipt.status] += 1
        print_lines(describe_receipt(receipt, moved_to))

    _cancel_on_signal()
    settings = load_settings(Settings)
    await FolderWatcher(settings, folder, count_and_print, print_error).watch(once)


def _cancel_on_signal() -> None:
    """Cancel the current task on SIGTERM and SIGINT."""
    task = asyncio.current_task()
    assert task is not None
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, task.cancel)
    loop.add_signal_handler(signal.SIGINT, task.cancel)
