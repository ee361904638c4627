"""`seedwire images`, as people and scripts call it, over a store that nothing works on."""

import asyncio
import hashlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from services.enrichment.images.decoding.process_pool import Pool
from shared.clock import now
from shared.store import Claim, Picture, Save, Store, StoredArticle, connect
from tests.integration.images.conftest import a_jpeg, keep, measured

ROOT = Path(__file__).parents[3]
URL, LOST = "https://p.example/a.jpg", "https://p.example/lost.jpg"
SEED = f"""---
title: "One"
publishedDateTime: 2026-03-02T10:00:00Z
webUrl: "https://p.example/1"
images:
  - url: "{URL}"
  - url: "{LOST}"
---
"""


def seedwire(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "services.console", "images", *arguments]
    environment = {**os.environ, "SEEDWIRE_HOME": str(home)}
    return subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=False
    )


@pytest.fixture
def home(tmp_path: Path, pool: Pool) -> Path:
    """A store with an article of two pictures: one kept, one that failed; and an old orphan beside them."""

    async def fill(store: Store) -> None:
        await store.articles.claim([Claim("a1", ("p.example/1",))])
        await store.articles.save(
            [Save(StoredArticle("a1", SEED.encode(), 1, ("p.example/1",), now(), now()), 0)]
        )
        await keep(pool, URL, measured(a_jpeg()), store)
        await store.pictures.save(
            Picture(LOST, "failed", now(), "not-found: the host answered 404")
        )
        await store.bytes.put("0f" * 32, b"orphan")

    in_store(tmp_path, fill)
    old = time.time() - 3 * 86400
    os.utime(pictures(tmp_path) / "0f" / ("0f" * 32), (old, old))
    return tmp_path


def in_store(home: Path, work: Any) -> None:
    async def opened() -> None:
        store = connect(f"sqlite:///{home / 'seedwire.db'}")
        await store.open()
        result: Coroutine[Any, Any, None] = work(store)
        await result
        await store.close()

    asyncio.run(opened())


def pictures(home: Path) -> Path:
    return home / "seedwire.db.pictures"


def test_a_check_that_finds_nothing_is_0_and_one_that_does_is_1(home: Path):
    sound = seedwire(home, "check")
    assert (sound.returncode, sound.stdout) == (0, "1 pictures, 0 not sound\n")
    digest = hashlib.sha256(a_jpeg()).hexdigest()
    (pictures(home) / digest[:2] / f"{digest}.320").unlink()
    broken = seedwire(home, "check", "--json")
    assert broken.returncode == 1
    found = json.loads(broken.stdout)
    assert (found["sha256"], found["url"], found["mended"]) == (digest, URL, False)
    assert seedwire(home, "check", "--repair").returncode == 0
    assert seedwire(home, "check").returncode == 0


def test_gc_says_first_and_deletes_then(home: Path):
    orphan = pictures(home) / "0f" / ("0f" * 32)
    dry = seedwire(home, "gc", "--dry-run", "--json")
    assert [json.loads(line) for line in dry.stdout.splitlines()] == [
        {"name": "0f" * 32, "size": 6, "why": "no picture refers to it", "deleted": False}
    ]
    assert orphan.exists()
    assert seedwire(home, "gc", "--grace-hours", "100").stdout == "0 deleted, 0 bytes\n"
    done = seedwire(home, "gc")
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "1 deleted, 6 bytes")
    assert not orphan.exists()
    assert seedwire(home, "check").returncode == 0


def test_gc_without_any_grace_is_refused(home: Path):
    assert seedwire(home, "gc", "--grace-hours", "0").returncode == 2


def test_the_sheet_is_a_png_of_every_picture(home: Path, tmp_path: Path):
    done = seedwire(home, "sheet", str(tmp_path / "out.png"))
    assert (done.returncode, done.stdout) == (
        0,
        f"2 pictures in {tmp_path / 'out.png'}, 1 of them kept\n",
    )
    with Image.open(tmp_path / "out.png") as sheet:
        assert sheet.format == "PNG"
    assert seedwire(home, "sheet", str(tmp_path / "no" / "out.png")).returncode == 2
