"""`seedwire rejected`: lists, shows and dismisses rejected records; `redrive` sends them again."""

import sys
from typing import Annotated, Final

import typer

from services.console.actions.acts import ActCause
from services.console.actions.rejected import rejected_records
from services.console.actions.rejected.rejected_records import describe_rejected
from services.console.cli.author import By, resolve_author
from services.console.cli.command_group import CommandGroup
from services.console.cli.output import AsJson, print_json, print_line
from services.console.cli.rejected import rejected_output
from services.console.cli.rejected.redrive import redrive
from services.console.cli.session import run_with_store
from services.console.redaction import contains_secured, decode_seed
from shared.errors import SettingsError
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


GROUP: Final = CommandGroup(
    "List, show, redrive and dismiss rejected records.",
    {"list": list_rejected, "show": show, "redrive": redrive, "dismiss": dismiss},
)
