"""The pages `/health/live` and `/health/ready` of a worker: JSON, with status 200 or 503."""

import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from shared.runtime.health import Obstacle, Signs, find_obstacle, find_stuck_reason
from shared.runtime.http_server import serve_app
from shared.settings import Settings

log = logging.getLogger(__name__)


@asynccontextmanager
async def serve_health(
    settings: Settings, service: str, signs: Callable[[], Signs], lag: Callable[[], int | None]
) -> AsyncIterator[None]:
    """Serve the pages while the block runs, if SEEDWIRE_HEALTH_PORT is set.

    Raises SettingsError when the port is taken.
    """
    if settings.health_port is None:
        yield
        return
    app = build_health_app(service, settings.batch_limit_seconds, signs, lag)
    async with serve_app(app, settings.health_host, settings.health_port) as port:
        log.info("health: http://%s:%d/health/ready", settings.health_host, port)
        yield


def build_health_app(
    service: str, limit: float, signs: Callable[[], Signs], lag: Callable[[], int | None]
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

    return Starlette(routes=[Route("/health/live", live), Route("/health/ready", ready)])


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
