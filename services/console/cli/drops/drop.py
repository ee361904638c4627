"""`seedwire drop`: drops seed files into Kafka and prints their receipts."""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Final

import typer

from services.console.actions.drops.drop_keys import load_seed_files
from services.console.actions.drops.dropper import open_dropper
from services.console.actions.drops.receipt_text import describe_receipt, summarize_receipts
from services.console.actions.drops.seed_files import find_seed_files
from services.console.cli.output import AsJson, print_error, print_json, print_line, print_lines
from services.console.cli.progress_bars import progress_bars
from services.console.progress import ProgressCallback
from shared.drops.receipt import Receipt
from shared.settings import Settings, load_settings

# Seconds without any receipt. A consumer group that loses a member needs about 10 to form again.
RECEIPT_TIMEOUT: Final = 60.0


Paths = Annotated[
    list[str],
    typer.Argument(
        help="Files, folders (searched for *.md and *.markdown), or - for standard input."
    ),
]
NoWait = Annotated[
    bool, typer.Option("--no-wait", help="Return when Kafka has the seeds; wait for no receipt.")
]
Patience = Annotated[
    float, typer.Option(help="Give up after so many seconds without any receipt.", min=0.1)
]


def drop(
    paths: Paths,
    as_json: AsJson = False,
    no_wait: NoWait = False,
    patience: Patience = RECEIPT_TIMEOUT,
) -> int:
    """Drop seeds and print what became of each.

    The exit code is 1 if a seed was rejected or not answered. Dropping a seed again does no harm:
    the answer is then `unchanged`.

    Examples:

      seedwire drop seeds/1-morning

      seedwire drop article.md other.md --json

      cat article.md | seedwire drop -
    """
    files = find_seed_files(paths)
    receipts = asyncio.run(_drop(files, None if no_wait else patience))
    _print_receipts(receipts, as_json)
    if no_wait:
        return 0
    statuses = Counter(receipt.status for receipt in receipts)
    if statuses["sent"]:
        print_error(
            f"{statuses['sent']} of {len(receipts)} drops were not answered within {patience:g} s. "
            "They are safe in Kafka; is ingest running (`seedwire status`)?"
        )
    return int(statuses["sent"] > 0 or statuses["rejected"] > 0)


async def _drop(files: Sequence[Path | None], receipt_timeout: float | None) -> list[Receipt]:
    """Drop the files, with progress bars; without a timeout, wait for no receipts."""
    with progress_bars() as report_progress:
        async with open_dropper(load_settings(Settings)) as dropper:
            count_sent = _counter("dropped", len(files), report_progress)
            sent = await dropper.send(load_seed_files(files), count_sent)
            if receipt_timeout is None:
                return await dropper.wait_for_receipts(sent, 0)
            count_answered = _counter("answered", len(files), report_progress)
            return await dropper.wait_for_receipts(sent, receipt_timeout, count_answered)


def _counter(step: str, total: int, report_progress: ProgressCallback) -> Callable[[], None]:
    """A function that reports one more of the step as done at each call."""
    done = 0
    report_progress(step, done, total)

    def count() -> None:
        nonlocal done
        done += 1
        report_progress(step, done, total)

    return count


def _print_receipts(receipts: Sequence[Receipt], as_json: bool) -> None:
    for receipt in receipts:
        if as_json:
            print_json(receipt.as_json())
        else:
            print_lines(describe_receipt(receipt))
    if not as_json:
        print_line(summarize_receipts(receipts))
