"""The demo: everything from nothing, on the invented newsroom of `seeds/`."""

import asyncio
import os
import shutil
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from services.console.actions.articles.known_articles import ArticleView
from services.console.actions.demo_host import PORT
from services.console.actions.drops.drop_keys import assign_keys
from services.console.actions.drops.dropper import open_dropper
from services.console.actions.drops.seed_files import find_seed_files, load_seed_file
from services.console.actions.operations.pending_work import wait_until_done
from services.console.actions.operations.process_control import (
    start_supervisor,
    stop_supervisor,
    wait_until_ready,
)
from services.console.actions.store_session import open_store
from services.console.supervisor.process_plan import make_plan
from services.console.supervisor.state_dir import StateDir
from shared.drops.receipt import Receipt
from shared.drops.seed import Seed
from shared.errors import SeedwireError, SettingsError
from shared.settings import Settings, load_settings
from shared.store import Decision, Store
from shared.views.article_view import load_views

SEEDS: Final = Path(__file__).parents[3] / "seeds"
RECEIPT_TIMEOUT: Final = 60.0  # seconds without any receipt
WAVE_TIMEOUT: Final = 120.0  # seconds for a wave to pass every stage; it takes two or three


@dataclass(frozen=True)
class Wave:
    """One folder of seeds that was dropped, and how long it took to pass every stage."""

    name: str
    receipts: Sequence[Receipt]
    seconds: float


@dataclass(frozen=True)
class DemoArticle:
    """An article as people see it, with the decision on it."""

    view: ArticleView
    decision: Decision


def require_seeds() -> None:
    """Raises SettingsError where the folder of seeds is missing."""
    if not SEEDS.is_dir():
        raise SettingsError(f"the demo needs the folder {SEEDS}: run it in a clone of Seedwire")


def prepare_demo() -> Settings:
    """The settings of the demo, whose state directory is emptied.

    Sets environment variables, which the service processes inherit: the state directory, leave for
    image workers to fetch from the loopback address, and a free port for Kafka clients. Raises
    SeedwireError if a demo runs.
    """
    state_dir = StateDir(load_settings(Settings).home.absolute() / "demo")
    if state_dir.supervisor_pid() is not None:
        raise SeedwireError(
            f"a demo already runs in {state_dir.path}: wait until it ends, or stop it with "
            f"`SEEDWIRE_HOME={state_dir.path} seedwire down`"
        )
    shutil.rmtree(state_dir.path, ignore_errors=True)
    os.environ["SEEDWIRE_HOME"] = str(state_dir.path)
    os.environ["SEEDWIRE_IMAGES_ALLOW_NETWORKS"] = "127.0.0.0/8"
    os.environ.setdefault("SEEDWIRE_BROKER_PORT", "0")  # `seedwire up` may have the usual one
    return load_settings(Settings)


@contextmanager
def run_services(state_dir: StateDir) -> Iterator[Sequence[str]]:
    """Run every service during the block; yields the process names once all of them work."""
    plan = make_plan()
    state_dir.save_plan(plan)
    pid = start_supervisor(state_dir)
    try:
        wait_until_ready(state_dir, plan, pid)
        yield plan.process_names
    finally:
        if state_dir.supervisor_pid() is not None:
            stop_supervisor(state_dir, pid)


def list_wave_folders() -> list[Path]:
    """The folders of seeds, in the order in which they are dropped."""
    return sorted(SEEDS.glob("[0-9]*/"))


def drop_wave(settings: Settings, folder: Path, host: str) -> Wave:
    """Drop the seeds of a folder and wait until they passed every stage.

    *host* is the `host:port` that serves the images.
    """
    started_at = time.monotonic()
    files = find_seed_files([str(folder)])
    seeds = assign_keys(_load_seed(file, host) for file in files)
    receipts = asyncio.run(_drop_and_wait(settings, seeds))
    return Wave(folder.name, receipts, time.monotonic() - started_at)


async def load_demo_articles(store: Store, receipts: Iterable[Receipt]) -> list[DemoArticle]:
    """Every article that was dropped, hottest first."""
    article_ids = {receipt.article_id for receipt in receipts if receipt.article_id}
    views = await load_views(store, article_ids)
    decisions = await store.decisions.get(views)
    articles = [
        DemoArticle(views[article_id], decision) for article_id, decision in decisions.items()
    ]
    return sorted(articles, key=lambda article: (-article.decision.heat, article.view["id"]))


def _load_seed(file: Path | None, host: str) -> Seed:
    """The seed, with its images at *host* and its path as in the repository."""
    seed = load_seed_file(file)
    content = seed.content.replace(f"127.0.0.1:{PORT}".encode(), host.encode())
    return Seed(str(Path(seed.path).relative_to(SEEDS.parent)), content)


async def _drop_and_wait(settings: Settings, seeds: Sequence[Seed]) -> list[Receipt]:
    async with open_dropper(settings) as dropper:
        sent = await dropper.send(seeds)
        receipts = await dropper.wait_for_receipts(sent, RECEIPT_TIMEOUT)
    async with open_store(settings) as store:
        pending = await wait_until_done(settings, store, WAVE_TIMEOUT)
    if not pending.is_empty:
        logs = StateDir(settings.home).log_dir
        raise SeedwireError(
            f"still pending after {WAVE_TIMEOUT:g} s: {pending}; see the logs in {logs}"
        )
    return receipts
