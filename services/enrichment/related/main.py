"""Assembles the related service: it links articles about the same event and keeps stories."""

from functools import cache
from pathlib import Path

from threadpoolctl import threadpool_limits

from services.enrichment.related.explaining.article_pair import LinkingRules
from services.enrichment.related.features.feature_cache import FeatureCaches
from services.enrichment.related.features.readers import ModelMode, Reader, load_reader
from services.enrichment.related.features.signature_builder import SignatureBuilder
from services.enrichment.related.given.handlers import GivenRelationsHandler
from services.enrichment.related.handlers import RelatedHandler
from services.enrichment.related.judging.feed_statistics import (
    compute_statistics,
    unpack_statistics,
)
from services.enrichment.related.judging.judge import load_judge
from services.enrichment.related.linking.feed_keeper import FeedKeeper, get_reader_of
from services.enrichment.related.linking.recompute import Recomputer
from services.enrichment.related.neighbours.neighbour_update import NeighbourUpdater
from services.enrichment.related.settings import RelatedSettings
from services.enrichment.related.stage import RelatedStage
from shared.clock import Clock, now
from shared.events.topics import INGESTED
from shared.runtime.memory import collect_garbage_rarely, limit_free_memory
from shared.runtime.run import run
from shared.runtime.service import PeriodicTask, Service
from shared.settings import load_settings
from shared.store import Store


def build() -> tuple[Service, RelatedSettings]:
    settings = load_settings(RelatedSettings)
    handler = build_handler(settings)
    recompute = PeriodicTask(
        "recompute", settings.related_recompute_seconds, handler.recompute_if_due
    )
    sweep = PeriodicTask("sweep", settings.related_sweep_seconds, handler.sweep)
    feed = PeriodicTask("feed", settings.related_feed_seconds, handler.update_statistics_if_due)
    service = Service(
        name="related",
        topic=INGESTED,
        handle=handler.handle,
        periodic_tasks=(recompute, sweep, feed),
        on_start=handler.start,
        on_new_cluster=handler.resend,
        mode=settings.related,
    )
    return service, settings


def build_handler(settings: RelatedSettings, clock: Clock = now) -> RelatedStage:
    """The handler for these settings.

    Tunes the whole process. Raises SettingsError if the settings ask for a sentence model that is
    not installed.
    """
    _tune_process()
    if settings.related == "given":
        return GivenRelationsHandler(clock, settings.related_overdue_seconds)
    reader = _load_reader(settings.related_model, settings.related_model_folder)
    judge = load_judge(reader.name)
    caches, feed = FeatureCaches(reader), FeedKeeper(reader, clock)
    return RelatedHandler(
        SignatureBuilder(reader),
        NeighbourUpdater(settings.candidate_search, judge, caches, clock),
        Recomputer(settings.thresholds, judge, caches, feed, clock),
        feed,
        clock,
        settings.related_overdue_seconds,
    )


async def load_linking_rules(settings: RelatedSettings, store: Store) -> LinkingRules:
    """What the chances of a pair in this store depend on; needs no sentence model.

    In a store without linked articles these are the rules of the table of word vectors. Raises
    SettingsError if this version does not know the reader of the store.
    """
    snapshot = await store.feed.get_snapshot()
    reader = get_reader_of(snapshot) if snapshot else Reader("table")
    statistics = unpack_statistics(snapshot) if snapshot else compute_statistics([], reader)
    judge = load_judge(reader.name)
    return LinkingRules(reader, judge, statistics, settings.thresholds, settings.candidate_search)


@cache
def _load_reader(mode: ModelMode, folder: Path) -> Reader:
    """A process builds its handler twice, but loads the model once."""
    return load_reader(mode, folder)


def _tune_process() -> None:
    collect_garbage_rarely()
    # The matrices are small: numpy's threads would wait for each other, at 2.5 times the CPU.
    threadpool_limits(1)
    limit_free_memory()


def main() -> int:
    return run(build)
