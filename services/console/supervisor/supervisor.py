"""The supervisor: the embedded broker and the service processes, started, watched, started again, stopped in order.

If the broker dies, or one of its groups lets a service in no more, all of it is started anew as one unit: its topics
were in memory, so services must meet the new cluster and send into it what the store knows. On Linux every child dies
with the supervisor, SIGKILL included.
"""

import asyncio
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from deploy.embedded.broker import Tansu
from deploy.embedded.child_process import leashed
from services.console.cli.session import open_store
from services.console.supervisor.process_plan import MODULES, Plan, service_of
from services.console.supervisor.state_dir import Home, last_line, write, written
from shared.errors import StoreAway
from shared.runtime import run as exits
from shared.settings import Settings
from shared.store import Store

log = logging.getLogger(__name__)

LOOK = 0.1  # seconds between two looks at the children
# Seconds before a dead service is started again; doubled each time. Not longer, for what died while an engine was away
# must be back soon after it.
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 10.0
ALARMING = 2.0  # a pause that long comes after three deaths in a row
STEADY = 30.0  # seconds of life after which a service counts as well
HOPELESS = (exits.WRONG_SETTINGS, exits.HALTED)  # exit codes that a restart does not mend
FORGET = timedelta(seconds=20)  # heartbeats older than that are of a former life


@dataclass
class Slot:
    """One service process, under a name that stays with it over its restarts."""

    name: str
    process: subprocess.Popen[bytes] | None = None
    started: float = 0
    pause: float = FIRST_PAUSE
    due: float = 0  # when to start it (again); never, if infinite

    @property
    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None


class Supervisor:
    """Holds *home* while it works. Stops on SIGTERM and SIGINT; takes up a new plan on SIGHUP."""

    def __init__(self, home: Home, settings: Settings) -> None:
        self._home = home
        self._settings = settings
        self._broker = Tansu(home.logs) if settings.embedded else None
        self._slots: dict[str, Slot] = {}
        self._locked = ""  # the service that a group of the embedded broker does not let in
        self._stopping = asyncio.Event()

    async def work(self) -> None:
        """Run until told to stop. Raises HomeTaken, EngineError or StoreAway when it cannot start."""
        with self._home.held():
            self._listen()
            async with open_store(self._settings) as store:
                await store.workers.forget(datetime.now(UTC) - FORGET)
                try:
                    self._start_broker()
                    self._take_up_plan()
                    await self._watch(store)
                finally:
                    self._stop(list(self._slots.values()))
                    if self._broker:
                        self._broker.stop()

    def _listen(self) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stopping.set)
        loop.add_signal_handler(signal.SIGHUP, self._take_up_plan)

    async def _watch(self, store: Store) -> None:
        while not self._stopping.is_set():
            if self._broker and not self._broker.alive:
                self._start_over("the embedded broker died")
            for slot in self._slots.values():
                self._look_after(slot)
            if self._broker and self._locked:
                self._start_over(f"the embedded broker does not let {self._locked} in")
            if not self._home.ready.exists() and await self._is_ready(store):
                self._home.trouble.unlink(missing_ok=True)
                write(self._home.ready, self._plan.number)
                log.info("ready: %s", ", ".join(self._slots) or "no service")
            await self._rest()

    async def _rest(self) -> None:
        try:
            await asyncio.wait_for(self._stopping.wait(), LOOK)
        except TimeoutError:
            return

    def _start_broker(self) -> None:
        if self._broker:
            self._broker.start()
            write(self._home.kafka, self._broker.bootstrap)
            log.info("the embedded broker listens at %s", self._broker.bootstrap)

    def _start_over(self, why: str) -> None:
        log.error("%s: everything is started anew", why)
        self._home.ready.unlink(missing_ok=True)
        self._stop(list(self._slots.values()))
        if self._broker:
            self._broker.stop()
        self._start_broker()
        self._locked = ""
        for slot in self._slots.values():
            slot.process, slot.due = None, 0

    def _take_up_plan(self) -> None:
        self._plan: Plan = self._home.plan()
        self._home.ready.unlink(missing_ok=True)
        self._home.trouble.unlink(missing_ok=True)
        wanted = self._plan.slots
        self._stop([slot for name, slot in self._slots.items() if name not in wanted])
        self._slots = {name: self._slots.get(name) or Slot(name) for name in wanted}

    def _look_after(self, slot: Slot) -> None:
        """Start what is due; a process that just ended becomes due after a pause."""
        if slot.alive:
            return
        if slot.process is not None:
            self._bury(slot, slot.process.returncode)
        if time.monotonic() >= slot.due:
            self._start(slot)

    def _bury(self, slot: Slot, code: int) -> None:
        slot.process = None
        self._locked = slot.name if code == exits.SHUT_OUT else self._locked
        now = time.monotonic()
        slot.pause = (
            FIRST_PAUSE if now - slot.started > STEADY else min(2 * slot.pause, LONGEST_PAUSE)
        )
        slot.due = float("inf") if code in HOPELESS else now + slot.pause
        log.warning(
            "%s ended with code %d: %s",
            slot.name,
            code,
            "left alone" if code in HOPELESS else "started again",
        )
        if code in HOPELESS or slot.pause > ALARMING:
            log_file = self._log_of(slot)
            write(
                self._home.trouble,
                f"{slot.name} ended with code {code}; the end of {log_file}: {last_line(log_file)}",
            )

    def _start(self, slot: Slot) -> None:
        service = service_of(slot.name)
        with self._log_of(slot).open("ab") as output:
            slot.process = subprocess.Popen(
                leashed([sys.executable, "-m", MODULES[service]]),
                env=self._environment(slot),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        slot.started = time.monotonic()
        log.info("%s is process %d", slot.name, slot.process.pid)

    def _environment(self, slot: Slot) -> Mapping[str, str]:
        number = slot.name.rsplit("-", 1)[1]
        ours = {
            "SEEDWIRE_HOME": str(self._home.folder),
            "SEEDWIRE_INSTANCE": f"{self._home.name}-{number}",
        }
        return {**os.environ, **ours}

    def _log_of(self, slot: Slot) -> Path:
        return self._home.logs / f"{slot.name}.log"

    async def _is_ready(self, store: Store) -> bool:
        """Whether every process of the plan has said of itself that it works."""
        try:
            said = {beat.pid: beat.state for beat in await store.workers.all()}
        except StoreAway as error:
            log.warning("%s", error)
            return False
        pids = [slot.process.pid if slot.process else 0 for slot in self._slots.values()]
        return all(said.get(pid) == "working" for pid in pids)

    def _stop(self, slots: list[Slot]) -> None:
        """SIGTERM to all, SIGKILL to whoever outstays the grace time."""
        running = [slot.process for slot in slots if slot.process is not None and slot.alive]
        for process in running:
            process.terminate()
        until = time.monotonic() + self._settings.grace_seconds + 5
        for process in running:
            try:
                process.wait(max(0.1, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                log.warning("process %d did not stop in time and is killed", process.pid)
                process.kill()
                process.wait()


def readied(home: Home, plan: Plan) -> bool:
    return written(home.ready) == plan.number
