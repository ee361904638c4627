"""A real, narrow feed: 2,974 seeds of a site about Azure, from drop to rest.

Their pictures are served by hosts on loopback. The clock runs until nothing is pending anywhere:
everything is published, linked anew after what came later, and published again.
"""

import time
from pathlib import Path

from services.console.actions.operations.pending_work import wait_until_done
from services.enrichment.related.features.sentence_model import DEFAULT_FOLDER
from shared.store import connect
from tests.bench.images.hosts import HOSTS, NETWORK, host_address, run_hosts
from tests.bench.pipeline.builds.candidates import MODEL, TABLE, Candidate
from tests.bench.pipeline.harness.engines import start_engines
from tests.bench.pipeline.harness.seeds import Seed
from tests.bench.pipeline.harness.session import MAX_SECONDS, Burst, Session, open_session
from tests.bench.pipeline.page.report import Report
from tests.bench.pipeline.page.table import Section
from tests.bench.pipeline.scale import Scale
from tests.real_data import DATA, load_azure_seeds, move_images

# A look asks Kafka and the store for everything: with one every .2 s the feed took a fifth longer.
LOOK_SECONDS = 2.0


async def measure_real_feed(scratch: Path, scale: Scale, report: Report) -> None:
    """On the embedded engines."""
    section = report.begin("A real, narrow feed from drop to rest (embedded engines)")
    if not (DATA / "seeds-azure.tar.gz").exists():
        section.left_out.append("the real feed, which is no part of the project, is not here.")
        return
    linked = MODEL if DEFAULT_FOLDER.exists() else TABLE
    settings = {**linked.settings, "SEEDWIRE_IMAGES_ALLOW_NETWORKS": NETWORK}
    candidate = Candidate(linked.name, linked.roles, settings)
    with (
        run_hosts(0.0, HOSTS) as port,
        start_engines("embedded", scratch / "engines") as engines,
    ):
        async with open_session(candidate, engines, scratch / "logs") as session:
            burst = await _run_feed(session, load_seeds(port)[: scale.feed_articles])
            await _add_rows(section, candidate.name, burst, session)


def load_seeds(port: int) -> list[Seed]:
    """The feed in the order of publication, its pictures at hosts that listen at *port*."""
    seeds: list[Seed] = []
    for number, (name, content) in enumerate(sorted(load_azure_seeds().items())):
        host = f"http://{host_address(number % HOSTS)}:{port}"
        seeds.append(Seed(name.encode(), move_images(host, content)))
    return seeds


async def _run_feed(session: Session, seeds: list[Seed]) -> Burst:
    store = connect(session.engines.store)
    await store.open()

    async def wait_until_at_rest() -> float:
        pending = await wait_until_done(
            session.engines.settings, store, MAX_SECONDS, interval=LOOK_SECONDS
        )
        if not pending.is_empty:
            raise TimeoutError(f"after {MAX_SECONDS:g} s there was still {pending}")
        return time.time()

    try:
        return await session.run_seeds(seeds, wait_until_at_rest)
    finally:
        await store.close()


async def _add_rows(section: Section, name: str, burst: Burst, session: Session) -> None:
    published = await session.watcher.read()
    note = f"{burst.articles:,} seeds, of which {published:,} were published"
    note += f"; up to {LOOK_SECONDS:g} s too much, the time between two looks"
    section.add(f"{name}: from drop to rest", [burst.seconds], "s", note=note)
    parts = [f"{role} {burst.role_ms(role):.2f}" for role in sorted(burst.cpu)]
    section.add(f"{name}: CPU", [burst.cpu_ms], "ms/article", note=", ".join(parts))
    engines = 1000 * sum(burst.engine_cpu.values()) / burst.articles
    section.add(f"{name}: CPU of the engines", [engines], "ms/article")
    section.add(f"{name}: both cores at work", [burst.busy], "share")
    for role, peak in session.processes.read_peak_memory().items():
        section.add(f"{role}: peak of memory", [peak], "MB")
