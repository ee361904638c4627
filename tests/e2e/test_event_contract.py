"""Hostile seeds and talkative editors: what reaches a topic keeps to the contract all the same."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer

from shared.budgets import MAX_EVENT_BYTES
from shared.events.cloud_event import parse_kind
from shared.events.public.registry import PUBLIC_EVENTS
from shared.events.topics import REJECTED, SEEDS, load_topics
from tests.e2e.console import Console

pytestmark = [pytest.mark.embedded, pytest.mark.timeout(900)]

SECRET, EDITOR, NOTE = "CANARY-SECRET", "CANARY-ANN", "CANARY-NOTE: do not print"
HOSTILE: dict[str, Any] = {
    "id": "theirs",
    "revision": 99,
    "storyId": {"a": 1},
    "successor": {"a": 1},
    "url": "https://elsewhere.example/",
    "lead": 5,
    "reason": [1],
    "reasonCode": 7,
    "filledIn": 5,
    "score": "high",
    "memberCount": -1,
    "extra": {"extra": {"id": 1}},
    "web_url": 1,
    "big": 10**25,
}
NULLS = """category: null
excerpt: null
featuredContent: {a: null, b: [1, null, {c: null}]}
mood: null
nothing: {a: null, b: [null]}
"""
SECRETS = f"""secured: "{SECRET}"
SECURED: "{SECRET}"
deep: {{secured: "{SECRET}", other: [{{Secured: "{SECRET}"}}]}}
"""
BLOCKS = f"""provider:
  name: Paper
  domain: null
  id: theirs
  secured: "{SECRET}"
images:
  - url: "https://p.example/1.png"
    width: 10
    height: 20
    isCached: true
    sha256: {{a: 1}}
    blurhash: 7
    mediaType: null
    claimedWidth: "wide"
    isFound: "yes"
    extra: {{url: 1}}
    secured: "{SECRET}"
related:
  - title: "A hint"
    secured: "{SECRET}"
"""
COMET = (
    "Comet Vaskell brightens over Pelmoor Observatory",
    "Crowds climb to Pelmoor Observatory for comet Vaskell",
)
STRIKE = (
    "Dockworkers of Varnholm strike over cranes",
    "Varnholm dockworkers strike over crane jobs",
)


@pytest.fixture
def seedwire(tmp_path: Path) -> Iterator[Console]:
    console = Console(tmp_path / "home", {})
    yield console
    console("down")


def write_seeds(folder: Path) -> None:
    hostile = "".join(f"{name}: {json.dumps(value)}\n" for name, value in HOSTILE.items())
    folder.mkdir()
    for number, title in enumerate((*COMET, *STRIKE)):
        head = (
            f'title: "{title}"\npublishedDateTime: 2026-03-02T1{number}:00:00Z\n'
            f'webUrl: "https://paper{number}.example/x"\nquality: {90 - number}\n'
        )
        text = f"---\n{head}{hostile}{NULLS}{SECRETS}{BLOCKS}---\n"
        (folder / f"{number}.md").write_text(text)


@dataclass(frozen=True)
class Read:
    """One record, as a consumer of another team reads it."""

    topic: str
    key: bytes
    value: bytes | None
    headers: dict[str, str]

    @property
    def kind(self) -> str:
        return parse_kind(self.headers.get("ce_type", ""))


async def read_everything(address: str) -> list[Read]:
    consumer = AIOKafkaConsumer(bootstrap_servers=address, auto_offset_reset="earliest")
    await consumer.start()
    found: list[Read] = []
    try:
        consumer.subscribe([topic.name for topic in load_topics()])
        while batches := await consumer.getmany(timeout_ms=3000):
            for records in batches.values():
                for record in records:
                    headers = {name: value.decode() for name, value in record.headers}
                    found.append(Read(record.topic, record.key or b"", record.value, headers))
    finally:
        await consumer.stop()
    return found


def run(seedwire: Console, *command: str) -> None:
    result = seedwire(*command)
    assert result.returncode == 0, result.stderr


def edit_stories(seedwire: Console) -> None:
    """Editors with a name and a note join, merge and divide stories."""
    signed = ("--by", EDITOR, "--reason", NOTE)
    c1, c2, d1 = (f"https://paper{number}.example/x" for number in (0, 1, 2))
    for command in (
        ["pin", c2, d1],
        ["split", d1, c1],
        ["merge", c1, d1],
        ["block", c1, c2],
    ):
        run(seedwire, "story", *command, *signed)
        run(seedwire, "wait", "--timeout", "240")


async def test_no_seed_and_no_editor_breaks_the_contract(seedwire: Console, tmp_path: Path):
    run(seedwire, "up", "--detach")
    write_seeds(tmp_path / "seeds")
    run(seedwire, "drop", str(tmp_path / "seeds"))
    run(seedwire, "wait", "--timeout", "240")
    edit_stories(seedwire)
    run(seedwire, "audit")
    address = (seedwire.state_dir / "run" / "kafka").read_text().strip()
    records = await read_everything(address)
    events = [record for record in records if record.topic not in (SEEDS, REJECTED)]
    assert {event.kind for event in events} >= {
        "article.published",
        "article.retracted",
        "article.removed",
        "story.created",
        "story.ended",
        "story.removed",
        "seed.receipt",
    }
    for event in events:
        assert_is_clean(event)
    shown = [event for event in events if event.kind in ("article.published", "article.updated")]
    for event in shown:
        assert_shows_what_is_ours(event)
    assert_one_id_has_one_content(events)


def assert_is_clean(event: Read) -> None:
    """No secret, no editor and no null; public events are as their models say."""
    parts = [event.key, event.value or b"", *(value.encode() for value in event.headers.values())]
    content = b"\n".join(parts)
    assert len(content) <= MAX_EVENT_BYTES
    assert b"CANARY" not in content
    if event.value is None:
        return
    data = json.loads(event.value)
    assert None not in list_values(data)
    model = PUBLIC_EVENTS.get(event.kind)
    if model is not None:
        assert json.dumps(model.model_validate_json(event.value).as_json()) == json.dumps(data)


def list_values(data: Any) -> list[Any]:
    """Every value in *data* that is neither a list nor an object."""
    if isinstance(data, dict):
        data = [*data.values()]
    if not isinstance(data, list):
        return [data]
    values: list[Any] = []
    for inner in data:
        values += list_values(inner)
    return values


def assert_shows_what_is_ours(event: Read) -> None:
    data = json.loads(event.value or b"")
    article_id = event.key.decode()
    assert (data["id"], data["lead"]) == (article_id, article_id)
    assert event.headers["ce_id"] == f"{article_id}.{data['revision']}"
    assert data["url"] == data["webUrl"]
    assert data["storyId"].startswith("sa")
    assert data["extra"] == {**HOSTILE, "nothing": {"b": []}, "deep": {"other": [{}]}}
    assert data["featuredContent"] == {"b": [1, {}]}
    assert data["provider"] == {"name": "Paper", "images": [], "extra": {"id": "theirs"}}
    (image,) = data["images"]
    assert image == {
        "url": "https://p.example/1.png",
        "isCached": False,
        "claimedWidth": 10,
        "claimedHeight": 20,
        "extra": {"extra": {"url": 1}},
    }


def assert_one_id_has_one_content(events: list[Read]) -> None:
    contents: dict[tuple[str, str], Read] = {}
    for event in events:
        name = (event.headers["ce_source"], event.headers["ce_id"])
        first = contents.setdefault(name, event)
        assert (first.key, first.value, first.headers) == (event.key, event.value, event.headers)
