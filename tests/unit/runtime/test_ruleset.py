"""Promoted rules: the environment stands above them, and nothing is begun by older ones."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from shared.errors import Outdated
from shared.runtime.ruleset import adopt, bound
from shared.runtime.service import Chore, Service
from shared.store import Promoted


@dataclass
class Rules:
    """A store whose rules are these; it is asked for nothing else."""

    standing: Promoted
    handled: list[str] = field(default_factory=list)

    @property
    def rules(self) -> "Rules":
        return self

    async def latest(self) -> Promoted:
        return self.standing


async def handle(records: Any, store: Any) -> list[Any]:
    store.handled.append("batch")
    return []


async def chore(store: Any) -> list[Any]:
    store.handled.append("chore")
    return []


SERVICE = Service("related", "topic", handle, (Chore("settle", 1, chore),))


async def test_the_environment_stands_above_what_was_promoted():
    environment = {"SEEDWIRE_PUBLISH_AT": "60"}
    store = Rules(Promoted(3, {"publish_at": "80", "publish_margin": "5"}))
    assert (await adopt(store, environment)).number == 3  # type: ignore[arg-type]
    assert environment == {"SEEDWIRE_PUBLISH_AT": "60", "SEEDWIRE_PUBLISH_MARGIN": "5"}


async def test_by_the_latest_rules_work_goes_on():
    store = Rules(Promoted(3))
    service = bound(SERVICE, 3)
    await service.handle([], store)  # type: ignore[arg-type]
    await service.chores[0].run(store)  # type: ignore[arg-type]
    assert store.handled == ["batch", "chore"]


async def test_by_older_rules_nothing_is_begun():
    store = Rules(Promoted(4))
    service = bound(SERVICE, 3)
    with pytest.raises(Outdated):
        await service.handle([], store)  # type: ignore[arg-type]
    with pytest.raises(Outdated):
        await service.chores[0].run(store)  # type: ignore[arg-type]
    assert store.handled == []
