"""While ingest works on a batch that takes long, the event loop goes on, and heartbeats go out."""

import asyncio

from services.ingest.handlers import parse_drops
from shared.concurrency.event_loop import LoopYielder
from tests.unit.ingest.ingest_trial import IngestTrial

SLOW = b"---\ntopics:\n" + b"  - [1]\n" * 20_000 + b"---\n"  # a fault in each line


async def test_others_run_between_two_records_that_take_long(ingest: IngestTrial):
    records = [ingest.make_record(SLOW) for _ in range(6)]
    turns = 0

    async def take_turns() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    others = asyncio.create_task(take_turns())
    drops = await parse_drops(records)
    others.cancel()
    assert len(drops) == len(records)
    assert turns >= len(records) - 1


async def test_a_pause_is_made_only_when_others_have_waited():
    moments = iter([0.0, 0.01, 0.06, 0.07, 0.08, 0.2, 0.2])
    yielder = LoopYielder(0.05, lambda: next(moments))
    turns = 0

    async def count() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    others = asyncio.create_task(count())
    seen = []
    for _ in range(4):
        await yielder.yield_if_due()
        seen.append(turns)
    others.cancel()
    assert seen == [0, 1, 1, 2]
