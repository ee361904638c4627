"""A real, narrow feed: 2,974 seeds of a site about Azure, from drop to rest.

Their pictures are served by hosts on loopback. The clock runs until nothing is pending anywhere:
everything is published, linked anew after what came later, and published again.

With `--stream NAME` it is a labelled stream instead, as seeds without pictures: 13,615 articles in
`stream_mix_b`. That shows what a worker of linking holds once its caches are full.
"""

import time
from pathlib import Path

from services.console.actions.drops.drop_keys import assign_keys
from services.console.actions.operations.pending_work import wait_until_done
from services.enrichment.related.features.sentence_model import DEFAULT_FOLDER
from services.enrichment.related.stream import parse_article
from shared.drops.seed import Seed as DroppedSeed
from shared.store import connect
from tests.bench.images.hosts import HOSTS, NETWORK, host_address, run_hosts
from tests.bench.linking.streams import load_articles, stream_path
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
MAX_SECONDS_PER_ARTICLE = 0.3  # of a long stream; a quiet machine takes a twentieth


async def measure_real_feed(scratch: Path, scale: Scale, report: Report) -> None:
    """On the embedded engines."""
    feed = scale.stream or "A real, narrow feed"
    section = report.begin(f"{feed} from drop to rest (embedded engines)")
    if not _find_file(scale).exists():
        section.left_out.append(f"{feed}, which is no part of the project, is not here.")
        return
    linked = MODEL if DEFAULT_FOLDER.exists() else TABLE
    settings = {**linked.settings, "SEEDWIRE_IMAGES_ALLOW_NETWORKS": NETWORK}
    candidate = Candidate(linked.name, linked.roles, settings)
    with (
        run_hosts(0.0, HOSTS) as port,
        start_engines("embedded", scratch / "engines") as engines,
    ):
        async with open_session(candidate, engines, scratch / "logs") as session:
            burst, published = await _run_feed(session, _load_feed(scale, port))
            _add_rows(section, candidate.name, burst, published, session)


def _find_file(scale: Scale) -> Path:
    return stream_path(scale.stream) if scale.stream else DATA / "seeds-azure.tar.gz"


def _load_feed(scale: Scale, port: int) -> list[Seed]:
    if scale.stream:
        return load_stream_seeds(scale.stream)
    return load_seeds(port)[: scale.feed_articles]


def load_seeds(port: int) -> list[Seed]:
    """The feed in the order of publication, its pictures at hosts that listen at *port*.

    Under the keys that `seedwire drop` gives them: of thirteen articles there are two files, whose
    order would be anybody's under other keys.
    """
    files: list[DroppedSeed] = []
    for number, (name, content) in enumerate(sorted(load_azure_seeds().items())):
        host = f"http://{host_address(number % HOSTS)}:{port}"
        files.append(DroppedSeed(name, move_images(host, content)))
    return [Seed(file.key, file.content) for file in assign_keys(files)]


def load_stream_seeds(stream: str) -> list[Seed]:
    """The articles of a labelled stream in the order of arrival."""
    articles = map(parse_article, load_articles(stream))
    return [Seed(article.id.encode(), article.seed) for article in articles]


async def _run_feed(session: Session, seeds: list[Seed]) -> tuple[Burst, int]:
    """What the feed cost, and how many of its articles are published in the end.

    Some more were for a moment, until a better one of their story came.
    """
    store = connect(session.engines.store)
    await store.open()
    seconds = max(MAX_SECONDS, MAX_SECONDS_PER_ARTICLE * len(seeds))

    async def wait_until_at_rest() -> float:
        pending = await wait_until_done(
            session.engines.settings, store, seconds, interval=LOOK_SECONDS
        )
        if not pending.is_empty:
            raise TimeoutError(f"after {seconds:g} s there was still {pending}")
        return time.time()

    try:
        before = (await store.decisions.counts())["published"]
        burst = await session.run_seeds(seeds, wait_until_at_rest)
        return burst, (await store.decisions.counts())["published"] - before
    finally:
        await store.close()


def _add_rows(section: Section, name: str, burst: Burst, published: int, session: Session) -> None:
    note = f"{burst.articles:,} seeds; {published:,} articles are published at rest"
    note += f"; up to {LOOK_SECONDS:g} s too much, the time between two looks"
    section.add(f"{name}: from drop to rest", [burst.seconds], "s", note=note)
    parts = [f"{role} {burst.role_ms(role):.2f}" for role in sorted(burst.cpu)]
    section.add(f"{name}: CPU", [burst.cpu_ms], "ms/article", note=", ".join(parts))
    engines = 1000 * sum(burst.engine_cpu.values()) / burst.articles
    section.add(f"{name}: CPU of the engines", [engines], "ms/article")
    section.add(f"{name}: both cores at work", [burst.busy], "share")
    for role, peak in session.processes.read_peak_memory().items():
        section.add(f"{role}: peak of memory", [peak], "MB")
