"""Rules that were promoted: settings kept in the store, taken up where the environment says nothing.

Every process reads them when it starts, and looks before each batch whether they are still the latest: if not, it
ends before it begins, and is started anew. So once a promotion is written, nothing is begun by older rules anywhere.
"""

import os
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from dataclasses import replace

from shared.broker.records import Event, Record
from shared.errors import Outdated
from shared.runtime.service import Chore, Service
from shared.store import Promoted, Store

Environment = MutableMapping[str, str]


def variable(name: str) -> str:
    """The environment variable of a setting."""
    return f"SEEDWIRE_{name.upper()}"


async def adopt(store: Store, environment: Environment = os.environ) -> Promoted:
    """Put the promoted settings into *environment*, which wins where it has its own; returns what was promoted.

    Call it before settings are read, once a process.
    """
    promoted = await store.rules.latest()
    for name, value in promoted.settings.items():
        environment.setdefault(variable(name), value)
    return promoted


def bound(service: Service, number: int) -> Service:
    """*service*, whose handler and chores raise Outdated as soon as another promotion than *number* stands."""

    async def handle(records: Sequence[Record], store: Store) -> list[Event]:
        await _require(store, number)
        return await service.handle(records, store)

    chores = tuple(replace(chore, run=_bound_chore(chore, number)) for chore in service.chores)
    return replace(service, handle=handle, chores=chores)


def _bound_chore(chore: Chore, number: int) -> Callable[[Store], Awaitable[list[Event]]]:
    async def run(store: Store) -> list[Event]:
        await _require(store, number)
        return await chore.run(store)

    return run


async def _require(store: Store, number: int) -> None:
    latest = (await store.rules.latest()).number
    if latest != number:
        raise Outdated(
            f"rules number {latest} were promoted, this process works by number {number}: it starts anew"
        )
