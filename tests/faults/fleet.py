"""The service processes of a fault run: started, started again when they die, each with failpoints of its own."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from deploy.embedded.child_process import leashed
from services.console.supervisor.process_plan import MODULES, service_of
from shared.runtime import run as exits

ROOT: Final = Path(__file__).parents[2]
EVERY: Final = "every"  # service, where a bug is planted
SLOTS: Final = ("ingest-1", "images-1", "images-2", "related-1", "related-2", "publishing-1")


@dataclass
class Slot:
    """One service process under a name that stays. *steady*: it is started again when it ends."""

    name: str
    steady: bool = True
    process: subprocess.Popen[bytes] | None = None
    held: bool = False  # a fault works on it: nobody else may
    stopped: bool = False  # by SIGSTOP
    started: float = 0
    due: float = 0  # when to start it again: an engine that is away is not mended by haste
    deaths: list[int] = field(default_factory=list)  # exit codes

    @property
    def service(self) -> str:
        return service_of(self.name)

    @property
    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    @property
    def pid(self) -> int:
        return self.process.pid if self.process else 0

    def signal(self, number: signal.Signals) -> None:
        if self.alive and self.process:
            self.process.send_signal(number)
            self.stopped = number == signal.SIGSTOP or (
                self.stopped and number not in (signal.SIGCONT, signal.SIGKILL)
            )


class Fleet:
    """All of them, over *environment*; logs and rules lie in *folder*. *bug*: `(service, name of a planted bug)`."""

    def __init__(
        self,
        folder: Path,
        environment: Mapping[str, str],
        seed: int,
        bug: tuple[str, str] | None = None,
    ) -> None:
        self._folder = folder
        self._environment = dict(environment)
        self._seed = seed
        self._bug = bug
        self.slots = {name: Slot(name) for name in SLOTS}
        self.paused = False  # nothing is started while the broker is anew
        self.locked = False  # a group let one of them in no more
        folder.mkdir(parents=True, exist_ok=True)

    def tick(self) -> None:
        """Start again what has ended. Call often."""
        for slot in list(self.slots.values()):
            if slot.process is not None and not slot.alive:
                slot.deaths.append(slot.process.returncode)
                self.locked |= slot.deaths[-1] == exits.SHUT_OUT
                slot.process = None
                slot.due = time.time() + (3 if slot.deaths[-1] == exits.ENGINE_AWAY else 0)
                if not slot.steady:
                    del self.slots[slot.name]
            if slot.steady and slot.process is None and self._may_start(slot):
                self.start(slot)

    def _may_start(self, slot: Slot) -> bool:
        return not self.paused and time.time() >= slot.due and exits.HALTED not in slot.deaths

    def add(self, service: str) -> Slot:
        """One more worker of that kind, for a while."""
        number = 1 + max(
            int(name.rsplit("-", 1)[1]) for name in self.slots if service_of(name) == service
        )
        slot = self.slots[f"{service}-{number}"] = Slot(f"{service}-{number}", steady=False)
        self.start(slot)
        return slot

    def start(self, slot: Slot) -> None:
        self.disarm(slot)
        bug = [self._bug[1]] if self._bug and self._bug[0] in (slot.service, EVERY) else []
        with (self._folder / f"{slot.name}.log").open("ab") as log:
            slot.process = subprocess.Popen(
                leashed([sys.executable, "-m", "tests.faults.serve", MODULES[slot.service], *bug]),
                cwd=ROOT,
                env=self._environment_of(slot),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        slot.started, slot.stopped = time.time(), False

    def arm(self, slot: Slot, rules: str) -> None:
        """Give the process these rules; the file is replaced at once."""
        fresh = self._rules(slot).with_suffix(".fresh")
        fresh.write_text(rules)
        fresh.replace(self._rules(slot))

    def disarm(self, slot: Slot) -> None:
        self._rules(slot).unlink(missing_ok=True)

    def fired(self, slot: Slot) -> list[str]:
        """The rules of this slot that ever fired: `seconds pid point rule`."""
        notes = self._folder / f"{slot.name}.rules.fired"
        return notes.read_text().splitlines() if notes.exists() else []

    def stop(self, number: signal.Signals = signal.SIGTERM, seconds: float = 20) -> None:
        """End all of them; SIGKILL for whoever takes longer."""
        running = [slot.process for slot in self.slots.values() if slot.process is not None]
        for slot in self.slots.values():
            slot.signal(signal.SIGCONT)
            slot.signal(number)
        until = time.monotonic() + seconds
        for process in running:
            try:
                process.wait(max(0.1, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def log_of(self, slot: Slot, lines: int = 15) -> str:
        return "\n".join(
            (self._folder / f"{slot.name}.log").read_text(errors="replace").splitlines()[-lines:]
        )

    def _rules(self, slot: Slot) -> Path:
        return self._folder / f"{slot.name}.rules"

    def _environment_of(self, slot: Slot) -> dict[str, str]:
        kept = {
            name: value for name, value in os.environ.items() if not name.startswith("SEEDWIRE_")
        }
        return {
            **kept,
            **self._environment,
            "SEEDWIRE_INSTANCE": f"faults-{slot.name}",
            "SEEDWIRE_FAILPOINTS": f"@{self._rules(slot)}",
            "SEEDWIRE_FAILPOINTS_SEED": f"{self._seed} {slot.name} {len(slot.deaths)}",
        }
