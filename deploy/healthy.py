"""`python -m deploy.healthy SERVICE`: the health check of a container. Ends with 0 if the service here says it lives.

A process writes its heartbeat into the store about once a second, from the same loop that does the work: a process
that hangs, or that cannot reach the store, falls silent. Waiting for Kafka is healthy: a restart would not help.
"""

import asyncio
import socket
import sys
from collections.abc import Iterable
from datetime import datetime, timedelta

from shared.clock import now
from shared.errors import SeedwireError
from shared.settings import Settings, read
from shared.store import Heartbeat, connect

SILENCE = timedelta(seconds=15)  # many missed beats: a busy machine is no sick one
ALIVE = frozenset({"starting", "working", "waiting"})


def main(arguments: list[str]) -> int:
    if len(arguments) != 1:
        print("expected the name of a service", file=sys.stderr)
        return 2
    try:
        said = asyncio.run(_heartbeats(read(Settings)))
    except SeedwireError as error:
        print(error, file=sys.stderr)
        return 1
    return 0 if lives(arguments[0], socket.gethostname(), said, now()) else 1


def lives(service: str, host: str, said: Iterable[Heartbeat], at: datetime) -> bool:
    """Whether a process of *service* on *host* has lately said that it is at work."""
    mine = (beat for beat in said if (beat.service, beat.host) == (service, host))
    return any(beat.state in ALIVE and at - beat.at < SILENCE for beat in mine)


async def _heartbeats(settings: Settings) -> list[Heartbeat]:
    store = connect(settings.store_url)
    await store.open()
    try:
        return await store.workers.all()
    finally:
        await store.close()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
