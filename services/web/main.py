"""The wiring of web: an HTTP server. It consumes no topic."""

import asyncio
import contextlib
import logging
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass

import uvloop
from starlette.applications import Starlette

from services.web.routes import build_app
from services.web.seeds.seed_dropper import SeedDropper
from services.web.seeds.seed_server import SeedServer
from services.web.settings import WebSettings
from shared.broker.progress import Progress
from shared.errors import SeedwireError, SettingsError
from shared.runtime import exit_codes, logs
from shared.runtime.ending import skip_last_collection
from shared.runtime.health import Signs
from shared.runtime.health_pages import serve_health
from shared.runtime.heartbeat import HeartbeatWriter
from shared.runtime.http_server import serve_app
from shared.runtime.startup import STOP_SIGNALS, StoppedAtStart, wait_for_store
from shared.settings import load_settings
from shared.store import Store, connect

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _WebService:
    name: str = "web"


def main() -> int:
    """Serve until SIGTERM. The exit codes are those of every service."""
    skip_last_collection()
    try:
        settings = load_settings(WebSettings)
        logs.configure_from(settings, "web")
        uvloop.run(_serve_until_stopped(settings))
    except StoppedAtStart:
        log.info("stopped before the work began")
    except SeedwireError as error:
        logging.basicConfig()
        log.error("%s", error)
        return exit_codes.exit_code_for(error)
    return exit_codes.OK


async def _serve_until_stopped(settings: WebSettings) -> None:
    store = connect(settings.store_url, settings.pictures)
    await wait_for_store(store, settings, _WebService.name)
    stopping = asyncio.Event()
    for number in STOP_SIGNALS:
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    try:
        async with _open_seed_server(settings) as seeds:
            app = _build(store, settings, seeds)
            async with _serve(app, settings) as port:
                url = f"http://{settings.web_host}:{port}"
                log.info("web %s serves %s from the store %s", os.getpid(), url, store.address)
                async with _report_health(settings, store, url):
                    await stopping.wait()
    finally:
        await store.close()


def _build(store: Store, settings: WebSettings, seeds: SeedServer | None) -> Starlette:
    return build_app(store, source=settings.source, public_url=settings.web_url, seeds=seeds)


@contextlib.asynccontextmanager
async def _open_seed_server(settings: WebSettings) -> AsyncIterator[SeedServer | None]:
    """What takes seeds, if there is a token. It connects to Kafka with the first of them."""
    if not settings.token:
        yield None
        return
    dropper = SeedDropper(settings, settings.web_receipt_seconds)
    try:
        yield SeedServer(dropper, settings.token)
    finally:
        await dropper.close()


@contextlib.asynccontextmanager
async def _serve(app: Starlette, settings: WebSettings) -> AsyncIterator[int]:
    """Serve at the port of the settings, or at a free one if the default is taken; yields it."""
    async with contextlib.AsyncExitStack() as stack:
        try:
            server = serve_app(app, settings.web_host, settings.web_port)
            port = await stack.enter_async_context(server)
        except SettingsError:
            if settings.is_port_chosen:
                raise
            server = serve_app(app, settings.web_host, 0)
            port = await stack.enter_async_context(server)
        yield port


@contextlib.asynccontextmanager
async def _report_health(settings: WebSettings, store: Store, url: str) -> AsyncIterator[None]:
    """Serve health checks, and write heartbeats that say where pictures are served."""
    progress = Progress(groups=(), address=url)
    heartbeat = HeartbeatWriter(_WebService(), settings, store, progress, lambda: None)
    writing = asyncio.create_task(heartbeat.run())
    name = _WebService.name
    try:
        async with serve_health(settings, name, lambda: _read_signs(progress), lambda: None):
            yield
    finally:
        writing.cancel()
        await asyncio.gather(writing, return_exceptions=True)
        await heartbeat.write_last(None)


def _read_signs(progress: Progress) -> Signs:
    """It consumes no topic: only the store can keep it from its work."""
    now = progress.clock()
    return Signs(
        has_joined=True,
        started=now - progress.began,
        unassigned=None,
        batch=None,
        finished=0,
        fetched=None,
        stored=now - progress.stored,
    )
