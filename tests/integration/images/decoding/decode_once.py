"""A worker that decodes what its arguments name, side by side, and prints what came of each.

python -m tests.integration.images.decoding.decode_once STORE bomb photo
"""

import asyncio
import sys
from collections.abc import Sequence

from services.enrichment.images.decoding.crash_counts import CountedDecoder, DecodingGivenUp
from services.enrichment.images.decoding.process_pool import DecodingPool
from shared.store import connect
from tests.integration.images.decoding import pool_work


async def decode_all(store_url: str, names: Sequence[str]) -> None:
    store = connect(store_url)
    await store.open()
    pool = DecodingPool(processes=2)
    decoder = CountedDecoder(pool)

    async def decode(name: str) -> str:
        try:
            size = await decoder.run(pool_work.kill_worker, name.encode(), name, store)
        except DecodingGivenUp as error:
            return f"{name}: {error}"
        return f"{name}: {size} bytes"

    for line in await asyncio.gather(*map(decode, names)):
        print(line)
    await pool.close()
    await store.close()


if __name__ == "__main__":
    asyncio.run(decode_all(sys.argv[1], sys.argv[2:]))
