"""`seedwire watch`: a folder whose files are dropped as they come."""

import asyncio
import signal
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from services.console.actions.drop import dropper
from services.console.actions.drop_folder import DropFolder, Stamp
from services.console.cli.drop import line
from services.console.cli.output import complain, note, say
from shared.errors import EngineAway
from shared.settings import Settings, read

LOOK = 0.5  # seconds between two looks; a file counts as finished when two looks find it the same
PATIENCE = 30.0  # seconds without a receipt before the drops are repeated
AT_ONCE = 200  # files dropped together


def watch(
    folder: Annotated[Path, typer.Argument(help="The drop folder; made if it is not there.")],
    done: Annotated[
        Path | None, typer.Option(help="Where answered files go. Default: done/ beside it.")
    ] = None,
    failed: Annotated[
        Path | None, typer.Option(help="Where rejected files go. Default: failed/ beside it.")
    ] = None,
    once: Annotated[bool, typer.Option("--once", help="End when the folder is empty.")] = False,
) -> None:
    """Drop every seed file that comes into a folder: *.md and *.markdown, not those in folders inside.

    When it is answered it moves to done/ or failed/. A rejected file gets its reasons beside it. No file is lost or
    written over: one that is taken when this ends is dropped again at the next start. While Kafka is away, files
    wait.

    Examples:

      seedwire watch inbox/

      seedwire watch inbox/ --once
    """
    beside = folder.absolute().parent
    drops = DropFolder(folder, done or beside / "done", failed or beside / "failed")
    with drops.held(), suppress(asyncio.CancelledError):
        if not once:
            note(f"watching {folder.absolute()}; Ctrl-C ends it")
        asyncio.run(_watch(read(Settings), drops, once))


async def _watch(settings: Settings, folder: DropFolder, once: bool) -> None:
    task = asyncio.current_task()
    assert task is not None
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    seen: dict[Path, Stamp] = {}
    while True:
        arrived = folder.arrivals()
        for file in sorted(file for file, stamp in arrived.items() if seen.get(file) == stamp):
            folder.take(file)
        seen = arrived
        left = folder.left_behind()
        if left:
            await _drop(settings, folder, left[:AT_ONCE])
        elif once and not arrived:
            return
        if len(left) <= AT_ONCE:
            await asyncio.sleep(LOOK)


async def _drop(settings: Settings, folder: DropFolder, files: Sequence[Path]) -> None:
    """Drop these and move on those that are answered; the others stay taken and come again."""
    try:
        async with dropper(settings) as drops:
            sent = await drops.send(map(folder.load, files))
            receipts = await drops.receipts(sent, PATIENCE)
    except EngineAway as error:
        complain(f"files wait: {error}")
        return
    for file, receipt in zip(files, receipts, strict=True):
        if receipt.status == "sent":
            complain(f"{file.name} is not answered yet: is ingest running? It is dropped again")
        else:
            say(line(receipt, folder.settle(file, receipt)))
