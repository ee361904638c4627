"""Faults that hit all processes: the store, the broker or the network fails, or poison arrives.

Each fault is a coroutine that injects itself, heals, and returns whether it came about.
"""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from shared.events.topics import ENRICHED, INGESTED, SEEDS
from tests.faults.system.proxy import ProxyMode
from tests.faults.system.service_processes import ManagedProcess
from tests.faults.system.system_under_test import SystemUnderTest


async def block_store(system: SystemUnderTest) -> bool:
    await system.engines.block_store(system.random.uniform(1, 3))
    system.recovery.note_fault("store away", system.processes.all)
    return True


async def bounce_broker(system: SystemUnderTest) -> bool:
    system.recovery.note_fault("broker bounced", system.processes.permanent)
    await system.bounce_broker()
    return True


async def send_poison(system: SystemUnderTest) -> bool:
    """Send bytes that are neither a seed nor an event."""
    generation = system.client.generation
    topic = system.random.choice([SEEDS, INGESTED, ENRICHED])
    was_sent = await system.client.send_poison(topic)
    if was_sent and generation == system.client.generation:
        system.poison_count += 1
    return was_sent


async def reset_network(system: SystemUnderTest) -> bool:
    system.random.choice(system.engines.proxies).reset()
    system.recovery.note_fault("network reset", _list_alive(system))
    return True


def disturb_network(
    mode: ProxyMode, shortest: float, longest: float
) -> Callable[[SystemUnderTest], Coroutine[Any, Any, bool]]:
    """A fault that puts one of the proxies into *mode* for *shortest* to *longest* seconds."""

    async def fault(system: SystemUnderTest) -> bool:
        proxy = system.random.choice(system.engines.proxies)
        if proxy.mode != "well":
            return False
        proxy.set_mode(mode)
        await asyncio.sleep(system.random.uniform(shortest, longest))
        proxy.heal()
        system.recovery.note_fault(f"network {mode}", _list_alive(system))
        return True

    return fault


def _list_alive(system: SystemUnderTest) -> list[ManagedProcess]:
    return [managed for managed in system.processes.permanent if managed.is_alive]
