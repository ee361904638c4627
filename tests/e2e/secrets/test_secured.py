"""`secured` goes in and comes out in exports alone: no output, log or event shows a value of it."""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer

from tests.conftest import ROOT
from tests.e2e.console import Console

pytestmark = [pytest.mark.embedded, pytest.mark.timeout(900)]

CANARY = "CANARY-4711"
HEAD = """---
title: "Canary {number}"
publishedDateTime: 2026-03-02T10:00:00Z
webUrl: "https://paper.example/canary-{number}"
quality: 90
"""
SECRETS = (
    f'secured: "{CANARY}"',
    f"secured: {CANARY}",
    f"secured: |\n  {CANARY}\n  {CANARY}",
    f"mood:\n  secured: {CANARY}",
    f"mood: {{secured: '{CANARY}', other: 1}}",
    f'"secured": "{CANARY}\n  {CANARY}"',
)
FAULTS = (
    "images: x",
    "mood: [",
    'excerpt: "not closed',
    "excerpt: a: b",
    "quality: 90",
    "\ttype: x",
)
BROKEN_SECRETS = (
    f"secured: [{CANARY}, {{a: {CANARY}}}]",
    f'secured: "{CANARY}',
    f"secured: |\n{CANARY}",
    f"secured: *{CANARY}",
    f"secured: !{CANARY} x",
    f"secured: {CANARY}: {CANARY}",
    f"secured: {{{CANARY}: 1, {CANARY}: 2}}",
    f'secured: "\\{CANARY}"',
    f"secured:{CANARY}",
    f"secured\n{CANARY}",
)
TOPICS = ("seeds", "seeds.receipts", "seeds.rejected", "published.log", "articles.ingested")
# Their values are the very bytes that were dropped.
KEPT_BYTES = ("seeds", "seeds.rejected")


@pytest.fixture
def seedwire(tmp_path: Path) -> Iterator[Console]:
    console = Console(tmp_path / "home" / "demo", {})
    yield console
    console("down")


def write_canaries(folder: Path) -> None:
    """Every way to write a secret, in seeds that are taken and in seeds that are rejected."""
    texts = [f"{secret}\n---\nbody\n" for secret in SECRETS]
    for secret in SECRETS:
        texts += [f"{secret}\n{fault}\n---\nbody\n" for fault in FAULTS]
        texts.append(f"{secret}\n{FAULTS[0]}\n---\n".replace("\n", "\r\n"))
        texts.append(f"type: x\n---\n{secret}\n---\n")
    for secret in BROKEN_SECRETS:
        texts.append(f"{secret}\n---\nbody\n")
        texts.append(f"{secret}\n")
    folder.mkdir()
    for number, text in enumerate(texts):
        (folder / f"{number}.md").write_bytes((HEAD.format(number=number) + text).encode())


def find_secrets() -> list[str]:
    """The canary, and the first characters of each value of `secured` in the demo's seeds."""
    secrets = [CANARY]
    for file in (ROOT / "seeds").rglob("*.md"):
        secrets += re.findall(r'^secured: "(.{24})', file.read_text(), re.MULTILINE)
    return secrets


def run_demo(seedwire: Console) -> str:
    environment = {**seedwire.environment, "SEEDWIRE_HOME": str(seedwire.state_dir.parent)}
    result = subprocess.run(
        [sys.executable, "-m", "services.console", "demo"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=500,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    return result.stdout + result.stderr


def run_commands(seedwire: Console, commands: list[list[str]]) -> Iterator[tuple[str, str]]:
    """Each command and what it prints."""
    for command in commands:
        result = seedwire(*command)
        yield " ".join(command), result.stdout + result.stderr


def list_commands(seedwire: Console, folder: Path) -> list[list[str]]:
    """Every command that prints something about articles, drops or records, in both forms."""
    articles = seedwire.json("list")
    urls = [article["webUrl"] for article in articles if "Canary" in article["title"]]
    records = seedwire.json("rejected", "list")
    commands = [["list"], ["story", "list", "--all"], ["rejected", "list"], ["status"], ["audit"]]
    commands += [["show", url] for url in urls[::3]]
    commands += [["why", urls[0]], ["why", *urls[:2]], ["story", "show", urls[0]]]
    commands += [["rejected", "list", "--all"], ["drop", str(folder)]]
    for topic in TOPICS:
        commands.append(["tail", "--topic", topic, "--from-start", "--until-idle"])
    both = [[*command, "--json"] for command in commands]
    # Some of each kind: a process for each takes long, and `list --json` has all of them.
    shown = [["rejected", "show", record["id"]] for record in records[::5]]
    content = [["rejected", "show", record["id"], "--content"] for record in records[::9]]
    return [*commands, *both, *shown, *content, ["rejected", "list", "--by-cause"]]


async def read_events(address: str) -> list[tuple[str, bytes]]:
    """Keys, headers and values of every record; of records as they were dropped, no values."""
    found: list[tuple[str, bytes]] = []
    consumer = AIOKafkaConsumer(bootstrap_servers=address, auto_offset_reset="earliest")
    await consumer.start()
    try:
        topics = {topic for topic in await consumer.topics() if not topic.startswith("__")}
        assert topics >= {*TOPICS}
        consumer.subscribe(topics)
        while batches := await consumer.getmany(timeout_ms=3000):
            for partition, records in batches.items():
                for record in records:
                    parts = [record.key or b"", *[value or b"" for _, value in record.headers]]
                    if partition.topic not in KEPT_BYTES:
                        parts.append(record.value or b"")
                    found.append((partition.topic, b"\n".join(parts)))
    finally:
        await consumer.stop()
    return found


async def test_no_output_log_or_event_shows_a_secret(seedwire: Console, tmp_path: Path):
    secrets = find_secrets()
    outputs = [("demo", run_demo(seedwire))]
    assert seedwire("up", "--detach").returncode == 0
    write_canaries(tmp_path / "canaries")
    dropped = seedwire("drop", str(tmp_path / "canaries"))
    outputs.append(("drop", dropped.stdout + dropped.stderr))
    assert f"{len(SECRETS)} accepted" in dropped.stdout
    assert " rejected" in dropped.stdout
    outputs.append(("wait", seedwire("wait", "--timeout", "240").stdout))
    records = seedwire.json("rejected", "list")
    assert len(records) > 60
    redriven = seedwire("rejected", "redrive", *[record["id"] for record in records[:5]])
    outputs.append(("redrive", redriven.stdout + redriven.stderr))
    inbox = tmp_path / "inbox"
    shutil.copytree(tmp_path / "canaries", inbox)
    watched = seedwire("watch", str(inbox), "--once")
    outputs.append(("watch", watched.stdout + watched.stderr))
    for file in (tmp_path / "failed").glob("*.reason.txt"):
        outputs.append((file.name, file.read_text()))
    outputs += run_commands(seedwire, list_commands(seedwire, tmp_path / "canaries"))
    logs = [*(seedwire.state_dir / "logs").glob("*.log*")]
    assert len(logs) >= 5
    outputs += [(log.name, log.read_text()) for log in logs]
    address = (seedwire.state_dir / "run" / "kafka").read_text().strip()
    events = await read_events(address)
    assert len(events) > 200
    for secret in secrets:
        assert [name for name, text in outputs if secret in text] == []
        assert [topic for topic, content in events if secret.encode() in content] == []
    assert any("<secured, " in text for _, text in outputs)
    canaries = [record for record in records if str(tmp_path) in (record["path"] or "")]
    raw = seedwire("rejected", "show", canaries[0]["id"], "--content", "--with-secured")
    assert CANARY in raw.stdout
