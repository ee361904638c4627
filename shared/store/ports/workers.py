"""What the service processes say of themselves, so that `status` sees them wherever they run."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True)
class Heartbeat:
    """One process's word about itself, about once a second."""

    instance: str  # unique among live processes
    service: str
    host: str
    pid: int
    state: str  # starting, working, waiting (for an engine), halted, stopped
    at: datetime
    lag: int | None = None  # records not yet committed, of its partitions; None: not known yet
    counts: Mapping[str, int] = field(default_factory=dict)
    note: str = ""  # what it waits for, or why it halted


class Workers(Protocol):
    async def beat(self, heartbeat: Heartbeat) -> None: ...

    async def all(self) -> list[Heartbeat]: ...

    async def forget(self, before: datetime) -> None:
        """Drop the words of processes not heard of since *before*."""

    async def known_cluster(self, service: str) -> str | None:
        """The Kafka cluster id that *service* last greeted: another one has empty topics."""

    async def remember_cluster(self, service: str, cluster: str) -> None: ...
