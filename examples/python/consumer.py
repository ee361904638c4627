"""Keeps a copy of what Seedwire publishes, and prints every change as a line of JSON.

    SEEDWIRE_KAFKA=localhost:9092 python consumer.py

Ctrl-C or SIGTERM ends it in order. It continues where it stopped, from `checkpoint.json` in the
current folder. Replace `print_change` by what you do with an article, and save the checkpoint with
your copy, in one transaction. docs/contract.md says how to install `shared.consumer`.
"""

import asyncio
import json
import os
import signal
from pathlib import Path

from shared.consumer import ARTICLES, Checkpoint, Consumer, Upsert

FILE = Path("checkpoint.json")


def load_checkpoint() -> Checkpoint:
    return Checkpoint.from_json(FILE.read_text()) if FILE.exists() else Checkpoint()


async def save_checkpoint(checkpoint: Checkpoint) -> None:
    """Written beside the file and moved over it, so that a crash leaves the old one or the new."""
    new = FILE.with_suffix(".new")
    new.write_text(checkpoint.to_json())
    new.replace(FILE)


def print_change(op: str, name: str, revision: int) -> None:
    print(json.dumps({"op": op, "id": name, "revision": revision}), flush=True)


async def main() -> None:
    kafka = os.environ["SEEDWIRE_KAFKA"]
    consumer = Consumer(ARTICLES, kafka, checkpoint=load_checkpoint(), commit=save_checkpoint)
    task = asyncio.current_task()
    assert task is not None
    for ending in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(ending, task.cancel)
    try:
        async for change in consumer:
            if isinstance(change, Upsert):
                print_change("upsert", change.id, change.revision)
            else:
                print_change("remove", change.id, change.revision)
    except asyncio.CancelledError:
        print(json.dumps({"final": dict(consumer.checkpoint.shown)}), flush=True)


asyncio.run(main())
