"""Publishing's wiring."""

import sys

from services.publishing.handlers import Publishing
from services.publishing.reconciler import Desk
from services.publishing.settings import PublishingSettings
from shared.broker.topics import ENRICHED
from shared.clock import now
from shared.runtime.run import run
from shared.runtime.service import Chore, Service
from shared.settings import read


def build() -> tuple[Service, PublishingSettings]:
    settings = read(PublishingSettings)
    publishing = wired(settings)
    return (
        Service(
            name="publishing",
            topic=ENRICHED,
            handle=publishing.handle,
            chores=(Chore("sweep", settings.publish_sweep_seconds, publishing.sweep),),
            on_new_cluster=publishing.resend,
        ),
        settings,
    )


def wired(settings: PublishingSettings) -> Publishing:
    return Publishing(
        Desk(settings.rules, clock=now), clock=now, overdue_seconds=settings.publish_overdue_seconds
    )


def main() -> int:
    return run(build)


if __name__ == "__main__":
    sys.exit(main())
