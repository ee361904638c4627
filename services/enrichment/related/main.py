"""Assembles the related service: it links articles about the same event and keeps stories."""

import gc

from threadpoolctl import threadpool_limits

from services.enrichment.related.features.sentence_embedding import SentenceModel
from services.enrichment.related.features.signature_builder import SignatureBuilder
from services.enrichment.related.features.word_vectors import load_stem_table
from services.enrichment.related.handlers import RelatedHandler
from services.enrichment.related.linking.recompute import Recomputer
from services.enrichment.related.neighbours.neighbour_update import NeighbourUpdater
from services.enrichment.related.settings import RelatedSettings
from shared.clock import Clock, now
from shared.events.topics import INGESTED
from shared.runtime.run import run
from shared.runtime.service import PeriodicTask, Service
from shared.settings import load_settings


def build() -> tuple[Service, RelatedSettings]:
    settings = load_settings(RelatedSettings)
    handler = build_handler(settings)
    recompute = PeriodicTask(
        "recompute", settings.related_recompute_seconds, handler.recompute_if_due
    )
    sweep = PeriodicTask("sweep", settings.related_sweep_seconds, handler.sweep)
    service = Service(
        name="related",
        topic=INGESTED,
        handle=handler.handle,
        periodic_tasks=(recompute, sweep),
        on_new_cluster=handler.resend,
    )
    return service, settings


def build_handler(settings: RelatedSettings, clock: Clock = now) -> RelatedHandler:
    """The handler for these settings.

    Tunes the whole process. Raises SettingsError if the settings ask for a sentence model that is
    not installed.
    """
    _tune_process()
    model = SentenceModel.load_installed() if settings.related_model else None
    return RelatedHandler(
        SignatureBuilder(model),
        NeighbourUpdater(settings.candidate_search, load_stem_table(), clock),
        Recomputer(settings.thresholds, clock),
        clock,
        settings.related_overdue_seconds,
    )


def _tune_process() -> None:
    # Most objects of a batch die with it: looking through them again and again takes a tenth.
    gc.set_threshold(50_000)
    # The matrices are small: numpy's threads would wait for each other, at 2.5 times the CPU.
    threadpool_limits(1)


def main() -> int:
    return run(build)
