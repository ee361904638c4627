"""The wiring of the console: an HTTP server. It consumes no topic."""

import asyncio
import contextlib
import logging
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import partial
from typing import Final

import uvloop
from prometheus_client import CollectorRegistry

from services.console.sampling.sample_metrics import SampleCollector
from services.console.sampling.sampler import Sampler
from services.console.supervisor.state_dir import write_atomically
from services.console.web.app import build_app
from services.console.web.console import Console
from services.console.web.live.picture_origin import PictureOrigin
from services.console.web.security.token_file import load_token
from services.console.web.security.visitors import Visitors
from services.console.web.settings import ConsoleSettings
from shared.broker.progress import Progress
from shared.errors import SeedwireError, SettingsError, StoreUnavailable
from shared.metrics.registry import build_registry
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

REFRESH_SECONDS: Final = 5  # web takes another port only when it is restarted


@dataclass(frozen=True)
class _ConsoleService:
    name: str = "console"


def main() -> int:
    """Serve until SIGTERM. The exit codes are those of every service."""
    skip_last_collection()
    try:
        settings = load_settings(ConsoleSettings)
        logs.configure_from(settings, "console")
        uvloop.run(_serve_until_stopped(settings))
    except StoppedAtStart:
        log.info("stopped before the work began")
    except SeedwireError as error:
        logging.basicConfig()
        log.error("%s", error)
        return exit_codes.exit_code_for(error)
    return exit_codes.OK


async def _serve_until_stopped(settings: ConsoleSettings) -> None:
    store = connect(settings.store_url, settings.pictures)
    await wait_for_store(store, settings, _ConsoleService.name)
    stopping = asyncio.Event()
    for number in STOP_SIGNALS:
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    try:
        visitors = Visitors(settings, load_token(settings))
        pictures = PictureOrigin(settings.web_url)
        sampler = Sampler(settings, store)
        console = Console(store, settings, visitors, pictures, sampler)
        metrics = build_registry()
        metrics.register(SampleCollector(sampler))
        async with _serve(console) as url, _report_health(settings, store, url, metrics):
            log.info("console %s serves %s from the store %s", os.getpid(), url, store.address)
            async with sampler.run(), console.broadcasting(), _following(pictures, store):
                await stopping.wait()
    finally:
        await store.close()


@contextlib.asynccontextmanager
async def _serve(console: Console) -> AsyncIterator[str]:
    """Serve at the port of the settings, or at a free one if the default is taken; yields the URL.

    `seedwire up` finds the URL in the state directory, if it has one.
    """
    settings, app = console.settings, build_app(console)
    async with contextlib.AsyncExitStack() as stack:
        try:
            server = serve_app(app, settings.console_host, settings.console_port, heeds_proxy=False)
            port = await stack.enter_async_context(server)
        except SettingsError:
            if settings.is_port_chosen:
                raise
            server = serve_app(app, settings.console_host, 0, heeds_proxy=False)
            port = await stack.enter_async_context(server)
        url = f"http://{_bracket(settings.console_host)}:{port}"
        if settings.console_address_file.parent.is_dir():
            write_atomically(settings.console_address_file, url)
        yield url


@contextlib.asynccontextmanager
async def _following(pictures: PictureOrigin, store: Store) -> AsyncIterator[None]:
    """Ask where web is from time to time while the block runs."""
    refreshing = asyncio.create_task(_refresh(pictures, store))
    try:
        yield
    finally:
        refreshing.cancel()
        await asyncio.gather(refreshing, return_exceptions=True)


async def _refresh(pictures: PictureOrigin, store: Store) -> None:
    while True:
        try:
            await pictures.refresh(store)
        except StoreUnavailable as error:
            log.debug("web's address is not known anew: %s", error)
        await asyncio.sleep(REFRESH_SECONDS)


@contextlib.asynccontextmanager
async def _report_health(
    settings: ConsoleSettings, store: Store, url: str, metrics: CollectorRegistry
) -> AsyncIterator[None]:
    """Serve health checks and *metrics*, and write heartbeats that say where the console is."""
    progress = Progress(groups=(), address=url)
    heartbeat = HeartbeatWriter(_ConsoleService(), settings, store, progress, lambda: None)
    writing = asyncio.create_task(heartbeat.run())
    name = _ConsoleService.name
    try:
        signs = partial(_read_signs, progress)
        async with serve_health(settings, name, signs, lambda: None, metrics):
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


def _bracket(host: str) -> str:
    return f"[{host}]" if ":" in host else host
