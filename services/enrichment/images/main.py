"""The wiring of images."""

import random
import time
from datetime import timedelta
from typing import Final

from services.enrichment.images.decoding.process_pool import DecodingPool
from services.enrichment.images.decoding.verification import PictureVerifier
from services.enrichment.images.fetching.fetch_router import FetchRouter
from services.enrichment.images.fetching.host_limits import HostLimits
from services.enrichment.images.fetching.http_client import HttpClient
from services.enrichment.images.fetching.picture_fetcher import PictureFetcher
from services.enrichment.images.fetching.web_fetcher import WebFetcher
from services.enrichment.images.handlers import ImagesHandler
from services.enrichment.images.network.connection_pool import ConnectionPool
from services.enrichment.images.network.guarded_network import GuardedNetwork
from services.enrichment.images.pages.page_fetcher import PageFetcher
from services.enrichment.images.scheduling.fetch_coordinator import FetchCoordinator
from services.enrichment.images.scheduling.retry_policy import RetryPolicy
from services.enrichment.images.settings import ImagesSettings
from shared.clock import now
from shared.events.picture_events import is_wanted_again
from shared.events.topics import INGESTED, WANTED
from shared.metrics.worker_metrics import ServiceCounter
from shared.runtime.run import run
from shared.runtime.service import Input, PeriodicTask, Service
from shared.settings import load_settings

MAX_IN_FLIGHT: Final = 4_000  # records that may wait for slow hosts before those behind them do
SWEEP_SECONDS: Final = 60.0


def build() -> tuple[Service, ImagesSettings]:
    settings = load_settings(ImagesSettings)
    pool = DecodingPool()
    router = build_router(settings, pool)
    coordinator = FetchCoordinator(
        router.fetch,
        build_retry_policy(settings),
        now,
        random.random,
        router.refusal,
    )
    handler = ImagesHandler(coordinator, now, reads_pages=settings.pages == "on")
    fetch_input = Input(
        "images.fetch",
        WANTED,
        handle=handler.fetch,
        task="images",
        on_rejected=handler.put_off_rejected,
        max_in_flight=MAX_IN_FLIGHT,
        is_slow=is_wanted_again,
    )
    fetched = ServiceCounter(
        "seedwire_fetched_bytes_total",
        "Bytes of pictures and pages that were fetched from the web.",
        router.count_bytes,
    )
    service = Service(
        name="images",
        topic=INGESTED,
        handle=handler.plan,
        task="images",
        extra_inputs=(fetch_input,),
        counters=(fetched,),
        periodic_tasks=(
            PeriodicTask("parked", settings.images_parked_seconds, handler.retry_parked),
            PeriodicTask("sweep", SWEEP_SECONDS, handler.sweep),
        ),
    )
    return service, settings


def build_router(settings: ImagesSettings, pool: DecodingPool) -> FetchRouter:
    """The worker's way to the web. Pictures and pages are decoded in *pool*."""
    network = GuardedNetwork(settings.allowed_networks)
    client = HttpClient(ConnectionPool(network), settings.images_user_agent)
    hosts = HostLimits(settings.images_per_host, time.monotonic)
    web = WebFetcher(client, hosts, settings.images_at_once)
    pictures = PictureFetcher(web, PictureVerifier(pool))
    pages = PageFetcher(web, settings.robots_token, time.monotonic, pool)
    return FetchRouter(web, pictures, pages)


def build_retry_policy(settings: ImagesSettings) -> RetryPolicy:
    return RetryPolicy(
        first_seconds=settings.images_first_seconds,
        long_seconds=settings.images_long_seconds,
        retry_seconds=settings.images_retry_seconds,
        max_attempts=settings.images_attempts,
        failure_ttl=timedelta(hours=settings.images_remember_hours),
        refresh_after=timedelta(hours=settings.images_refresh_hours),
    )


def main() -> int:
    return run(build)
