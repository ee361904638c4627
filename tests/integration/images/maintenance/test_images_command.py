"""`seedwire images`, as people and scripts call it, over a store that no worker uses."""

import asyncio
import hashlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from PIL import Image

from shared.clock import now
from shared.store import AliasClaim, ArticleWrite, Picture, Store, StoredArticle, connect
from tests.integration.images.conftest import as_verified, encode_jpeg, store_picture

ROOT = Path(__file__).parents[4]
URL, FAILED_URL = "https://p.example/a.jpg", "https://p.example/lost.jpg"
ORPHAN = "0f" * 32
SEED = f"""---
title: "One"
publishedDateTime: 2026-03-02T10:00:00Z
webUrl: "https://p.example/1"
images:
  - url: "{URL}"
  - url: "{FAILED_URL}"
---
"""


def run_command(state_dir: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run `seedwire images` with these arguments."""
    return run_seedwire(state_dir, "images", *arguments)


def run_seedwire(state_dir: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "services.console", *arguments]
    environment = {**os.environ, "SEEDWIRE_HOME": str(state_dir)}
    return subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=False
    )


@pytest.fixture
def state_dir(tmp_path: Path) -> Path:
    """A store with an article of two pictures, one cached and one failed, and an old orphan."""

    async def fill(store: Store) -> None:
        article = StoredArticle("a1", SEED.encode(), 1, ("p.example/1",), now(), now())
        await store.articles.claim_aliases([AliasClaim("a1", ("p.example/1",))])
        await store.articles.save([ArticleWrite(article, 0)])
        await store_picture(URL, as_verified(encode_jpeg()), store)
        reason = "not-found: the host answered 404"
        await store.pictures.save(Picture(FAILED_URL, "failed", now(), reason))
        await store.picture_bytes.put(ORPHAN, b"orphan")

    use_store(tmp_path, fill)
    three_days_ago = time.time() - 3 * 86400
    os.utime(bytes_file(tmp_path, ORPHAN), (three_days_ago, three_days_ago))
    return tmp_path


def use_store(state_dir: Path, work: Callable[[Store], Awaitable[None]]) -> None:
    async def open_and_work() -> None:
        store = connect(f"sqlite:///{state_dir / 'seedwire.db'}")
        await store.open()
        await work(store)
        await store.close()

    asyncio.run(open_and_work())


def bytes_file(state_dir: Path, name: str) -> Path:
    """Where the bytes of that name are."""
    return state_dir / "seedwire.db.pictures" / name[:2] / name


def test_check_exits_with_0_if_all_is_sound_and_with_1_otherwise(state_dir: Path):
    sound = run_command(state_dir, "check")
    assert (sound.returncode, sound.stdout) == (0, "1 picture, 0 not sound\n")
    sha256 = hashlib.sha256(encode_jpeg()).hexdigest()
    bytes_file(state_dir, f"{sha256}.320").unlink()
    unsound = run_command(state_dir, "check", "--json")
    assert unsound.returncode == 1
    finding = json.loads(unsound.stdout)
    assert (finding["sha256"], finding["url"], finding["mended"]) == (sha256, URL, False)
    assert run_command(state_dir, "check", "--repair").returncode == 0
    assert run_command(state_dir, "check").returncode == 0


def test_gc_shows_with_dry_run_what_it_deletes_without(state_dir: Path):
    orphan = bytes_file(state_dir, ORPHAN)
    dry_run = run_command(state_dir, "gc", "--dry-run", "--json")
    assert [json.loads(line) for line in dry_run.stdout.splitlines()] == [
        {"name": ORPHAN, "size": 6, "why": "no picture refers to it", "deleted": False}
    ]
    assert orphan.exists()
    young = run_command(state_dir, "gc", "--grace-hours", "100")
    assert young.stdout == "0 deleted, 0 bytes\n"
    collected = run_command(state_dir, "gc")
    assert collected.returncode == 0
    assert collected.stdout.splitlines()[-1] == "1 deleted, 6 bytes"
    assert not orphan.exists()
    assert run_command(state_dir, "check").returncode == 0


def test_gc_is_in_the_log_of_acts_unless_it_only_looked(state_dir: Path):
    assert run_command(state_dir, "gc", "--dry-run").returncode == 0
    assert run_command(state_dir, "gc", "--by", "ann", "--reason", "spring").returncode == 0
    (line,) = run_seedwire(state_dir, "log", "--json").stdout.splitlines()
    act = json.loads(line)
    assert (act["kind"], act["by"], act["reason"]) == ("delete images", "ann", "spring")
    assert act["outcome"] == "1 that nothing refers to"


def test_gc_without_a_grace_period_is_refused(state_dir: Path):
    assert run_command(state_dir, "gc", "--grace-hours", "0").returncode == 2


def test_the_sheet_is_a_png_of_every_picture(state_dir: Path, tmp_path: Path):
    target = tmp_path / "out.png"
    drawn = run_command(state_dir, "sheet", str(target))
    assert drawn.returncode == 0
    assert drawn.stdout == f"2 pictures in {target}, 1 of them kept\n"
    with Image.open(target) as sheet:
        assert sheet.format == "PNG"
    unwritable = tmp_path / "no" / "out.png"
    assert run_command(state_dir, "sheet", str(unwritable)).returncode == 2
