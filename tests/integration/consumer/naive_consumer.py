"""A consumer as somebody writes it who has read nothing: every value is an article to be shown."""

import asyncio
import json
import os
import signal

from aiokafka import AIOKafkaConsumer


async def main() -> None:
    shown: dict[str, int] = {}
    consumer = AIOKafkaConsumer(
        "published.log",
        bootstrap_servers=os.environ["SEEDWIRE_KAFKA"],
        auto_offset_reset="earliest",
    )
    await consumer.start()
    task = asyncio.current_task()
    assert task is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    try:
        async for record in consumer:
            article = json.loads(record.value)
            shown[article["id"]] = article["revision"]
            told = {"op": "upsert", "id": article["id"], "revision": article["revision"]}
            print(json.dumps(told), flush=True)
    except asyncio.CancelledError:
        print(json.dumps({"final": shown}), flush=True)
    finally:
        await consumer.stop()


asyncio.run(main())
