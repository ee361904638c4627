"""Several linking workers at once over one store, some of them killed, and what they end with."""

import asyncio
import random
import subprocess
import sys
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from services.enrichment.related.main import build_handler
from services.enrichment.related.settings import RelatedSettings
from services.enrichment.related.stage import RelatedStage
from services.enrichment.related.stream import recompute_all
from shared.clock import now
from shared.store import ArticleWrite, Store, StoredArticle

ROOT = Path(__file__).parents[3]


class WorkerProcess:
    """A worker that handles every *total*-th article, from the *first* on."""

    def __init__(self, url: str, progress_file: Path, first: int, total: int) -> None:
        module = "tests.integration.related.linking_worker"
        arguments = [url, str(progress_file), str(first), str(total)]
        self._command = [sys.executable, "-m", module, *arguments]
        self.start()

    def start(self) -> None:
        self._process = subprocess.Popen(self._command, cwd=ROOT, stdout=subprocess.PIPE, text=True)

    def kill_within_a_batch(self) -> None:
        """Kill it after it finished a batch, so somewhere within the next, and start it again."""
        assert self._process.stdout is not None
        self._process.stdout.readline()
        self._process.kill()
        self._process.communicate()
        self.start()

    def finish(self) -> None:
        self._process.communicate(timeout=600)
        assert self._process.returncode == 0


def run_workers(workers: int, kills: int, url: str, folder: Path, seed: int = 1) -> None:
    """Have *workers* link all articles of the store, killing and restarting some *kills* times."""
    processes = [
        WorkerProcess(url, folder / f"progress-{number}", number, workers)
        for number in range(workers)
    ]
    chance = random.Random(seed)
    for _ in range(kills):
        chance.choice(processes).kill_within_a_batch()
    for process in processes:
        process.finish()


async def link_with_workers(
    workers: int, kills: int, articles: Sequence[StoredArticle], store: Store, folder: Path
) -> None:
    """Save *articles*, have processes link them over the SQLite *store*, and recompute the rest.

    The processes keep their progress in *folder*.
    """
    await store.articles.save([ArticleWrite(article, 0) for article in articles])
    await asyncio.to_thread(run_workers, workers, kills, store.address, folder)
    await recompute_all(build_later_handler(), store)


def build_later_handler() -> RelatedStage:
    """A handler for which all leases have ended: it claims what killed workers had claimed."""

    def clock() -> datetime:
        return now() + timedelta(hours=1)

    return build_handler(RelatedSettings(), clock)
