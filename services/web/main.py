"""The wiring of web: no topic, no consumer group; a server that stands until it is told to stop."""

import asyncio
import contextlib
import logging
import os
import signal
from collections.abc import AsyncIterator
from dataclasses import dataclass

import uvloop
from starlette.applications import Starlette
from starlette.routing import Route

from services.web.picture_server import PictureServer
from services.web.settings import WebSettings
from shared.broker.progress import Progress
from shared.errors import EngineAway, SeedwireError, SettingsError
from shared.runtime import logs
from shared.runtime import run as exits
from shared.runtime.health import Signs
from shared.runtime.health_pages import health_pages
from shared.runtime.heartbeat import Heart
from shared.runtime.http_server import serving
from shared.settings import read
from shared.store import Store, connect

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Web:
    name: str = "web"


def build(pictures: PictureServer) -> Starlette:
    """Everything that is served."""
    return Starlette(routes=[Route("/images/{sha256}", pictures.answer)])


def main() -> int:
    """Serve until SIGTERM. Exit codes as of every service."""
    try:
        settings = read(WebSettings)
        logs.configure("web", settings.log_level)
        uvloop.run(_work(settings))
    except SeedwireError as error:
        logging.basicConfig()
        log.error("%s", error)
        if isinstance(error, SettingsError):
            return exits.WRONG_SETTINGS
        return exits.ENGINE_AWAY if isinstance(error, EngineAway) else exits.FAILED
    return exits.OK


async def _work(settings: WebSettings) -> None:
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    store = connect(settings.store_url, settings.pictures)
    await store.open()
    try:
        async with _listening(build(PictureServer(store)), settings) as port:
            address = f"http://{settings.web_host}:{port}"
            log.info("web %s at %s, store %s", os.getpid(), address, store.address)
            async with _known(settings, store, address):
                await stopping.wait()
    finally:
        await store.close()


@contextlib.asynccontextmanager
async def _listening(app: Starlette, settings: WebSettings) -> AsyncIterator[int]:
    """Serve at the port that was set; if none was set and ours is taken, at another one."""
    async with contextlib.AsyncExitStack() as stack:
        try:
            port = await stack.enter_async_context(
                serving(app, settings.web_host, settings.web_port)
            )
        except SettingsError:
            if settings.chosen:
                raise
            port = await stack.enter_async_context(serving(app, settings.web_host, 0))
        yield port


@contextlib.asynccontextmanager
async def _known(settings: WebSettings, store: Store, address: str) -> AsyncIterator[None]:
    """Say in the store that it works, and where."""
    progress = Progress(groups=(), address=address)
    heart = Heart(_Web(), settings, store, progress, lambda: None)
    beating = asyncio.create_task(heart.beat())
    try:
        async with health_pages(settings, _Web.name, lambda: _signs(progress), lambda: None):
            yield
    finally:
        beating.cancel()
        await asyncio.gather(beating, return_exceptions=True)
        await heart.last(None)


def _signs(progress: Progress) -> Signs:
    """It consumes nothing: the store alone can keep it from its work."""
    now = progress.clock()
    return Signs(
        joined=True,
        started=now - progress.began,
        unassigned=None,
        batch=None,
        finished=0,
        fetched=None,
        stored=now - progress.stored,
    )
