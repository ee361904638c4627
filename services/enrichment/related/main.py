"""The wiring of related."""

from services.enrichment.related.handlers import Related
from services.enrichment.related.linking import Linker
from services.enrichment.related.settings import RelatedSettings
from services.enrichment.related.settling import Settler
from services.enrichment.related.vectors import table
from shared.broker.run import run
from shared.broker.service import Chore, Service
from shared.broker.topics import INGESTED
from shared.clock import now
from shared.settings import read


def related(settings: RelatedSettings) -> Related:
    return Related(Linker(settings.reach, table(), now), Settler(settings.bar, now))


def build() -> tuple[Service, RelatedSettings]:
    settings = read(RelatedSettings)
    worker = related(settings)
    chore = Chore("settle", settings.related_settle_seconds, worker.settle)
    return Service(name="related", topic=INGESTED, handle=worker.handle, chores=(chore,)), settings


def main() -> int:
    return run(build)
