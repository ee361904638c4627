"""The wiring of related."""

from datetime import timedelta

from services.enrichment.related.handlers import Related
from services.enrichment.related.linking import Rules
from services.enrichment.related.settings import RelatedSettings
from shared.broker.run import run
from shared.broker.service import Service
from shared.broker.topics import INGESTED
from shared.settings import read


def build() -> tuple[Service, RelatedSettings]:
    settings = read(RelatedSettings)
    rules = Rules(
        score=settings.related_score,
        window=timedelta(days=settings.related_window_days),
        per_term=settings.related_per_term,
    )
    return Service(name="related", topic=INGESTED, handle=Related(rules).handle), settings


def main() -> int:
    return run(build)
