"""`seedwire rejected redrive`: sends rejected records again, and waits for the answers."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from services.console.actions.acts import ActCause
from services.console.actions.rejected.redrive import RedriveRequest, redrive_records
from services.console.actions.rejected.redrive_answers import (
    Answers,
    has_rejected_again,
    wait_for_answers,
)
from services.console.cli.author import By, Reason, resolve_author
from services.console.cli.output import AsJson
from services.console.cli.rejected import rejected_output
from shared.errors import SettingsError
from shared.settings import Settings, load_settings

RecordIds = Annotated[
    list[str] | None, typer.Argument(metavar="ID", help="The records to send again.")
]
Every = Annotated[
    bool, typer.Option("--all", help="All that are open, or whose redrive was never answered.")
]
Corrected = Annotated[
    Path | None, typer.Option("--with", metavar="FILE", help="Send the bytes of this file instead.")
]
DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Show what would be sent, and send nothing.")
]
Wait = Annotated[
    float, typer.Option("--wait", help="Seconds to wait for what became of them.", min=0)
]
MaxAttempts = Annotated[
    int, typer.Option("--max-attempts", help="Leave out records redriven that often.", min=1)
]


def redrive(
    record_ids: RecordIds = None,
    every: Every = False,
    corrected: Corrected = None,
    dry_run: DryRun = False,
    reason: Reason = "",
    wait: Wait = 10,
    max_attempts: MaxAttempts = 3,
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
    cause = ActCause(resolve_author(by), reason)
    request = RedriveRequest(ids, cause, max_attempts, replacement, dry_run)
    return _redrive(request, wait, as_json)


def _redrive(request: RedriveRequest, wait: float, as_json: bool) -> int:
    settings = load_settings(Settings)
    redrives = asyncio.run(redrive_records(settings, request))
    answers: Answers = {}
    if not request.dry_run and any(redrive.is_sent for redrive in redrives):
        answers = asyncio.run(wait_for_answers(settings, redrives, request.cause, wait))
    rejected_output.print_redrives(redrives, answers, request.dry_run, as_json)
    is_all_sent = all(redrive.is_sent for redrive in redrives)
    return int(not is_all_sent or has_rejected_again(answers))


def _read_file(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise SettingsError(f"cannot read {file}: {error.strerror}") from error
