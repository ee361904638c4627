"""`seedwire backfill`: drops a large folder beside live work, and goes on where it was stopped."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from services.console.actions.drops.backfill import BackfillReport, backfill, preview_backfill
from services.console.actions.drops.receipt_text import describe_receipt
from services.console.cli.output import (
    AsJson,
    StatusLine,
    print_error,
    print_json,
    print_line,
    print_lines,
    show_status,
)
from services.console.counts import format_count
from shared.drops.receipt import Receipt
from shared.errors import SettingsError
from shared.runtime import exit_codes
from shared.settings import Settings, load_settings


def backfill_folder(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Searched for seed files.")],
    most_delay: Annotated[
        float,
        typer.Option(
            "--most-delay",
            help="Pause while a record of any stage has waited for so many seconds.",
            min=0.1,
        ),
    ] = 5.0,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Read the files, name faults, and drop nothing.")
    ] = False,
    as_json: AsJson = False,
) -> int:
    """Drop a large folder without making live drops wait, and say what was rejected.

    It sends as much as the services handle at once: a live drop waits for --most-delay at the most,
    and a moment. Stopped or killed, it goes on where it was when you run it again. The exit code is
    1 if a seed was rejected.

    Examples:

      seedwire backfill archive/ --dry-run

      seedwire backfill archive/ --most-delay 2
    """
    if not folder.is_dir():
        raise SettingsError(f"{folder} is no folder")
    settings = load_settings(Settings)
    if dry_run:
        return _preview(settings, folder, as_json)
    with show_status("counting") as status:
        report = asyncio.run(backfill(settings, folder, most_delay, _Printer(status, as_json)))
    if as_json:
        print_json(_describe(report))
    else:
        counts = ", ".join(f"{count} {status}" for status, count in report.statuses.items())
        print_line(f"{report.done} of {report.total} files dropped: {counts or 'none was left'}")
    return int(report.statuses["rejected"] > 0)


class _Printer:
    """Prints rejected drops as they are answered, and how far it has come."""

    def __init__(self, status: StatusLine, as_json: bool) -> None:
        self._status = status
        self._as_json = as_json

    def __call__(self, report: BackfillReport, receipts: Sequence[Receipt]) -> None:
        pause = f", waiting: live drops wait {report.delay:.1f} s" if report.is_waiting else ""
        self._status.update(f"{report.done:,} of {report.total:,} files{pause}")
        for receipt in receipts:
            if receipt.status == "rejected":
                self._print_rejected(receipt)

    def _print_rejected(self, receipt: Receipt) -> None:
        if self._as_json:
            print_json(receipt.as_json())
        else:
            print_lines(describe_receipt(receipt))


def _preview(settings: Settings, folder: Path, as_json: bool) -> int:
    preview = preview_backfill(settings, folder)
    if as_json:
        print_json({"files": preview.files, "done": preview.done, "faults": list(preview.faults)})
    else:
        for fault in preview.faults:
            print_error(fault)
        files = format_count(preview.files, "file")
        print_line(f"{files} would be dropped; dropped before: {preview.done}")
    return exit_codes.FAILED if preview.faults else exit_codes.OK


def _describe(report: BackfillReport) -> dict[str, object]:
    return {"files": report.total, "done": report.done, "statuses": dict(report.statuses)}
