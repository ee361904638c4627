"""The wiring of images."""

import random
import time
from contextlib import AbstractAsyncContextManager
from datetime import timedelta

from services.enrichment.images.decoding.process_pool import Pool
from services.enrichment.images.decoding.verification import Verifier
from services.enrichment.images.fetching.fetch_outcome import Later, Outcome, Validators
from services.enrichment.images.fetching.host_limits import Hosts
from services.enrichment.images.fetching.picture_fetcher import Fetcher
from services.enrichment.images.handlers import Images
from services.enrichment.images.network.guarded_network import Guard
from services.enrichment.images.pages.page_fetcher import PageReader
from services.enrichment.images.pages.page_metadata import Found
from services.enrichment.images.scheduling.fetch_coordinator import Desk
from services.enrichment.images.scheduling.required_urls import PAGE
from services.enrichment.images.scheduling.retry_policy import Patience
from services.enrichment.images.settings import ImagesSettings
from services.enrichment.images.storing.image_store import Keeper
from shared.broker.topics import INGESTED, WANTED
from shared.clock import now
from shared.events.catalogue import is_wanted_again
from shared.runtime.run import run
from shared.runtime.service import Chore, Input, Service
from shared.settings import read

IN_HAND = 4_000  # records: as many may wait for slow hosts before those behind them do
SWEEP_SECONDS = 60.0


def build() -> tuple[Service, ImagesSettings]:
    settings = read(ImagesSettings)
    hosts = Hosts(settings.images_per_host, time.monotonic)
    pool = Pool()
    guard, verifier = Guard(settings.allowed), Verifier(pool)
    fetcher = Fetcher(guard, hosts, verifier, settings.images_at_once, settings.images_user_agent)
    patience = Patience(
        first=settings.images_first_seconds,
        long=settings.images_long_seconds,
        retry=settings.images_retry_seconds,
        attempts=settings.images_attempts,
        remember=timedelta(hours=settings.images_remember_hours),
        refresh=timedelta(hours=settings.images_refresh_hours),
    )
    reader = PageReader(fetcher, settings.robots_token, time.monotonic, pool)

    def fetched(
        url: str, seconds: float, known: Validators
    ) -> AbstractAsyncContextManager[Outcome | Found]:
        if url.startswith(PAGE):
            return reader.found(url.removeprefix(PAGE), seconds)
        return fetcher.fetched(url, seconds, known)

    def refused(url: str) -> Later | None:
        return fetcher.refusal(url.removeprefix(PAGE))

    desk = Desk(fetched, patience, now, random.random, Keeper(pool).prepare, refused)
    images = Images(desk, now, pages=settings.pages == "on")
    return (
        Service(
            name="images",
            topic=INGESTED,
            handle=images.plan,
            also=(
                Input("images.fetch", WANTED, images.fetch, ahead=IN_HAND, apart=is_wanted_again),
            ),
            chores=(
                Chore("parked", settings.images_parked_seconds, images.take_up),
                Chore("sweep", SWEEP_SECONDS, images.sweep),
            ),
        ),
        settings,
    )


def main() -> int:
    return run(build)
