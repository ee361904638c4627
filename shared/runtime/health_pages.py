"""The pages `/health/live` and `/health/ready` of a worker: JSON, with 200 or 503."""

import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from shared.runtime.health import Awaited, Signs, awaited, stuck
from shared.runtime.http_server import serving
from shared.settings import Settings

log = logging.getLogger(__name__)


@asynccontextmanager
async def health_pages(
    settings: Settings, service: str, signs: Callable[[], Signs], lag: Callable[[], int | None]
) -> AsyncIterator[None]:
    """Served while the block runs, if SEEDWIRE_HEALTH_PORT is set. Raises SettingsError when the port is taken."""
    if settings.health_port is None:
        yield
        return
    app = pages(service, settings.batch_limit_seconds, signs, lag)
    async with serving(app, settings.health_host, settings.health_port) as port:
        log.info("health: http://%s:%d/health/ready", settings.health_host, port)
        yield


def pages(
    service: str, limit: float, signs: Callable[[], Signs], lag: Callable[[], int | None]
) -> Starlette:
    """*limit* as in `stuck`; *signs* and *lag* are asked anew for each answer."""

    async def live(_: Request) -> JSONResponse:
        reason = stuck(signs(), limit)
        return _answer(
            reason is None, {"service": service, "live": reason is None, "reason": reason}
        )

    async def ready(_: Request) -> JSONResponse:
        now = signs()
        waits = awaited(now)
        body = {
            "service": service,
            "ready": waits is None,
            "awaited": waits and _shown(waits),
            "lag": lag(),
            "secondsSinceProgress": round(now.quiet, 1),
            "batchSeconds": None if now.batch is None else round(now.batch, 1),
        }
        return _answer(waits is None, body)

    return Starlette(routes=[Route("/health/live", live), Route("/health/ready", ready)])


def _answer(good: bool, body: dict[str, Any]) -> JSONResponse:
    return JSONResponse(body, 200 if good else 503, headers={"Cache-Control": "no-store"})


def _shown(waits: Awaited) -> dict[str, Any]:
    since = datetime.now(UTC) - timedelta(seconds=waits.seconds)
    return {"what": waits.what, "since": since.isoformat(timespec="seconds"), "note": waits.note}
