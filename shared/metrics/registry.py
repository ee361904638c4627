"""The registry of a process: its own, so that nothing else that is imported shows up in it."""

from collections.abc import Callable

from prometheus_client import (
    CollectorRegistry,
    Gauge,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route


def build_registry() -> CollectorRegistry:
    """A registry with what the system knows of this process: CPU, memory, open files."""
    disable_created_metrics()  # type: ignore[no-untyped-call]  # series of no use
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    return registry


def watch_readiness(registry: CollectorRegistry, is_ready: Callable[[], bool]) -> None:
    """Say at every scrape whether the process is ready, as `/health/ready` does."""
    gauge = Gauge(
        "seedwire_ready",
        "1 while this process works, 0 while something keeps it from its work.",
        registry=registry,
    )
    gauge.set_function(is_ready)


def build_metrics_route(registry: CollectorRegistry) -> Route:
    """`/metrics`, in Prometheus' text format."""

    async def metrics(_: Request) -> Response:
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_PLAIN_0_0_4)

    return Route("/metrics", metrics)
