"""The entry point of a worker: settings, store, worker, exit code."""

import logging
import os
from collections.abc import Callable
from functools import partial

import uvloop

from shared.runtime.entry_point import run_process
from shared.runtime.logging import logs
from shared.runtime.ruleset import adopt_ruleset, bind_ruleset
from shared.runtime.service import Service
from shared.runtime.startup import wait_for_store
from shared.runtime.worker import Worker
from shared.settings import Settings
from shared.store import Store, connect

log = logging.getLogger(__name__)


def run(
    build_service: Callable[[], tuple[Service, Settings]],
    open_store: Callable[[str, str], Store] = connect,
    worker: type[Worker] = Worker,
) -> int:
    """Build the service, work until told to stop, and return the exit code.

    Only the fault suite passes another store or worker.
    """
    return run_process(partial(_start, build_service, open_store, worker))


def _start(
    build_service: Callable[[], tuple[Service, Settings]],
    open_store: Callable[[str, str], Store],
    worker: type[Worker],
) -> None:
    # Wrong settings end the process here, before it touches anything.
    service, settings = build_service()
    logs.configure_from(settings, service.name)
    store = open_store(settings.store_url, settings.pictures)
    uvloop.run(_wait_and_work(service.name, settings, build_service, store, worker))


async def _wait_and_work(
    name: str,
    settings: Settings,
    build_service: Callable[[], tuple[Service, Settings]],
    store: Store,
    worker: type[Worker],
) -> None:
    await wait_for_store(store, settings, name)
    try:
        ruleset = await adopt_ruleset(store)
        service, settings = build_service()  # again, with the ruleset's settings
        log.info(
            "%s %s at %s, Kafka %s",
            service.name,
            os.getpid(),
            store.address,
            settings.kafka_address,
        )
        if settings.is_source_unnamed:
            log.warning(
                "SEEDWIRE_SOURCE is not set: consumers cannot tell the events of this installation "
                "from those of another"
            )
        if service.on_start:
            await service.on_start(store)
        await worker(bind_ruleset(service, ruleset.number), settings, store).work()
    finally:
        await store.close()
