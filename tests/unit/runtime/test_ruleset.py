"""The promoted ruleset: the environment wins over it, and nothing begins by an older one."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from services.publishing.settings import PublishingSettings
from shared.errors import RulesetChanged
from shared.runtime.ruleset import adopt_ruleset, bind_ruleset, load_settings_in_force
from shared.runtime.service import PeriodicTask, Service
from shared.store import Ruleset


@dataclass
class FakeStore:
    """A store that has this ruleset and nothing else."""

    ruleset: Ruleset
    handled: list[str] = field(default_factory=list)

    @property
    def rulesets(self) -> "FakeStore":
        return self

    async def get_latest(self) -> Ruleset:
        return self.ruleset


async def handle(records: Any, store: Any) -> list[Any]:
    store.handled.append("batch")
    return []


async def sweep(store: Any) -> list[Any]:
    store.handled.append("sweep")
    return []


SERVICE = Service("related", "topic", handle, (PeriodicTask("sweep", 1, sweep),))


async def test_the_environment_wins_over_the_ruleset():
    environment = {"SEEDWIRE_PUBLISH_AT": "60"}
    store = FakeStore(Ruleset(3, {"publish_at": "80", "publish_margin": "5"}))
    assert (await adopt_ruleset(store, environment)).number == 3  # type: ignore[arg-type]
    assert environment == {"SEEDWIRE_PUBLISH_AT": "60", "SEEDWIRE_PUBLISH_MARGIN": "5"}


async def test_a_process_that_outlives_rulesets_reads_the_latest_each_time():
    store = FakeStore(Ruleset(3, {"publish_at": "80", "publish_margin": "5", "related": "given"}))
    environment = {"SEEDWIRE_PUBLISH_MARGIN": "2"}
    settings = await load_settings_in_force(PublishingSettings, store, environment)  # type: ignore[arg-type]
    assert (settings.publish_at, settings.publish_margin) == (80, 2)
    store.ruleset = Ruleset(4, {"publish_at": "90"})
    settings = await load_settings_in_force(PublishingSettings, store, environment)  # type: ignore[arg-type]
    assert settings.publish_at == 90
    assert environment == {"SEEDWIRE_PUBLISH_MARGIN": "2"}


async def test_with_the_latest_ruleset_work_goes_on():
    store = FakeStore(Ruleset(3))
    service = bind_ruleset(SERVICE, 3)
    await service.handle([], store)  # type: ignore[arg-type]
    await service.periodic_tasks[0].run(store)  # type: ignore[arg-type]
    assert store.handled == ["batch", "sweep"]


async def test_with_an_older_ruleset_nothing_begins():
    store = FakeStore(Ruleset(4))
    service = bind_ruleset(SERVICE, 3)
    with pytest.raises(RulesetChanged):
        await service.handle([], store)  # type: ignore[arg-type]
    with pytest.raises(RulesetChanged):
        await service.periodic_tasks[0].run(store)  # type: ignore[arg-type]
    assert store.handled == []
