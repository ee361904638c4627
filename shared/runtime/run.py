"""The entry point of every service: settings, store, worker, exit code."""

import logging
import os
from collections.abc import Callable

import uvloop

from shared.errors import EngineAway, Halted, Outdated, SeedwireError, SettingsError, ShutOut
from shared.runtime import logs
from shared.runtime.ruleset import adopt, bound
from shared.runtime.service import Service
from shared.runtime.worker import Worker
from shared.settings import Settings
from shared.store import Store, connect

log = logging.getLogger(__name__)

OK, FAILED, WRONG_SETTINGS, ENGINE_AWAY, HALTED, SHUT_OUT = 0, 1, 2, 3, 4, 5


def run(
    service: Callable[[], tuple[Service, Settings]],
    open_with: Callable[[str, str], Store] = connect,
    worker: type[Worker] = Worker,
) -> int:
    """Build the service and work until told to stop. Store and worker are others only in the fault suite.

    Exit codes: 0 stopped, 1 failed, 2 wrong settings, 3 an engine is away or other rules were promoted (worth a
    restart), 4 halted (it is not), 5 its consumer group does not let it in (worth one).
    """
    try:
        built, settings = service()  # wrong settings end the process before it touches anything
        logs.configure(built.name, settings.log_level)
        uvloop.run(_work(service, open_with(settings.store_url, settings.pictures), worker))
    except SeedwireError as error:
        logging.basicConfig()
        log.error("%s", error)
        return _code(error)
    return OK


async def _work(
    build: Callable[[], tuple[Service, Settings]], store: Store, worker: type[Worker]
) -> None:
    await store.open()
    try:
        promoted = await adopt(store)
        service, settings = build()  # once more, with what was promoted
        log.info(
            "%s %s at %s, Kafka %s",
            service.name,
            os.getpid(),
            store.address,
            settings.kafka_address,
        )
        await worker(bound(service, promoted.number), settings, store).work()
    finally:
        await store.close()


def _code(error: SeedwireError) -> int:
    codes: list[tuple[type[SeedwireError], int]] = [
        (SettingsError, WRONG_SETTINGS),
        (EngineAway, ENGINE_AWAY),
        (Outdated, ENGINE_AWAY),
        (Halted, HALTED),
        (ShutOut, SHUT_OUT),
    ]
    return next((code for kind, code in codes if isinstance(error, kind)), FAILED)
