"""What the worker processes report of themselves, so that `status` sees them wherever they run."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Protocol

from shared.store.layout import LAYOUT

HEARTBEAT_TIMEOUT: Final = timedelta(seconds=10)  # without a heartbeat for so long: lost
FINAL_STATES: Final = ("stopped", "failed", "halted")  # of a process that has ended


@dataclass(frozen=True)
class Heartbeat:
    """The status of one process, which it saves about once a second."""

    instance: str  # unique among live processes
    service: str
    host: str
    pid: int
    state: str  # starting, working, waiting (for an engine), halted, stopped
    at: datetime
    lag: int | None = None  # records of its partitions not committed yet; None: not known yet
    counts: Mapping[str, int] = field(default_factory=dict)
    note: str = ""  # what it waits for, or why it halted
    waits_for: str = ""  # words that finish "it waits for …"; empty while it works
    waits_since: datetime | None = None
    handled_at: datetime | None = None  # when it last finished a batch, or had none to handle
    schema: int = LAYOUT  # the newest step of the store's schema that it knows
    mode: str = ""  # how its service works, where a setting chooses

    def is_live(self, at: datetime) -> bool:
        """Whether the process said a moment before *at* that it runs."""
        return self.state not in FINAL_STATES and at - self.at <= HEARTBEAT_TIMEOUT


def select_live(heartbeats: Iterable[Heartbeat], service: str, at: datetime) -> list[Heartbeat]:
    """The heartbeats of the live processes of *service*."""
    return [beat for beat in heartbeats if beat.service == service and beat.is_live(at)]


class Workers(Protocol):
    """Every worker writes its own heartbeat; the supervisor deletes old ones."""

    async def save_heartbeat(self, heartbeat: Heartbeat) -> None:
        """Keep the heartbeat; it replaces an earlier one of the same instance."""

    async def list_heartbeats(self) -> list[Heartbeat]:
        """The latest heartbeat of every instance, by instance."""

    async def delete_heartbeats(self, before: datetime) -> None:
        """Delete those of processes that sent none since *before*."""

    async def get_cluster(self, service: str) -> str | None:
        """The id of the Kafka cluster that *service* last connected to.

        Another cluster has empty topics.
        """

    async def save_cluster(self, service: str, cluster: str) -> None:
        """Keep the id of the Kafka cluster that *service* connected to."""

    async def claim_refill(
        self, service: str, cluster: str, holder: str, now: datetime, lease: timedelta
    ) -> bool:
        """Claim for *holder*, until the lease ends, that it fills the empty topics of *cluster*.

        True if nobody else holds the claim for this cluster. The holder renews it by calling again.
        A claim for another cluster is replaced, so `save_cluster` need not end it.
        """
