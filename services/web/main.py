"""The wiring of web: an HTTP server. It consumes no topic."""

import contextlib
import logging
import os
from collections.abc import AsyncIterator
from typing import Final

from services.web.routes import build_app
from services.web.seeds.request_dropper import RequestDropper
from services.web.seeds.seed_server import SeedServer
from services.web.settings import WebSettings
from shared.runtime.http.http_process import report_health, run_http_process
from shared.runtime.http.http_server import serve_app_nearby
from shared.store import Store

log = logging.getLogger(__name__)

NAME: Final = "web"


def main() -> int:
    return run_http_process(NAME, WebSettings, _serve)


@contextlib.asynccontextmanager
async def _serve(settings: WebSettings, store: Store) -> AsyncIterator[None]:
    async with _open_seed_server(settings) as seeds:
        app = build_app(store, source=settings.source, public_url=settings.web_url, seeds=seeds)
        server = serve_app_nearby(
            app, settings.web_host, settings.web_port, is_port_chosen=settings.is_port_chosen
        )
        async with server as port:
            url = f"http://{settings.web_host}:{port}"
            log.info("web %s serves %s from the store %s", os.getpid(), url, store.address)
            async with report_health(NAME, settings, store, url):
                yield


@contextlib.asynccontextmanager
async def _open_seed_server(settings: WebSettings) -> AsyncIterator[SeedServer | None]:
    """What takes seeds, if there is a token. It connects to Kafka with the first of them."""
    if not settings.token:
        yield None
        return
    dropper = RequestDropper(settings, settings.web_receipt_seconds)
    try:
        yield SeedServer(dropper, settings.token)
    finally:
        await dropper.close()
