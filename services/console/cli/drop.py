"""`seedwire drop`: files, folders or standard input into the topic, and what became of each."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from services.console.actions import seed_files
from services.console.actions.drop import Receipt, dropper
from services.console.cli.output import AsJson, complain, emit, progress_console, say
from shared.settings import Settings, read

PATIENCE = (
    60.0  # seconds without any receipt: a group that loses a member needs about 10 to form anew
)


def drop(
    paths: Annotated[
        list[str],
        typer.Argument(
            help="Files, folders (searched for *.md and *.markdown), or - for standard input."
        ),
    ],
    as_json: AsJson = False,
    no_wait: Annotated[
        bool, typer.Option("--no-wait", help="Return once Kafka has them, without receipts.")
    ] = False,
    patience: Annotated[
        float, typer.Option(help="Seconds without any receipt before giving up.", min=0.1)
    ] = PATIENCE,
) -> int:
    """Drop seeds and say what became of each. Exit code 1 when one was rejected or not answered.

    Dropping a seed again does no harm: it is answered `unchanged`.

    Examples:

      seedwire drop seeds/1-morning

      seedwire drop article.md other.md --json

      cat article.md | seedwire drop -
    """
    files = seed_files.collect(paths)
    receipts = asyncio.run(drop_files(read(Settings), files, None if no_wait else patience))
    for receipt in receipts:
        emit(receipt.as_json()) if as_json else say(line(receipt))
    if not as_json:
        say(summary(receipts))
    return 0 if no_wait else verdict(receipts, patience)


async def drop_files(
    settings: Settings, files: Sequence[Path | None], patience: float | None
) -> list[Receipt]:
    """Drop with progress on standard error. With *patience* None no receipt is waited for."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    shown = progress_console()
    with Progress(
        *columns, console=shown, transient=True, disable=not shown.is_terminal
    ) as progress:
        async with dropper(settings) as drops:
            sending = progress.add_task("dropped", total=len(files))
            sent = await drops.send(map(seed_files.load, files), lambda: progress.advance(sending))
            if patience is None:
                return await drops.receipts(sent, 0)
            answering = progress.add_task("answered", total=len(files))
            return await drops.receipts(sent, patience, lambda: progress.advance(answering))


def line(receipt: Receipt, moved_to: Path | None = None) -> str:
    """A receipt for people: the status first, where the file lies now, then each fault on a line of its own."""
    moved = f" -> {moved_to}" if moved_to else ""
    faults = [f"\n           {_place(error)}{error['message']}" for error in receipt.errors]
    return f"{receipt.status:<9}  {receipt.article_id or '-':<21}  {receipt.path}{moved}{''.join(faults)}"


def summary(receipts: Sequence[Receipt]) -> str:
    counts = Counter(receipt.status for receipt in receipts)
    return f"{len(receipts)} dropped: " + ", ".join(
        f"{number} {status}" for status, number in counts.most_common()
    )


def verdict(receipts: Sequence[Receipt], patience: float) -> int:
    """The exit code; says so when receipts are missing."""
    missing = sum(receipt.status == "sent" for receipt in receipts)
    if missing:
        complain(
            f"{missing} of {len(receipts)} drops were not answered within {patience:g} s. They are safe in Kafka; "
            "is ingest running (`seedwire status`)?"
        )
    return int(bool(missing) or any(receipt.status == "rejected" for receipt in receipts))


def _place(error: dict[str, object]) -> str:
    where = f"{error['field']} " if error["field"] else ""
    line_number = f"(line {error['line']})" if error["line"] is not None else ""
    return f"{where}{line_number}: ".replace(" :", ":") if where or line_number else ""
