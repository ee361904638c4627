"""The state of Kafka, of the store and of every service, and where work is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from services.console.actions.articles.set_aside import describe_set_aside, load_failed_tasks
from services.console.actions.operations.pending_work import (
    PendingWork,
    add_work_to_come,
    count_waiting,
    measure_lags_at_once,
)
from services.console.actions.operations.planned_processes import MissingProcess, find_missing
from services.console.actions.operations.standstill import LIVE_STATES, Standstill, find_standstills
from services.console.actions.store_session import open_store
from services.console.actions.timestamps import format_timestamp
from services.console.sampling.worker_states import select_recent, state_of
from shared.clock import now
from shared.errors import DependencyUnavailable, SettingsError
from shared.settings import Settings
from shared.store import Heartbeat, Store


@dataclass(frozen=True)
class KafkaStatus:
    """Where clients find Kafka, the lag of each service, and why Kafka is unavailable."""

    address: str | None
    lags: Mapping[str, int] = field(default_factory=dict)
    problem: str | None = None

    @property
    def is_available(self) -> bool:
        return self.problem is None


@dataclass(frozen=True)
class ServiceStatus:
    """What one process last said of itself, and what that means now."""

    heartbeat: Heartbeat
    state: str

    def as_json(self) -> dict[str, Any]:
        return {
            "name": self.heartbeat.service,
            "instance": self.heartbeat.instance,
            "host": self.heartbeat.host,
            "pid": self.heartbeat.pid,
            "state": self.state,
            "lag": self.heartbeat.lag,
            "counts": dict(self.heartbeat.counts),
            "note": self.heartbeat.note,
            "waitsFor": self.heartbeat.waits_for or None,
            "waitsSince": _format_optional(self.heartbeat.waits_since),
            "handledAt": _format_optional(self.heartbeat.handled_at),
        }


@dataclass(frozen=True)
class Status:
    """Everything that `seedwire status` shows."""

    kafka: KafkaStatus
    store_address: str
    services: Sequence[ServiceStatus]
    standstills: Sequence[Standstill]
    set_aside: Sequence[str]  # sentences about articles that failed too often
    waiting: Mapping[str, int]  # those to be linked anew too, where nothing else is pending
    parked: int
    rejected: int
    articles: int
    published: int
    pictures: Mapping[str, int]
    missing: Sequence[MissingProcess] = ()  # planned on this machine, and not running
    unknown_linking: str = ""  # why it cannot be told whether articles are to be linked anew

    def as_json(self) -> dict[str, Any]:
        kafka_state = "up" if self.kafka.is_available else "away"
        services = [service.as_json() for service in self.services]
        return {
            "kafka": self.kafka.address,
            "kafkaState": kafka_state,
            "kafkaTrouble": self.kafka.problem,
            "store": self.store_address,
            "services": services,
            "missing": [process.name for process in self.missing],
            "standstills": [standstill.sentence for standstill in self.standstills],
            "setAside": list(self.set_aside),
            "lag": dict(self.kafka.lags),
            "waiting": dict(self.waiting),
            "unknownLinking": self.unknown_linking or None,
            "parked": self.parked,
            "rejected": self.rejected,
            "articles": self.articles,
            "published": self.published,
            "pictures": dict(self.pictures),
        }


async def load_status(settings: Settings) -> Status:
    """Works without Kafka, not without the store. Raises StoreUnavailable."""
    async with open_store(settings) as store:
        kafka = await _check_kafka(settings)
        services = await _load_services(store)
        articles = await store.articles.counts()
        decisions = await store.decisions.counts()
        waiting, unknown_linking = await _count_waiting(kafka, store)
        return Status(
            kafka=kafka,
            store_address=store.address,
            services=services,
            standstills=_find_standstills(services, kafka),
            set_aside=[*describe_set_aside(await load_failed_tasks(store))],
            waiting=waiting,
            parked=await store.parked.count(),
            rejected=await store.rejected.count(),
            articles=articles["articles"],
            published=decisions["published"],
            pictures=await store.pictures.counts(),
            missing=find_missing(settings, _list_running(services)),
            unknown_linking=unknown_linking,
        )


async def _count_waiting(kafka: KafkaStatus, store: Store) -> tuple[Mapping[str, int], str]:
    """The articles by what they wait for, and why those to be linked anew cannot be counted.

    The reason is empty if they can.
    """
    snapshot = await store.feed.get_snapshot()
    pending = PendingWork(kafka.lags, await count_waiting(store))
    try:
        return (await add_work_to_come(pending, snapshot, store)).waiting, ""
    except SettingsError as error:
        return pending.waiting, str(error)


async def is_any_service_working(store: Store) -> bool:
    """Whether a process, on any machine, said a moment ago that it works."""
    for heartbeat in await store.workers.list_heartbeats():
        if heartbeat.state == "working" and heartbeat.is_live(now()):
            return True
    return False


async def _check_kafka(settings: Settings) -> KafkaStatus:
    try:
        address = settings.kafka_address
    except DependencyUnavailable as error:
        return KafkaStatus(address=None, problem=str(error))
    try:
        return KafkaStatus(address, await measure_lags_at_once(settings))
    except DependencyUnavailable as error:
        return KafkaStatus(address, problem=str(error))


async def _load_services(store: Store) -> list[ServiceStatus]:
    at = now()
    recent = select_recent(await store.workers.list_heartbeats(), at)
    return [ServiceStatus(heartbeat, state_of(heartbeat, at)) for heartbeat in recent]


def _list_running(services: Sequence[ServiceStatus]) -> list[str]:
    running = [service for service in services if service.state in LIVE_STATES]
    return [service.heartbeat.instance for service in running]


def _find_standstills(services: Sequence[ServiceStatus], kafka: KafkaStatus) -> list[Standstill]:
    processes = [(service.heartbeat, service.state) for service in services]
    return find_standstills(processes, kafka.lags, now())


def _format_optional(at: datetime | None) -> str | None:
    return None if at is None else format_timestamp(at)
