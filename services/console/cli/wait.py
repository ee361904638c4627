"""`seedwire wait`: until all that was dropped is through every stage."""

import asyncio
import time
from typing import Annotated

import typer

from services.console.actions.pending_work import Left, left
from services.console.cli.output import AsJson, complain, emit, progress_console, say
from services.console.cli.session import with_store
from shared.settings import Settings, read
from shared.store import Store

LOOK = 0.2  # seconds between two looks


def wait(
    timeout: Annotated[float, typer.Option(help="Seconds to wait at most.", min=0)] = 300,
    as_json: AsJson = False,
) -> int:
    """Return when all that was dropped is through.

    Through every stage, that is; exit code 1, saying what is left, when the time is over. Pictures that are parked
    for later do not count.

    Examples:

      seedwire drop seeds --no-wait && seedwire wait --timeout 60
    """
    settings = read(Settings)
    remaining = with_store(settings, lambda store: settled(settings, store, timeout))
    if as_json:
        emit(
            {
                "done": remaining.nothing,
                "lag": dict(remaining.lag),
                "waiting": dict(remaining.waiting),
            }
        )
    elif remaining.nothing:
        say("all that was dropped is through every stage")
    if not remaining.nothing:
        complain(
            f"after {timeout:g} s there are left: {remaining}. Is every service running (`seedwire status`)?"
        )
    return int(not remaining.nothing)


async def settled(settings: Settings, store: Store, timeout: float) -> Left:
    """Wait until nothing is left, or *timeout* seconds; returns what is left. Raises EngineAway."""
    until = time.monotonic() + timeout
    with progress_console().status("waiting") as status:
        while not (remaining := await left(settings, store)).nothing and time.monotonic() < until:
            status.update(f"waiting: {remaining}")
            await asyncio.sleep(LOOK)
    return remaining
