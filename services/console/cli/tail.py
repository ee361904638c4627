"""`seedwire tail`: what consumers see, as it is announced."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from typing import Annotated, Any

import typer
from aiokafka import AIOKafkaConsumer, ConsumerRecord
from aiokafka.errors import KafkaError

from services.console.cli.output import AsJson, emit, say
from shared.broker.connection import LISTENING_MS, ask, partitions, reader, skip_to_end
from shared.broker.topics import PUBLISHED_LOG
from shared.errors import BrokerAway, SettingsError
from shared.settings import Settings, read

IDLE = 1.0  # seconds without a record after which a topic counts as idle


def tail(
    topic: Annotated[
        str, typer.Option(help="Another topic, as published.state or seeds.receipts.")
    ] = PUBLISHED_LOG,
    from_start: Annotated[
        bool, typer.Option("--from-start", help="From the oldest record on.")
    ] = False,
    until_idle: Annotated[
        bool, typer.Option("--until-idle", help="End when nothing new comes.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Follow what is published, as other teams get it.

    Examples:

      seedwire tail --from-start --until-idle

      seedwire tail --topic published.state --from-start --json
    """
    try:
        asyncio.run(_tail(read(Settings), topic, from_start, until_idle, as_json))
    except KafkaError as error:
        raise BrokerAway(f"{topic} cannot be read: {error!r}") from error


async def _tail(
    settings: Settings, topic: str, from_start: bool, until_idle: bool, as_json: bool
) -> None:
    present = await ask(
        settings, lambda client: client.list_topics()
    )  # to ask for one by name may create it
    if topic not in present:
        known = ", ".join(sorted(name for name in present if not name.startswith("__")))
        raise SettingsError(f"there is no topic {topic!r}: there are {known or 'none yet'}")
    assigned = await partitions(settings, topic)
    async with reader(settings, fetch_wait_ms=LISTENING_MS) as client:
        client.assign(assigned)
        if not from_start:
            await skip_to_end(client)
        async for record in _records(client, until_idle):
            emit(as_object(record)) if as_json else say(_line(record))


async def _records(
    client: AIOKafkaConsumer, until_idle: bool
) -> AsyncIterator[ConsumerRecord[bytes, bytes]]:
    last = time.monotonic()
    while not until_idle or time.monotonic() - last < IDLE or await _is_behind(client):
        for records in (await client.getmany(timeout_ms=200)).values():
            last = time.monotonic()
            for record in records:
                yield record


async def _is_behind(client: AIOKafkaConsumer) -> bool:
    """Whether the broker has more than was read, or has not answered for every partition yet."""
    for partition in client.assignment():
        end = client.highwater(partition)
        if end is None or end > await client.position(partition):
            return True
    return False


def as_object(record: ConsumerRecord[bytes, bytes]) -> dict[str, Any]:
    """The record for a script: key, headers and a JSON value as such, other bytes as text."""
    return {
        "topic": record.topic,
        "partition": record.partition,
        "offset": record.offset,
        "key": _text(record.key),
        "headers": {name: _text(value) for name, value in record.headers},
        "value": _value(record.value),
    }


def _value(value: bytes | None) -> Any:
    try:
        return json.loads(value) if value else None
    except ValueError:
        return _text(value)


def _text(value: bytes | None) -> str | None:
    return None if value is None else value.decode(errors="replace")


def _line(record: ConsumerRecord[bytes, bytes]) -> str:
    said = as_object(record)
    value = said["value"] if isinstance(said["value"], dict) else {}
    kind = said["headers"].get("ce_type") or record.topic
    time_ = said["headers"].get("ce_time") or ""
    what = (
        value.get("title") or value.get("status") or ("(tombstone)" if record.value is None else "")
    )
    reason = f"  {value['reason']}" if value.get("reason") else ""
    return f"{time_:<24}  {kind:<18}  {said['key'] or '-':<21}  r{value.get('revision', '-')}  {what}{reason}"
