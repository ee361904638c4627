"""The entry point of a process that serves HTTP and consumes no topic: web, the console."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from functools import partial
from typing import TypeVar

import uvloop
from prometheus_client import CollectorRegistry

from shared.broker.reading.progress import Progress
from shared.concurrency.background import run_beside
from shared.runtime.entry_point import run_process
from shared.runtime.liveness.health import Signs
from shared.runtime.liveness.health_pages import serve_health
from shared.runtime.liveness.heartbeat import HeartbeatWriter
from shared.runtime.logging import logs
from shared.runtime.startup import STOP_SIGNALS, wait_for_store
from shared.settings import Settings, load_settings
from shared.store import Store, connect

SomeSettings = TypeVar("SomeSettings", bound=Settings)

Serve = Callable[[SomeSettings, Store], AbstractAsyncContextManager[None]]
"""Serves from an open store while the block runs."""


def run_http_process(name: str, kind: type[SomeSettings], serve: Serve[SomeSettings]) -> int:
    """Serve until SIGTERM; returns the exit code, as every service has them.

    *kind* is the class of the settings.
    """
    return run_process(partial(_start, name, kind, serve))


def _start(name: str, kind: type[SomeSettings], serve: Serve[SomeSettings]) -> None:
    settings = load_settings(kind)
    logs.configure_from(settings, name)
    uvloop.run(_serve_until_stopped(name, settings, serve))


async def _serve_until_stopped(
    name: str, settings: SomeSettings, serve: Serve[SomeSettings]
) -> None:
    store = connect(settings.store_url, settings.pictures)
    await wait_for_store(store, settings, name)
    stopping = asyncio.Event()
    for number in STOP_SIGNALS:
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    try:
        async with serve(settings, store):
            await stopping.wait()
    finally:
        await store.close()


@contextlib.asynccontextmanager
async def report_health(
    name: str, settings: Settings, store: Store, url: str, metrics: CollectorRegistry | None = None
) -> AsyncIterator[None]:
    """Serve health checks and *metrics*, and write heartbeats that say the process is at *url*."""
    progress = Progress(groups=(), address=url)
    heartbeat = HeartbeatWriter(name, settings, store, progress, lambda: None)
    signs = partial(_read_signs, progress)
    health = serve_health(settings, name, signs, lambda: None, metrics)
    try:
        async with run_beside(heartbeat.run()), health:
            yield
    finally:
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
