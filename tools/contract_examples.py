"""Captures the golden examples of the contract from the demo: `make contract-examples`.

The demo's seeds are dropped; then an editor merges two stories and splits one, because the seeds
alone let no story end. Of each kind of event one record is kept, the smallest of those that fill
the most lists. So examples stay as they are where nothing changed, but for times, traces and
cluster ids.
"""

import asyncio
import json
import os
import sys
import tempfile
from collections.abc import Iterable, Sequence
from typing import Any, Final

from services.console.actions import demo
from services.console.actions.acts import ActCause
from services.console.actions.demo_host import serve_demo_files
from services.console.actions.operations.pending_work import wait_until_done
from services.console.actions.store_session import open_store
from services.console.actions.stories.known_stories import list_stories
from services.console.actions.stories.overrides import merge_stories, split_story
from services.console.audit.topics.topic_reader import TopicReader
from services.console.contract.channels import CHANNELS
from services.console.contract.paths import name_example_file
from services.console.supervisor.state_dir import StateDir
from shared.broker.network.connection import fetch_cluster_id
from shared.broker.records import Record
from shared.contract_files import CONTRACT
from shared.events.cloud_event import build_event_type
from shared.settings import Settings
from shared.store import Store

EDITOR: Final = "the contract's editor"
WAIT_SECONDS: Final = 60.0


def main() -> int:
    with tempfile.TemporaryDirectory() as home:
        os.environ["SEEDWIRE_HOME"] = home
        settings = demo.prepare_demo()
        pictures = serve_demo_files(demo.SEEDS / "pictures")
        with pictures as host, demo.run_services(StateDir(settings.home)):
            for folder in demo.list_wave_folders():
                demo.drop_wave(settings, folder, host)
            records = asyncio.run(_edit_and_read(settings))
    missing = _write_examples(records)
    if missing:
        print(f"the demo has no {', '.join(missing)}", file=sys.stderr)
    return int(bool(missing))


async def _edit_and_read(settings: Settings) -> list[Record]:
    async with open_store(settings) as store:
        await _merge_and_split(settings, store)
    return [record async for record in _read_topics(settings)]


async def _merge_and_split(settings: Settings, store: Store) -> None:
    first, second, *_ = [titled.story for titled in await list_stories(store, False)]
    await merge_stories(store, first.id, second.id, ActCause(EDITOR, "one event after all"))
    await wait_until_done(settings, store, WAIT_SECONDS)
    merged = max((await list_stories(store, False)), key=lambda titled: len(titled.story.members))
    await split_story(store, list(second.members), "", ActCause(EDITOR, "two events"))
    await wait_until_done(settings, store, WAIT_SECONDS)
    assert len(merged.story.members) == len(first.members) + len(second.members)


async def _read_topics(settings: Settings) -> Any:
    cluster = await fetch_cluster_id(settings)
    for channel in CHANNELS:
        reader = TopicReader(settings, cluster, channel.topic, lambda *_: None)
        async for record in reader.read():
            yield record


def _write_examples(records: Sequence[Record]) -> list[str]:
    """Write an example of each kind; returns the kinds of which there was none."""
    missing = []
    for kind in dict.fromkeys(kind for channel in CHANNELS for kind in channel.kinds):
        examples = [record for record in records if _is_of_kind(record, kind)]
        if not examples:
            missing.append(kind)
            continue
        file = CONTRACT / name_example_file(kind)
        file.parent.mkdir(exist_ok=True)
        file.write_text(
            json.dumps(_describe(_choose(examples)), indent=2, ensure_ascii=False) + "\n"
        )
    return missing


def _is_of_kind(record: Record, kind: str) -> bool:
    event_type = record.header("ce_type")
    return kind == "seed" if event_type is None else event_type == build_event_type(kind)


def _choose(records: Iterable[Record]) -> Record:
    """The one that says most in little: with pictures and relatives where there are any."""
    return min(records, key=lambda record: (-_count_filled(record), record.size, record.key or b""))


def _count_filled(record: Record) -> int:
    """How many of the lists and blocks of its data have something in them."""
    try:
        data = json.loads(record.value or b"")
    except ValueError:
        return 0
    return sum(1 for value in data.values() if isinstance(value, list | dict) and value)


def _describe(record: Record) -> dict[str, Any]:
    headers = {name: (value or b"").decode(errors="replace") for name, value in record.headers}
    return {
        "topic": record.topic,
        "key": (record.key or b"").decode(errors="replace"),
        "headers": headers,
        "value": _read_value(record.value),
    }


def _read_value(value: bytes | None) -> Any:
    """JSON as it is, other bytes as text."""
    if value is None:
        return None
    try:
        return json.loads(value)
    except ValueError:
        return value.decode(errors="replace")


if __name__ == "__main__":
    raise SystemExit(main())
