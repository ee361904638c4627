"""Names that get no answer, and names that do."""

import asyncio
import threading
from collections.abc import Sequence
from ipaddress import ip_address

from services.enrichment.images.network.address_rules import Address
from services.enrichment.images.network.resolver import THREADS_FOR_NEW_NAMES, Resolver

ADDRESS = ip_address("93.184.216.34")


async def test_names_without_an_answer_hold_up_no_name_that_had_one():
    is_over = threading.Event()

    def look_up(host: str, port: int) -> Sequence[Address]:
        if host.startswith("dead"):
            is_over.wait(20)
        return [ADDRESS]

    resolve = Resolver(look_up)
    assert await resolve("good.example", 80) == [ADDRESS]
    look_ups = []
    for number in range(2 * THREADS_FOR_NEW_NAMES):
        look_ups.append(asyncio.create_task(resolve(f"dead{number}.example", 80)))
    await asyncio.sleep(0.1)
    try:
        async with asyncio.timeout(3):
            first, second = resolve("good.example", 80), resolve("good.example", 80)
            assert await asyncio.gather(first, second) == [[ADDRESS], [ADDRESS]]
    finally:
        is_over.set()
        await asyncio.gather(*look_ups)
