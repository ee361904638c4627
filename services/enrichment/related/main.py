"""The wiring of related."""

from datetime import timedelta

from services.enrichment.related.handlers import Related
from services.enrichment.related.linking import Reach
from services.enrichment.related.settings import RelatedSettings
from services.enrichment.related.settling import Bar, Settler
from shared.broker.run import run
from shared.broker.service import Chore, Service
from shared.broker.topics import INGESTED
from shared.clock import now
from shared.settings import read


def build() -> tuple[Service, RelatedSettings]:
    settings = read(RelatedSettings)
    related = wired(settings)
    return (
        Service(
            name="related",
            topic=INGESTED,
            handle=related.handle,
            chores=(
                Chore("settle", settings.related_settle_seconds, related.settle),
                Chore("sweep", settings.related_sweep_seconds, related.sweep),
            ),
            on_new_cluster=related.resend,
        ),
        settings,
    )


def wired(settings: RelatedSettings) -> Related:
    reach = Reach(timedelta(days=settings.related_window_days), settings.related_per_term)
    bar = Bar(related=settings.related_score, in_story=settings.related_score)
    return Related(reach, Settler(bar, now), now, settings.related_overdue_seconds)


def main() -> int:
    return run(build)
