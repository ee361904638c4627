"""What the supervisor serves for Prometheus: `/metrics`, and `/targets` with its processes."""

import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from services.console.sampling.sample_metrics import SampleCollector
from services.console.sampling.sampler import Sampler
from services.console.supervisor.process_plan import service_of
from services.console.supervisor.state_dir import StateDir, read_if_exists
from shared.metrics.registry import build_metrics_route, build_registry
from shared.runtime.http.http_server import serve_app
from shared.settings import Settings
from shared.store import Store

log = logging.getLogger(__name__)


@asynccontextmanager
async def serve_metrics(
    settings: Settings, state_dir: StateDir, store: Store, processes: Callable[[], list[str]]
) -> AsyncIterator[None]:
    """Sample and serve while the block runs, if SEEDWIRE_METRICS_PORT is set.

    *processes* are the names of those that run. Raises SettingsError when the port is taken.
    """
    if settings.metrics_port is None:
        yield
        return
    sampler = Sampler(settings, store)
    registry = build_registry()
    registry.register(SampleCollector(sampler))
    targets = _build_targets_route(state_dir, processes)
    app = Starlette(routes=[build_metrics_route(registry), targets])
    serving = serve_app(app, settings.health_host, settings.metrics_port)
    async with serving as port, sampler.run():
        log.info("metrics: http://%s:%d/metrics", settings.health_host, port)
        yield


def _build_targets_route(state_dir: StateDir, processes: Callable[[], list[str]]) -> Route:
    """`/targets`, for Prometheus' discovery: a process takes a free port at each start."""

    async def targets(_: Request) -> JSONResponse:
        found = []
        for name in processes():
            address = read_if_exists(state_dir.health_file(name))
            if address:
                labels = {"service": service_of(name), "process": name}
                found.append({"targets": [address], "labels": labels})
        return JSONResponse(found)

    return Route("/targets", targets)
