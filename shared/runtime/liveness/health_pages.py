"""The pages `/health/live` and `/health/ready` of a process: JSON, with status 200 or 503.

`/metrics` beside them is for Prometheus.
"""

import logging
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from prometheus_client import CollectorRegistry
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from shared.metrics.registry import build_metrics_route, build_registry, watch_readiness
from shared.runtime.http.http_server import serve_app
from shared.runtime.liveness.health import Obstacle, Signs, find_obstacle, find_stuck_reason
from shared.settings import Settings

log = logging.getLogger(__name__)


@asynccontextmanager
async def serve_health(
    settings: Settings,
    service: str,
    signs: Callable[[], Signs],
    lag: Callable[[], int | None],
    metrics: CollectorRegistry | None = None,
) -> AsyncIterator[None]:
    """Serve the pages while the block runs, if SEEDWIRE_HEALTH_PORT is set.

    *metrics* are what `/metrics` shows beside what every process has. Raises SettingsError when
    the port is taken.
    """
    if settings.health_port is None:
        yield
        return
    limit = settings.batch_limit_seconds
    app = build_health_app(service, limit, signs, lag, metrics or build_registry())
    async with serve_app(app, settings.health_host, settings.health_port) as port:
        log.info("health: http://%s:%d/health/ready", settings.health_host, port)
        with _name_address(settings, port):
            yield


@contextmanager
def _name_address(settings: Settings, port: int) -> Iterator[None]:
    """While the block runs, the file that the supervisor named says where the pages are."""
    if settings.health_file is None:
        yield
        return
    settings.health_file.write_text(f"{settings.health_host}:{port}")
    try:
        yield
    finally:
        settings.health_file.unlink(missing_ok=True)


def build_health_app(
    service: str,
    limit: float,
    signs: Callable[[], Signs],
    lag: Callable[[], int | None],
    metrics: CollectorRegistry,
) -> Starlette:
    """The pages as an app. *limit* is as in `find_stuck_reason`.

    Every response calls *signs* and *lag* again.
    """

    async def live(_: Request) -> JSONResponse:
        reason = find_stuck_reason(signs(), limit)
        is_live = reason is None
        return _respond(is_live, {"service": service, "live": is_live, "reason": reason})

    async def ready(_: Request) -> JSONResponse:
        now = signs()
        obstacle = find_obstacle(now)
        body = {
            "service": service,
            "ready": obstacle is None,
            "awaited": obstacle and _describe(obstacle),
            "lag": lag(),
            "secondsSinceProgress": round(now.quiet, 1),
            "batchSeconds": None if now.batch is None else round(now.batch, 1),
        }
        return _respond(obstacle is None, body)

    watch_readiness(metrics, lambda: find_obstacle(signs()) is None)
    pages = [Route("/health/live", live), Route("/health/ready", ready)]
    return Starlette(routes=[*pages, build_metrics_route(metrics)])


def _respond(is_healthy: bool, body: dict[str, Any]) -> JSONResponse:
    status = 200 if is_healthy else 503
    return JSONResponse(body, status, headers={"Cache-Control": "no-store"})


def _describe(obstacle: Obstacle) -> dict[str, Any]:
    since = datetime.now(UTC) - timedelta(seconds=obstacle.seconds)
    return {
        "what": obstacle.what,
        "since": since.isoformat(timespec="seconds"),
        "note": obstacle.note,
    }
