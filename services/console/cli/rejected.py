"""`seedwire rejected`: lists, shows, redrives and dismisses rejected records."""

import asyncio
import sys
from pathlib import Path
from typing import Annotated, Final

import typer

from services.console.actions.acts import ActCause
from services.console.actions.rejections import redrive as redriving
from services.console.actions.rejections import rejected_records
from services.console.actions.rejections.redrive import RedriveRequest
from services.console.actions.rejections.redrive_answers import (
    has_rejected_again,
    wait_for_answers,
)
from services.console.actions.rejections.rejected_records import describe_rejected
from services.console.cli import rejected_output
from services.console.cli.author import By, Reason, resolve_author
from services.console.cli.command_group import CommandGroup
from services.console.cli.output import AsJson, print_json, print_line
from services.console.cli.session import run_with_store
from services.console.redaction import contains_secured, decode_seed
from shared.errors import SettingsError
from shared.settings import Settings, load_settings
from shared.store import RejectedRecord, Store

RecordId = Annotated[
    str, typer.Argument(metavar="ID", help="The record's id, as `seedwire rejected list` shows it.")
]


def list_rejected(
    with_dismissed: Annotated[
        bool, typer.Option("--all", help="Also records that were dismissed.")
    ] = False,
    by_cause: Annotated[
        bool,
        typer.Option("--by-cause", help="Count the unfinished records with each fault instead."),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """List rejected records, each with what became of it and the first of its faults.

    A record is open until it is redriven with success, or dismissed. `secured` is not shown.

    Examples:

      seedwire rejected list

      seedwire rejected list --by-cause
    """
    if as_json:
        run_with_store(lambda store: _print_as_json(store, with_dismissed))
    elif by_cause:
        groups = run_with_store(
            lambda store: rejected_records.group_by_cause(store, with_dismissed)
        )
        rejected_output.print_groups(groups)
    else:
        run_with_store(lambda store: rejected_output.print_list(store, with_dismissed))


def show(
    record_id: RecordId,
    content: Annotated[
        bool,
        typer.Option("--content", help="Write the original bytes, and nothing else, to a pipe."),
    ] = False,
    with_secured: Annotated[
        bool, typer.Option("--with-secured", help="With --content: even if `secured` is in them.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Show one rejected record: every fault, its content, and what became of it.

    Instead of a value of `secured` its length is shown. To correct a record, write its bytes to a
    file with --content; if `secured` is in them, that takes --with-secured.

    Examples:

      seedwire rejected show CLUSTER/seeds/0/7

      seedwire rejected show CLUSTER/seeds/0/7 --content > corrected.md
    """
    record = run_with_store(lambda store: rejected_records.load_rejected(store, record_id))
    if content:
        _write_content(record, with_secured)
    elif as_json:
        print_json(describe_rejected(record))
    else:
        rejected_output.print_record(record)


def redrive(
    record_ids: Annotated[
        list[str] | None, typer.Argument(metavar="ID", help="The records to send again.")
    ] = None,
    every: Annotated[
        bool,
        typer.Option("--all", help="All that are open, or whose redrive was never answered."),
    ] = False,
    corrected: Annotated[
        Path | None,
        typer.Option("--with", metavar="FILE", help="Send the bytes of this file instead."),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be sent, and send nothing.")
    ] = False,
    reason: Reason = "",
    wait: Annotated[
        float, typer.Option("--wait", help="Seconds to wait for what became of them.", min=0)
    ] = 10,
    max_attempts: Annotated[
        int,
        typer.Option("--max-attempts", help="Leave out records redriven that often.", min=1),
    ] = 3,
    by: By = "",
    as_json: AsJson = False,
) -> int:
    """Send rejected records again, to the topic they came from.

    Waits for the answers, and shows them. One that is rejected again stays the same record, with
    one more attempt. The exit code is 1 if a record was rejected again, if it was left out because
    it was redriven too often, or if Kafka refused it.

    Examples:

      seedwire rejected redrive --all --dry-run

      seedwire rejected redrive CLUSTER/seeds/0/7 --with corrected.md
    """
    ids = record_ids or []
    if bool(ids) == every:
        raise SettingsError("name the records to redrive, or pass --all")
    if corrected and len(ids) != 1:
        raise SettingsError("--with FILE replaces one record: name exactly one ID")
    replacement = _read_file(corrected) if corrected else None
    request = RedriveRequest(
        ids, ActCause(resolve_author(by), reason), max_attempts, replacement, dry_run
    )
    settings = load_settings(Settings)
    redrives = asyncio.run(redriving.redrive_records(settings, request))
    sent = [redrive.record_id for redrive in redrives if redrive.is_sent and not dry_run]
    answers = asyncio.run(wait_for_answers(settings, sent, wait)) if sent else {}
    rejected_output.print_redrives(redrives, answers, dry_run, as_json)
    is_all_sent = all(redrive.is_sent for redrive in redrives)
    return int(not is_all_sent or has_rejected_again(answers))


def dismiss(
    record_ids: Annotated[
        list[str], typer.Argument(metavar="ID", help="The records about which nothing is done.")
    ],
    reason: Annotated[
        str, typer.Option("--reason", help="Why. Kept, and shown by `seedwire rejected show`.")
    ],
    by: By = "",
    as_json: AsJson = False,
) -> None:
    """Dismiss rejected records: nothing will be done about them.

    They are kept, and `rejected list` no longer shows them without --all. A dismissed record can
    still be redriven by its id.

    Examples:

      seedwire rejected dismiss CLUSTER/seeds/0/7 --reason "a test of the agency's"
    """
    if not reason.strip():
        raise SettingsError("--reason must say why")
    author = resolve_author(by)
    run_with_store(
        lambda store: rejected_records.dismiss_records(store, record_ids, ActCause(author, reason))
    )
    for record_id in record_ids:
        if as_json:
            print_json({"id": record_id, "dismissed": True, "by": author, "reason": reason})
        else:
            print_line(f"{record_id}  dismissed by {author}: {reason}")


async def _print_as_json(store: Store, with_dismissed: bool) -> None:
    async for record in rejected_records.iterate_rejected(store, with_dismissed):
        print_json(describe_rejected(record))


def _write_content(record: RejectedRecord, with_secured: bool) -> None:
    """Write the exact bytes. Raises SettingsError where they must not go."""
    value = record.value or b""
    if sys.stdout.isatty():
        raise SettingsError(
            "--content writes the exact bytes, control characters and all: send them to a file "
            "or a pipe, such as `--content > corrected.md`"
        )
    if not with_secured and contains_secured(decode_seed(value)):
        raise SettingsError(
            "the content has values of `secured`, which are never shown: "
            "add --with-secured if the bytes go where they are safe"
        )
    sys.stdout.buffer.write(value)


def _read_file(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise SettingsError(f"cannot read {file}: {error.strerror}") from error


GROUP: Final = CommandGroup(
    "List, show, redrive and dismiss rejected records.",
    {"list": list_rejected, "show": show, "redrive": redrive, "dismiss": dismiss},
)
