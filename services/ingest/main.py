"""Assembles the ingest service: it validates dropped seeds, and saves and announces articles."""

from typing import Final

from services.ingest.handlers import IngestHandler
from services.ingest.settings import IngestSettings
from shared.clock import now
from shared.events.topics import SEEDS
from shared.runtime.memory import collect_garbage_rarely
from shared.runtime.run import run
from shared.runtime.service import PeriodicTask, Service
from shared.settings import load_settings

MENDED_SECONDS: Final = 5.0  # a page of open cases each time; without any it asks for their number


def build() -> tuple[Service, IngestSettings]:
    settings = load_settings(IngestSettings)
    handler = IngestHandler(
        clock=now,
        overdue_seconds=settings.ingest_overdue_seconds,
        has_given_relations=settings.has_given_relations,
    )
    sweep = PeriodicTask("sweep", settings.ingest_sweep_seconds, handler.sweep)
    service = Service(
        name="ingest",
        topic=SEEDS,
        handle=handler.handle,
        periodic_tasks=(sweep, PeriodicTask("mended", MENDED_SECONDS, handler.close_mended)),
        on_new_cluster=handler.resend,
    )
    return service, settings


def main() -> int:
    collect_garbage_rarely()
    return run(build)
