"""Which of several brokers answer: asked briefly, before a client tries them one after another.

A client gives a host that is cut off its whole connection timeout, ten seconds and more.
"""

import asyncio
from collections.abc import Sequence
from typing import Final

from aiokafka.conn import get_ip_port_afi

from shared.concurrency.background import cancel_all
from shared.errors import KafkaUnavailable

# The operating system accepts for a broker that is busy, so only a lost packet takes longer.
PROBE_SECONDS: Final = 2.0
# Once one broker answers, those as near as it answer within this time.
OTHERS_SECONDS: Final = 0.1


async def find_live_brokers(addresses: str) -> list[str]:
    """Those of the comma-separated *addresses* that accept connections.

    One address alone is not probed. Raises KafkaUnavailable when none accepts.
    """
    brokers = [address.strip() for address in addresses.split(",") if address.strip()]
    if len(brokers) < 2:
        return brokers
    live = await _probe_all(brokers)
    if not live:
        raise KafkaUnavailable(
            f"Kafka at {addresses} does not answer: no broker accepts connections"
        )
    return live


async def _probe_all(brokers: Sequence[str]) -> list[str]:
    """The brokers that answer at about the time of the first one; in the order of *brokers*."""
    probes = [asyncio.create_task(_accepts(broker)) for broker in brokers]
    try:
        for finished in asyncio.as_completed(probes):
            if await finished:
                await asyncio.wait(probes, timeout=OTHERS_SECONDS)
                break
    finally:
        answers = [probe.done() and probe.result() for probe in probes]
        await cancel_all(probes)
    return [broker for broker, is_live in zip(brokers, answers, strict=True) if is_live]


async def _accepts(broker: str) -> bool:
    host, port, _ = get_ip_port_afi(broker)
    try:
        async with asyncio.timeout(PROBE_SECONDS):
            _, writer = await asyncio.open_connection(host, port)
    except (OSError, TimeoutError):
        return False
    writer.close()
    return True
