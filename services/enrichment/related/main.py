"""The wiring of related."""

import gc

from threadpoolctl import threadpool_limits

from services.enrichment.related.features.sentence_embedding import Model
from services.enrichment.related.features.word_vectors import table
from services.enrichment.related.handlers import Related
from services.enrichment.related.linking.linker import Linker
from services.enrichment.related.linking.recompute import Settler
from services.enrichment.related.settings import RelatedSettings
from shared.broker.topics import INGESTED
from shared.clock import Clock, now
from shared.runtime.run import run
from shared.runtime.service import Chore, Service
from shared.settings import read


def related(settings: RelatedSettings, clock: Clock = now) -> Related:
    """A worker by these settings. Sets garbage collection and numpy's threads for the whole process.

    Raises SettingsError where the settings ask for a model that is not installed.
    """
    gc.set_threshold(
        50_000
    )  # most of what a batch makes goes with it: looking it over again and again takes a tenth
    threadpool_limits(
        1
    )  # the products are small: numpy's threads would wait for each other, at 2.5 times the CPU
    linker, settler = Linker(settings.reach, table(), clock), Settler(settings.bar, clock)
    model = Model.installed() if settings.related_model else None
    return Related(linker, settler, clock, settings.related_overdue_seconds, model)


def build() -> tuple[Service, RelatedSettings]:
    settings = read(RelatedSettings)
    worker = related(settings)
    return (
        Service(
            name="related",
            topic=INGESTED,
            handle=worker.handle,
            chores=(
                Chore("settle", settings.related_settle_seconds, worker.settle_in_time),
                Chore("sweep", settings.related_sweep_seconds, worker.sweep),
            ),
            on_new_cluster=worker.resend,
        ),
        settings,
    )


def main() -> int:
    return run(build)
