"""`seedwire rejected`: list, show and redrive what was refused."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from services.console.cli.output import AsJson, emit, say, table
from services.console.cli.session import open_store, with_store
from shared.broker.connection import producer
from shared.clock import now
from shared.errors import BrokerAway, SeedwireError, SettingsError
from shared.events.catalogue import ATTEMPT
from shared.settings import Settings, read
from shared.store import Rejected, Store

app = typer.Typer(
    help="List, show and redrive what was refused.", no_args_is_help=True, rich_markup_mode=None
)

RecordId = Annotated[str, typer.Argument(metavar="ID", help="As `rejected list` shows it.")]


@app.command("list")
def list_rejected(
    by_cause: Annotated[bool, typer.Option("--by-cause", help="Group by what is wrong.")] = False,
    as_json: AsJson = False,
) -> None:
    """List rejected records, or how many there are of each cause.

    Examples:

      seedwire rejected list

      seedwire rejected list --by-cause
    """
    records = with_store(read(Settings), _all)
    if as_json:
        for record in records:
            emit(as_object(record))
    elif by_cause:
        table(("records#", "field", "what is wrong", "for example"), _grouped(records))
    else:
        rows = [(r.id, path_of(r), "yes" if r.redriven_at else "no", _first(r)) for r in records]
        table(("id", "path", "redriven", "why"), rows)
        say(
            f"{len(records)} rejected, {sum(r.redriven_at is None for r in records)} of them not redriven"
        )


@app.command("show")
def show(
    record_id: RecordId,
    content: Annotated[
        bool, typer.Option("--content", help="Print the original bytes alone, to mend them.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Show one rejected record: where it came from, every fault, and its content.

    Examples:

      seedwire rejected show CLUSTER/seeds/0/7

      seedwire rejected show CLUSTER/seeds/0/7 --content > mended.md
    """
    record = with_store(read(Settings), lambda store: _get(store, record_id))
    if content:
        typer.get_binary_stream("stdout").write(record.value or b"")
    elif as_json:
        emit(as_object(record))
    else:
        _show(record)


@app.command("redrive")
def redrive(
    record_ids: Annotated[
        list[str] | None, typer.Argument(metavar="[ID]...", help="Which records.")
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="All that were not redriven yet.")] = False,
    mended: Annotated[
        Path | None, typer.Option("--with", help="Send the bytes of this file instead.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be sent, and send nothing.")
    ] = False,
    most: Annotated[
        int, typer.Option("--max-attempts", help="Leave out what was sent so often.", min=1)
    ] = 3,
    as_json: AsJson = False,
) -> int:
    """Send rejected records again, to the topic they came from. Exit code 1 when one was left out.

    Examples:

      seedwire rejected redrive --all --dry-run

      seedwire rejected redrive CLUSTER/seeds/0/7 --with mended.md
    """
    if bool(record_ids) == every or (mended and len(record_ids or ()) != 1):
        raise SettingsError("name records to redrive, or --all; --with goes with one record")
    content = mended.read_bytes() if mended else None
    chosen = asyncio.run(_redrive(read(Settings), record_ids or (), content, most, dry_run))
    done = "would be sent" if dry_run else "sent"
    for record, sent in chosen:
        outcome = done if sent else f"left out: sent {record.attempts} times already"
        if as_json:
            emit({"id": record.id, "sent": sent and not dry_run, "outcome": outcome})
        else:
            say(f"{record.id}  {outcome}")
    if not as_json:
        say(f"{sum(sent for _, sent in chosen)} of {len(chosen)} {done}")
    return int(not all(sent for _, sent in chosen))


async def _redrive(
    settings: Settings, ids: Sequence[str], content: bytes | None, most: int, dry_run: bool
) -> list[tuple[Rejected, bool]]:
    """The records with whether each is sent."""
    async with open_store(settings) as store:
        records = [await _get(store, one) for one in ids] or [
            r for r in await _all(store) if r.redriven_at is None
        ]
        chosen = [(record, record.attempts < most) for record in records]
        if not dry_run and any(sent for _, sent in chosen):
            async with producer(settings) as client:
                for record in (record for record, sent in chosen if sent):
                    await _send(client, record, content)
                    await store.rejected.redriven(record.id, now())
        return chosen


async def _send(client: AIOKafkaProducer, record: Rejected, content: bytes | None) -> None:
    """Sent first, noted then: a crash between sends it twice, which does no harm."""
    headers = [(name, value) for name, value in record.headers if name != ATTEMPT]
    headers.append((ATTEMPT, str(record.attempts + 1).encode()))
    value = record.value if content is None else content
    try:
        await client.send_and_wait(record.topic, value or b"", key=record.key, headers=headers)
    except KafkaError as error:
        raise BrokerAway(f"Kafka did not take {record.id}: {error!r}") from error


async def _all(store: Store) -> list[Rejected]:
    return [record async for record in _every(store)]


async def _every(store: Store) -> AsyncIterator[Rejected]:
    after = ""
    while page := await store.rejected.page(after):
        for record in page:
            yield record
        after = page[-1].id


async def _get(store: Store, record_id: str) -> Rejected:
    record = await store.rejected.get(record_id)
    if record is None:
        raise SeedwireError(
            f"there is no rejected record {record_id}; `seedwire rejected list` shows them"
        )
    return record


def as_object(record: Rejected) -> dict[str, Any]:
    """For scripts: bytes as text, what is not UTF-8 replaced. `rejected show ID --content` has them as they are."""
    return {
        "id": record.id,
        "path": path_of(record),
        "service": record.service,
        "topic": record.topic,
        "partition": record.partition,
        "offset": record.offset,
        "key": _text(record.key),
        "headers": {name: _text(value) for name, value in record.headers},
        "errors": [{"field": c.field, "line": c.line, "message": c.message} for c in record.causes],
        "rejectedAt": record.rejected_at.isoformat(),
        "attempts": record.attempts,
        "redrivenAt": record.redriven_at.isoformat() if record.redriven_at else None,
        "size": len(record.value or b""),
        "value": _text(record.value),
    }


def path_of(record: Rejected) -> str | None:
    """The path that its dropper gave it."""
    return next((_text(value) for name, value in record.headers if name == "path"), None)


def _text(value: bytes | None) -> str | None:
    return None if value is None else value.decode(errors="replace")


def _first(record: Rejected) -> str:
    first = record.causes[0]
    more = f" (and {len(record.causes) - 1} more)" if len(record.causes) > 1 else ""
    line = f" line {first.line}" if first.line is not None else ""
    return f"{first.field}{line}: {first.message}{more}"


def _grouped(records: Sequence[Rejected]) -> list[tuple[int, str, str, str]]:
    groups: dict[tuple[str, str], list[Rejected]] = {}
    for record in records:
        groups.setdefault(
            (record.causes[0].field, record.causes[0].message.split(", found")[0]), []
        ).append(record)
    ordered = sorted(groups.items(), key=lambda item: -len(item[1]))
    return [(len(members), field, message, members[0].id) for (field, message), members in ordered]


def _show(record: Rejected) -> None:
    say(f"{record.id}\n{path_of(record) or '(no path)'}")
    say(f"refused by {record.service} at {record.rejected_at:%Y-%m-%d %H:%M:%S}Z")
    for cause in record.causes:
        say(
            f"  {cause.field}{f' (line {cause.line})' if cause.line is not None else ''}: {cause.message}"
        )
    say(f"redriven {record.attempts} times; {len(record.value or b''):,} bytes:\n")
    for number, text in enumerate((_text(record.value) or "").splitlines()[:60], 1):
        say(f"{number:4}  {text}")
