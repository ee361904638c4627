"""The supervisor: starts the embedded broker with its gateway, and the service processes.

It keeps them running: what ends alone is started again. When the embedded broker dies, or a
consumer group keeps rejecting a service, the supervisor restarts the broker and every service as
one unit. The topics were in memory, so each service must meet the new cluster and send what the
store knows. On Linux every child process dies with the supervisor, even if it is killed.
"""

import asyncio
import logging
import signal
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext, suppress
from datetime import UTC, datetime, timedelta
from typing import Final

from services.console.supervisor.embedded_kafka import EmbeddedKafka
from services.console.supervisor.process_plan import Plan
from services.console.supervisor.service_process import ServiceProcess
from services.console.supervisor.state_dir import (
    StateDir,
    last_line,
    read_if_exists,
    write_atomically,
)
from services.console.web_address import find_web_url
from shared.errors import StoreUnavailable
from shared.runtime import exit_codes
from shared.settings import Settings
from shared.store import Heartbeat, Store, connect

log = logging.getLogger(__name__)

CHECK_INTERVAL: Final = 0.1  # seconds between two looks at the processes while some are starting
STEADY_INTERVAL: Final = 1.0  # once all work; a child that ends is noticed at once
STALE_HEARTBEAT: Final = timedelta(seconds=20)  # older ones were written before this start
KILL_MARGIN: Final = 5  # seconds that a process has beyond its grace period before it is killed


