"""Assembles the publishing service: it decides what is published, and announces every revision."""

import sys

from services.publishing.deciding.reconciler import Reconciler
from services.publishing.handlers import PublishingHandler
from services.publishing.settings import PublishingSettings
from shared.clock import now
from shared.events.topics import ENRICHED
from shared.metrics.revision_metrics import RevisionMetrics
from shared.runtime.memory import collect_garbage_rarely
from shared.runtime.run import run
from shared.runtime.service import PeriodicTask, Service
from shared.settings import load_settings


def build() -> tuple[Service, PublishingSettings]:
    settings = load_settings(PublishingSettings)
    handler = build_handler(settings)
    sweep = PeriodicTask("sweep", settings.publish_sweep_seconds, handler.sweep)
    service = Service(
        name="publishing",
        topic=ENRICHED,
        handle=handler.handle,
        task="decision",
        periodic_tasks=(sweep,),
        on_new_cluster=handler.resend,
        build_event_meter=RevisionMetrics,
    )
    return service, settings


def build_handler(settings: PublishingSettings) -> PublishingHandler:
    reconciler = Reconciler(settings.rules, clock=now)
    return PublishingHandler(reconciler, now, settings.publish_overdue_seconds)


def main() -> int:
    collect_garbage_rarely()
    return run(build)


if __name__ == "__main__":
    sys.exit(main())
