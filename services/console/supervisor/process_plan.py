"""The process plan: which services run, and in how many processes each."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from shared.errors import SettingsError

MODULES: Final = {
    "ingest": "services.ingest",
    "images": "services.enrichment.images",
    "related": "services.enrichment.related",
    "publishing": "services.publishing",
    "web": "services.web",
    "console": "services.console.web",
}
DEFAULT_WORKERS: Final = {
    "ingest": 1,
    "images": 2,
    "related": 1,
    "publishing": 1,
    "web": 1,
    "console": 1,
}
MAX_PROCESSES: Final = 64  # of one service: a typing error must not take the machine down
SINGLE_PROCESS: Final = frozenset({"web", "console"})  # services that listen on a port


@dataclass(frozen=True)
class Plan:
    """How many processes each service runs in. The id lets a command wait for this very plan."""

    workers: Mapping[str, int]
    id: str = field(default_factory=lambda: uuid.uuid4().hex)

    @property
    def process_names(self) -> list[str]:
        """`images-1`, `images-2`, …: a process keeps its name when it is restarted."""
        names: list[str] = []
        for service, count in self.workers.items():
            names += [f"{service}-{number}" for number in range(1, count + 1)]
        return names

    @property
    def left_out(self) -> list[str]:
        """The services that were given no process."""
        return [service for service, count in self.workers.items() if count == 0]


def make_plan(
    only: Sequence[str] = (),
    workers: Sequence[str] = (),
    running: Mapping[str, int] | None = None,
) -> Plan:
    """Make the plan that `--only` and `--workers` ask for. Raises SettingsError.

    If Seedwire runs, *running* has the number of each of its services: those that are not named
    keep it, unless `--only` leaves them out. Without options those that do not run are added.
    """
    chosen = _split(only)
    _require_known(chosen)
    starts_all = running is None or not workers
    counts = {**(DEFAULT_WORKERS if starts_all else {}), **(running or {})}
    if chosen:
        given = {service: counts.get(service) or DEFAULT_WORKERS[service] for service in chosen}
        counts = {service: given[service] for service in MODULES if service in given}
    return Plan({**counts, **_parse_workers(workers)})


def describe_change(before: Mapping[str, int], after: Mapping[str, int]) -> str:
    """What becomes of each service's number: `images 4 (as before), related 2 → 3`."""
    changes: list[str] = []
    for service in {**before, **after}:
        old, new = before.get(service, 0), after.get(service, 0)
        changes.append(f"{service} {old} (as before)" if old == new else f"{service} {old} → {new}")
    return ", ".join(changes)


def service_of(process_name: str) -> str:
    """The service that the process belongs to."""
    return process_name.rpartition("-")[0]


def number_of(process_name: str) -> str:
    """The number that tells the process from others of its service."""
    return process_name.rpartition("-")[2]


def _parse_workers(options: Iterable[str]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for assignment in _split(options):
        service, _, number = assignment.partition("=")
        _require_known([service])
        counts[service] = _parse_count(service, number)
    return counts


def _parse_count(service: str, number: str) -> int:
    option = f"--workers {service}={number}"
    if not number.isdecimal() or int(number) > MAX_PROCESSES:
        raise SettingsError(
            f"{option}: expected a number of processes from 0 to {MAX_PROCESSES}, "
            "for example images=2"
        )
    if service in SINGLE_PROCESS and int(number) > 1:
        raise SettingsError(f"{option}: at most one {service} can run, because it holds a port")
    return int(number)


def _require_known(services: Iterable[str]) -> None:
    for service in services:
        if service not in MODULES:
            known = ", ".join(MODULES)
            raise SettingsError(f"there is no service {service!r}: choose from {known}")


def _split(options: Iterable[str]) -> list[str]:
    """The values of an option that may be repeated, and may hold several values with commas."""
    values: list[str] = []
    for option in options:
        values += [value for value in option.split(",") if value]
    return values