class Supervisor:
    """Runs the processes of the plan in *state_dir*, which it holds meanwhile.

    SIGTERM and SIGINT stop it. SIGHUP makes it read the plan again.
    """

    def __init__(self, state_dir: StateDir, settings: Settings) -> None:
        self._state_dir = state_dir
        self._settings = settings
        self._kafka = EmbeddedKafka(state_dir, settings) if settings.is_embedded else None
        self._plan = Plan({})
        self._processes: dict[str, ServiceProcess] = {}
        self._rejected_process = ""  # name of one whose consumer group keeps rejecting it
        self._stopping = asyncio.Event()
        self._woken = asyncio.Event()  # there is something to look at

    async def run(self) -> None:
        """Run until told to stop, then stop the services and after them the broker.

        Raises StateDirLocked, EngineError, StoreUnavailable or SettingsError when it cannot start.
        """
        with self._state_dir.hold():
            self._handle_signals()
            async with self._open_store() as store:
                await store.workers.delete_heartbeats(datetime.now(UTC) - STALE_HEARTBEAT)
                try:
                    await self._start_kafka()
                    self._apply_plan()
                    async with self._serve_metrics(store):
                        await self._watch(store)
                finally:
                    self._stop(self._processes.values())
                    self._stop_kafka()

    @asynccontextmanager
    async def _open_store(self) -> AsyncIterator[Store]:
        store = connect(self._settings.store_url, self._settings.pictures)
        await store.open()
        try:
            yield store
        finally:
            await store.close()

    def _serve_metrics(self, store: Store) -> AbstractAsyncContextManager[None]:
        if self._settings.metrics_port is None:
            return nullcontext()
        # The sampler and the HTTP server are a third of what the supervisor imports.
        from services.console.supervisor.metrics_server import serve_metrics

        return serve_metrics(self._settings, self._state_dir, store, self._list_running)

    def _list_running(self) -> list[str]:
        return [process.name for process in self._processes.values() if process.is_running]

    def _handle_signals(self) -> None:
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGTERM, self._begin_stop)
        loop.add_signal_handler(signal.SIGINT, self._begin_stop)
        loop.add_signal_handler(signal.SIGHUP, self._apply_plan)
        loop.add_signal_handler(signal.SIGCHLD, self._woken.set)

    def _begin_stop(self) -> None:
        self._stopping.set()
        self._woken.set()

    async def _watch(self, store: Store) -> None:
        while not self._stopping.is_set():
            if self._kafka:
                await self._keep_kafka_running(self._kafka)
            for process in self._processes.values():
                self._keep_running(process)
            if self._kafka and self._rejected_process:
                await self._restart_all(
                    f"the embedded broker keeps rejecting {self._rejected_process} from its group"
                )
            await self._report_when_ready(store)
            await self._wait_for_next_check()

    async def _wait_for_next_check(self) -> None:
        is_steady = self._state_dir.is_ready(self._plan) and all(
            process.is_running for process in self._processes.values()
        )
        interval = STEADY_INTERVAL if is_steady else CHECK_INTERVAL
        with suppress(TimeoutError):
            await asyncio.wait_for(self._woken.wait(), interval)
        self._woken.clear()

    async def _start_kafka(self) -> None:
        if self._kafka:
            await self._kafka.start()

    def _stop_kafka(self) -> None:
        if self._kafka:
            self._kafka.stop()

    async def _keep_kafka_running(self, kafka: EmbeddedKafka) -> None:
        if not kafka.is_broker_alive:
            await self._restart_all("the embedded broker died")
        kafka.keep_gateway_running()

    async def _restart_all(self, why: str) -> None:
        log.error("%s: restarting the broker and every service", why)
        self._state_dir.ready_file.unlink(missing_ok=True)
        self._stop(self._processes.values())
        self._stop_kafka()
        await self._start_kafka()
        self._rejected_process = ""
        for process in self._processes.values():
            process.restart_at_once()

    def _apply_plan(self) -> None:
        """Read the plan and stop what is not in it. The next check starts what is missing.

        A process that gave up is tried again: a plan is saved by somebody who wants it to run.
        """
        self._woken.set()
        self._plan = self._state_dir.load_plan()
        self._state_dir.clear_status()
        before = self._processes
        self._processes = {}
        for name in self._plan.process_names:
            if name in before and not before[name].has_given_up:
                self._processes[name] = before.pop(name)
            else:
                has_metrics = self._settings.metrics_port is not None
                self._processes[name] = ServiceProcess(name, self._state_dir, has_metrics)
        self._stop(before.values())

    def _keep_running(self, process: ServiceProcess) -> None:
        """Start the process if it is due. One that just ended becomes due after its backoff."""
        if process.notice_exit():
            self._report_exit(process)
        if process.should_start:
            process.start()
            log.info("%s is process %d", process.name, process.pid)

    def _report_exit(self, process: ServiceProcess) -> None:
        if process.exit_code == exit_codes.GROUP_JOIN_REJECTED:
            self._rejected_process = process.name
        consequence = "is not restarted" if process.has_given_up else "is restarted"
        log.warning("%s ended with code %s: it %s", process.name, process.exit_code, consequence)
        last = f"the last line of {process.log_file}: {last_line(process.log_file)}"
        end = f"it ended with code {process.exit_code} and {consequence}; {last}"
        write_atomically(self._state_dir.end_file(process.name), end)
        if process.is_failing:
            problem = f"{process.name} ended with code {process.exit_code}; {last}"
            write_atomically(self._state_dir.problem_file, problem)

    async def _report_when_ready(self, store: Store) -> None:
        if self._state_dir.ready_file.exists():
            return
        try:
            heartbeats = await store.workers.list_heartbeats()
        except StoreUnavailable as error:
            log.warning("%s", error)
            return
        if not self._is_every_process_working(heartbeats):
            return
        self._state_dir.clear_problems()
        write_atomically(self._state_dir.ready_file, self._plan.id)
        log.info("ready: %s", ", ".join(self._processes) or "no service")
        if self._plan.workers.get("web"):
            log.info("web is at %s", find_web_url(heartbeats))
        console = read_if_exists(self._state_dir.console_address_file)
        if console:
            log.info("the console is at %s: `seedwire console` prints a link to sign in", console)

    def _is_every_process_working(self, heartbeats: Iterable[Heartbeat]) -> bool:
        """Whether the latest heartbeat of each process of the plan says that it works."""
        states = {heartbeat.pid: heartbeat.state for heartbeat in heartbeats}
        return all(states.get(process.pid) == "working" for process in self._processes.values())

    def _stop(self, processes: Iterable[ServiceProcess]) -> None:
        """Send SIGTERM to all of them. Blocks until they ended; kills those that take too long."""
        running = [process for process in processes if process.is_running]
        for process in running:
            process.terminate()
        deadline = time.monotonic() + self._settings.grace_seconds + KILL_MARGIN
        for process in running:
            if process.wait_until_stopped(deadline):
                log.warning("%s did not stop within its grace period and was killed", process.name)
