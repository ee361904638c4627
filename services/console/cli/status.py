"""`seedwire status`: engines, services, lag, what waits, what is parked and rejected."""

import asyncio
import os
import socket
from datetime import datetime, timedelta
from typing import Any

from services.console.actions.pending_work import STAGES, waiting
from services.console.cli.output import AsJson, emit, say, table
from services.console.cli.session import open_store
from shared.broker.connection import admin
from shared.broker.lag import lag
from shared.clock import now
from shared.errors import EngineAway
from shared.settings import Settings, read
from shared.store import Heartbeat, Store

SILENCE = timedelta(seconds=10)  # without a word for that long: lost, unless it said goodbye
GONE = timedelta(hours=1)  # and after that it is not shown any more
ENDED = ("stopped", "failed", "halted")


def status(as_json: AsJson = False) -> int:
    """Show engines, services, and where work is.

    That is: lag, what waits, what is parked and rejected. Exit code 3 when an engine is away.

    Examples:

      seedwire status

      seedwire status --json | jq .services
    """
    found = asyncio.run(_status(read(Settings)))
    if as_json:
        emit(found)
    else:
        _show(found)
    return 3 if found["kafkaState"] == "away" else 0


async def _status(settings: Settings) -> dict[str, Any]:
    async with open_store(settings) as store:
        address, lags, trouble = await _kafka(settings)
        beats = [beat for beat in await store.workers.all() if now() - beat.at < GONE]
        return {
            "kafka": address,
            "kafkaState": "away" if trouble else "up",
            "kafkaTrouble": trouble,
            "store": store.address,
            "services": [
                _service(beat)
                for beat in sorted(beats, key=lambda beat: (beat.service, beat.instance))
            ],
            "lag": lags,
            "waiting": await waiting(store),
            "parked": await store.parked.count(),
            "rejected": await store.rejected.count(),
            **await _totals(store),
        }


async def _totals(store: Store) -> dict[str, Any]:
    articles, decisions, pictures = (
        await store.articles.counts(),
        await store.decisions.counts(),
        await store.pictures.counts(),
    )
    return {
        "articles": articles["articles"],
        "published": decisions["published"],
        "pictures": pictures,
    }


async def _kafka(settings: Settings) -> tuple[str | None, dict[str, int], str | None]:
    """Address, lag of each service's group, and what is the matter when it does not answer."""
    try:
        address = settings.kafka_address
    except EngineAway as error:
        return None, {}, str(error)
    try:
        async with admin(settings):  # one quick look before each group is asked
            pass
        return (
            address,
            {
                service: await lag(settings, topic, f"seedwire.{service}")
                for service, topic in STAGES
            },
            None,
        )
    except EngineAway as error:
        return address, {}, str(error)


def _service(beat: Heartbeat) -> dict[str, Any]:
    return {
        "name": beat.service,
        "instance": beat.instance,
        "host": beat.host,
        "pid": beat.pid,
        "state": state_of(beat, now()),
        "lag": beat.lag,
        "counts": dict(beat.counts),
        "note": beat.note,
    }


def state_of(beat: Heartbeat, at: datetime) -> str:
    """What it said last, or `lost` when it fell silent without a goodbye."""
    if beat.state in ENDED:
        return beat.state
    if at - beat.at > SILENCE or (beat.host == socket.gethostname() and not _lives(beat.pid)):
        return "lost"
    return beat.state


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _show(found: dict[str, Any]) -> None:
    say(f"Kafka    {found['kafka'] or '-'}  {found['kafkaTrouble'] or 'up'}")
    say(f"store    {found['store']}")
    say(
        f"articles {found['articles']}, {found['published']} published; {found['pictures']['contents']} pictures"
    )
    say(
        f"parked   {found['parked']} (pictures that are asked for again later)"
        if found["parked"]
        else "parked   0"
    )
    say(
        f"rejected {found['rejected']}{' (`seedwire rejected list` says why)' if found['rejected'] else ''}"
    )
    left = [f"{number} for {what}" for what, number in found["waiting"].items() if number]
    say(f"waiting  {', '.join(left) or 'nothing'}")
    if not found["services"]:
        say("no service has been heard of in the last hour: `seedwire up` starts them")
        return
    say("")
    rows = [
        (
            s["name"],
            s["pid"],
            s["state"],
            s["lag"],
            *map(s["counts"].get, COUNTS),
            s["instance"],
            s["note"],
        )
        for s in found["services"]
    ]
    table(
        ("service", "pid#", "state", "lag#", *(f"{name}#" for name in COUNTS), "instance", "note"),
        rows,
    )
    behind = [f"{service} {number}" for service, number in found["lag"].items() if number]
    say(f"\nrecords not yet handled, by service: {', '.join(behind) or 'none'}")


COUNTS = ("received", "sent", "rejected", "retried")
