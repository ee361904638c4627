"""Several linking workers at once over one store, some of them killed on the way; and what all of it ends in."""

import asyncio
import random
import subprocess
import sys
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from services.enrichment.related.handlers import Related
from services.enrichment.related.main import related
from services.enrichment.related.settings import RelatedSettings
from services.enrichment.related.stream import settle
from shared.clock import now
from shared.store import Save, Store, StoredArticle

ROOT = Path(__file__).parents[3]


class Member:
    """A worker, and the articles it handles: every *of*-th."""

    def __init__(self, url: str, place: Path, share: int, of: int) -> None:
        module = "tests.integration.related.linking_worker"
        self._command = [sys.executable, "-m", module, url, str(place), str(share), str(of)]
        self.start()

    def start(self) -> None:
        self._process = subprocess.Popen(self._command, cwd=ROOT, stdout=subprocess.PIPE, text=True)

    def kill_in_a_batch(self) -> None:
        """Kill it after it has come on by one, so somewhere in the next, and start it again."""
        assert self._process.stdout is not None
        self._process.stdout.readline()
        self._process.kill()
        self._process.communicate()
        self.start()

    def finish(self) -> None:
        self._process.communicate(timeout=600)
        assert self._process.returncode == 0


def work_side_by_side(workers: int, kills: int, url: str, folder: Path, seed: int = 1) -> None:
    """Have *workers* link all articles of the store while *kills* of them are killed and started again."""
    members = [Member(url, folder / f"place-{share}", share, workers) for share in range(workers)]
    chance = random.Random(seed)
    for _ in range(kills):
        chance.choice(members).kill_in_a_batch()
    for member in members:
        member.finish()


async def linked_by(
    workers: int, kills: int, articles: Sequence[StoredArticle], store: Store, folder: Path
) -> None:
    """Save *articles*, have them linked by processes over the SQLite *store* in *folder*, and settle what is left."""
    await store.articles.save([Save(article, 0) for article in articles])
    await asyncio.to_thread(work_side_by_side, workers, kills, store.address, folder)
    await settle(later(), store)


def later() -> Related:
    """A worker for whom all leases are over: it takes up what the killed ones held."""

    def clock() -> datetime:
        return now() + timedelta(hours=1)

    return related(RelatedSettings(), clock)
