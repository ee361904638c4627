"""Names that get no answer, and those that do."""

import asyncio
import threading
from ipaddress import ip_address

from services.enrichment.images.network.resolver import THREADS, Resolver

ADDRESS = ip_address("93.184.216.34")


async def test_names_without_an_answer_hold_up_no_name_that_had_one():
    over = threading.Event()

    def look_up(host: str, port: int):
        if host.startswith("dead"):
            over.wait(20)
        return [ADDRESS]

    resolve = Resolver(look_up)
    assert await resolve("good.example", 80) == [ADDRESS]
    dead = [
        asyncio.create_task(resolve(f"dead{number}.example", 80)) for number in range(2 * THREADS)
    ]
    await asyncio.sleep(0.1)
    try:
        async with asyncio.timeout(3):
            both = (resolve("good.example", 80), resolve("good.example", 80))
            assert await asyncio.gather(*both) == [[ADDRESS], [ADDRESS]]
    finally:
        over.set()
        await asyncio.gather(*dead)
