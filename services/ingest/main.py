"""Ingest's wiring."""

from services.ingest.handlers import Ingest
from services.ingest.settings import IngestSettings
from shared.broker.topics import SEEDS
from shared.clock import now
from shared.runtime.run import run
from shared.runtime.service import Chore, Service
from shared.settings import read


def build() -> tuple[Service, IngestSettings]:
    settings = read(IngestSettings)
    ingest = Ingest(clock=now, overdue_seconds=settings.ingest_overdue_seconds)
    return (
        Service(
            name="ingest",
            topic=SEEDS,
            handle=ingest.handle,
            chores=(Chore("sweep", settings.ingest_sweep_seconds, ingest.sweep),),
            on_new_cluster=ingest.resend,
        ),
        settings,
    )


def main() -> int:
    return run(build)
