"""`seedwire tail`: follows a topic as consumers see it."""

import asyncio
from typing import Annotated

import typer

from services.console.actions.tail import KafkaRecord, describe_record, tail_topic
from services.console.cli.output import AsJson, print_json, print_line
from shared.events.cloud_event import parse_kind
from shared.events.topics import PUBLISHED_LOG
from shared.settings import Settings, load_settings


def tail(
    topic: Annotated[
        str, typer.Option(help="The topic to follow, for example published.state.")
    ] = PUBLISHED_LOG,
    from_start: Annotated[
        bool, typer.Option("--from-start", help="Start with the oldest record.")
    ] = False,
    until_idle: Annotated[
        bool, typer.Option("--until-idle", help="End when no new record comes for a second.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Follow what is published, as other teams receive it.

    Joins no consumer group and commits no offsets. Ctrl-C ends it.

    Examples:

      seedwire tail --from-start --until-idle

      seedwire tail --topic published.state --from-start --json
    """
    asyncio.run(_print_records(topic, from_start, until_idle, as_json))


async def _print_records(topic: str, from_start: bool, until_idle: bool, as_json: bool) -> None:
    settings = load_settings(Settings)
    async for record in tail_topic(settings, topic, from_start, until_idle):
        if as_json:
            print_json(describe_record(record))
        else:
            print_line(_format_record(record))


def _format_record(record: KafkaRecord) -> str:
    """Time, event type, key, revision, then a title or status, and the reason."""
    described = describe_record(record)
    headers = described["headers"]
    value = described["value"] if isinstance(described["value"], dict) else {}
    time = headers.get("ce_time") or ""
    event_type = headers.get("ce_type") or record.topic
    kind = parse_kind(event_type) or event_type
    subject = value.get("title") or value.get("status") or ""
    if record.value is None:
        subject = "(tombstone)"
    line = f"{time:<24}  {kind:<18}  {described['key'] or '-':<21}"
    line += f"  r{value.get('revision', '-')}  {subject}"
    if value.get("reason"):
        line += f"  {value['reason']}"
    return line
