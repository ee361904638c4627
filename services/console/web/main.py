"""The wiring of the console: an HTTP server. It consumes no topic."""

import asyncio
import contextlib
import logging
import os
from collections.abc import AsyncIterator
from typing import Final

from services.console.sampling.sample_metrics import SampleCollector
from services.console.sampling.sampler import Sampler
from services.console.supervisor.state_dir import write_atomically
from services.console.web.app import build_app
from services.console.web.console import Console
from services.console.web.rendering.picture_origin import PictureOrigin
from services.console.web.security.token_file import load_token
from services.console.web.security.visitors import Visitors
from services.console.web.settings import ConsoleSettings
from shared.concurrency.background import run_beside
from shared.errors import StoreUnavailable
from shared.metrics.registry import build_registry
from shared.runtime.http.http_process import report_health, run_http_process
from shared.runtime.http.http_server import serve_app_nearby
from shared.store import Store

log = logging.getLogger(__name__)

NAME: Final = "console"
REFRESH_SECONDS: Final = 5  # web takes another port only when it is restarted


def main() -> int:
    return run_http_process(NAME, ConsoleSettings, _serve)


@contextlib.asynccontextmanager
async def _serve(settings: ConsoleSettings, store: Store) -> AsyncIterator[None]:
    visitors = Visitors(settings, load_token(settings))
    pictures = PictureOrigin(settings.web_url)
    sampler = Sampler(settings, store)
    console = Console(store, settings, visitors, pictures, sampler)
    metrics = build_registry()
    metrics.register(SampleCollector(sampler))
    async with _serve_pages(console) as url, report_health(NAME, settings, store, url, metrics):
        log.info("console %s serves %s from the store %s", os.getpid(), url, store.address)
        refreshing = run_beside(_refresh(pictures, store))
        async with sampler.run(), console.broadcasting(), refreshing:
            yield


@contextlib.asynccontextmanager
async def _serve_pages(console: Console) -> AsyncIterator[str]:
    """Serve at the port of the settings, or at a free one if the default is taken; yields the URL.

    `seedwire up` finds the URL in the state directory, if it has one.
    """
    settings = console.settings
    server = serve_app_nearby(
        build_app(console),
        settings.console_host,
        settings.console_port,
        is_port_chosen=settings.is_port_chosen,
        heeds_proxy=False,
    )
    async with server as port:
        url = f"http://{_bracket(settings.console_host)}:{port}"
        if settings.console_address_file.parent.is_dir():
            write_atomically(settings.console_address_file, url)
        yield url


async def _refresh(pictures: PictureOrigin, store: Store) -> None:
    """Ask where web is from time to time."""
    while True:
        try:
            await pictures.refresh(store)
        except StoreUnavailable as error:
            log.debug("web's address is not known anew: %s", error)
        await asyncio.sleep(REFRESH_SECONDS)


def _bracket(host: str) -> str:
    return f"[{host}]" if ":" in host else host
