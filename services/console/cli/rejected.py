"""`seedwire rejected`: lists, shows and redrives rejected records."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Final

import typer

from services.console.actions import rejected_records
from services.console.actions.record_values import decode_text
from services.console.actions.rejected_records import Redrive, describe_rejected, path_of
from services.console.cli.command_group import CommandGroup
from services.console.cli.output import AsJson, print_json, print_line, print_table
from services.console.cli.session import run_with_store
from shared.errors import SettingsError
from shared.settings import Settings, load_settings
from shared.store import Cause, RejectedRecord

MAX_LINES: Final = 60  # of a record's content on the terminal

RecordId = Annotated[
    str, typer.Argument(metavar="ID", help="The record's id, as `seedwire rejected list` shows it.")
]


def list_rejected(
    by_cause: Annotated[
        bool, typer.Option("--by-cause", help="Count the records of each cause instead.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """List rejected records, each with the first of its faults.

    Examples:

      seedwire rejected list

      seedwire rejected list --by-cause
    """
    records = run_with_store(rejected_records.list_rejected)
    if as_json:
        for record in records:
            print_json(describe_rejected(record))
    elif by_cause:
        _print_causes(records)
    else:
        _print_records(records)


def show(
    record_id: RecordId,
    content: Annotated[
        bool, typer.Option("--content", help="Print the original bytes and nothing else.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Show one rejected record: where it came from, every fault, and its content.

    Examples:

      seedwire rejected show CLUSTER/seeds/0/7

      seedwire rejected show CLUSTER/seeds/0/7 --content > corrected.md
    """
    record = run_with_store(lambda store: rejected_records.load_rejected(store, record_id))
    if content:
        typer.get_binary_stream("stdout").write(record.value or b"")
    elif as_json:
        print_json(describe_rejected(record))
    else:
        _print_record(record)


def redrive(
    record_ids: Annotated[
        list[str] | None, typer.Argument(metavar="ID", help="The records to send again.")
    ] = None,
    every: Annotated[
        bool, typer.Option("--all", help="All records that were not redriven yet.")
    ] = False,
    corrected: Annotated[
        Path | None,
        typer.Option("--with", metavar="FILE", help="Send the bytes of this file instead."),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be sent, and send nothing.")
    ] = False,
    max_attempts: Annotated[
        int,
        typer.Option("--max-attempts", help="Leave out records redriven that often.", min=1),
    ] = 3,
    as_json: AsJson = False,
) -> int:
    """Send rejected records again, to the topic they came from.

    The exit code is 1 if a record was left out because it was redriven too often.

    Examples:

      seedwire rejected redrive --all --dry-run

      seedwire rejected redrive CLUSTER/seeds/0/7 --with corrected.md
    """
    ids = record_ids or []
    if bool(ids) == every:
        raise SettingsError("name the records to redrive, or pass --all")
    if corrected and len(ids) != 1:
        raise SettingsError("--with FILE replaces one record: name exactly one ID")
    replacement = corrected.read_bytes() if corrected else None
    settings = load_settings(Settings)
    redrives = asyncio.run(
        rejected_records.redrive_records(settings, ids, replacement, max_attempts, dry_run)
    )
    _print_redrives(redrives, dry_run, as_json)
    return int(not all(redrive.is_sent for redrive in redrives))


def _print_records(records: Sequence[RejectedRecord]) -> None:
    rows = []
    for record in records:
        is_redriven = "yes" if record.redriven_at else "no"
        rows.append((record.id, path_of(record), is_redriven, _describe_first_cause(record)))
    print_table(("id", "path", "redriven", "why"), rows)
    count = sum(record.redriven_at is None for record in records)
    print_line(f"{len(records)} rejected, {count} of them not redriven")


def _print_causes(records: Sequence[RejectedRecord]) -> None:
    rows = [
        (len(group.records), group.field, group.message, group.records[0].id)
        for group in rejected_records.group_by_cause(records)
    ]
    print_table(("records#", "field", "what is wrong", "for example"), rows)


def _print_record(record: RejectedRecord) -> None:
    print_line(f"{record.id}\n{path_of(record) or '(no path)'}")
    print_line(f"rejected by {record.service} at {record.rejected_at:%Y-%m-%d %H:%M:%S}Z")
    for cause in record.causes:
        line = f" (line {cause.line})" if cause.line is not None else ""
        print_line(f"  {cause.field}{line}: {cause.message}")
    size = len(record.value or b"")
    print_line(f"redriven {record.attempts} times; {size:,} bytes:\n")
    lines = (decode_text(record.value) or "").splitlines()
    for number, text in enumerate(lines[:MAX_LINES], 1):
        print_line(f"{number:4}  {text}")


def _print_redrives(redrives: Sequence[Redrive], dry_run: bool, as_json: bool) -> None:
    sent = "would be sent" if dry_run else "sent"
    for redrive in redrives:
        record = redrive.record
        outcome = sent
        if not redrive.is_sent:
            outcome = f"left out: redriven {record.attempts} times already"
        if as_json:
            is_sent = redrive.is_sent and not dry_run
            print_json({"id": record.id, "sent": is_sent, "outcome": outcome})
        else:
            print_line(f"{record.id}  {outcome}")
    if not as_json:
        count = sum(redrive.is_sent for redrive in redrives)
        print_line(f"{count} of {len(redrives)} {sent}")


def _describe_first_cause(record: RejectedRecord) -> str:
    text = _describe_cause(record.causes[0])
    more = len(record.causes) - 1
    return f"{text} (and {more} more)" if more else text


def _describe_cause(cause: Cause) -> str:
    line = f" line {cause.line}" if cause.line is not None else ""
    return f"{cause.field}{line}: {cause.message}"


GROUP: Final = CommandGroup(
    "List, show and redrive rejected records.",
    {"list": list_rejected, "show": show, "redrive": redrive},
)
