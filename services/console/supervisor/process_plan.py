"""Which service processes there are to be: names, modules, how many of each."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from shared.errors import SettingsError

MODULES: Final = {
    "ingest": "services.ingest",
    "images": "services.enrichment.images",
    "related": "services.enrichment.related",
    "publishing": "services.publishing",
    "web": "services.web",
}
WORKERS: Final = {"ingest": 1, "images": 2, "related": 1, "publishing": 1, "web": 1}
MOST: Final = 64  # processes of a kind: a typing error must not take the machine down
ALONE: Final = frozenset({"web"})  # one process has the port


@dataclass(frozen=True)
class Plan:
    """How many processes of each service. `number` names the plan, so that its readiness can be waited for."""

    workers: Mapping[str, int]
    number: str = field(default_factory=lambda: uuid.uuid4().hex)

    @property
    def slots(self) -> list[str]:
        """`images-1`, `images-2`, …: the names under which processes are started, stopped and started again."""
        return [
            f"{service}-{n}" for service, count in self.workers.items() for n in range(1, count + 1)
        ]


def plan(only: Sequence[str] = (), workers: Sequence[str] = ()) -> Plan:
    """The plan of `--only` and `--workers`. Raises SettingsError in a sentence."""
    named = [name for text in only for name in text.split(",") if name]
    _require_known(named)
    counts = {name: WORKERS[name] for name in MODULES if not named or name in named}
    return Plan({**counts, **_counts(workers)})


def service_of(slot: str) -> str:
    return slot.rsplit("-", 1)[0]


def _counts(workers: Sequence[str]) -> dict[str, int]:
    pairs = [text.partition("=") for given in workers for text in given.split(",") if text]
    _require_known([name for name, _, _ in pairs])
    return {name: _count(name, number) for name, _, number in pairs}


def _count(name: str, number: str) -> int:
    if not number.isdecimal() or int(number) > MOST:
        raise SettingsError(
            f"--workers {name}={number}: expected a number of processes from 0 to {MOST}, as images=2"
        )
    if name in ALONE and int(number) > 1:
        raise SettingsError(
            f"--workers {name}={number}: there is one {name} at the most, for it holds a port"
        )
    return int(number)


def _require_known(names: Sequence[str]) -> None:
    for name in names:
        if name not in MODULES:
            raise SettingsError(f"there is no service {name!r}: expected {', '.join(MODULES)}")
